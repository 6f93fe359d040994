//! Allowlists and paths in our own rule files: what they mean, and what is a mistake.

use proptest::prelude::*;

use crate::{Detector, RuleSet, Scratch, builtin, syntax};

const RULES: &str = r#"
schema = 1
[[rules]]
id = "own"
description = "ours"
severity = "high"
confidence = "high"
regex = '\bown_(?P<secret>[0-9a-z]{8})\b'
[[rules]]
id = "other"
description = "another"
severity = "high"
confidence = "high"
regex = '\bother_(?P<secret>[0-9a-z]{8})\b'
"#;

fn set(text: &str) -> RuleSet {
    RuleSet::from_files(vec![syntax::read("own.toml", text).unwrap()]).unwrap()
}

/// Ids of the rules that find something at `path` in `commit`.
fn found(set: &RuleSet, path: &str, commit: Option<&str>, text: &str) -> Vec<String> {
    let detector = Detector::new(set.clone());
    let mut found = detector.scan_file(path.as_bytes(), text.as_bytes(), &mut Scratch::default());
    found.extend(detector.scan_path(path.as_bytes(), text.as_bytes()));
    found.retain(|found| detector.stands(found, path.as_bytes(), commit));
    found.iter().map(|found| detector.rules()[found.rule].id.clone()).collect()
}

const BOTH: &str = "x own_12345678 y\nother_12345678 # sample\n";

#[test]
fn a_list_is_for_all_rules_for_those_it_names_or_for_its_own() {
    let all = format!("{RULES}[[allow]]\nreason = 'vendored'\npaths = ['^vendor/']\n");
    assert_eq!(found(&set(&all), "a/vendor/b", None, BOTH), ["own", "other"]);
    assert!(found(&set(&all), "vendor/b", None, BOTH).is_empty());
    let named = all.replace("paths", "rules = ['other']\npaths");
    assert_eq!(found(&set(&named), "vendor/b", None, BOTH), ["own"]);
    let own = all.replace("[[allow]]", "[[rules.allow]]");
    assert_eq!(found(&set(&own), "vendor/b", None, BOTH), ["own"], "the rule above the list is its rule");
}

#[test]
fn every_condition_counts_by_itself_or_with_the_others() {
    let id = "c0ffee".repeat(7)[..40].to_owned();
    let upper = id.to_uppercase();
    let list = |lines: &str| set(&format!("{RULES}[[allow]]\nreason = 'r'\n{lines}\n"));
    assert!(found(&list(&format!("commits = ['{upper}']")), "a", Some(&id), BOTH).is_empty());
    assert_eq!(found(&list(&format!("commits = ['{upper}']")), "a", None, BOTH).len(), 2);
    assert!(found(&list("stopwords = ['3456']"), "a", None, BOTH).is_empty());
    for (lines, left) in [
        ("regexes = ['^1234']", vec![]),
        ("regexes = ['^own_']", vec!["own", "other"]),
        ("regexes = ['^own_']\ntarget = 'match'", vec!["other"]),
        ("regexes = ['# sample$']\ntarget = 'line'", vec!["own"]),
        ("regexes = ['# sample$']\ntarget = 'line'\npaths = ['^docs/']", vec!["own"]),
        (
            "regexes = ['# sample$']\ntarget = 'line'\npaths = ['^docs/']\ncondition = 'and'",
            vec!["own", "other"],
        ),
        ("regexes = ['# sample$']\ntarget = 'line'\npaths = ['^a$']\ncondition = 'and'", vec!["own"]),
    ] {
        assert_eq!(found(&list(lines), "a", None, BOTH), left, "{lines}");
    }
}

#[test]
fn a_layer_above_may_allow_what_a_layer_below_finds() {
    let below = set(RULES);
    let lay = |text: &str| {
        let file = syntax::read("top.toml", &format!("schema = 1\n{text}")).unwrap();
        below.clone().overlay("top.toml", file)
    };
    let list = "[[allow]]\nreason = 'r'\nrules = ['own']\nstopwords = ['1']\n";
    assert_eq!(found(&lay(list).unwrap(), "a", None, BOTH), ["other"]);
    let unknown = lay(&list.replace("'own'", "'own', 'nobody'")).unwrap_err().to_string();
    assert_eq!(unknown, "top.toml:4:17: there is no rule 'nobody' for this allowlist");
    let alone = lay(&format!("extend = false\n{list}")).unwrap_err().to_string();
    assert!(alone.contains("no rule 'own'"), "{alone}");
    // Names that other scanners use are names.
    let file = format!("schema = 1\n{}", list.replace("'own'", "'aws-access-token'"));
    let set = builtin::rule_set().overlay("t", syntax::read("t", &file).unwrap()).unwrap();
    assert_eq!(set.get("aws-access-key-id").unwrap().allow.len(), 1);
}

#[test]
fn a_rule_may_ask_for_a_path_or_be_about_one() {
    let head = "[[rules]]\nid = 'r'\ndescription = 'd'\nseverity = 'high'\nconfidence = 'high'\n";
    let limited = set(&format!("schema = 1\n{head}regex = 'own_[0-9]+'\npath = '^conf/.*\\.ini$'\n"));
    for (path, is_found) in
        [("conf/a.ini", true), ("conf/x/a.ini", true), ("a/conf/a.ini", false), ("conf/a.txt", false)]
    {
        assert_eq!(!found(&limited, path, None, BOTH).is_empty(), is_found, "{path}");
    }
    let alone = set(&format!("schema = 1\n{head}path = '\\.p12$'\n"));
    assert_eq!(found(&alone, "x/a.p12", None, "anything"), ["r"]);
    assert!(found(&alone, "x/a.p12.txt", None, "anything").is_empty());
}

/// What a vendor's rule is told to pass over, no lesser rule reports instead; a list for all rules counts for each.
#[test]
fn what_one_rule_allows_no_lesser_one_reports() {
    let lesser =
        RULES.replace("id = \"other\"", "id = \"other\"\nspecificity = 'generic'").replace("other_", "own_");
    let list = format!("{lesser}[[allow]]\nreason = 'r'\nrules = ['own']\n");
    for condition in ["stopwords = ['1234']", "regexes = ['^1']", "paths = ['^a$']"] {
        let lists = set(&format!("{list}{condition}\n"));
        let left = usize::from(!condition.starts_with('p'));
        assert_eq!(found(&lists, "a", None, "own_12345678 own_87654321").len(), left, "{condition}");
        let other = set(&format!("{list}{condition}\n").replace("['own']", "['other']"));
        assert_eq!(found(&other, "a", None, "own_12345678"), ["own"]);
    }
}

/// A rule that is not asked about a path keeps no other from reporting there.
#[test]
fn a_rule_for_one_path_hides_nothing_elsewhere() {
    let limited = format!("{}path = '^conf/'\n", RULES.replace("other_", "(?:other|own)_"));
    for (path, wanted) in [("src/a", vec!["own"]), ("conf/a", vec!["other", "own"])] {
        assert_eq!(found(&set(&limited), path, None, "own_12345678"), wanted, "{path}");
    }
}

#[test]
fn mistakes_are_told_with_their_place() {
    for (lines, wanted) in [
        ("[[allow]]\npaths = ['^a']", "missing field `reason`"),
        ("[[allow]]\nreason = ' '\npaths = ['^a']", "16:10: an allowlist needs a `reason`"),
        ("[[allow]]\nreason = 'r'", "15:1: an allowlist needs at least one of"),
        ("[[rules.allow]]\nreason = 'r'", "15:1: an allowlist needs at least one of"),
        ("[[allow]]\nreason = 'r'\npaths = []", "needs at least one of"),
        ("[[allow]]\nreason = 'r'\npaths = ['^a', 'b(']", "17:18: regex: unclosed group"),
        ("[[allow]]\nreason = 'r'\npaths = ['.*']", "17:10: this regex in `paths` matches every text"),
        ("[[allow]]\nreason = 'r'\nregexes = ['']", "17:12: this regex in `regexes` matches every text"),
        ("[[allow]]\nreason = 'r'\nregexes = ['(?:(?:a{500}){50}){9}x{90000}']", "17:"),
        ("[[allow]]\nreason = 'r'\ncommits = ['c0ffee']", "17:12: a commit is its whole id"),
        ("[[allow]]\nreason = 'r'\nstopwords = ['']", "17:14: an empty stopword"),
        (
            "[[allow]]\nreason = 'r'\npaths = ['a']\ntarget = 'line'",
            "18:10: `target` says what `regexes` look at",
        ),
        ("[[allow]]\nreason = 'r'\nregexes = ['a']\ntarget = 'file'", "18:10: unknown variant"),
        ("[[allow]]\nreason = 'r'\npaths = ['a']\ncondition = 'xor'", "18:13: unknown variant"),
        ("[[allow]]\nreason = 'r'\npath = ['a']", "17:1: unknown field `path`"),
        (
            "[[rules.allow]]\nreason = 'r'\npaths = ['a']\nrules = ['own']",
            "18:10: `rules` is for `[[allow]]`",
        ),
        ("path = '.*'", "15:8: this regex in `path` matches every text"),
    ] {
        let error = syntax::read("f", &format!("{RULES}{lines}\n")).unwrap_err().to_string();
        assert!(error.contains(wanted), "{lines}: {error}");
    }
    let head = "schema = 1\n[[rules]]\nid = 'r'\ndescription = 'd'\nseverity = 'high'\nconfidence = 'high'\npath = 'p'\n";
    for more in ["files = { names = ['a'] }", "checks = ['jwt']", "filter = { digits = 1 }"] {
        let error = syntax::read("f", &format!("{head}{more}\n")).unwrap_err().to_string();
        assert!(error.contains("looks at nothing else"), "{error}");
    }
}

proptest! {
    /// Whatever a list holds, it never makes a finding of what was none.
    #[test]
    fn a_list_only_takes_away(
        regex in "[a-z0-9_^$.]{1,4}", path in "[a-z/^.]{1,3}", word in "[0-9a-z]{1,3}", and: bool, kinds in 1u8..8,
        target in prop::sample::select(vec!["secret", "match", "line"]),
    ) {
        let on = |bit: u8, line: String| if kinds & bit == 0 { String::new() } else { line };
        let lines = [
            on(1, format!("regexes = ['{regex}']\ntarget = '{target}'\n")),
            on(2, format!("paths = ['{path}']\n")),
            on(4, format!("stopwords = ['{word}']\n")),
        ]
        .concat();
        let condition = if and { "and" } else { "or" };
        let text = format!("{RULES}[[allow]]\nreason = 'r'\ncondition = '{condition}'\n{lines}");
        // A pattern that matches every text, or none that can be read, is refused.
        let Ok(file) = syntax::read("f", &text) else { return Ok(()) };
        let lists = RuleSet::from_files(vec![file]).unwrap();
        let left = found(&lists, "src/a", None, BOTH);
        let all = found(&set(RULES), "src/a", None, BOTH);
        prop_assert!(left.iter().all(|id| all.contains(id)));
    }
}
