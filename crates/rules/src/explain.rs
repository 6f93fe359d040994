//! Explains a text: what the rules find in it, and why those whose anchor occurs say nothing.
//!
//! Runs the detector and asks every rule again at every occurrence of its anchors. Nothing is matched here, so that an
//! explanation cannot disagree with a scan. Costs about twice a scan; meant for one file at a time.

use std::collections::{BTreeMap, BTreeSet};

use crate::decoded_scan::scan_decoded;
use crate::detector::{Detector, Scratch};
use crate::grade::Proof;
use crate::matching::{self, Match};
use crate::placeholder::is_sealed_file;
use crate::prefilter::RuleIndex;
use crate::reason::Reason;
use crate::rule::Signature;
use crate::span::Span;

/// What the rules make of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// What is found, in order. Spans count bytes of the text.
    pub found: Vec<Match>,
    /// Who looked and reports nothing there, by rule, then place; one entry for a rule and a kind of reason.
    pub silent: Vec<Silence>,
}

/// A rule that looked and says nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Silence {
    /// Which rule of the detector.
    pub rule: RuleIndex,
    /// The first place: the anchor, or the match that does not count.
    pub at: Span,
    /// Further places where the same kind of reason holds.
    pub more: usize,
    /// Why, at the first place.
    pub reason: Reason,
}

/// Explains `text` as the file at `path`, outside history.
pub fn explain(detector: &Detector, path: &[u8], text: &[u8]) -> Explanation {
    let mut scratch = Scratch::default();
    let mut reported = detector.scan_file(path, text, &mut scratch);
    reported.extend(scan_decoded(detector, path, text, &mut scratch));
    reported.extend(detector.scan_path(path, text));
    let mut raw = Vec::new();
    detector.part_of_file(path, text, 0..text.len(), &mut scratch, &mut raw);
    detector.whole_file(path, text, &mut raw);
    let mut silences = Silences::default();
    displaced(detector, &reported, &raw, &mut silences);

    let mut found = Vec::new();
    for one in reported {
        let failed = one.decoded.iter().find(|fact| fact.name == "failed");
        match failed.filter(|_| one.proof == Proof::Invalid) {
            Some(why) => silences.note(one.rule, one.secret, Reason::Check(why.value.clone())),
            None if !detector.stands(&one, path, None) => {
                silences.note(one.rule, one.secret, Reason::Allowed);
            }
            None => found.push(one),
        }
    }
    let seen = Seen::new(&raw);
    detector.each_look(path, text, &mut scratch, &mut |rule, at, judged| match judged {
        // An anchor inside a match of the same rule has been told of.
        Err(_) if seen.covers(rule, at) => {}
        Err(reason) => silences.note(rule, at, reason),
        Ok(one) if !seen.has(&one) => silences.note(rule, one.secret, Reason::Allowed),
        Ok(_) => {}
    });
    whole_texts(detector, path, text, &seen, &mut silences);
    whole_files(detector, path, text, &seen, &mut silences);
    Explanation { found, silent: silences.in_order() }
}

/// Matches that are not reported because another rule's are.
fn displaced(detector: &Detector, reported: &[Match], raw: &[Match], silences: &mut Silences) {
    let kept: BTreeSet<_> = reported.iter().map(key).collect();
    // Those that take places: their secrets do not overlap, so the nearest one before the end decides.
    let rules = detector.rules();
    let mut places: Vec<&Match> = reported
        .iter()
        .filter(|one| !matches!(rules[one.rule].signature, Signature::Text(_) | Signature::Path))
        .filter(|one| rules[one.rule].path.is_none())
        .collect();
    places.sort_by_key(|one| one.secret);
    for one in raw.iter().filter(|one| !kept.contains(&key(one))) {
        let before = places.partition_point(|place| place.secret.start < one.secret.end);
        let winner = places[..before].last().or_else(|| places.first());
        if let Some(winner) = winner {
            silences.note(one.rule, one.secret, Reason::Taken(rules[winner.rule].id.clone()));
        }
    }
}

/// Rules over whole texts that were called and matched nothing.
fn whole_texts(detector: &Detector, path: &[u8], text: &[u8], seen: &Seen, silences: &mut Silences) {
    for index in detector.due(text) {
        let rule = &detector.rules()[index];
        if seen.any(index) {
            continue;
        }
        let start = Span::new(0, 0);
        if rule.files.as_ref().is_some_and(|files| !files.matches(path)) {
            silences.note(index, start, Reason::Name);
            continue;
        }
        let Some(regex) = rule.pattern().and_then(|pattern| pattern.regex()) else { continue };
        match regex.find(text) {
            None => silences.note(index, start, Reason::Pattern),
            Some(at) => silences.note(index, Span::new(at.start(), at.end()), Reason::Incomplete),
        }
    }
}

/// Rules that read this file as a whole, by its name, and what they refuse in it.
fn whole_files(detector: &Detector, path: &[u8], text: &[u8], seen: &Seen, silences: &mut Silences) {
    let sealed = is_sealed_file(text);
    for (index, rule) in detector.rules().iter().enumerate() {
        let reads = matches!(rule.signature, Signature::Reader(_) | Signature::File);
        if !reads || !rule.files.as_ref().is_some_and(|files| files.matches(path)) {
            continue;
        }
        let start = Span::new(0, 0);
        if sealed {
            silences.note(index, start, Reason::Sealed);
            continue;
        }
        let judged = matching::whole_file(rule, index, text);
        if judged.is_empty() {
            silences.note(index, start, Reason::NothingRead);
        }
        for judged in judged {
            match judged {
                Err(reason) => silences.note(index, start, reason),
                Ok(one) if !seen.has(&one) => silences.note(index, one.secret, Reason::Allowed),
                Ok(_) => {}
            }
        }
    }
}

fn key(one: &Match) -> (RuleIndex, Span, Span) {
    (one.rule, one.span, one.secret)
}

/// The unresolved matches, to be asked about.
struct Seen {
    keys: BTreeSet<(RuleIndex, Span, Span)>,
    /// From a rule and where its match starts to where it ends.
    spans: BTreeMap<(RuleIndex, usize), usize>,
}

impl Seen {
    fn new(raw: &[Match]) -> Self {
        let mut spans = BTreeMap::new();
        for one in raw {
            let end = spans.entry((one.rule, one.span.start)).or_insert(one.span.end);
            *end = one.span.end.max(*end);
        }
        Self { keys: raw.iter().map(key).collect(), spans }
    }

    fn has(&self, one: &Match) -> bool {
        self.keys.contains(&key(one))
    }

    fn any(&self, rule: RuleIndex) -> bool {
        self.spans.range((rule, 0)..=(rule, usize::MAX)).next().is_some()
    }

    fn covers(&self, rule: RuleIndex, at: Span) -> bool {
        let before = self.spans.range((rule, 0)..(rule, at.end)).next_back();
        before.is_some_and(|(_, end)| *end > at.start)
    }
}

/// The silences by rule and kind of reason, the first place of each with the number of further ones.
#[derive(Default)]
struct Silences(BTreeMap<(RuleIndex, u8), (Silence, BTreeSet<usize>)>);

impl Silences {
    fn note(&mut self, rule: RuleIndex, at: Span, reason: Reason) {
        let noted = self
            .0
            .entry((rule, reason.step()))
            .or_insert_with(|| (Silence { rule, at, more: 0, reason: reason.clone() }, BTreeSet::new()));
        noted.1.insert(at.start);
        if at.start < noted.0.at.start {
            (noted.0.at, noted.0.reason) = (at, reason);
        }
    }

    fn in_order(self) -> Vec<Silence> {
        let mut silent: Vec<_> = self
            .0
            .into_values()
            .map(|(silence, places)| Silence { more: places.len() - 1, ..silence })
            .collect();
        silent.sort_by_key(|silence| (silence.rule, silence.at));
        silent
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Allowlist, RuleSet, Unmet, builtin, syntax};

    const OWN: &str = r#"
schema = 1
[[rules]]
id = "own"
description = "ours"
severity = "high"
confidence = "high"
regex = '\bown_(?P<secret>[0-9a-zA-Z]{8,24})\b'
filter = { entropy = 2.0, digits = 2, distinct = 5, placeholder = true, words = true, reject = ['^test'] }
[[rules]]
id = "own-generic"
description = "anything of ours"
severity = "low"
confidence = "medium"
specificity = "generic"
regex = 'own_(?P<secret>[0-9a-zA-Z]+)'
[[rules]]
id = "own-named"
description = "ours in a file"
severity = "low"
confidence = "medium"
files = { names = ["own.ini"] }
regex = 'own_[0-9]{30}'
[[rules]]
id = "own-block"
description = "ours over lines"
severity = "low"
confidence = "medium"
regex = 'BEGIN OWN'
until = { regex = '(?P<secret>[0-9]+) END OWN', max = 64 }
[[rules]]
id = "own-summed"
description = "ours with a checksum"
severity = "low"
confidence = "medium"
regex = 'sum_(?P<secret>(?P<body>[0-9a-z]{6})(?P<check>[0-9a-z]{6}))'
checks = ["crc32-base62"]
"#;

    fn own() -> RuleSet {
        RuleSet::from_files(vec![syntax::read("own.toml", OWN).unwrap()]).unwrap()
    }

    fn reasons(set: RuleSet, path: &str, text: &str) -> Vec<(String, Reason)> {
        let detector = Detector::new(set);
        let explained = explain(&detector, path.as_bytes(), text.as_bytes());
        let named = |silence: Silence| (detector.rules()[silence.rule].id.clone(), silence.reason);
        explained.silent.into_iter().map(named).collect()
    }

    fn reason(rule: &str, text: &str) -> Option<Reason> {
        reasons(own(), "a.txt", text).into_iter().find(|(id, _)| id == rule).map(|(_, reason)| reason)
    }

    #[test]
    fn every_step_has_its_reason() {
        let filter = |unmet| Some(Reason::Filter(unmet));
        assert_eq!(reason("own", "nothing here"), None);
        assert_eq!(reason("own", "own_q7Zk2mXw9R"), None);
        assert_eq!(reason("own", "own_short"), Some(Reason::Pattern));
        assert_eq!(reason("own", "own_qwZkamXwbR"), filter(Unmet::Digits { has: 0, needs: 2 }));
        assert_eq!(reason("own", "own_11221122"), filter(Unmet::Distinct { has: 2, needs: 5 }));
        assert_eq!(reason("own", "own_test7Zk2mXw9"), filter(Unmet::Reject(0)));
        assert_eq!(reason("own-generic", "own_q7Zk2mXw9R"), Some(Reason::Taken("own".to_owned())));
        assert_eq!(reason("own-named", "own_q7Zk2mXw9R"), Some(Reason::Name));
        assert_eq!(reason("own-block", "BEGIN OWN\n12"), Some(Reason::Extent));
        let wrong = reason("own-summed", "sum_abcdef000000");
        assert!(matches!(wrong, Some(Reason::Check(_))), "{wrong:?}");
    }

    #[test]
    fn allowed_matches_are_told_of() {
        let mut set = own();
        set.allow_path("a.txt");
        let told = reasons(set.clone(), "a.txt", "own_q7Zk2mXw9R");
        assert!(told.contains(&("own".to_owned(), Reason::Allowed)), "{told:?}");
        assert!(!reasons(set, "b.txt", "own_q7Zk2mXw9R").contains(&("own".to_owned(), Reason::Allowed)));
        let mut set = own();
        set.allow(Allowlist { stopwords: vec!["q7zk".to_owned()], ..Allowlist::default() });
        let told = reasons(set, "a.txt", "own_q7Zk2mXw9R");
        assert!(told.contains(&("own".to_owned(), Reason::Allowed)), "{told:?}");
    }

    #[test]
    fn a_kind_of_reason_is_told_once_with_its_number_of_places() {
        let detector = Detector::new(own());
        let explained = explain(&detector, b"a.txt", b"own_a\nown_b\nown_c\n");
        let own: Vec<_> =
            explained.silent.iter().filter(|silence| detector.rules()[silence.rule].id == "own").collect();
        assert_eq!(own.len(), 1);
        assert_eq!((own[0].at, own[0].more), (Span::new(0, 4), 2));
    }

    /// Examples of built-in rules, whole or cut, in a file of a name that one of them asks for.
    fn texts() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
        let rules = builtin::with_examples().unwrap().into_rules();
        let names =
            rules.iter().filter_map(|rule| rule.files.as_ref()).filter_map(|files| files.names().first());
        let mut names: Vec<Vec<u8>> = names.map(|name| name.replace('*', "x").into_bytes()).collect();
        names.extend([b"a.txt".to_vec(), b"src/main.c".to_vec()]);
        let examples = rules.into_iter().flat_map(|rule| rule.matching.into_iter().chain(rule.not_matching));
        let texts: Vec<Vec<u8>> = examples.map(|example| example.text).collect();
        let piece = (prop::sample::select(texts), 0usize..4, 0usize..12);
        let text = prop::collection::vec(piece, 0..6).prop_map(|pieces| {
            let mut all = Vec::new();
            for (text, whole, cut) in pieces {
                let cut = if whole > 0 { 0 } else { cut.min(text.len()) };
                all.extend_from_slice(&text[..text.len() - cut]);
                all.push(b'\n');
            }
            all
        });
        (prop::sample::select(names), text)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn an_explanation_agrees_with_the_detector((path, text) in texts()) {
            static DETECTOR: std::sync::OnceLock<Detector> = std::sync::OnceLock::new();
            let detector = DETECTOR.get_or_init(|| Detector::new(builtin::rule_set()));
            let explained = explain(detector, &path, &text);
            let mut wanted = detector.scan_file(&path, &text, &mut Scratch::default());
            let invalid: Vec<_> = wanted.extract_if(.., |one| one.proof == Proof::Invalid).collect();
            prop_assert_eq!(&explained.found, &wanted);
            let silent = |rule: RuleIndex| explained.silent.iter().filter(move |silence| silence.rule == rule);
            for one in &invalid {
                prop_assert!(silent(one.rule).any(|silence| matches!(silence.reason, Reason::Check(_))));
            }
            let mut raw = Vec::new();
            detector.part_of_file(&path, &text, 0..text.len(), &mut Scratch::default(), &mut raw);
            for one in raw.iter().filter(|one| !wanted.contains(one) && !invalid.contains(one)) {
                prop_assert!(silent(one.rule).any(|silence| matches!(silence.reason, Reason::Taken(_))));
            }
            for (index, rule) in detector.rules().iter().enumerate() {
                let occurs = (0..text.len()).any(|at| rule.anchors().iter().any(|anchor| anchor.begins(&text[at..])));
                let told = explained.found.iter().any(|one| one.rule == index) || silent(index).next().is_some();
                prop_assert!(!occurs || told, "{} neither reports nor says why not", rule.id);
            }
        }

        #[test]
        fn any_bytes_are_explained(path in "[.a-z_-]{1,12}", bytes: Vec<u8>) {
            static DETECTOR: std::sync::OnceLock<Detector> = std::sync::OnceLock::new();
            let detector = DETECTOR.get_or_init(|| Detector::new(builtin::rule_set()));
            for silence in explain(detector, path.as_bytes(), &bytes).silent {
                prop_assert!(silence.at.end <= bytes.len());
            }
        }
    }
}
