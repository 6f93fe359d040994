//! Runs the rules that search whole texts: which of them have to, where they match, and what must be near.

use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::AhoCorasick;
use regex_automata::Input;
use regex_automata::meta::Regex;

use crate::entropy::shannon_of_characters;
use crate::grade::Proof;
use crate::matching::{Match, Provisos};
use crate::prefilter::RuleIndex;
use crate::rule::{Required, Rule, Signature, TextSignature};
use crate::span::Span;

/// Bytes that a match over whole texts may span in a text that comes in parts.
pub(crate) const REACH: usize = 1 << 20;

/// The rules over whole texts of a rule set.
#[derive(Debug, Default)]
pub(crate) struct TextRules {
    /// Rules that look at every text.
    always: Vec<RuleIndex>,
    /// Words, in any case, and the rules each of them calls.
    gate: Option<(AhoCorasick, Vec<Vec<RuleIndex>>)>,
}

impl TextRules {
    /// Of `rules`, those over whole texts.
    pub(crate) fn new(rules: &[Rule]) -> Self {
        let mut always = Vec::new();
        let mut words: std::collections::BTreeMap<Vec<u8>, Vec<RuleIndex>> =
            std::collections::BTreeMap::new();
        for (index, rule) in rules.iter().enumerate() {
            let Signature::Text(text) = &rule.signature else { continue };
            if text.part_only {
                continue;
            }
            let gates: Vec<Vec<u8>> = if text.keywords.is_empty() {
                text.anchors.iter().map(|anchor| anchor.literal.to_ascii_lowercase()).collect()
            } else {
                text.keywords.iter().map(|word| word.as_bytes().to_owned()).collect()
            };
            if gates.is_empty() || gates.iter().any(Vec::is_empty) {
                always.push(index);
            } else {
                for word in gates {
                    words.entry(word).or_default().push(index);
                }
            }
        }
        // A set too large for the automaton would have to be larger than memory; then every rule looks at every text.
        let gate = AhoCorasick::builder().ascii_case_insensitive(true).build(words.keys());
        let called: Vec<_> = words.into_values().collect();
        match gate {
            _ if called.is_empty() => Self { always, gate: None },
            Ok(gate) => Self { always, gate: Some((gate, called)) },
            Err(_) => {
                always.extend(called.into_iter().flatten());
                Self { always, gate: None }
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.always.is_empty() && self.gate.is_none()
    }

    /// The rules that have to search `text`, sorted.
    pub(crate) fn due(&self, text: &[u8]) -> BTreeSet<RuleIndex> {
        let mut due: BTreeSet<RuleIndex> = self.always.iter().copied().collect();
        if let Some((gate, called)) = &self.gate {
            let mut missing = called.len();
            let mut seen = vec![false; called.len()];
            for hit in gate.find_overlapping_iter(text) {
                let word = hit.pattern().as_usize();
                if !std::mem::replace(&mut seen[word], true) {
                    due.extend(&called[word]);
                    missing -= 1;
                    if missing == 0 {
                        break;
                    }
                }
            }
        }
        due
    }
}

/// The matches of one rule that start in `range`, in order.
pub(crate) fn matches(
    rule: &Rule,
    index: RuleIndex,
    signature: &TextSignature,
    regex: &Regex,
    text: &[u8],
    range: &Range<usize>,
) -> Vec<Match> {
    let mut found = Vec::new();
    for matched in regex.find_iter(Input::new(text)) {
        let span = without_line_ends(text, Span::new(matched.start(), matched.end()));
        if span.start >= range.end {
            break;
        }
        if span.start < range.start || span.is_empty() {
            continue;
        }
        let secret = secret(signature, regex, text, span);
        if signature.entropy > 0.0 && shannon_of_characters(secret.of(text)) <= signature.entropy {
            continue;
        }
        found.push(Match {
            rule: index,
            span,
            secret,
            confidence: rule.confidence,
            proof: Proof::Unchecked,
            decoded: Vec::new(),
            provisos: Provisos::default(),
        });
    }
    found
}

fn without_line_ends(text: &[u8], span: Span) -> Span {
    let bytes = span.of(text);
    let head = bytes.iter().take_while(|&&b| b == b'\n').count();
    let tail = bytes[head..].iter().rev().take_while(|&&b| b == b'\n').count();
    Span::new(span.start + head, span.end - tail)
}

/// The secret, found by searching the match by itself, as gitleaks does: what stood around it no longer counts.
fn secret(signature: &TextSignature, regex: &Regex, text: &[u8], span: Span) -> Span {
    let mut groups = regex.create_captures();
    regex.captures(Input::new(span.of(text)), &mut groups);
    let group = |at: usize| groups.get_group(at).filter(|group| !group.is_empty());
    let chosen = match signature.group {
        0 => (1..groups.group_len()).find_map(group),
        at => group(at),
    };
    chosen.map_or(span, |group| Span::new(group.start, group.end).shifted(span.start))
}

/// Where the matches of a required rule start, to be asked which are near.
pub(crate) struct Parts {
    /// `(line, column)` in bytes, sorted.
    starts: Vec<(u64, u64)>,
}

impl Parts {
    pub(crate) fn new(found: &[Match], lines: &[usize]) -> Self {
        let mut starts: Vec<_> = found.iter().map(|found| position(lines, found.span.start)).collect();
        starts.sort_unstable();
        Self { starts }
    }

    /// Whether one of them is as near to a match that starts at `offset` as `required` asks for.
    pub(crate) fn near(&self, lines: &[usize], offset: usize, required: &Required) -> bool {
        let (line, column) = position(lines, offset);
        let line_limit = required.lines.unwrap_or(u64::MAX);
        let column_limit = required.columns.unwrap_or(u64::MAX);
        let last = line.saturating_add(line_limit);
        let mut at = (line.saturating_sub(line_limit), 0);
        // One step a line that has parts: within it they are sorted by column.
        loop {
            let next =
                self.starts.partition_point(|start| *start < (at.0, column.saturating_sub(column_limit)));
            let Some(&(found_line, found_column)) = self.starts.get(next) else { return false };
            if found_line > last {
                return false;
            }
            if found_column.abs_diff(column) <= column_limit {
                return true;
            }
            at = if found_line > at.0 && found_column < column {
                (found_line, 0)
            } else {
                (found_line + 1, 0)
            };
        }
    }
}

/// Line and column of `offset`, both from 0, given the offsets at which lines end.
fn position(lines: &[usize], offset: usize) -> (u64, u64) {
    let line = lines.partition_point(|&end| end < offset);
    let start = line.checked_sub(1).map_or(0, |before| lines[before] + 1);
    (line as u64, (offset - start) as u64)
}

/// The offsets at which lines of `text` end.
pub(crate) fn line_ends(text: &[u8]) -> Vec<usize> {
    memchr::memchr_iter(b'\n', text).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nearness_is_what_comparing_with_each_says(
            mut starts in prop::collection::vec((0u64..6, 0u64..8), 0..8),
            line in 0u64..6, column in 0u64..8,
            lines in prop::option::of(0u64..4), columns in prop::option::of(0u64..5),
        ) {
            let ends: Vec<usize> = (0..8).map(|line| line * 10 + 9).collect();
            let offset = usize::try_from(line * 10 + column).unwrap();
            let wanted = starts.iter().any(|(l, c)| {
                lines.is_none_or(|limit| l.abs_diff(line) <= limit)
                    && columns.is_none_or(|limit| c.abs_diff(column) <= limit)
            });
            starts.sort_unstable();
            let required = Required { id: String::new(), lines, columns };
            prop_assert_eq!(Parts { starts }.near(&ends, offset, &required), wanted);
        }
    }
}
