//! A text scanned by what is new in it has the matches of the same text scanned whole.

use proptest::prelude::*;

use crate::gather::Piece;
use crate::tests::{RULES, text};
use crate::{Derivation, Detector, RuleSet, Scratch, Trace, builtin, syntax};

/// An edit: what is copied, by fractions of the base, and what is new.
type Edit = Vec<(u16, u16, bool, Vec<u8>)>;

/// Without the rule that looks at every line; with looks that go far even in small texts.
fn detector() -> Detector {
    let rules: Vec<_> = RULES.split("[[rules]]").filter(|rule| !rule.contains("unanchored")).collect();
    let file = syntax::read("test.toml", &rules.join("[[rules]]")).unwrap();
    Detector::new(RuleSet::from_files(vec![file]).unwrap()).with_near(20)
}

fn edit() -> impl Strategy<Value = Edit> {
    let new =
        prop_oneof![2 => Just(Vec::new()), 2 => "[\\n=a<{]{1,3}".prop_map(String::into_bytes), 1 => text()];
    prop::collection::vec((any::<u16>(), any::<u16>(), any::<bool>(), new), 0..7)
}

/// Pieces of `base`; a copy goes on where the last one ended, or stands anywhere.
fn pieces<'e>(base: &[u8], edit: &'e Edit) -> Vec<Piece<'e>> {
    let mut pieces = Vec::new();
    let mut last = 0;
    let part = |whole: usize, share: u16| whole * usize::from(share) / usize::from(u16::MAX);
    for (from, length, on, new) in edit {
        let start =
            if *on { (last + usize::from(*from % 9)).min(base.len()) } else { part(base.len(), *from) };
        let end = start + part(base.len() - start, *length);
        if start < end && !matches!(pieces.last(), Some(Piece::Copied(before)) if before.end == start) {
            pieces.push(Piece::Copied(start..end));
            last = end;
        }
        if !new.is_empty() {
            pieces.push(Piece::New(new));
        }
    }
    pieces
}

fn apply(base: &[u8], pieces: &[Piece<'_>]) -> Vec<u8> {
    let bytes = |piece: &Piece<'_>| match piece {
        Piece::Copied(range) => base[range.clone()].to_vec(),
        Piece::New(new) => new.to_vec(),
    };
    pieces.iter().flat_map(bytes).collect()
}

/// Scans `first` whole and every text that the edits make of it by its pieces, and compares each with a whole scan.
fn check(detector: &Detector, first: Vec<u8>, edits: &[Edit]) -> Result<usize, TestCaseError> {
    let mut scratch = Scratch::default();
    let mut trace = detector.trace(&first, &mut scratch);
    prop_assert_eq!(detector.settle(&first, &trace), detector.scan(&first, &mut scratch));
    let (mut base, mut matches) = (first, 0);
    for edit in edits {
        let pieces = pieces(&base, edit);
        let text = apply(&base, &pieces);
        let derivation =
            Derivation { base: &base, trace: &trace, pieces: pieces.iter().cloned(), size: text.len() };
        let partial = detector.trace_derived(derivation, &mut scratch);
        let next: Trace = detector.finish(partial, || &text, &mut scratch);
        let found = detector.settle(&text, &next);
        matches += found.len();
        prop_assert_eq!(&found, &detector.scan(&text, &mut scratch), "{:?}", text.as_slice());
        (base, trace) = (text, next);
    }
    Ok(matches)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_edit_of_an_edit_is_scanned_as_if_whole(first in text(), edits in prop::collection::vec(edit(), 1..5)) {
        check(&detector(), first, &edits)?;
    }
}

/// Something as large as files are, with the built-in rules: keys over many lines, long lines, tokens at cuts.
#[test]
fn the_built_in_rules_see_the_same_in_versions_of_a_file() {
    let detector = Detector::new(builtin::rule_set());
    assert!(detector.is_windowed());
    let token = |n: usize| format!("{}{}{:036}", "gh", "p_", n * 7_654_321);
    let mut lines: Vec<String> =
        (0..400).map(|n| format!("line {n} of the file, password = x{n}y{n}Q9z")).collect();
    for n in (0..400).step_by(13) {
        lines.insert(n, format!("token: {}", token(n)));
    }
    lines.insert(50, format!("{{\"d\": \"{}\", {}}}", "A".repeat(3000), token(1)));
    let key = [
        ["-----BEGIN RSA ", "PRIVATE KEY-----"].concat(),
        "TUlJQm".repeat(12),
        ["-----END RSA ", "PRIVATE KEY-----"].concat(),
    ];
    lines.splice(120..120, key);
    let first = lines.join("\n").into_bytes();
    let mut edits: Vec<Edit> = Vec::new();
    for n in 0..60u16 {
        let cut = n * 1000;
        edits.push(vec![(0, cut, false, b"new\n".to_vec()), (n % 5, u16::MAX, true, Vec::new())]);
        edits.push(vec![
            (0, cut, false, token(usize::from(n)).into_bytes()),
            (0, 30000, true, vec![b'\n'; 2]),
        ]);
        edits.push(vec![
            (0, u16::MAX, false, b"\n".to_vec()),
            (cut, u16::MAX, false, lines[60].clone().into_bytes()),
        ]);
    }
    for edits in edits.chunks(3) {
        assert!(check(&detector, first.clone(), edits).unwrap() > 50);
    }
}

/// An anchor longer than any margin would be, that a cut in the middle of it joins anew.
#[test]
fn an_anchor_longer_than_the_margins_is_found_where_it_is_joined() {
    let literal = "k9".repeat(1200);
    let rule = format!(
        "schema = 1\n[[rules]]\nid = \"long\"\ndescription = \"long\"\nseverity = \"low\"\nconfidence = \"medium\"\n\
         regex = '{literal}(?P<secret>[0-9]{{6}})'\nwindow = {{ back = 8, forward = 2600 }}\n"
    );
    let file = syntax::read("long.toml", &rule).unwrap();
    let detector = Detector::new(RuleSet::from_files(vec![file]).unwrap());
    let (before, after) = ("x".repeat(3000), "y".repeat(6000));
    let first = [&before, &literal[..900], "~", &literal[900..], "271828", &after].concat().into_bytes();
    let pieces = [Piece::Copied(0..3900), Piece::Copied(3901..first.len())];
    let text = apply(&first, &pieces);
    let mut scratch = Scratch::default();
    let trace = detector.trace(&first, &mut scratch);
    let derivation = Derivation { base: &first, trace: &trace, pieces: pieces.into_iter(), size: text.len() };
    let partial = detector.trace_derived(derivation, &mut scratch);
    let found = detector.finish(partial, || &text, &mut scratch);
    assert_eq!(detector.settle(&text, &found).len(), 1);
    assert_eq!(detector.scan(&text, &mut scratch).len(), 1);
}
