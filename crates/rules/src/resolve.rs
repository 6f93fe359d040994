//! Decides between overlapping matches: the most specific wins, always the same one.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::grade::{Confidence, Proof};
use crate::matching::{DOUBT, Match};
use crate::rule::{Rule, Signature, Specificity};

/// Keeps, of every heap of items whose secrets overlap, the one that knows most, and drops findings about a file as such
/// when something inside it was found. `of` gives an item's match. The order of `items` does not matter; they come back
/// in the order of their secrets.
pub fn resolve<T>(rules: &[Rule], items: &mut Vec<T>, of: impl Fn(&T) -> &Match) {
    items.sort_by_cached_key(|item| Reverse(rank(rules, of(item))));
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    let mut whole_file = false;
    items.retain(|item| {
        let found = of(item);
        // Whoever wrote a rule over whole texts wants to see what it finds.
        if is_text(rules, found) {
            return true;
        }
        if is_file(rules, found) {
            return !std::mem::replace(&mut whole_file, true);
        }
        let before = taken.range(..found.secret.end).next_back();
        let free = before.is_none_or(|(_, &end)| end <= found.secret.start);
        // Whether a rule is asked about this path may be known much later: until then it keeps nobody out.
        if free && rules[found.rule].path.is_none() {
            taken.insert(found.secret.start, found.secret.end);
        }
        free
    });
    let explained = items.iter().any(|item| {
        !is_file(rules, of(item)) && !is_text(rules, of(item)) && of(item).proof != Proof::Invalid
    });
    items.retain(|item| !(explained && is_file(rules, of(item))));
    items.sort_by_key(|item| {
        let found = of(item);
        (found.secret, found.span, found.rule)
    });
}

fn is_text(rules: &[Rule], found: &Match) -> bool {
    matches!(rules[found.rule].signature, Signature::Text(_) | Signature::Path)
}

fn is_file(rules: &[Rule], found: &Match) -> bool {
    matches!(rules[found.rule].signature, Signature::File)
}

/// What makes one match better than another. A vendor's match whose check failed still beats a generic one: the bytes
/// are explained. One that its rule doubts gives way to a generic rule that is surer: nobody who writes a vendor's name
/// beside a secret may thereby lower it. Then validity comes first.
fn rank(rules: &[Rule], found: &Match) -> impl Ord + use<> {
    let rule = &rules[found.rule];
    let generic = rule.specificity == Specificity::Generic;
    let doubted = found.decoded.iter().any(|fact| fact.name == DOUBT);
    let knows = match (generic, doubted) {
        (false, false) => 3,
        (true, _) if found.confidence > Confidence::Low => 2,
        (false, true) => 1,
        (true, _) => 0,
    };
    (
        knows,
        found.proof != Proof::Invalid,
        rule.specificity,
        found.secret.len(),
        found.proof,
        found.confidence,
        Reverse((found.secret, found.span, found.rule)),
    )
}
