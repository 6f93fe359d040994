//! git-filter-repo's own cases (its `t/t9390`), as far as they need no stream from elsewhere: what it makes of a history,
//! we make of it.
//!
//! `UNLEAK_TEST_FILTER_REPO_CASES` names the folder of its data. Skipped where it is not.

use std::path::Path;

use unleak_remediate::{
    Dialect, Forget, Mailmap, Manner, PathOptions, PathRule, PathRules, Prune, Replacer, Ways,
};
use unleak_testkit::{TestEnvironment, TestRepo};

use crate::setup::{install, work_out};

fn paths(rules: &[PathRule], keep: bool) -> PathRules {
    let options = PathOptions { keep, use_base_name: false, dialect: Dialect::FilterRepo };
    PathRules::new(rules.iter().cloned(), options).unwrap()
}

fn kept(path: &str) -> Forget {
    Forget { paths: Some(paths(&[PathRule::Exact(path.into())], true)), ..Forget::default() }
}

/// The cases: what goes in, what comes out, and how.
fn cases(data: &Path) -> Vec<(&'static str, &'static str, Forget, Ways)> {
    let read = |name: &str| std::fs::read(data.join(name)).unwrap();
    let texts = |name: &str| Some(Replacer::parse_expressions(&read(name), Dialect::FilterRepo).unwrap());
    let people = Mailmap::parse(&read("sample-mailmap"), Dialect::FilterRepo).unwrap();
    let numbers = [PathRule::Exact("ten".into()), PathRule::Exact("twenty".into())];
    let of_prune = |prune| Ways { prune_empty: prune, prune_degenerate: prune, ..Ways::default() };
    let usual = Ways::default();
    let forget = Forget::default;
    vec![
        ("basic", "basic-filename", kept("filename"), usual),
        ("basic", "basic-twenty", kept("twenty"), usual),
        ("basic", "basic-ten", kept("ten"), usual),
        ("basic", "basic-numbers", Forget { paths: Some(paths(&numbers, true)), ..forget() }, usual),
        ("basic", "basic-filename", without(PathRule::Glob("t*en*".into())), usual),
        ("basic", "basic-numbers", without(PathRule::Regex("f.*e.*e".into())), usual),
        ("basic", "basic-mailmap", Forget { mailmap: Some(people), ..forget() }, usual),
        ("basic", "basic-replace", Forget { text: texts("sample-replace"), ..forget() }, usual),
        ("basic", "basic-message", Forget { messages: texts("sample-message"), ..forget() }, usual),
        ("empty", "empty-keepme", kept("keepme"), usual),
        ("empty", "more-empty-keepme", kept("keepme"), of_prune(Prune::Always)),
        ("empty", "less-empty-keepme", kept("keepme"), of_prune(Prune::Never)),
        ("degenerate", "degenerate-moduleA", kept("moduleA"), usual),
        (
            "degenerate",
            "degenerate-globme",
            Forget { paths: Some(paths(&[PathRule::Glob("*me".into())], true)), ..forget() },
            usual,
        ),
        ("degenerate", "degenerate-keepme-noff", kept("moduleA/keepme"), Ways { no_ff: true, ..usual }),
    ]
}

fn without(rule: PathRule) -> Forget {
    Forget { paths: Some(paths(&[rule], false)), ..Forget::default() }
}

#[test]
fn its_own_cases_come_out_as_it_wants_them() {
    let Some(data) = std::env::var_os("UNLEAK_TEST_FILTER_REPO_CASES") else { return };
    let data = Path::new(&data);
    let environment = TestEnvironment::new();
    let mut wrong = Vec::new();
    for (number, (input, output, forget, ways)) in cases(data).into_iter().enumerate() {
        let repo = TestRepo::init_bare(&environment, &format!("case{number}"));
        repo.fast_import(&std::fs::read(data.join(input)).unwrap());
        let forget = Forget { manner: Manner::FilterRepo(ways), ..forget };
        install(&repo, &work_out(&repo, &forget, 2, true));
        let export = repo.git(["fast-export", "--use-done-feature", "--all"]);
        let wanted = String::from_utf8_lossy(&std::fs::read(data.join(output)).unwrap()).into_owned();
        if export.trim_end() != wanted.trim_end() {
            wrong.push(format!("{input} -> {output}"));
        }
    }
    assert_eq!(wrong, [""; 0]);
}
