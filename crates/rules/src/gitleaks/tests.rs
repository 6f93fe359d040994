//! Every line of gitleaks' configuration format has a test of its meaning here.

use super::{Imported, import};
use crate::syntax::SyntaxError;
use crate::{Detector, RuleSet, Scratch, builtin};

fn read(text: &str) -> Result<Imported, SyntaxError> {
    with_files(text, &[])
}

fn with_files(text: &str, files: &[(&str, &str)]) -> Result<Imported, SyntaxError> {
    let mut load = |path: &str| {
        let file = files.iter().find(|(name, _)| *name == path);
        file.map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .ok_or_else(|| "no such file".to_owned())
    };
    import("c.toml", text, builtin::rule_set, &mut load)
}

/// `rule:secret` of all findings in `text` at `path`, introduced by `commit`.
fn seen(rules: RuleSet, path: &str, commit: Option<&str>, text: &str) -> Vec<String> {
    let detector = Detector::new(rules);
    let mut found = detector.scan_file(path.as_bytes(), text.as_bytes(), &mut Scratch::default());
    let path_bytes = path.as_bytes();
    found.extend(crate::scan_decoded(&detector, path_bytes, text.as_bytes(), &mut Scratch::default()));
    found.extend(detector.scan_path(path.as_bytes(), text.as_bytes()));
    found.retain(|found| detector.stands(found, path.as_bytes(), commit));
    found
        .iter()
        .map(|m| {
            format!(
                "{}:{}",
                detector.rules()[m.rule].id,
                String::from_utf8_lossy(m.secret.of(text.as_bytes()))
            )
        })
        .collect()
}

#[track_caller]
fn finds(config: &str, text: &str, wanted: &[&str]) {
    finds_at(config, "src/a.txt", None, text, wanted);
}

#[track_caller]
fn finds_at(config: &str, path: &str, commit: Option<&str>, text: &str, wanted: &[&str]) {
    let rules = read(config).unwrap_or_else(|error| panic!("{error}\n{config}")).rules;
    assert_eq!(seen(rules, path, commit, text), wanted, "{config}\n{path} {text:?}");
}

#[track_caller]
fn refuses(config: &str, place: &str, message: &str) {
    let error = read(config).expect_err(config).to_string();
    assert!(error.starts_with(&format!("c.toml:{place}: ")) && error.contains(message), "{error}\n{config}");
}

const RULE: &str = "[[rules]]\nid = 'r'\nregex = 'tok_([a-z]+)'\n";

#[test]
fn the_secret_is_the_first_group_that_is_not_empty_or_the_one_named() {
    finds(RULE, "x tok_abc", &["r:abc"]);
    finds("[[rules]]\nid='r'\nregex='tok_[a-z]+'", "tok_abc", &["r:tok_abc"]);
    finds("[[rules]]\nid='r'\nregex='a(x)?(b)(c)'", "abc", &["r:b"]);
    finds("[[rules]]\nid='r'\nregex='a(x)?(b)(c)'\nsecretGroup=3", "abc", &["r:c"]);
    // The match is searched by itself: what stood around it is gone.
    finds("[[rules]]\nid='r'\nregex='(?:^|x)(tok)'", "xtok", &["r:tok"]);
    finds("[[rules]]\nid='r'\nregex='''\\n?(tok)\\n?'''", "a\ntok\n", &["r:tok"]);
}

#[test]
fn entropy_must_be_above_the_threshold() {
    let config = |entropy: &str| format!("{RULE}entropy = {entropy}\n");
    finds(&config("2.0"), "tok_abcd", &[]);
    finds(&config("1.99"), "tok_abcd", &["r:abcd"]);
    finds(&config("'1.99'"), "tok_abcd", &["r:abcd"]);
    finds(&config("0"), "tok_aaaa", &["r:aaaa"]);
}

#[test]
fn entropy_counts_characters_and_divides_by_bytes() {
    // Four characters, seven bytes: 4 * (1/7 * log2(7)) = 1.604; by bytes it would be 2.236.
    let config = |entropy: &str| format!("[[rules]]\nid='r'\nregex='tok_(.{{4}})'\nentropy = {entropy}\n");
    finds(&config("1.6"), "tok_\u{e9}\u{e8}\u{ea}a", &["r:\u{e9}\u{e8}\u{ea}a"]);
    finds(&config("1.61"), "tok_\u{e9}\u{e8}\u{ea}a", &[]);
}

#[test]
fn keywords_are_looked_for_in_any_case_and_anywhere_in_the_text() {
    let config = format!("{RULE}keywords = ['Acme', 'other']\n");
    finds(&config, "tok_abc", &[]);
    finds(&config, "tok_abc\n\n# ACME", &["r:abc"]);
    finds(&format!("{RULE}keywords = ''\n"), "tok_abc", &["r:abc"]);
    finds(&format!("{RULE}keywords = 'x,y'\n"), "tok_abc y", &["r:abc"]);
}

#[test]
fn keys_are_read_in_any_case_and_unknown_ones_are_named() {
    finds("[[RULES]]\nID='r'\nREGEX='a(b)(c)'\nSECRETGROUP=2", "abc", &["r:c"]);
    let imported = read(&format!("titel = 'x'\n{RULE}rgx = 1\n[extend]\nurll = 'x'\n")).unwrap();
    let warnings: Vec<String> = imported.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    assert!(
        warnings.iter().any(|w| w.starts_with("c.toml:5:1: unknown key `rgx` in rule 'r'")),
        "{warnings:?}"
    );
    assert!(warnings.iter().any(|w| w.starts_with("c.toml:1:1: unknown key `titel`")), "{warnings:?}");
}

#[test]
fn a_path_alone_is_a_finding_and_with_a_regex_both_must_hold() {
    let alone = "[[rules]]\nid='p'\npath='''\\.p12$'''";
    finds_at(alone, "a/b.p12", None, "data", &["p:data"]);
    finds_at(alone, "a/b.p12.txt", None, "data", &[]);
    finds_at(alone, "a/b.p12", None, "", &[]);
    let warnings = read(&format!("{alone}\nkeywords=['x']")).unwrap().warnings;
    assert_eq!(warnings[0].message, "`keywords` of 'p' have no effect: it looks at paths alone");
    let both = format!("{RULE}path = '^src/'\n");
    finds_at(&both, "src/x", None, "tok_abc", &["r:abc"]);
    finds_at(&both, "lib/src/x", None, "tok_abc", &[]);
}

#[test]
fn matches_may_span_lines_and_reach_far() {
    let config = "[[rules]]\nid='r'\nregex='''(?s)BEGIN(.*?)END'''";
    let text = format!("BEGIN{}END", "x\n".repeat(5000));
    let rules = read(config).unwrap().rules;
    assert_eq!(seen(rules, "a", None, &text).len(), 1);
}

#[test]
fn allowlists_or_their_conditions_by_default() {
    let config = |list: &str| format!("{RULE}[[rules.allowlists]]\n{list}\n");
    let commit = Some("c0ffee");
    for list in ["paths=['^src/']", "commits=['C0FFEE']", "regexes=['^ab']", "stopwords=['BC']"] {
        finds_at(&config(list), "src/a", commit, "tok_abc", &[]);
        let other =
            list.replace("^src", "^lib").replace("C0FFEE", "C0FFE").replace("^ab", "^b").replace("BC", "BX");
        finds_at(&config(&other), "src/a", commit, "tok_abc", &["r:abc"]);
        let beside = format!("{other}\ndescription='x'");
        finds_at(&config(&beside), "src/a", commit, "tok_abc", &["r:abc"]);
    }
    finds_at(&config("paths=['^src/']\nstopwords=['nothing']"), "src/a", None, "tok_abc", &[]);
    finds_at(&config("paths=['^lib/']\nstopwords=['abc']"), "src/a", None, "tok_abc", &[]);
}

#[test]
fn allowlists_and_them_when_asked() {
    for and in ["AND", "and", "&&"] {
        let config = |list: &str| format!("{RULE}[[rules.allowlists]]\ncondition='{and}'\n{list}\n");
        finds_at(&config("paths=['^src/']\nstopwords=['abc']"), "src/a", None, "tok_abc", &[]);
        finds_at(&config("paths=['^lib/']\nstopwords=['abc']"), "src/a", None, "tok_abc", &["r:abc"]);
        finds_at(&config("paths=['^src/']\nstopwords=['x']"), "src/a", None, "tok_abc", &["r:abc"]);
        finds_at(&config("paths=['^src/']\ncommits=['c0']"), "src/a", Some("c0"), "tok_abc", &[]);
        finds_at(&config("paths=['^src/']\ncommits=['c0']"), "src/a", None, "tok_abc", &["r:abc"]);
        finds_at(&config("regexes=['a']\nstopwords=['b']"), "src/a", None, "tok_abc", &[]);
    }
    finds(&format!("{RULE}[[rules.allowlists]]\ncondition='||'\nstopwords=['abc']"), "tok_abc", &[]);
    refuses(
        &format!("{RULE}[[rules.allowlists]]\ncondition='xor'\nstopwords=['abc']"),
        "5:11",
        "means nothing",
    );
}

#[test]
fn regexes_look_at_secret_match_or_line() {
    let config = |target: &str, regex: &str| {
        format!("{RULE}[[rules.allowlists]]\nregexTarget='{target}'\nregexes=['''{regex}''']\n")
    };
    let text = "one\nk = tok_abc # two";
    for (target, regex, allowed) in [
        ("secret", "^abc$", true),
        ("secret", "tok", false),
        ("match", "^tok_abc$", true),
        ("match", "k =", false),
        ("line", "^k = .*two$", true),
        ("line", "one", false),
        ("LINE", "two", true),
    ] {
        finds(&config(target, regex), text, if allowed { &[] } else { &["r:abc"] });
    }
}

#[test]
fn allowlists_of_the_file_are_for_all_rules_or_those_named() {
    let two = "[[rules]]\nid='a'\nregex='tok_([a-z]+)'\n[[rules]]\nid='b'\nregex='key_([a-z]+)'\n";
    let text = "tok_abc key_abc";
    finds(two, text, &["a:abc", "b:abc"]);
    finds(&format!("{two}[[allowlists]]\nstopwords=['abc']"), text, &[]);
    finds(&format!("{two}[[allowlists]]\ntargetRules=['a']\nstopwords=['abc']"), text, &["b:abc"]);
    refuses(
        &format!("{two}[[allowlists]]\ntargetRules=['c']\nstopwords=['abc']"),
        "8:14",
        "there is no rule 'c'",
    );
}

#[test]
fn older_singular_forms_mean_the_same_and_exclude_the_newer() {
    finds(&format!("{RULE}[rules.allowlist]\nstopwords=['abc']"), "tok_abc", &[]);
    finds(&format!("{RULE}[allowlist]\nregexes=['abc']"), "tok_abc", &[]);
    refuses(
        &format!("{RULE}[rules.allowlist]\nstopwords=['a']\n[[rules.allowlists]]\nstopwords=['a']"),
        "4:1",
        "exclude each other in a rule",
    );
    refuses("[allowlist]\nstopwords=['a']\n[[allowlists]]\nstopwords=['a']", "1:1", "exclude each other");
}

#[test]
fn required_rules_must_match_near() {
    let config = |limits: &str| {
        format!(
            "{RULE}[[rules.required]]\nid='part'\n{limits}\n\
             [[rules]]\nid='part'\nregex='part_[a-z]+'\nskipReport=true\nkeywords=['never there']\n"
        )
    };
    let text = "tok_abc\n\n  part_x";
    finds(&config(""), text, &["r:abc"]);
    finds(&config(""), "tok_abc", &[]);
    finds(&config("withinLines=2"), text, &["r:abc"]);
    finds(&config("withinLines=1"), text, &[]);
    finds(&config("withinColumns=2"), text, &["r:abc"]);
    finds(&config("withinColumns=1"), text, &[]);
    finds(&config("withinLines=2\nwithinColumns=1"), text, &[]);
    // What the part's own allowlist allows is no part.
    let allowed = format!("{}[[rules.allowlists]]\nstopwords=['part_x']\n", config(""));
    finds(&allowed, text, &[]);
    refuses(
        &format!("{RULE}[[rules.required]]\nid='gone'\n"),
        "2:6",
        "requires 'gone', which is no rule of this file",
    );
}

#[test]
fn skip_report_keeps_a_rule_to_itself() {
    finds(&format!("{RULE}skipReport = true\n"), "tok_abc", &[]);
}

#[test]
fn use_default_means_our_own_rules() {
    let text = ["key = AKI", "AQYLPMN5HFIQR7XYA"].concat();
    let ours = |config: &str| seen(read(config).unwrap().rules, "a", None, &text);
    assert_eq!(ours("[extend]\nuseDefault = true").len(), 1);
    assert_eq!(ours(RULE).len(), 0);
    assert_eq!(ours("[extend]\nuseDefault = true\ndisabledRules = ['aws-access-key-id']").len(), 0);
    assert_eq!(ours("[extend]\nuseDefault = true\n[allowlist]\nregexes = ['^AKIA']").len(), 0);
    assert_eq!(
        ours("[extend]\nuseDefault = true\n[[rules]]\nid='aws-access-key-id'\n[[rules.allowlists]]\npaths=['^a$']").len(),
        0
    );
    let replaced = ours("[extend]\nuseDefault = true\n[[rules]]\nid='aws-access-key-id'\nregex='k(ey)'");
    assert_eq!(replaced, ["aws-access-key-id:ey"]);
    let unknown =
        read("[extend]\nuseDefault = true\ndisabledRules = ['nobody']\n[[rules]]\nid='nothing'").unwrap();
    assert_eq!(unknown.warnings.len(), 2, "{:?}", unknown.warnings);
}

#[test]
fn a_file_that_extends_another_overrides_what_it_says_and_adds_lists() {
    let base = "[[rules]]\nid='r'\nregex='tok_([a-z]+)([0-9]*)'\nkeywords=['tok']\ntags=['one']\n\
                [[rules.allowlists]]\nstopwords=['xx']\n[[rules]]\nid='s'\nregex='key_([a-z]+)'\n\
                [[allowlists]]\nstopwords=['yy']\n";
    let child = "[extend]\npath='base.toml'\ndisabledRules=['s']\n[[rules]]\nid='r'\nsecretGroup=2\ntags=['two']\n\
                 skipReport=true\nkeywords=['more']\n[[rules.allowlists]]\nstopwords=['55']\n";
    let rules = || with_files(child, &[("base.toml", base)]).unwrap().rules;
    let at = |text: &str| seen(rules(), "a", None, text);
    assert_eq!(at("tok_abc12 key_abc"), ["r:12"]);
    assert_eq!(at("tok_abc55"), Vec::<String>::new());
    assert_eq!(at("tok_abc1xx"), ["r:1"], "the base's stopword is looked for in the child's secret");
    assert_eq!(rules().get("r").unwrap().tags, ["one", "two"]);
    assert_eq!(rules().allowlists().len(), 1);
}

#[test]
fn a_rule_that_is_disabled_takes_the_lists_for_it_along() {
    let base = "[[rules]]\nid='r'\nregex='tok_([a-z]+)'\n[[rules]]\nid='s'\nregex='key_([a-z]+)'\n\
                [[allowlists]]\ntargetRules=['r', 's']\nstopwords=['yy']\n";
    let child = "[extend]\npath='base.toml'\ndisabledRules=['r']\n";
    let rules = with_files(child, &[("base.toml", base)]).unwrap().rules;
    assert_eq!(seen(rules, "a", None, "tok_abc key_abc key_yy"), ["s:abc"]);
}

#[test]
fn chains_of_files_are_followed_twice_and_cycles_are_named() {
    let to = |path: &str| format!("[extend]\npath='{path}'\n");
    let chain = [("b", to("c")), ("c", RULE.to_owned())];
    let files: Vec<(&str, &str)> = chain.iter().map(|(name, text)| (*name, text.as_str())).collect();
    assert_eq!(with_files(&to("b"), &files).unwrap().own_rules, 1);
    let long = [("b", to("c")), ("c", to("d")), ("d", RULE.to_owned())];
    let files: Vec<(&str, &str)> = long.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let error = with_files(&to("b"), &files).unwrap_err().to_string();
    assert!(error.starts_with("c:2:6: more than 2 files"), "{error}");
    let files = [("b", "[extend]\npath='c.toml'"), ("c.toml", RULE)];
    let error = with_files(&to("b"), &files).unwrap_err().to_string();
    assert!(error.starts_with("b:2:6: a cycle"), "{error}");
    assert!(read(&to("gone")).unwrap_err().to_string().contains("'gone' cannot be read: no such file"));
    refuses("[extend]\npath='x'\nuseDefault=true", "2:6", "exclude each other");
}

#[test]
fn mistakes_are_shown_where_they_are() {
    let rule = |body: &str| format!("[[rules]]\nid = 'r'\n{body}\n");
    for (config, place, message) in [
        (rule("regex = 'a(?=b)'"), "3:11", "look-around is not supported (look-ahead)"),
        (rule("regex = '(?<!b)a'"), "3:10", "look-behind"),
        (rule("regex = 'a**'"), "3:12", "cannot be stacked"),
        (rule("regex = 'a{1001}'"), "3:11", "at most 1000"),
        (rule(r"regex = '\8'"), "3:10", "back-reference"),
        (rule("regex = '[a'"), "3:10", "not closed"),
        (rule("regex = 'a(b)'\nsecretGroup = 2"), "4:15", "the regex has 1 groups"),
        (rule("regex = 'a'\n[[rules]]\nid = 'r'\nregex = 'b'"), "5:6", "defined twice, first in line 2"),
        (rule("regex = 'a'\n[[rules.allowlists]]\ndescription = 'x'"), "4:1", "at least one of `commits`"),
        (rule("description = 'x'"), "2:6", "needs a `regex` or a `path`"),
        (rule("regex = 'a'\nentropy = 'high'"), "4:11", "is a number"),
        ("[[rules]]\nregex = 'a'".to_owned(), "1:1", "needs an `id`"),
        ("[[rules]\n".to_owned(), "1:", ""),
    ] {
        let error = read(&config).expect_err(&config).to_string();
        assert!(
            error.starts_with(&format!("c.toml:{place}")) && error.contains(message),
            "{error}\n{config}"
        );
    }
    let large = format!("title = '{}'", "x".repeat(10 << 20));
    refuses(&large, "1:1", "larger than 8 MiB");
}
