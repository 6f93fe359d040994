//! `unleak rules new` and `unleak rules docs`: what is generated holds, and nothing is overwritten.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use unleak_testkit::TestEnvironment;

use crate::scanning::environment;

/// Fills in what a skeleton asks for.
fn filled(skeleton: &str) -> String {
    skeleton.replace("TODO\"],", "q7Zk2mXw9Rt4Lp8Vn3Bd6Hs1Jc5Fy0Gu\"],")
}

fn skeleton(environment: &TestEnvironment, id: &str) -> String {
    environment.unleak(environment.root(), ["rules", "new", id]).expect_code(0).stdout_text()
}

#[test]
fn a_skeleton_passes_the_check_once_filled_in_and_not_before() {
    let environment = environment();
    for id in ["acme-api-key", "x-key", "a", "github-next-token", "42"] {
        let text = skeleton(&environment, id);
        let check = |text: &str| {
            let file = environment.write("new.toml", text);
            environment
                .unleak(environment.root(), ["rules", "check", "--rules", file.to_str().expect("UTF-8")])
        };
        let raw = check(&text).expect_code(1);
        assert!(raw.mentions(id) && raw.mentions("match example 1"), "{}", raw.describe());
        drop(check(&filled(&text)).expect_code(0));
    }
}

#[test]
fn family_and_file_come_from_the_id() {
    let environment = environment();
    let new = skeleton(&environment, "acme-api-key");
    assert!(new.contains("family = \"acme\"") && new.contains("rules/acme.toml"), "{new}");
    let known = skeleton(&environment, "private-key-odd");
    assert!(known.contains("family = \"private-key\"") && known.contains("has a file"), "{known}");
}

#[test]
fn nothing_is_overwritten_and_no_rule_is_made_twice() {
    let environment = environment();
    let run = |args: &[&str]| environment.unleak(environment.root(), [&["rules", "new"], args].concat());
    drop(run(&["acme-api-key", "--output", "acme.toml"]).expect_code(0));
    let written = fs::read_to_string(environment.path("acme.toml")).expect("it was written");
    assert_eq!(written, skeleton(&environment, "acme-api-key"));
    let again = run(&["acme-other", "--output", "acme.toml"]).expect_code(2);
    assert!(again.mentions("it exists"), "{}", again.describe());
    assert_eq!(fs::read_to_string(environment.path("acme.toml")).expect("it is still there"), written);
    assert!(run(&["github-pat"]).expect_code(2).mentions("already"));
    for wrong in ["", "Acme", "acme--key", "-acme", "acme/../key", "acme key", "\"", &"a".repeat(65)] {
        drop(run(&["--", wrong]).expect_code(2));
    }
}

/// Names and texts of the files in a folder.
fn texts(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).expect("a folder of pages can be listed");
    let text = |entry: fs::DirEntry| fs::read_to_string(entry.path()).expect("a page is text");
    entries
        .map(|entry| entry.expect("a folder of pages can be listed"))
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), text(entry)))
        .collect()
}

#[test]
fn pages_about_the_rules_are_up_to_date() {
    let environment = environment();
    drop(environment.unleak(environment.root(), ["rules", "docs", "--output", "pages"]).expect_code(0));
    let generated = texts(&environment.path("pages"));
    assert!(generated.len() > 100 && generated.contains_key("README.md"));
    let committed = texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules"));
    let names = generated.keys().chain(committed.keys());
    let stale: Vec<_> = names.filter(|name| generated.get(*name) != committed.get(*name)).collect();
    let command = "cargo run -- rules docs --output docs/rules";
    assert!(stale.is_empty(), "docs/rules is stale, run `{command}`: {stale:?}");
}

#[test]
fn pages_hold_no_secret_and_old_ones_go() {
    let environment = environment();
    let pages = ["rules", "docs", "--output", "pages"];
    drop(environment.unleak(environment.root(), pages).expect_code(0));
    drop(environment.unleak(environment.root(), ["scan", "--no-git", "pages"]).expect_code(0));
    let page = fs::read_to_string(environment.path("pages/github.md")).expect("it was written");
    drop(environment.write("pages/gone.md", page));
    drop(environment.write("pages/by-hand.md", "kept"));
    let again = environment.unleak(environment.root(), pages).expect_code(0);
    assert!(again.mentions("1 changed"), "{}", again.describe());
    assert!(!environment.path("pages/gone.md").exists() && environment.path("pages/by-hand.md").exists());
}
