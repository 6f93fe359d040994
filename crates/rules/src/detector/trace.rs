//! What a scan leaves behind of a text, so that texts made from it need not be scanned anew.
//!
//! A *look* is one rule at one anchor. What it sees is nearly always its window, no further than [`crate::gather::NEAR`] from the anchor:
//! then it comes to the same in every text that has these bytes, and only matches need be remembered. Looks that depend on
//! more, a match over several lines or a window beyond [`crate::gather::NEAR`], are remembered whether they match or not, with how far
//! they looked, and are repeated on the new text unless all of that was copied.

use crate::anchor::Anchor;
use crate::gather::{Gather, Kept, Piece};
use crate::matching::{self, Match, window};
use crate::prefilter::RuleIndex;
use crate::resolve::resolve;
use crate::rule::Extent;
use crate::span::Span;

use super::{Detector, Scratch, content_of};

/// The unresolved matches of a text, and the looks that may come to something else in a text made from it. Only for rules
/// that do not care about the file's name.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// In the order of their anchors.
    looks: Vec<Look>,
}

#[derive(Clone, Debug)]
struct Look {
    anchor: Occurrence,
    /// Bytes before the anchor's start, and from there on, that may decide; if it is not near.
    far: Option<(usize, usize)>,
    found: Vec<Match>,
}

/// An anchor of a rule in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Occurrence {
    at: usize,
    rule: RuleIndex,
    /// Which one of the rule's anchors.
    number: usize,
}

/// A text made from another one that was traced.
pub struct Derivation<'t, P> {
    /// The other text.
    pub base: &'t [u8],
    /// What the scan of it left behind.
    pub trace: &'t Trace,
    /// What the text is made of, in order.
    pub pieces: P,
    /// Its size in bytes.
    pub size: usize,
}

/// The trace of a text of which only the new parts were seen.
#[derive(Debug)]
pub struct Partial {
    trace: Trace,
    /// What must be looked at in the whole.
    again: Vec<Occurrence>,
}

impl Trace {
    /// Whether there is nothing that could be a match.
    pub fn is_empty(&self) -> bool {
        self.looks.iter().all(|look| look.found.is_empty())
    }

    /// Takes over what was found at the anchors of a copy, or has to be looked at again.
    fn keep(&self, kept: &Kept, partial: &mut Partial) {
        let first = self.looks.partition_point(|look| look.anchor.at < kept.anchors.start);
        for look in self.looks[first..].iter().take_while(|look| look.anchor.at < kept.anchors.end) {
            let (from, to) = (look.anchor.at, look.anchor.at - kept.copy.start + kept.at);
            let anchor = Occurrence { at: to, ..look.anchor };
            if look.far.is_some_and(|(back, forward)| !kept.holds(from, back, forward)) {
                partial.again.push(anchor);
            } else {
                let found = look.found.iter().map(|found| found.moved(from, to)).collect();
                partial.trace.looks.push(Look { anchor, far: look.far, found });
            }
        }
    }
}

impl Detector {
    /// Whether a text made from another one can be scanned by its new parts. Not so when some rule sees whole texts, or
    /// every line.
    pub fn is_windowed(&self) -> bool {
        self.texts.is_empty() && self.unanchored.iter().all(|&rule| self.rules[rule].files.is_some())
    }

    /// Scans a whole text.
    pub fn trace(&self, text: &[u8], scratch: &mut Scratch) -> Trace {
        scratch.regexes.resize(self.rules.len(), None);
        let mut looks = Vec::new();
        let mut candidates = scratch.candidates.take().unwrap_or_default();
        self.nameless.each_hit(text, 0..text.len(), &mut candidates, |rule, anchor, at| {
            looks.extend(self.look_far(rule, text, at, anchor, scratch));
        });
        scratch.candidates = Some(candidates);
        looks.sort_unstable_by_key(|look| look.anchor);
        Trace { looks }
    }

    /// Scans a text that is made from a traced one, by what is new in it.
    pub fn trace_derived<'t>(
        &self,
        derivation: Derivation<'t, impl Iterator<Item = Piece<'t>>>,
        scratch: &mut Scratch,
    ) -> Partial {
        let Derivation { base, trace, pieces, size } = derivation;
        scratch.regexes.resize(self.rules.len(), None);
        let mut gather = std::mem::take(&mut scratch.gather);
        gather.build(base, pieces, size, self.margins);
        let mut partial = Partial { trace: Trace::default(), again: Vec::new() };
        if !trace.looks.is_empty() {
            gather.kept.iter().for_each(|kept| trace.keep(kept, &mut partial));
        }
        let mut candidates = scratch.candidates.take().unwrap_or_default();
        let all = 0..gather.bytes.len();
        self.nameless.each_hit(&gather.bytes, all, &mut candidates, |rule, anchor, here| {
            if gather.is_fresh(here) {
                self.look_near(rule, &gather, here, anchor, scratch, &mut partial);
            }
        });
        scratch.gather = gather;
        scratch.candidates = Some(candidates);
        partial
    }

    /// The trace of a text made from another one: the one that [`Self::trace`] gives. `text` is only called for where
    /// something has to be looked at in the whole.
    pub fn finish<'t>(
        &self,
        partial: Partial,
        text: impl FnOnce() -> &'t [u8],
        scratch: &mut Scratch,
    ) -> Trace {
        let Partial { mut trace, again } = partial;
        if !again.is_empty() {
            let text = text();
            for Occurrence { at, rule, number } in again {
                let anchor = &self.rules[rule].anchors()[number];
                trace.looks.extend(self.look_far(rule, text, at, anchor, scratch));
            }
        }
        trace.looks.sort_unstable_by_key(|look| look.anchor);
        trace
    }

    /// The matches of a traced text, resolved, in order: those that [`Self::scan`] gives.
    pub fn settle(&self, text: &[u8], trace: &Trace) -> Vec<Match> {
        let mut found: Vec<Match> = trace.looks.iter().flat_map(|look| look.found.iter().cloned()).collect();
        found.sort_by_key(|m| (m.rule, m.secret, m.span));
        found.dedup();
        self.provisions.sift(&self.rules, text, &mut found, 0);
        resolve(&self.rules, &mut found, |found| found);
        found
    }

    /// Looks at a gathered anchor.
    fn look_near(
        &self,
        rule: RuleIndex,
        gather: &Gather,
        here: usize,
        anchor: &Anchor,
        scratch: &mut Scratch,
        partial: &mut Partial,
    ) {
        let bytes = gather.bytes.as_slice();
        let cover = Span::new(here, here + anchor.literal.len());
        let occurrence = |at| Occurrence { at, rule, number: self.number(rule, anchor) };
        // What is gathered around an anchor reaches to the end of its line, or at least as far as this.
        let is_near =
            self.is_near(rule) || self.window_of(rule, bytes, here).end - here < self.margins.forward;
        let spreads = self.spreads(rule);
        if !is_near || (spreads && self.begins(rule, bytes, cover, scratch)) {
            return partial.again.push(occurrence(gather.in_text(here)));
        }
        if spreads {
            return;
        }
        let mut found = Vec::new();
        self.look(rule, bytes, cover, Some(anchor), scratch, &mut |judged| found.extend(judged));
        if !found.is_empty() {
            let at = gather.in_text(here);
            let found = found.into_iter().map(|found: Match| found.moved(here, at)).collect();
            partial.trace.looks.push(Look { anchor: occurrence(at), far: None, found });
        }
    }

    /// Looks at an anchor in a whole text; `None` if there is nothing to remember of it.
    fn look_far(
        &self,
        rule: RuleIndex,
        text: &[u8],
        at: usize,
        anchor: &Anchor,
        scratch: &mut Scratch,
    ) -> Option<Look> {
        let cover = Span::new(at, at + anchor.literal.len());
        let spreads = self.spreads(rule);
        let begins = spreads && self.begins(rule, text, cover, scratch);
        let mut found = Vec::new();
        if begins || !spreads {
            self.look(rule, text, cover, Some(anchor), scratch, &mut |judged| found.extend(judged));
        }
        let far = if begins || !self.is_near(rule) { self.far(rule, text, at, begins) } else { None };
        if far.is_none() && found.is_empty() {
            return None;
        }
        Some(Look { anchor: Occurrence { at, rule, number: self.number(rule, anchor) }, far, found })
    }

    /// How far a look went, if it is not near.
    fn far(&self, rule: RuleIndex, text: &[u8], at: usize, begins: bool) -> Option<(usize, usize)> {
        let seen = self.window_of(rule, text, at);
        let (before, after) = if begins { self.rules[rule].reach() } else { (0, 0) };
        (begins || seen.end - at >= self.margins.forward)
            .then_some((at - seen.start + 1 + before, seen.end - at + 1 + after))
    }

    /// Whether the windows of the rule are all near.
    fn is_near(&self, rule: RuleIndex) -> bool {
        self.rules[rule].window().is_none_or(|bounds| bounds.forward <= self.margins.forward)
    }

    /// The window of an anchor.
    fn window_of(&self, rule: RuleIndex, text: &[u8], at: usize) -> Span {
        self.rules[rule].window().map_or(Span::new(at, at), |bounds| window(text, at, bounds))
    }

    /// Whether matches of the rule go on beyond their window.
    fn spreads(&self, rule: RuleIndex) -> bool {
        content_of(&self.rules[rule]).is_some_and(|(_, _, extent)| !matches!(extent, Extent::Window))
    }

    /// Whether a rule over several lines has its beginning here.
    fn begins(&self, rule: RuleIndex, text: &[u8], cover: Span, scratch: &mut Scratch) -> bool {
        let Some((pattern, bounds, _)) = content_of(&self.rules[rule]) else { return false };
        let seen = window(text, cover.start, bounds);
        if !pattern.may_match(seen.of(text)) {
            return false;
        }
        let Some(regex) = scratch.regex(rule, pattern) else { return false };
        matching::find(regex, text, seen, cover).is_some()
    }

    fn number(&self, rule: RuleIndex, anchor: &Anchor) -> usize {
        self.rules[rule].anchors().iter().position(|own| own == anchor).unwrap_or_default()
    }
}
