//! The detector: bytes in, matches out.
//!
//! One pass of the prefilter over the text; where an anchor occurs, the rules it belongs to look at their window.
//! Regexes are compiled when an anchor first asks for them.

use std::collections::BTreeSet;
use std::ops::Range;

use regex_automata::meta::Regex;

use crate::anchor::Anchor;
use crate::by_path::PathRules;
use crate::filename::{NameFilter, file_name};
use crate::gather::{Gather, Margins, NEAR};
use crate::matching::{self, Judged, Match, window};
use crate::pattern::Pattern;
use crate::placeholder::is_sealed_file;
use crate::prefilter::{Candidates, Prefilter, RuleIndex};
use crate::provider::{Provider, Providers};
use crate::proviso::Provisions;
use crate::reason::Reason;
use crate::resolve::resolve;
use crate::rule::{Extent, Rule, Signature, Window};
use crate::ruleset::{RuleSet, named};
use crate::span::Span;
use crate::whole_text::TextRules;

mod over_text;
mod reach;
pub(crate) mod trace;

pub use reach::Reach;

/// Finds the matches of a rule set in bytes. Shared by all threads.
#[derive(Debug)]
pub struct Detector {
    /// Sorted by id.
    rules: Vec<Rule>,
    providers: Providers,
    /// The anchors of rules that do not care about the file's name.
    nameless: Prefilter,
    /// The others, which most texts are not searched for.
    named: Prefilter,
    unanchored: Vec<RuleIndex>,
    filter: NameFilter,
    texts: TextRules,
    paths: PathRules,
    provisions: Provisions,
    reach: Reach,
    /// How far the looks of rules without names go, those excepted that go far.
    margins: Margins,
}

/// One thread's copies of the compiled regexes, so that threads do not wait for one another.
#[derive(Debug, Default)]
pub struct Scratch {
    regexes: Vec<Option<Regex>>,
    gather: Gather,
    candidates: Option<Candidates>,
}

impl Scratch {
    /// A rule's regex: this thread's own copy once the fast form is called for.
    fn regex<'s>(&'s mut self, rule: RuleIndex, pattern: &'s Pattern) -> Option<&'s Regex> {
        let own = &mut self.regexes[rule];
        if own.is_none() {
            match pattern.full() {
                Some(full) => *own = Some(full.clone()),
                None => return pattern.regex(),
            }
        }
        own.as_ref()
    }
}

impl Detector {
    /// Prepares the search for `rules`.
    pub fn new(rules: RuleSet) -> Self {
        let (rules, providers, allow) = rules.into_parts();
        let prefilter = |named| {
            Prefilter::new(rules.iter().enumerate().filter(|(_, rule)| rule.files.is_some() == named))
        };
        let (nameless, named) = (prefilter(false), prefilter(true));
        let which = |wanted: &dyn Fn(&Rule) -> bool| -> Vec<RuleIndex> {
            rules.iter().enumerate().filter(|(_, rule)| wanted(rule)).map(|(index, _)| index).collect()
        };
        let unanchored =
            which(&|rule| matches!(&rule.signature, Signature::Content { unanchored: Some(_), .. }));
        let patterns =
            rules.iter().enumerate().filter_map(|(index, rule)| Some((index, rule.files.as_ref()?)));
        let filter = NameFilter::new(patterns);
        let (texts, paths) = (TextRules::new(&rules), PathRules::new(&rules));
        let provisions = Provisions::new(&rules, allow);
        let reach = Reach::of(&rules);
        let looks = rules.iter().filter(|rule| rule.files.is_none());
        let back = looks.filter_map(Rule::window).map(|window| window.back).max().unwrap_or(0);
        // An anchor must lie whole in what is gathered of its surroundings.
        let longest = rules.iter().flat_map(Rule::anchors).map(|anchor| anchor.literal.len()).max();
        let margins = Margins { back, forward: NEAR.max(longest.unwrap_or(0)) };
        Self {
            rules,
            providers,
            nameless,
            named,
            unanchored,
            filter,
            texts,
            paths,
            provisions,
            reach,
            margins,
        }
    }

    /// The same with other margins, so that small texts have looks that go far.
    #[cfg(test)]
    pub(crate) fn with_near(mut self, forward: usize) -> Self {
        self.margins.forward = forward;
        self
    }

    /// The rules, in the order that [`Match::rule`] counts.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule called `id`, or known by that name elsewhere.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        named(&self.rules, id)
    }

    /// The vendor of `family`.
    pub fn provider(&self, family: &str) -> Option<&Provider> {
        self.providers.get(family)
    }

    pub(crate) fn has_imported_rules(&self) -> bool {
        !self.texts.is_empty()
    }

    /// How far from an anchor any rule may look.
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// Whether some rule asks for a file of this name (one path component). Fast enough for every entry of every tree.
    pub fn asks_for_name(&self, name: &[u8]) -> bool {
        !self.asking(name).is_empty()
    }

    /// The rules that ask for this name: of most names, none.
    fn asking(&self, name: &[u8]) -> Vec<RuleIndex> {
        let mut asking = Vec::new();
        self.filter.each_candidate(name, &mut |rule| asking.push(rule));
        asking.sort_unstable();
        asking.dedup();
        asking.retain(|&rule| self.rules[rule].files.as_ref().is_some_and(|files| files.matches(name)));
        asking
    }

    /// Whether some rule may ask for a path that ends in this name (one path component), whatever the file holds.
    pub fn asks_for_path(&self, name: &[u8]) -> bool {
        self.paths.possible(&self.rules, name)
    }

    /// The matches of rules that ask for `path`, whatever the file holds: of the whole `text`.
    pub fn scan_path(&self, path: &[u8], text: &[u8]) -> Vec<Match> {
        let mut found = self.paths.matches(&self.rules, path, text);
        self.provisions.sift(&self.rules, text, &mut found, 0);
        found
    }

    /// Whether `found` is a finding at `path`, introduced by `commit` (in hex; `None` outside history). Rules may be
    /// restricted to paths, and allowlists may name paths and commits.
    pub fn stands(&self, found: &Match, path: &[u8], commit: Option<&str>) -> bool {
        self.provisions.stands(&self.rules, found, path, commit)
    }

    /// The matches of all rules that do not care about names, resolved, in order.
    pub fn scan(&self, text: &[u8], scratch: &mut Scratch) -> Vec<Match> {
        let mut found = Vec::new();
        self.content(text, 0..text.len(), &[], scratch, &mut found);
        if !found.is_empty() {
            resolve(&self.rules, &mut found, |found| found);
        }
        found
    }

    /// The matches of all rules in a file of that name (a path will do), resolved, in order.
    pub fn scan_file(&self, name: &[u8], text: &[u8], scratch: &mut Scratch) -> Vec<Match> {
        let mut found = Vec::new();
        self.part_of_file(name, text, 0..text.len(), scratch, &mut found);
        self.whole_file(name, text, &mut found);
        if !found.is_empty() {
            resolve(&self.rules, &mut found, |found| found);
        }
        found
    }

    /// Adds to `found` the unresolved matches whose anchors start in `range`, for texts that come in parts. `text` must
    /// reach [`Self::reach`] bytes beyond `range` both ways, or to the ends of the whole.
    pub fn part_of_file(
        &self,
        name: &[u8],
        text: &[u8],
        range: Range<usize>,
        scratch: &mut Scratch,
        found: &mut Vec<Match>,
    ) {
        self.content(text, range, &self.asking(file_name(name)), scratch, found);
    }

    /// Adds the unresolved matches of rules that read a file as a whole.
    pub fn whole_file(&self, name: &[u8], text: &[u8], found: &mut Vec<Match>) {
        let asking = self.asking(file_name(name));
        if asking.is_empty() || is_sealed_file(text) {
            return;
        }
        let first = found.len();
        for index in asking {
            found.extend(matching::whole_file(&self.rules[index], index, text).into_iter().flatten());
        }
        self.provisions.sift(&self.rules, text, found, first);
    }

    /// The matches of the rules that do not care about names, and of those `asking` for this text's name.
    fn content(
        &self,
        text: &[u8],
        range: Range<usize>,
        asking: &[RuleIndex],
        scratch: &mut Scratch,
        found: &mut Vec<Match>,
    ) {
        let first = found.len();
        scratch.regexes.resize(self.rules.len(), None);
        let wanted = |rule: RuleIndex| self.rules[rule].files.is_none() || asking.contains(&rule);
        if !self.texts.is_empty() {
            for index in self.texts.due(text) {
                if wanted(index) {
                    self.over_text(index, text, &range, scratch, found);
                }
            }
        }
        let mut candidates = scratch.candidates.take().unwrap_or_default();
        for prefilter in self.prefilters(!asking.is_empty()) {
            prefilter.each_hit(text, range.clone(), &mut candidates, |index, anchor, start| {
                if wanted(index) {
                    let cover = Span::new(start, start + anchor.literal.len());
                    self.look(index, text, cover, Some(anchor), scratch, &mut |judged| found.extend(judged));
                }
            });
        }
        scratch.candidates = Some(candidates);
        for &index in &self.unanchored {
            if wanted(index) {
                for start in line_starts(text, range.clone()) {
                    self.look_along(index, text, start, scratch, found);
                }
            }
        }
        if found.len() > first + 1 {
            found[first..].sort_by_key(|m| (m.rule, m.secret, m.span));
            found.dedup();
        }
        self.provisions.sift(&self.rules, text, found, first);
    }

    /// The searches for a text; with those that some names ask for, if its name is one of these.
    fn prefilters(&self, named: bool) -> impl Iterator<Item = &Prefilter> {
        std::iter::once(&self.nameless).chain(named.then_some(&self.named))
    }

    /// Tells `judged` what one rule makes of one anchor: a match that covers it, what it reads around that, or why there
    /// is none.
    fn look(
        &self,
        index: RuleIndex,
        text: &[u8],
        cover: Span,
        anchor: Option<&Anchor>,
        scratch: &mut Scratch,
        judged: &mut dyn FnMut(Judged),
    ) {
        let rule = &self.rules[index];
        if let Signature::Assignment { names, window: bounds, .. } = &rule.signature {
            let seen = window(text, cover.start, *bounds);
            return judged(matching::assigned(rule, index, text, seen, cover, *names));
        }
        let Some((pattern, bounds, extent)) = content_of(rule) else { return };
        let seen = window(text, cover.start, bounds);
        if !pattern.may_match(seen.of(text)) {
            return judged(Err(Reason::Pattern));
        }
        let Some(regex) = scratch.regex(index, pattern) else { return };
        match matching::find(regex, text, seen, cover) {
            None => judged(Err(Reason::Pattern)),
            Some(candidate) => {
                matching::judge(rule, index, text, &candidate, extent, anchor).into_iter().for_each(judged);
            }
        }
    }

    /// Calls `each` with every rule whose anchor occurs, the anchor's place, and what the rule makes of it there.
    pub(crate) fn each_look(
        &self,
        name: &[u8],
        text: &[u8],
        scratch: &mut Scratch,
        each: &mut dyn FnMut(RuleIndex, Span, Judged),
    ) {
        scratch.regexes.resize(self.rules.len(), None);
        let mut candidates = scratch.candidates.take().unwrap_or_default();
        for prefilter in self.prefilters(true) {
            prefilter.each_hit(text, 0..text.len(), &mut candidates, |index, anchor, start| {
                let cover = Span::new(start, start + anchor.literal.len());
                if self.rules[index].files.as_ref().is_some_and(|files| !files.matches(name)) {
                    return each(index, cover, Err(Reason::Name));
                }
                self.look(index, text, cover, Some(anchor), scratch, &mut |judged| {
                    each(index, cover, judged);
                });
            });
        }
        scratch.candidates = Some(candidates);
    }

    /// The rules over whole texts that have to search `text`.
    pub(crate) fn due(&self, text: &[u8]) -> BTreeSet<RuleIndex> {
        if self.texts.is_empty() { BTreeSet::new() } else { self.texts.due(text) }
    }

    /// All matches of one unanchored rule in the window at a line's start.
    fn look_along(
        &self,
        index: RuleIndex,
        text: &[u8],
        line: usize,
        scratch: &mut Scratch,
        found: &mut Vec<Match>,
    ) {
        let rule = &self.rules[index];
        let Some((pattern, bounds, extent)) = content_of(rule) else { return };
        let seen = window(text, line, bounds);
        if !pattern.may_match(seen.of(text)) {
            return;
        }
        let Some(regex) = scratch.regex(index, pattern) else { return };
        let spans: Vec<Span> = regex
            .find_iter(seen.of(text))
            .map(|m| Span::new(m.start(), m.end()).shifted(seen.start))
            .collect();
        for span in spans {
            if let Some(candidate) = matching::find(regex, text, seen, span) {
                found.extend(
                    matching::judge(rule, index, text, &candidate, extent, None).into_iter().flatten(),
                );
            }
        }
    }
}

fn content_of(rule: &Rule) -> Option<(&Pattern, Window, &Extent)> {
    match &rule.signature {
        Signature::Content { pattern, window, extent, .. } => Some((pattern, *window, extent)),
        Signature::Assignment { .. }
        | Signature::Reader(_)
        | Signature::File
        | Signature::Text(_)
        | Signature::Path => None,
    }
}

/// Offsets in `range` at which a line starts.
fn line_starts(text: &[u8], range: Range<usize>) -> impl Iterator<Item = usize> {
    let at_start = range.start == 0 || text[range.start - 1] == b'\n';
    let first = (at_start && !range.is_empty()).then_some(range.start);
    let base = range.start;
    let later = memchr::memchr_iter(b'\n', &text[range.clone()]).map(move |at| base + at + 1);
    first.into_iter().chain(later.filter(move |&start| start < range.end))
}
