//! Bad arguments and bad files of the user: a clear error, a hint, exit code 2.

use std::path::Path;

use unleak_testkit::{Output, TestEnvironment, fake};

use crate::scanning::{environment, expect_no_panic, expect_trouble, line, started};

/// Runs `unleak` and expects trouble that names `named`.
#[track_caller]
fn refused(environment: &TestEnvironment, directory: &Path, args: &[&str], named: &str) -> Output {
    let output = environment.unleak(directory, args);
    expect_trouble(&output);
    assert!(
        output.stderr_text().contains(named),
        "expected `{named}` on standard error\n{}",
        output.describe()
    );
    output
}

#[test]
fn not_a_repository() {
    let environment = environment();
    environment.write("plain/a.txt", "plain\n");
    let plain = environment.path("plain");
    for args in [
        &["scan", "--staged"][..],
        &["scan", "--history"],
        &["scan", "--range", "A..B"],
        &["scan", "--all-objects"],
    ] {
        drop(refused(&environment, &plain, args, "repository"));
    }
}

#[test]
fn path_that_is_not_there() {
    let environment = environment();
    drop(refused(&environment, environment.root(), &["scan", "no/such/place"], "no/such/place"));
    drop(refused(&environment, environment.root(), &["scan", "--no-git", "no/such/place"], "no/such/place"));
}

#[test]
fn unknown_revision() {
    let environment = environment();
    let repo = started(&environment, "work");
    drop(refused(&environment, repo.path(), &["scan", "--range", "nope..HEAD"], "nope"));
    drop(refused(&environment, repo.path(), &["scan", "--range", "HEAD..nope"], "nope"));
    let none = "1".repeat(40);
    drop(refused(&environment, repo.path(), &["scan", "--range", &format!("{none}..HEAD")], &none));
    drop(refused(&environment, repo.path(), &["scan", "--range=--output=x..HEAD"], "--output=x"));
}

#[test]
fn revision_that_is_no_commit() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.git(["tag", "blob", "HEAD:README"]);
    drop(refused(&environment, repo.path(), &["scan", "--range", "blob..HEAD"], "blob"));
}

#[test]
fn broken_rule_file() {
    let environment = environment();
    let repo = started(&environment, "work");
    let rule = |body: &str| {
        format!(
            "schema = 1\n[provider]\nfamily = \"own\"\nname = \"Own\"\n[[rules]]\nid = \"own\"\ndescription = \"own\"\n{body}\n"
        )
    };
    let cases = [
        ("syntax.toml", "schema = 1\n[[rules]\n".to_owned(), "syntax.toml:2:"),
        (
            "regex.toml",
            rule("severity = \"high\"\nconfidence = \"high\"\nregex = 'own_(['"),
            "regex.toml:10:",
        ),
        (
            "key.toml",
            rule("severity = \"high\"\nconfidence = \"high\"\nregex = 'own_[a-z]{9}'\nnonsense = 1"),
            "key.toml:11:",
        ),
        (
            "level.toml",
            rule("severity = \"terrible\"\nconfidence = \"high\"\nregex = 'own_[a-z]{9}'"),
            "level.toml:8:",
        ),
        (
            "around.toml",
            rule("severity = \"high\"\nconfidence = \"high\"\nregex = '(?<=own_)[a-z]{9}'"),
            "around.toml:10:",
        ),
        ("list.toml", "schema = 1\n\n[[allow]]\nreason = \"x\"\n".to_owned(), "list.toml:3:"),
        ("large.toml", format!("schema = 1\n#{}", "x".repeat(10 << 20)), "large.toml:1:"),
    ];
    for (name, text, place) in cases {
        let file = environment.write(name, text);
        let file = file.to_str().expect("a UTF-8 path");
        let output = refused(&environment, repo.path(), &["scan", "--rules", file], place);
        let rest = output.stderr_text();
        let column = rest[rest.find(place).expect("just seen") + place.len()..].chars().next();
        assert!(
            column.is_some_and(|c| c.is_ascii_digit()),
            "expected line and column\n{}",
            output.describe()
        );
        drop(refused(&environment, repo.path(), &["rules", "check", "--rules", file], place));
    }
    drop(refused(&environment, repo.path(), &["scan", "--rules", "absent.toml"], "absent.toml"));
    let one = rule("severity = \"high\"\nconfidence = \"high\"\nregex = 'own_[a-z]{9}'");
    let again = one.split_once("[[rules]]").expect("it holds a rule").1;
    let file = environment.write("twice.toml", format!("{one}[[rules]]{again}"));
    let file = file.to_str().expect("a UTF-8 path");
    let output = refused(&environment, repo.path(), &["scan", "--rules", file], "twice.toml:6");
    assert!(output.mentions("twice.toml:12"), "{}", output.describe());
}

#[test]
fn broken_baseline() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.write(".unleak-baseline.toml", "schema = 1\n<<<<<<< HEAD\n");
    drop(refused(&environment, repo.path(), &["scan"], ".unleak-baseline.toml:2:"));
    drop(refused(&environment, repo.path(), &["scan", "--staged"], ".unleak-baseline.toml:2:"));
    drop(refused(&environment, repo.path(), &["baseline", "check"], ".unleak-baseline.toml:2:"));
    std::fs::remove_file(repo.file_path(".unleak-baseline.toml")).expect("it was just written");
    drop(refused(&environment, repo.path(), &["scan", "--baseline", "absent.toml"], "absent.toml"));
}

#[test]
fn output_that_cannot_be_written() {
    let environment = environment();
    let repo = started(&environment, "work");
    for place in ["no/such/folder/report.json", "."] {
        drop(refused(&environment, repo.path(), &["scan", "--output", place], place));
    }
    // Findings do not turn it into a success either, nor into the code for findings.
    repo.file("a.txt", line(&fake::github_pat(750)));
    drop(refused(
        &environment,
        repo.path(),
        &["scan", "--output", "no/such/folder/report.json"],
        "no/such/folder",
    ));
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file("a.txt", line(&fake::github_pat(751)));
    drop(refused(&environment, repo.path(), &["scan", "--output", "/dev/full"], "/dev/full"));
}

#[test]
fn wrong_arguments() {
    let environment = environment();
    let repo = started(&environment, "work");
    for args in [
        &["scan", "--no-such-flag"][..],
        &["scan", "--format", "nonsense"],
        &["scan", "--confidence", "certain"],
        &["scan", "--jobs", "many"],
        &["scan", "--jobs", "0"],
        &["scan", "--exit-code", "300"],
        &["no-such-command"],
        &["scan", "--range", "one"],
        &["scan", "--range", "A..B", "--staged"],
        &["scan", "--stdin", "--staged"],
        &["rules", "show", "no-such-rule"],
        &["scan", "--fingerprint-key", "absent.key"],
    ] {
        let output = repo.unleak(args);
        expect_no_panic(&output);
        assert_eq!(output.code, Some(2), "{}", output.describe());
        assert!(output.stderr_text().contains("error: "), "{}", output.describe());
        assert!(output.stdout.is_empty(), "an error belongs on standard error\n{}", output.describe());
    }
}

#[test]
fn repository_of_a_format_from_the_future() {
    let environment = environment();
    let repo = started(&environment, "work");
    let config = repo.git_dir().join("config");
    let text = std::fs::read_to_string(&config).expect("every repository has one");
    for change in
        ["repositoryformatversion = 7", "repositoryformatversion = 1\n[extensions]\n\tunheardOf = true"]
    {
        std::fs::write(&config, text.replace("repositoryformatversion = 0", change)).expect("writable");
        drop(refused(&environment, repo.path(), &["scan"], ""));
    }
    std::fs::write(&config, "[core\n").expect("writable");
    drop(refused(&environment, repo.path(), &["scan"], ""));
}

#[test]
fn help_and_version_are_no_errors() {
    let environment = environment();
    for args in [&["--help"][..], &["--version"], &["scan", "--help"], &["-h"], &["help", "scan"]] {
        let output = environment.unleak(environment.root(), args).expect_code(0);
        assert!(output.stderr.is_empty() && !output.stdout.is_empty(), "{}", output.describe());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn folder_that_belongs_to_somebody_else_is_readable() {
    // `safe.directory` guards against running a stranger's configuration. A scan runs nothing of it, so it may read.
    let environment = environment();
    let repo = started(&environment, "work");
    let script = environment.write("chown.sh", "chown -R 12345:12345 work || exit 0\n");
    drop(environment.script(&script, environment.root(), &[]));
    let output = environment.unleak(repo.path(), ["scan"]);
    expect_no_panic(&output);
    assert!(matches!(output.code, Some(0 | 2)), "{}", output.describe());
    if output.code == Some(2) {
        expect_trouble(&output);
    }
}
