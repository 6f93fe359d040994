//! Secrets are replaced in all their forms, and nothing else is.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bstr::ByteSlice;
use proptest::prelude::*;
use unleak_remediate::{Dialect, ReplaceError, Replacer, ReplacerError, Style};

fn replacer(values: &[&[u8]], style: Style) -> Replacer {
    Replacer::for_secrets(values.iter().map(|value| value.to_vec()), style).unwrap()
}

fn replaced(values: &[&[u8]], style: Style, text: &[u8]) -> Vec<u8> {
    replacer(values, style).replace(text).unwrap().unwrap_or_else(|| text.to_vec())
}

#[test]
fn a_secret_is_replaced_as_it_is() {
    let value: &[u8] = b"correct horse";
    assert_eq!(replaced(&[value], Style::Fixed, b"a correct horse b"), b"a ***REMOVED*** b");
    assert_eq!(replaced(&[value], Style::SameLength, b"a correct horse b"), b"a ************* b");
    assert_eq!(replaced(&[value], Style::Fixed, b"correct  horse"), b"correct  horse");
}

#[test]
fn a_keyed_replacement_tells_secrets_apart() {
    let values: [&[u8]; 2] = [b"correct horse", b"battery staple"];
    let once = replaced(&values, Style::Keyed([7; 32]), b"correct horse battery staple correct horse");
    let words: Vec<&[u8]> = once.split_str(" ").collect();
    assert!(words.iter().all(|word| word.len() == 16 && word.starts_with(b"REMOVED-")));
    assert!(words[0] == words[2] && words[0] != words[1]);
    let other = replaced(&values, Style::Keyed([8; 32]), b"correct horse");
    assert_ne!(other, words[0]);
}

#[test]
fn bad_secrets_are_refused_without_being_named() {
    let refused = |values: &[&[u8]]| {
        Replacer::for_secrets(values.iter().map(|value| value.to_vec()), Style::Fixed).unwrap_err()
    };
    assert_eq!(refused(&[b"abc"]), ReplacerError::TooShort { length: 3, least: 4 });
    assert_eq!(refused(&[]), ReplacerError::Empty);
    assert_eq!(refused(&[b"long enough", b"REMOVED"]), ReplacerError::Recreates { length: 7 });
    let shown = format!("{:?}", replacer(&[b"correct horse"], Style::Keyed([1; 32])));
    assert_eq!(shown, "Replacer { secrets: 1, style: Keyed(…) }");
}

#[test]
fn the_longest_of_overlapping_secrets_is_replaced() {
    let values: [&[u8]; 3] = [b"hunter22", b"hunter22hunter22", b"22hunter"];
    assert_eq!(replaced(&values, Style::Fixed, b"hunter22hunter22hunter22"), b"***REMOVED******REMOVED***");
}

#[test]
fn what_a_replacement_makes_with_its_neighbours_is_replaced_too() {
    let values: [&[u8]; 2] = [b"first-secret", b"***R-second"];
    let text = b"first-secretx";
    assert_eq!(replaced(&values, Style::Fixed, text), b"***REMOVED***x");
    // A star before and three after: taken together they are a secret again, again and again.
    let values: [&[u8]; 2] = [b"first-secret", b"****"];
    let found = replacer(&values, Style::Fixed).replace(b"first-secret*");
    assert_eq!(found.unwrap().unwrap(), b"***REMOVED***REMOVED***");
    let endless = replacer(&[b"D***xD***", b"abcdef"], Style::Fixed);
    let text = [b"xD***".repeat(9), b"abcdef".to_vec()].concat();
    assert!(matches!(endless.replace(&text), Ok(Some(_)) | Err(ReplaceError::Recreates)));
}

#[test]
fn rules_and_secrets_go_together() {
    let rules = Replacer::parse_expressions(b"regex:[0-9]+==>N", Dialect::Ours).unwrap();
    let both = replacer(&[b"hunter22"], Style::Fixed).and(rules).unwrap();
    assert_eq!(both.replace(b"hunter22 hunter23").unwrap().unwrap(), b"***REMOVED*** hunterN");
    assert!(both.literals().is_none());
    let words = Replacer::parse_expressions(b"horse==>dog", Dialect::Ours).unwrap();
    let both = replacer(&[b"hunter22"], Style::Fixed).and(words).unwrap();
    let literals = both.literals().unwrap();
    assert!(literals.any_in(b"a horse") && literals.any_in(b"hunter22") && !literals.any_in(b"dog"));
    // What a rule puts back is taken away.
    let back = Replacer::parse_expressions(b"cat==>hunter22", Dialect::Ours).unwrap();
    let both = replacer(&[b"hunter22"], Style::Fixed).and(back).unwrap();
    assert_eq!(both.replace(b"cat").unwrap().unwrap(), b"***REMOVED***");
}

#[test]
fn digests_tell_replacers_apart_and_need_the_key() {
    let all = [
        replacer(&[b"hunter22"], Style::Fixed),
        replacer(&[b"hunter23"], Style::Fixed),
        replacer(&[b"hunter22"], Style::SameLength),
        replacer(&[b"hunter22"], Style::Keyed([0; 32])),
        replacer(&[b"hunter22"], Style::Keyed([1; 32])),
        replacer(&[b"hunt", b"er22"], Style::Fixed),
        Replacer::parse_expressions(b"hunter22", Dialect::Ours).unwrap(),
        Replacer::parse_expressions(b"hunter22", Dialect::FilterRepo).unwrap(),
        Replacer::parse_expressions(b"hunter22==>x", Dialect::Ours).unwrap(),
        Replacer::parse_expressions(b"regex:hunter22==>x", Dialect::Ours).unwrap(),
    ];
    let mut digests: Vec<[u8; 32]> = all.iter().map(|replacer| replacer.digest(&[5; 32])).collect();
    digests.extend(all.iter().map(|replacer| replacer.digest(&[6; 32])));
    let count = digests.len();
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), count);
    let again = replacer(&[b"hunter23", b"hunter22", b"hunter23"], Style::Fixed);
    let order = replacer(&[b"hunter22", b"hunter23"], Style::Fixed);
    assert_eq!(again.digest(&[5; 32]), order.digest(&[5; 32]));
}

#[test]
fn a_replacer_is_shared_by_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Replacer>();
    shared::<unleak_remediate::PathRules>();
    shared::<unleak_remediate::Mailmap>();
}

/// Bytes for secrets and for what is around them, so that they meet.
fn near() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"ab".to_vec()),
        Just(b"a".to_vec()),
        Just(b"*".to_vec()),
        Just(b"R".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\xff".to_vec()),
        Just("é".as_bytes().to_vec()),
        Just(b"\"<&".to_vec()),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn finding_and_replacing_agree(values in prop::collection::vec(near(), 1..4), text in near(), more in near()) {
        let values: Vec<Vec<u8>> = values.into_iter().filter(|value| value.len() >= 4).collect();
        let text = [text, values.first().cloned().unwrap_or_default(), more].concat();
        for style in [Style::Fixed, Style::SameLength, Style::Keyed([3; 32])] {
            let Ok(replacer) = Replacer::for_secrets(values.clone(), style) else { continue };
            let literals = replacer.literals().unwrap();
            let mut hits = Vec::new();
            literals.each(&text, &mut |hit| hits.push(hit));
            prop_assert_eq!(literals.any_in(&text), !hits.is_empty());
            prop_assert!(hits.iter().all(|hit| hit.len() <= literals.longest()));
            let result = replacer.replace(&text);
            prop_assert_eq!(replacer.finds(&text), result != Ok(None));
            if let Ok(Some(new)) = result {
                prop_assert_ne!(&new, &text);
                prop_assert!(values.iter().all(|value| new.find(value).is_none()));
                prop_assert_eq!(replacer.replace(&new), Ok(None));
            } else if result.is_ok() {
                prop_assert!(values.iter().all(|value| text.find(value).is_none()));
            }
        }
    }

    #[test]
    fn base64_stays_decodable_and_holds_nothing(
        value in prop::collection::vec(any::<u8>(), 8..40),
        before in prop::collection::vec(any::<u8>(), 0..9),
        after in prop::collection::vec(any::<u8>(), 0..9),
    ) {
        // Of few different bytes, it would look alike at several offsets; with line ends, it has forms that take more.
        prop_assume!(!value.contains(&b'\n'));
        let distinct: std::collections::BTreeSet<&u8> = value.iter().collect();
        prop_assume!(distinct.len() * 4 >= value.len() * 3);
        let plain = [before.as_slice(), &value, &after].concat();
        for style in [Style::Fixed, Style::SameLength, Style::Keyed([3; 32])] {
            let Ok(replacer) = Replacer::for_secrets([value.clone()], style) else { continue };
            let encoded = STANDARD.encode(&plain);
            let new = replacer.replace(encoded.as_bytes()).unwrap();
            let new = new.expect("base64 at any offset is found");
            let decoded = STANDARD.decode(&new).expect("what decoded before still decodes");
            prop_assert_eq!(decoded.len(), plain.len());
            prop_assert!(decoded.starts_with(&before) && decoded.ends_with(&after));
            // All but a few bits of the first and last byte are gone.
            let middle = &decoded[before.len() + 1..before.len() + value.len() - 1];
            prop_assert!(middle.iter().all(|byte| b"*REMOVED-0123456789abcdef".contains(byte)));
            let url = URL_SAFE_NO_PAD.encode(&plain);
            prop_assert!(replacer.finds(url.as_bytes()));
        }
    }
}

/// `text` in lines of `width` with `between` between them.
fn in_lines(text: &str, width: usize, between: &str) -> String {
    let lines: Vec<&str> =
        text.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join(between)
}

proptest! {
    #[test]
    fn base64_in_lines_is_replaced_wherever_the_lines_break(
        before in proptest::collection::vec(any::<u8>(), 0..90),
        value in proptest::collection::vec(any::<u8>(), 14..220),
        after in proptest::collection::vec(any::<u8>(), 0..90),
        width in 64_usize..77,
        between in proptest::sample::select(vec!["\n", "\r\n", "\n    ", "\r\n\t"]),
    ) {
        let text = [before.as_slice(), &value, &after].concat();
        let broken = in_lines(&STANDARD.encode(&text), width, between);
        let new = replaced(&[&value], Style::Fixed, broken.as_bytes());
        prop_assert_eq!(new.len(), broken.len());
        let joined: Vec<u8> = new.iter().copied().filter(|byte| !b" \t\r\n".contains(byte)).collect();
        let decoded = STANDARD.decode(&joined).unwrap();
        let (start, end) = (before.len(), before.len() + value.len());
        prop_assert_eq!(&decoded[..start], before.as_slice());
        prop_assert_eq!(&decoded[end..], after.as_slice());
        prop_assert!(decoded[start + 1..].starts_with(&b"***REMOVED***"[1..]));
        // The lines are what they were.
        let ends = |text: &[u8]| text.find_iter(between.as_bytes()).collect::<Vec<_>>();
        prop_assert_eq!(ends(&new), ends(broken.as_bytes()));
        prop_assert_eq!(replaced(&[&value], Style::Fixed, &new), new);
    }
}

#[test]
fn half_of_a_secret_in_base64_is_none() {
    let value: Vec<u8> = (1..=40).collect();
    let encoded = STANDARD.encode(&value);
    let replacer = replacer(&[&value], Style::Fixed);
    for text in [&encoded[..27], &encoded[27..], &format!("{}\n\n{}", &encoded[..27], &encoded[27..])] {
        assert!(!replacer.finds(text.as_bytes()));
    }
    assert!(replacer.finds(format!("{}\n{}", &encoded[..27], &encoded[27..]).as_bytes()));
}
