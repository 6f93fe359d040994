//! For the tests of checks: one changed character.

use proptest::prelude::*;

use super::CheckVerdict;

/// Another character at one place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    at: prop::sample::Index,
    by: u8,
}

/// Any change.
pub(super) fn any() -> impl Strategy<Value = Change> {
    (proptest::arbitrary::any::<prop::sample::Index>(), 1_u8..10).prop_map(|(at, by)| Change { at, by })
}

impl Change {
    /// `text` with one letter or digit replaced by another of its sort; other characters by `A`.
    pub(super) fn of(self, text: &[u8]) -> Vec<u8> {
        let mut text = text.to_vec();
        let at = self.at.index(text.len());
        let turned = |first: u8, sort: u8, byte: u8| first + (byte - first + self.by % sort.min(10)) % sort;
        text[at] = match text[at] {
            byte @ b'0'..=b'9' => turned(b'0', 10, byte),
            byte @ b'a'..=b'z' => turned(b'a', 26, byte),
            byte @ b'A'..=b'Z' => turned(b'A', 26, byte),
            _ => b'A',
        };
        text
    }
}

/// Whether a check proved something.
pub(super) fn holds(verdict: &CheckVerdict) -> bool {
    matches!(verdict, CheckVerdict::Proved(_))
}

/// The value of a fact.
pub(super) fn fact(verdict: &CheckVerdict, name: &str) -> Option<String> {
    let (CheckVerdict::Proved(facts) | CheckVerdict::Plausible(facts)) = verdict else {
        return None;
    };
    facts.iter().find(|fact| fact.name == name).map(|fact| fact.value.clone())
}

proptest! {
    #[test]
    fn a_change_changes_one_character(text in "[0-9A-Za-z]{1,20}", change in any()) {
        let changed = change.of(text.as_bytes());
        prop_assert_eq!(changed.len(), text.len());
        prop_assert_eq!(changed.iter().zip(text.bytes()).filter(|(a, b)| **a != *b).count(), 1);
    }
}
