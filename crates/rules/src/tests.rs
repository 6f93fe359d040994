//! Properties of the detector: the matching contract, proved against slower ways of doing the same.

use proptest::prelude::*;

use crate::anchor::Anchor;
use crate::matching::{Match, assigned, find, judge, window};
use crate::prefilter::Prefilter;
use crate::rule::{Extent, Signature};
use crate::{Confidence, Detector, RuleSet, Scratch, Span, builtin, resolve, scan_stream, syntax};

const RULES: &str = r#"
schema = 1
[[rules]]
id = "word"
description = "a word"
severity = "low"
confidence = "medium"
specificity = "generic"
regex = '(?i)\b(?:pass|word)[a-z]{0,6}\s*=\s*(?P<secret>[a-z0-9]{4,40})'
window = { back = 8, forward = 40 }
[[rules]]
id = "named"
description = "a named one"
severity = "low"
confidence = "medium"
specificity = "generic"
reader = "assignment"
names = "password"
keywords = ["passw", "pass="]
window = { back = 12, forward = 40 }
[[rules]]
id = "vendor"
description = "a vendor's"
severity = "high"
confidence = "high"
regex = '\bkey_[0-9a-f]{4,16}\b'
window = { back = 8, forward = 24 }
[[rules]]
id = "block"
description = "a block"
severity = "high"
confidence = "high"
specificity = "format"
regex = '<<BEGIN>>'
until = { regex = '<<END>>', max = 64 }
[[rules]]
id = "line"
description = "a line"
severity = "low"
confidence = "low"
unanchored = "made of digits only"
window = { back = 0, forward = 32 }
regex = '\b[0-9]{6,9}\b'
[[rules]]
id = "object"
description = "an object"
severity = "high"
confidence = "high"
regex = '"type":"acct"'
object = { max = 48, secret = '"k":"(?P<secret>[^"]+)"' }
[[rules]]
id = "manifest"
description = "a manifest"
severity = "high"
confidence = "high"
specificity = "keyed"
regex = 'kind: Secret'
window = { back = 8, forward = 24 }
document = { reader = "kubernetes-data", max = 64 }
[[rules]]
id = "encoded"
description = "a user and a password"
severity = "high"
confidence = "high"
regex = 'Basic (?P<secret>[0-9A-Za-z+/=]{4,24})'
window = { back = 8, forward = 32 }
encoding = "basic-auth"
"#;

fn detector() -> Detector {
    let file = syntax::read("test.toml", RULES).unwrap();
    Detector::new(RuleSet::from_files(vec![file]).unwrap())
}

/// Texts dense with anchors, near misses, line ends and long lines.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "pass=", "password = ", "db_", "k3Jd9", "<password>", "</", "\\\"", "'", "WORD=", "key_", "0a1b2c3d", "<<BEGIN>>", "<<END>>", "\n", "\n", "\r\n", " ",
            "123456", "7", "{", "}", "\"type\":\"acct\"", "\"k\":\"v", "\"", "=", "abcd", "é", "\0",
            "kind: Secret", "\nkind: Secret\n", "\ndata:\n  a: ", "\nstringData:\n  a: ", "\n  b: ", "\n---\n", "- ",
            "Basic ", "dTpwYXNz", "YWJjZA==",
        ]).prop_map(|s| s.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
        1 => (0usize..50).prop_map(|n| vec![b'x'; n]),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// The contract spelt out: every rule at every offset, nothing skipped, nothing kept between anchors.
fn naive(detector: &Detector, text: &[u8]) -> Vec<Match> {
    let mut found = Vec::new();
    for (index, rule) in detector.rules().iter().enumerate() {
        if let Signature::Assignment { names, anchors, window: bounds } = &rule.signature {
            for start in 0..text.len() {
                for anchor in anchors.iter().filter(|anchor| anchor.begins(&text[start..])) {
                    let cover = Span::new(start, start + anchor.literal.len());
                    found.extend(assigned(rule, index, text, window(text, start, *bounds), cover, *names));
                }
            }
        }
        let Signature::Content { pattern, anchors, window: bounds, extent, unanchored } = &rule.signature
        else {
            continue;
        };
        let mut at = |cover: Span, start: usize, anchor: Option<&Anchor>, extent: &Extent| {
            let seen = window(text, start, *bounds);
            if let Some(candidate) = find(pattern.regex().unwrap(), text, seen, cover) {
                found.extend(judge(rule, index, text, &candidate, extent, anchor));
            }
        };
        for start in 0..text.len() {
            for anchor in anchors.iter().filter(|anchor| anchor.begins(&text[start..])) {
                at(Span::new(start, start + anchor.literal.len()), start, Some(anchor), extent);
            }
            if unanchored.is_some() && (start == 0 || text[start - 1] == b'\n') {
                let seen = window(text, start, *bounds);
                for m in pattern.regex().unwrap().find_iter(seen.of(text)) {
                    at(Span::new(m.start(), m.end()).shifted(seen.start), start, None, extent);
                }
            }
        }
    }
    resolve(detector.rules(), &mut found, |found| found);
    found
}

fn streamed(detector: &Detector, text: &[u8], part: usize) -> Vec<Match> {
    let mut found = Vec::new();
    let mut scratch = Scratch::default();
    let read = scan_stream(detector, b"", &mut &*text, part, &mut scratch, &mut |part| {
        let offset = usize::try_from(part.offset).unwrap();
        assert_eq!(part.text, &text[offset..offset + part.text.len()]);
        let before = &text[..offset];
        let line_start = before.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
        assert_eq!(part.lines, memchr::memchr_iter(b'\n', before).count() as u64);
        let points = before[line_start..].iter().filter(|&&b| b & 0xc0 != 0x80).count();
        assert_eq!(part.columns, points as u64);
        found.extend(part.matches.into_iter().map(|m| Match {
            span: m.span.shifted(offset),
            secret: m.secret.shifted(offset),
            ..m
        }));
    });
    assert_eq!(read.unwrap(), text.len() as u64);
    resolve(detector.rules(), &mut found, |found| found);
    found
}

proptest! {
    // Each case compiles every rule twice.
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_light_engine_finds_what_the_fast_one_finds(text in anchor_text(), tail in text()) {
        let text = [text, tail].concat();
        for rule in builtin::rule_set().into_rules() {
            let Some(pattern) = rule.pattern() else { continue };
            let plain = regex::bytes::RegexBuilder::new(pattern.as_str()).unicode(false).build().unwrap();
            let spans = |regex: &regex_automata::meta::Regex| regex.find_iter(&text).map(|m| m.range()).collect::<Vec<_>>();
            let wanted: Vec<_> = plain.find_iter(&text).map(|m| m.range()).collect();
            prop_assert_eq!(spans(pattern.light().unwrap()), wanted);
        }
    }
}

/// Every occurrence of every anchor by an Aho-Corasick automaton, without regard to case, then compared again.
fn by_automaton(
    rules: &[crate::Rule],
    text: &[u8],
    range: std::ops::Range<usize>,
) -> Vec<(usize, Anchor, usize)> {
    let mut owners = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        owners.extend(rule.anchors().iter().map(|anchor| (index, anchor)));
    }
    let automaton = aho_corasick::AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(owners.iter().map(|(_, anchor)| &anchor.literal))
        .unwrap();
    let mut hits: Vec<_> = automaton
        .find_overlapping_iter(text)
        .filter(|found| range.contains(&found.start()))
        .map(|found| (owners[found.pattern().as_usize()], found.start()))
        .filter(|((_, anchor), start)| anchor.begins(&text[*start..]))
        .map(|((rule, anchor), start)| (rule, anchor.clone(), start))
        .collect();
    hits.sort();
    hits
}

/// Texts made of the built-in rules' own anchors, cut, doubled and in other case, so that every literal is met at every
/// distance from every edge.
fn anchor_text() -> impl Strategy<Value = Vec<u8>> {
    let rules: Vec<_> = builtin::rule_set().into_rules();
    let literals: Vec<Vec<u8>> =
        rules.iter().flat_map(|rule| rule.anchors().iter().map(|anchor| anchor.literal.clone())).collect();
    let piece =
        (prop::sample::select(literals), 0usize..4, any::<bool>(), prop::collection::vec(any::<u8>(), 0..4));
    prop::collection::vec(piece, 0..12).prop_map(|pieces| {
        let mut text = Vec::new();
        for (literal, cut, upper, noise) in pieces {
            let kept = &literal[..literal.len() - cut.min(literal.len())];
            text.extend(if upper { kept.to_ascii_uppercase() } else { kept.to_vec() });
            text.extend(noise);
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_prefilter_finds_what_an_automaton_finds(text in anchor_text(), from in 0usize..40, to in 0usize..40, pad in 0usize..9000) {
        let rules = builtin::rule_set().into_rules();
        let text = [vec![b'.'; pad], text].concat();
        let range = from.min(text.len())..text.len().saturating_sub(to).max(from.min(text.len()));
        let mut hits = Vec::new();
        Prefilter::new(&rules).each_hit(&text, range.clone(), |rule, anchor, start| hits.push((rule, anchor.clone(), start)));
        hits.sort();
        prop_assert_eq!(hits, by_automaton(&rules, &text, range));
    }

    #[test]
    fn the_prefilter_changes_nothing(text in text()) {
        let detector = detector();
        prop_assert_eq!(detector.scan(&text, &mut Scratch::default()), naive(&detector, &text));
    }

    #[test]
    fn any_split_of_the_input_gives_the_same_as_the_whole(text in text(), repeat in 1usize..40, part in 1usize..9000) {
        let detector = detector();
        let text = text.repeat(repeat);
        prop_assert_eq!(streamed(&detector, &text, part), detector.scan(&text, &mut Scratch::default()));
    }

    #[test]
    fn lines_packed_into_one_text_are_found_as_if_alone(lines in prop::collection::vec(text(), 1..6)) {
        // Rules that stay inside their line cannot see what is packed around it.
        let rules = RULES.split("[[rules]]").filter(|r| ["until", "object", "document"].iter().all(|reach| !r.contains(reach))).collect::<Vec<_>>();
        let file = syntax::read("test.toml", &rules.join("[[rules]]")).unwrap();
        let detector = Detector::new(RuleSet::from_files(vec![file]).unwrap());
        let mut scratch = Scratch::default();
        let (mut packed, mut wanted) = (Vec::new(), Vec::new());
        for line in &lines {
            let at = packed.len();
            wanted.extend(detector.scan(line, &mut scratch).into_iter().map(|m| (m.rule, m.span.shifted(at), m.secret.shifted(at))));
            packed.extend_from_slice(line);
            packed.push(b'\n');
        }
        let found: Vec<_> = detector.scan(&packed, &mut scratch).into_iter().map(|m| (m.rule, m.span, m.secret)).collect();
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn resolved_matches_never_overlap_and_any_order_gives_the_same(text in text(), seed in any::<u64>()) {
        let detector = detector();
        let found = detector.scan(&text, &mut Scratch::default());
        for pair in found.windows(2) {
            prop_assert!(!pair[0].secret.overlaps(pair[1].secret));
        }
        let mut raw = Vec::new();
        detector.part_of_file(b"", &text, 0..text.len(), &mut Scratch::default(), &mut raw);
        let turn = if raw.is_empty() { 0 } else { usize::try_from(seed % raw.len() as u64).unwrap() };
        raw.rotate_left(turn);
        raw.reverse();
        resolve(detector.rules(), &mut raw, |m| m);
        prop_assert_eq!(raw, found);
    }

    #[test]
    fn hostile_bytes_never_panic_the_built_in_rules(bytes in prop::collection::vec(any::<u8>(), 0..300), name in "[.a-z_-]{1,12}") {
        let detector = Detector::new(builtin::rule_set());
        detector.scan_file(name.as_bytes(), &bytes, &mut Scratch::default());
    }
}

#[test]
fn short_lines_give_what_the_plain_regex_gives() {
    // Where lines fit into the window, the contract is "the regex on every line".
    let detector = detector();
    let index = detector.rules().iter().position(|rule| rule.id == "vendor").unwrap();
    let regex = regex::bytes::Regex::new(detector.rules()[index].pattern().unwrap().as_str()).unwrap();
    for line in ["a key_12ab", "key_1234 key_5678", "xkey_1234", "key_12", ""] {
        let plain: Vec<_> = regex.find_iter(line.as_bytes()).map(|m| (m.start(), m.end())).collect();
        let found = detector.scan(line.as_bytes(), &mut Scratch::default());
        let found: Vec<_> =
            found.iter().filter(|m| m.rule == index).map(|m| (m.span.start, m.span.end)).collect();
        assert_eq!(found, plain, "{line}");
    }
}

#[test]
fn every_built_in_rule_proves_its_examples() {
    let broken = crate::prove(builtin::with_examples().unwrap());
    let list: Vec<String> =
        broken.iter().map(|b| format!("{} {}: {}", b.defined_at, b.rule, b.why)).collect();
    assert!(list.is_empty(), "\n{}", list.join("\n"));
}

#[test]
fn the_tables_say_what_the_files_say() {
    let strip = |set: RuleSet| {
        let rules = set.into_rules().into_iter().map(|mut rule| {
            (rule.matching, rule.not_matching) = Default::default();
            format!("{rule:?}")
        });
        rules.collect::<Vec<_>>()
    };
    assert_eq!(strip(builtin::rule_set()), strip(builtin::with_examples().unwrap()));
    for file in builtin::files() {
        let provider = syntax::read(file.0, file.1).unwrap().provider.unwrap();
        assert_eq!(builtin::rule_set().provider(&provider.family), Some(&provider));
    }
}

#[test]
fn no_built_in_rule_file_holds_a_secret_itself() {
    let detector = Detector::new(builtin::rule_set());
    let mut scratch = Scratch::default();
    for (name, text) in builtin::files() {
        let found = detector.scan(text.as_bytes(), &mut scratch);
        // A part of a secret may still look like a weak one.
        let sure = found.iter().filter(|m| m.confidence > Confidence::Low);
        let ids: Vec<_> = sure.map(|m| &detector.rules()[m.rule].id).collect();
        assert!(ids.is_empty(), "{name}: {ids:?}");
    }
}

#[test]
fn the_match_that_ends_an_extent_may_name_the_secret() {
    let rule = "schema = 1\n[[rules]]\nid = \"element\"\ndescription = \"e\"\nseverity = \"low\"\nconfidence = \"low\"\n\
                regex = '<auth>$'\nuntil = { regex = '\\A\\s+(?P<secret>\\w{4,})\\s+</', max = 64 }\n\
                filter = { reject = ['<'] }\n";
    let detector = Detector::new(RuleSet::from_files(vec![syntax::read("t.toml", rule).unwrap()]).unwrap());
    let secrets = |text: &[u8]| {
        let found = detector.scan(text, &mut Scratch::default());
        found.iter().map(|m| m.secret.of(text).to_vec()).collect::<Vec<_>>()
    };
    assert_eq!(secrets(b"<auth>\n  k3Jd9s\n</auth>\n"), [b"k3Jd9s"]);
    assert_eq!(secrets(b"<auth>\r\n  k3Jd9s\r\n</auth>\n").len(), 0, "`$` is the end of the line, not `\\r`");
    assert_eq!(secrets(b"<auth>\n  k3J <b>\n</auth>\n").len(), 0);
}

#[test]
fn a_generic_match_gives_way_to_a_vendor() {
    let text = b"password = key_0a1b";
    let detector = detector();
    let ids: Vec<_> = detector
        .scan(text, &mut Scratch::default())
        .iter()
        .map(|m| detector.rules()[m.rule].id.clone())
        .collect();
    // The generic rule cannot see the underscore; it matches `key` only where four letters follow.
    assert_eq!(ids, ["vendor"]);
}

#[test]
fn mistakes_in_rule_files_are_shown_where_they_are() {
    let rule = |body: &str| {
        format!(
            "schema = 1\n[[rules]]\nid = \"a\"\ndescription = \"a\"\nseverity = \"low\"\nconfidence = \"low\"\n{body}\n"
        )
    };
    let cases = [
        ("schema = 2\n".to_owned(), "1:10", "unknown schema"),
        ("schema = 1\nfoo = 1\n".to_owned(), "2:1", "unknown field"),
        ("schema = 1\n[[rules]\n".to_owned(), "2:", ""),
        (rule("regex = 'abcd(?=x)'"), "7:14", "look-around"),
        (rule("regex = 'abcd('"), "7:14", "unclosed group"),
        (rule("regex = 'a+'"), "7:9", "implies no literal"),
        (rule("regex = 'abcd'\nunanchored = 'x'"), "7:9", "unanchored"),
        (rule("regex = 'abcd'\nchecks = ['crc']"), "8:11", "no check 'crc'"),
        (rule("regex = 'abcd'\nchecks = [{ kind = 'marvin32' }]"), "8:11", "needs `seeds`"),
        (
            rule("regex = 'abcd'\nchecks = [{ kind = 'marvin32', seeds = ['short'] }]"),
            "8:11",
            "eight characters",
        ),
        (rule("regex = 'abcd'\nchecks = [{ kind = 'jwt', fields = ['a'] }]"), "8:11", "takes no `fields`"),
        (rule("regex = 'abcd'\nchecks = [{ kind = 'jwt', speed = 1 }]"), "8:1", "a check is a name"),
        (rule("regex = '(?:abcd)?'"), "7:9", "empty text"),
        (rule("reader = 'file'"), "2:1", "needs `files`"),
        (rule("reader = 'file'\nfiles = { names = ['[a'] }"), "8:9", ""),
        (rule("regex = 'abcd'\nanchor = 2"), "8:10", "at least 3"),
        (rule("regex = 'abcd'\nwindow = { back = 99999999 }"), "8:10", "at most"),
        (rule(""), "2:1", "needs either"),
    ];
    for (text, place, message) in cases {
        let error = syntax::read("x.toml", &text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("x.toml:{place}")), "{error}\n{text}");
        assert!(error.contains(message), "{error}\n{text}");
    }
}

#[test]
fn user_rules_replace_add_and_disable() {
    let base = || RuleSet::from_files(vec![syntax::read("base.toml", RULES).unwrap()]).unwrap();
    let user = |text: &str| syntax::read("user.toml", text).unwrap();
    let one = "[[rules]]\nid = \"word\"\ndescription = \"mine\"\nseverity = \"low\"\nconfidence = \"low\"\nregex = \"mine\"\n";
    let set = base().overlay("u", user(&format!("schema = 1\ndisable = [\"line\"]\n{one}"))).unwrap();
    assert_eq!(set.get("word").unwrap().description, "mine");
    assert!(set.get("line").is_none());
    assert_eq!(set.rules().len(), 7);
    let set = base().overlay("u", user(&format!("schema = 1\nextend = false\n{one}"))).unwrap();
    assert_eq!(set.rules().len(), 1);
    assert!(base().overlay("u", user("schema = 1\ndisable = [\"nope\"]\n")).is_err());
    assert!(base().overlay("u", user(&format!("schema = 1\n{one}{one}"))).is_err());
}

#[test]
fn the_secret_of_an_end_is_the_secret_and_must_be_there() {
    let rules = r#"
schema = 1
[[rules]]
id = "manifest"
description = "a value some lines further down"
severity = "high"
confidence = "high"
regex = '^kind: Secret$'
until = { regex = '^\n(?:[^\n]+\n)*?value: (?P<secret>[a-z]{4,})', max = 64 }
"#;
    let detector =
        Detector::new(RuleSet::from_files(vec![syntax::read("test.toml", rules).unwrap()]).unwrap());
    let secrets = |text: &str| -> Vec<String> {
        let found = detector.scan(text.as_bytes(), &mut Scratch::default());
        found.iter().map(|m| text[m.secret.start..m.secret.end].to_owned()).collect()
    };
    assert_eq!(secrets("kind: Secret\na: b\nvalue: abcdef\n"), ["abcdef"]);
    assert_eq!(secrets("kind: Secret\nvalue: abc\nvalue: bcdef\n"), ["bcdef"]);
    for none in ["kind: Secret", "kind: Secret\n\nvalue: abcdef\n", "kind: Secret\nkind: Secret\nb: c\n"] {
        assert!(secrets(none).is_empty(), "{none}");
    }
    let far = format!("kind: Secret\n{}\nvalue: abcdef\n", "x".repeat(64));
    assert!(secrets(&far).is_empty());
}
