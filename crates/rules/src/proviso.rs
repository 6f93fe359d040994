//! What allowlists and paths make of a match: dropped, kept, or kept until its place is known.

use memchr::{memchr, memrchr};

use crate::allow::{Allowlist, ByText, Subject};
use crate::matching::Match;
use crate::prefilter::RuleIndex;
use crate::rule::{Rule, Signature};
use crate::span::Span;

/// Bytes of a line that are looked at on each side of a match.
const LINE_REACH: usize = 64 << 10;

/// The allowlists of a rule set.
#[derive(Debug, Default)]
pub(crate) struct Provisions {
    /// Those that are for every rule.
    global: Vec<Allowlist>,
    /// Whether there is anything to ask at all.
    any: bool,
}

impl Provisions {
    pub(crate) fn new(rules: &[Rule], global: Vec<Allowlist>) -> Self {
        let any =
            !global.is_empty() || rules.iter().any(|rule| rule.path.is_some() || !rule.allow.is_empty());
        Self { global, any }
    }

    fn lists<'a>(
        &'a self,
        rules: &'a [Rule],
        rule: RuleIndex,
    ) -> impl Iterator<Item = (bool, usize, &'a Allowlist)> {
        let own = rules[rule].allow.iter().enumerate().map(|(at, list)| (false, at, list));
        self.global.iter().enumerate().map(|(at, list)| (true, at, list)).chain(own)
    }

    /// Drops from `found[first..]` what the text alone allows, unless it keeps its place, and notes in the others what
    /// their place must still decide.
    pub(crate) fn sift(&self, rules: &[Rule], text: &[u8], found: &mut Vec<Match>, first: usize) {
        if !self.any || found.len() == first {
            return;
        }
        let mut at = 0;
        found.retain_mut(|found| {
            at += 1;
            at <= first || self.keeps(rules, text, found)
        });
    }

    fn keeps(&self, rules: &[Rule], text: &[u8], found: &mut Match) -> bool {
        if rules[found.rule].path.is_some() {
            found.provisos.paths.push(found.rule);
        }
        let subject = Subject {
            secret: found.secret.of(text),
            matched: found.span.of(text),
            lines: lines(text, found.span).of(text),
        };
        for (global, at, list) in self.lists(rules, found.rule) {
            match list.by_text(subject) {
                ByText::Allowed if global || !takes_place(&rules[found.rule]) => return false,
                ByText::Allowed => found.provisos.allowed = true,
                ByText::Open => found.provisos.lists.push((global, at)),
                ByText::Refused => {}
            }
        }
        true
    }

    /// Whether `found` is a finding at `path`, introduced by `commit` (in hex).
    pub(crate) fn stands(&self, rules: &[Rule], found: &Match, path: &[u8], commit: Option<&str>) -> bool {
        let provisos = &found.provisos;
        let wanted =
            |rule: &RuleIndex| rules[*rule].path.as_ref().is_none_or(|pattern| pattern.is_match(path));
        let allowed = |(global, at): &(bool, usize)| {
            let lists = if *global { &self.global } else { &rules[found.rule].allow };
            lists[*at].by_place(path, commit)
        };
        !provisos.allowed && provisos.paths.iter().all(wanted) && !provisos.lists.iter().any(allowed)
    }
}

/// Whether matches of the rule keep others from reporting the same bytes.
fn takes_place(rule: &Rule) -> bool {
    !matches!(rule.signature, Signature::Text(_) | Signature::Path)
}

/// The lines that `span` touches, without the last line end.
fn lines(text: &[u8], span: Span) -> Span {
    let earliest = span.start.saturating_sub(LINE_REACH);
    let latest = text.len().min(span.end.saturating_add(LINE_REACH));
    Span {
        start: memrchr(b'\n', &text[earliest..span.start]).map_or(earliest, |at| earliest + at + 1),
        end: memchr(b'\n', &text[span.end..latest]).map_or(latest, |at| span.end + at),
    }
}
