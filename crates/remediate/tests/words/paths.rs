//! Paths are deleted as git-filter-repo deletes them, and a walk of a tree knows it as soon as the whole path does.

use bstr::{BString, ByteSlice};
use unleak_remediate::{Dialect, PathOptions, PathRule, PathRules, PathState};
use unleak_testkit::Random;

use crate::generate::{expression, glob};
use crate::python::{Question, ask};

fn filter_repo(rules: Vec<PathRule>) -> PathRules {
    let options = PathOptions { dialect: Dialect::FilterRepo, ..PathOptions::default() };
    PathRules::new(rules, options).unwrap()
}

fn directory(rules: &PathRules, path: &[&[u8]]) -> PathState {
    path.iter().fold(rules.start(), |state, name| rules.enter(state, name.as_bstr()))
}

/// What a walk from the top says about a file, after a check of all that it says on the way.
fn walk(rules: &PathRules, path: &BString) -> bool {
    let names: Vec<&[u8]> = path.split_str("/").collect();
    let (file, directories) = names.split_last().unwrap();
    let deleted = rules.file(directory(rules, directories), file.as_bstr());
    for depth in 0..=directories.len() {
        let state = directory(rules, &directories[..depth]);
        assert!(!(rules.is_settled(state) && deleted), "{rules:?} {path} {depth}");
        assert!(!rules.is_all_deleted(state) || deleted, "{rules:?} {path} {depth}");
    }
    let announced = names.iter().any(|name| rules.may_end_with(name.as_bstr()));
    assert!(announced || !deleted, "{rules:?} {path}");
    deleted
}

fn name(random: &mut Random) -> Vec<u8> {
    let pieces: [&[u8]; 12] =
        [b"a", b"b", b"ab", b"_", b".", b"A", b"\n", b"\xff", b"\xc3\xa9", b" ", b"-", b"1"];
    (0..=random.below(3)).flat_map(|_| random.pick(&pieces).to_vec()).collect()
}

fn path(random: &mut Random) -> BString {
    let names: Vec<Vec<u8>> = (0..=random.below(4)).map(|_| name(random)).collect();
    names.join(&b"/"[..]).into()
}

/// A rule, and as a kind and a text for the reference. None that is refused.
fn rule(random: &mut Random, fancy: bool) -> (PathRule, &'static str, BString) {
    loop {
        let (rule, kind, text): (_, _, BString) = match random.below(3) {
            0 => {
                let mut text = if random.one_in(3) { name(random).into() } else { path(random) };
                text.extend_from_slice([&b""[..], b"", b"/", b"//"][random.below(4)]);
                if random.one_in(40) {
                    text.clear();
                }
                (PathRule::Exact(text.clone()), "exact", text)
            }
            1 => {
                let text: BString = glob(random).into();
                (PathRule::Glob(text.clone()), "glob", text)
            }
            _ => {
                let text: BString = expression(random, fancy).replace('_', "/").into();
                (PathRule::Regex(text.clone()), "regex", text)
            }
        };
        let options = PathOptions { dialect: Dialect::FilterRepo, ..PathOptions::default() };
        if PathRules::new([rule.clone()], options).is_ok() {
            return (rule, kind, text);
        }
    }
}

#[test]
fn a_walk_says_what_the_whole_path_does() {
    let mut random = Random::new(11);
    let mut deleted = 0;
    for case in 0..600 {
        let fancy = case % 3 == 0;
        let rules: Vec<PathRule> = (0..=random.below(4)).map(|_| rule(&mut random, fancy).0).collect();
        let options = PathOptions {
            use_base_name: random.one_in(4),
            keep: random.one_in(4),
            dialect: Dialect::FilterRepo,
        };
        let rules = PathRules::new(rules, options).unwrap();
        for _ in 0..30 {
            let path = path(&mut random);
            let walked = walk(&rules, &path);
            assert_eq!(walked, rules.deletes(path.as_bstr()), "{rules:?} {path}");
            deleted += usize::from(walked);
        }
    }
    assert!((2_000..16_000).contains(&deleted), "{deleted}");
}

#[test]
fn rules_mean_what_python_makes_of_them() {
    let mut random = Random::new(12);
    let mut questions: Vec<Question> = Vec::new();
    let mut ours = Vec::new();
    for _ in 0..1500 {
        let (rule, kind, text) = rule(&mut random, true);
        let rules = filter_repo(vec![rule]);
        for _ in 0..5 {
            let path = path(&mut random);
            ours.push(rules.deletes(path.as_bstr()));
            questions.push(("path", vec![kind.into(), text.to_vec(), path.to_vec()]));
        }
    }
    let Some(answers) = ask(&questions) else { return };
    for ((question, ours), theirs) in questions.iter().zip(&ours).zip(&answers) {
        let show: Vec<String> = question.1.iter().map(|word| word.escape_ascii().to_string()).collect();
        assert_eq!(Ok(&b"01"[usize::from(*ours)..][..1]), theirs.as_deref(), "{show:?}");
    }
    assert!(ours.iter().filter(|deleted| **deleted).count() > 500);
}

#[test]
fn paths_match_whole_components() {
    let rules = filter_repo(vec![PathRule::Exact("a/b".into()), PathRule::Exact("c/".into())]);
    for (path, expected) in [
        ("a/b", true),
        ("a/b/x", true),
        ("a/bc", false),
        ("a", false),
        ("x/a/b", false),
        ("c", false),
        ("c/x/y", true),
        ("cc/x", false),
    ] {
        assert_eq!(rules.deletes(path.into()), expected, "{path}");
        assert_eq!(walk(&rules, &path.into()), expected, "{path}");
    }
    assert!(rules.is_settled(directory(&rules, &[b"src"])));
    assert!(rules.is_all_deleted(directory(&rules, &[b"a", b"b"])));
    assert!(rules.may_end_with("b".into()) && rules.may_end_with("c".into()));
    assert!(!rules.may_end_with("a".into()) && !rules.may_end_with("x".into()));
}

#[test]
fn globs_cross_slashes_and_take_what_is_below() {
    let rules = filter_repo(vec![PathRule::Glob("*.pem".into()), PathRule::Glob("keys".into())]);
    for (path, expected) in [
        ("x.pem", true),
        ("a/b/x.pem", true),
        ("a/x.pem/y", true),
        ("keys/a/b", true),
        ("a/keys/b", false),
        ("pem", false),
    ] {
        assert_eq!(walk(&rules, &path.into()), expected, "{path}");
    }
    assert!(rules.may_end_with("x.pem".into()) && rules.may_end_with("keys".into()));
    assert!(!rules.may_end_with("x.rs".into()));
    // Directories that are alike to the rules are of one state.
    assert_eq!(directory(&rules, &[b"src"]), directory(&rules, &[b"lib", b"deep"]));
}

#[test]
fn an_empty_path_is_every_path_for_the_other_dialect_only() {
    let rules = filter_repo(vec![PathRule::Exact("".into())]);
    assert!(walk(&rules, &"a/b".into()) && rules.is_all_deleted(rules.start()));
    let refused = |rule| PathRules::new([rule], PathOptions::default()).unwrap_err();
    for rule in [PathRule::Exact("".into()), PathRule::Glob("".into()), PathRule::Exact("/a".into())] {
        assert!(refused(rule).to_string().starts_with("the path rule"));
    }
    assert!(refused(PathRule::Glob("a/../b".into())).to_string().contains(".."));
    assert!(refused(PathRule::Regex("(a".into())).to_string().contains("not closed"));
}

#[test]
fn without_a_rule_nothing_is_deleted() {
    for keep in [false, true] {
        let rules = PathRules::new([], PathOptions { keep, ..PathOptions::default() }).unwrap();
        assert!(rules.is_settled(rules.start()));
        assert!(!rules.file(rules.start(), "a".into()) && !rules.deletes("a".into()));
        assert!(!rules.may_end_with("a".into()));
    }
}

#[test]
fn a_rule_too_large_for_an_automaton_is_a_rule_all_the_same() {
    let rules = filter_repo(vec![PathRule::Regex("(?:a|b)*a(?:a|b|/){24}$".into())]);
    let (hit, miss) = (format!("x/a{}", "ab/".repeat(8)), format!("x/b{}", "ab/".repeat(8)));
    let (hit, miss) = (BString::from(hit + "c"), BString::from(miss + "c"));
    assert!(!rules.deletes(hit.as_bstr()) && !walk(&rules, &miss));
    let end = BString::from(format!("x/a{}", "ab/".repeat(8)).trim_end_matches('/').replace("/ab", "/bab"));
    assert_eq!(walk(&rules, &end), rules.deletes(end.as_bstr()));
    let found = BString::from(format!("x/a{}b", "ab/b".repeat(5) + "aaa"));
    assert!(walk(&rules, &found));
}

#[test]
fn many_and_long_rules_are_read_at_once() {
    let rules =
        (0..20_000).map(|index| PathRule::Exact(format!("dir{}/sub/file{index}", index % 100).into()));
    let rules = filter_repo(rules.collect());
    assert!(walk(&rules, &"dir7/sub/file19907".into()));
    assert!(!walk(&rules, &"dir7/sub/file19908".into()));
    let deep = vec!["d"; 400].join("/");
    let rules = filter_repo(vec![PathRule::Exact(deep.clone().into()), PathRule::Glob("*d/x".into())]);
    assert!(walk(&rules, &format!("{deep}/x").into()));
}
