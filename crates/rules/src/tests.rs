//! Properties of the detector: the matching contract, proved against slower ways of doing the same.

use proptest::prelude::*;

use crate::anchor::Anchor;
use crate::matching::{Match, assigned, find, judge, window};
use crate::prefilter::{Candidates, Prefilter};
use crate::rule::{Extent, Signature};
use crate::{Detector, RuleSet, Scratch, Span, builtin, resolve, scan_stream, syntax};

pub(crate) const RULES: &str = r#"
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

pub(crate) fn detector() -> Detector {
    let file = syntax::read("test.toml", RULES).unwrap();
    Detector::new(RuleSet::from_files(vec![file]).unwrap())
}

/// Texts dense with anchors, near misses, line ends and long lines.
pub(crate) fn text() -> impl Strategy<Value = Vec<u8>> {
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
                found.extend(judge(rule, index, text, &candidate, extent, anchor).into_iter().flatten());
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
        rules.iter().flat_map(|rule| rule.anchors().iter().map(|anchor| anchor.literal.to_vec())).collect();
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
        Prefilter::new(rules.iter().enumerate()).each_hit(&text, range.clone(), &mut Candidates::default(), |rule, anchor, start| hits.push((rule, anchor.clone(), start)));
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
