//! Runs one rule at one anchor: the matching contract.
//!
//! Everything here is a function of the window around the anchor and, for rules over several lines, of the bytes within
//! the extent; nothing else of the text is looked at.

use memchr::{memchr, memrchr};
use regex_automata::meta::Regex;
use regex_automata::util::captures::Captures;
use regex_automata::{Anchored, Input, PatternID};

use crate::anchor::Anchor;
use crate::assignment::{self, KeyClass};
use crate::checks::{Check, CheckVerdict, Fact};
use crate::grade::{Confidence, Proof};
use crate::prefilter::RuleIndex;
use crate::readers::{self, Reading};
use crate::reason::{Reason, Unmet};
use crate::rule::{Extent, Rule, Signature, Window};
use crate::span::Span;

/// A rule's match in a text. Spans count bytes of that text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Which rule of the detector.
    pub rule: RuleIndex,
    /// The whole match.
    pub span: Span,
    /// The secret inside it.
    pub secret: Span,
    /// The rule's confidence, corrected by its checks.
    pub confidence: Confidence,
    /// What the checks said.
    pub proof: Proof,
    /// What they decoded.
    pub decoded: Vec<Fact>,
    /// What only the place can decide.
    pub provisos: Provisos,
}

impl Match {
    /// The same match in a text where what stood at `from` stands at `to`.
    pub(crate) fn moved(&self, from: usize, to: usize) -> Self {
        let moved = |span: Span| Span::new(span.start + to - from, span.end + to - from);
        Self { span: moved(self.span), secret: moved(self.secret), ..self.clone() }
    }
}

/// What a rule says of a place: a match, or why there is none.
pub(crate) type Judged = Result<Match, Reason>;

/// What must be asked of the place of a match: see [`crate::Detector::stands`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provisos {
    /// Whether a list of its rule allows it. It keeps its place all the same: what one rule is told to pass over, no lesser
    /// rule is to report.
    pub(crate) allowed: bool,
    /// Rules whose path regex must match.
    pub(crate) paths: Vec<RuleIndex>,
    /// Allowlists that may allow it: whether it is one for all rules, and which.
    pub(crate) lists: Vec<(bool, usize)>,
}

/// The bytes a rule may see for an anchor at `start`.
pub(crate) fn window(text: &[u8], start: usize, bounds: Window) -> Span {
    let earliest = start.saturating_sub(bounds.back);
    let latest = text.len().min(start.saturating_add(bounds.forward));
    Span {
        start: memrchr(b'\n', &text[earliest..start]).map_or(earliest, |at| earliest + at + 1),
        end: memchr(b'\n', &text[start..latest]).map_or(latest, |at| start + at),
    }
}

/// Where a regex matched, before filter and checks.
pub(crate) struct Candidate {
    span: Span,
    secret: Span,
    window: Span,
    groups: Captures,
}

/// Finds the match inside `window` that covers `must_cover`.
pub(crate) fn find(regex: &Regex, text: &[u8], window: Span, must_cover: Span) -> Option<Candidate> {
    let seen = window.of(text);
    let mut from = 0;
    while let Some(found) = regex.search(&Input::new(seen).range(from..)) {
        let span = Span::new(found.start(), found.end()).shifted(window.start);
        if span.start > must_cover.start {
            return None;
        }
        if span.contains(must_cover) {
            let mut groups = regex.create_captures();
            regex.captures(Input::new(seen).range(found.start()..).anchored(Anchored::Yes), &mut groups);
            let secret = groups
                .get_group_by_name("secret")
                .map_or(span, |group| Span::new(group.start, group.end).shifted(window.start));
            return Some(Candidate { span, secret, window, groups });
        }
        from = found.end().max(found.start() + 1);
        if from > seen.len() {
            return None;
        }
    }
    None
}

/// The value assigned to the name around `cover`; both lie inside the window.
pub(crate) fn assigned(
    rule: &Rule,
    index: RuleIndex,
    text: &[u8],
    seen: Span,
    cover: Span,
    names: KeyClass,
) -> Judged {
    if cover.end > seen.end {
        return Err(Reason::Unassigned);
    }
    let keyword = Span::new(cover.start - seen.start, cover.end - seen.start);
    let found = assignment::find(seen.of(text), keyword, names)?;
    let (name, secret) = (found.key.shifted(seen.start).of(text), found.secret.shifted(seen.start));
    if rule.filter.foreign.cover(name, secret.of(text)) {
        return Err(Reason::Filter(Unmet::OtherFormat));
    }
    let doubt = rule.filter.judge_chosen(secret.of(text)).map_err(Reason::Filter)?;
    let doubt = doubt.or(rule.filter.doubt.cover(name, secret.of(text)).then_some(Unmet::OtherFormat));
    // Neither like the vendor's keys nor much like any.
    if let (Some(unmet), Confidence::Low) = (doubt, found.confidence) {
        return Err(Reason::Filter(unmet));
    }
    Ok(doubted(
        doubt,
        Match {
            rule: index,
            span: found.span.shifted(seen.start),
            secret,
            confidence: found.confidence,
            proof: Proof::Unchecked,
            decoded: Vec::new(),
            provisos: Provisos::default(),
        },
    ))
}

/// The fact that says why a match is of low confidence.
pub(crate) const DOUBT: &str = "doubt";

/// A match that something casts doubt on is of low confidence and says why.
fn doubted(doubt: Option<Unmet>, mut found: Match) -> Match {
    if let Some(unmet) = doubt {
        found.confidence = Confidence::Low;
        found.decoded.push(Fact::new(DOUBT, unmet.to_string()));
    }
    found
}

/// Extends, filters and checks a candidate.
pub(crate) fn judge(
    rule: &Rule,
    index: RuleIndex,
    text: &[u8],
    candidate: &Candidate,
    extent: &Extent,
    anchor: Option<&Anchor>,
) -> Vec<Judged> {
    if let Extent::Document { reader, max } = extent {
        let readings = readers::read_document(*reader, text, candidate.span, *max);
        if readings.is_empty() {
            return vec![Err(Reason::NothingRead)];
        }
        return readings.into_iter().map(|reading| judge_reading(rule, index, reading)).collect();
    }
    vec![judge_one(rule, index, text, candidate, extent, anchor)]
}

fn judge_one(
    rule: &Rule,
    index: RuleIndex,
    text: &[u8],
    candidate: &Candidate,
    extent: &Extent,
    anchor: Option<&Anchor>,
) -> Judged {
    let (span, secret) = extended(text, candidate, extent, anchor).ok_or(Reason::Extent)?;
    let (value, facts) = readers::decode(rule.encoding, secret.of(text)).ok_or(Reason::Encoding)?;
    if secret.is_empty() {
        return Err(Reason::Empty);
    }
    let looks = rule.filter.judge(&value);
    let doubt = match looks {
        // A check knows better than looks.
        Err(unmet @ Unmet::Counted) if rule.checks.iter().any(Check::computes) => Some(unmet),
        looks => looks.map_err(Reason::Filter)?,
    };
    let subject = if matches!(extent, Extent::Object { .. }) { span } else { secret };
    let group = |name: &str| {
        let group = candidate.groups.get_group_by_name(name)?;
        Some(&candidate.window.of(text)[group.start..group.end])
    };
    let (confidence, proof, mut decoded) = check(&rule.checks, rule.confidence, subject.of(text), &group);
    if let (Err(unmet), Proof::Unchecked) = (looks, proof) {
        return Err(Reason::Filter(unmet));
    }
    decoded.extend(facts);
    let provisos = Provisos::default();
    Ok(doubted(doubt, Match { rule: index, span, secret, confidence, proof, decoded, provisos }))
}

/// A value that a reader found, if the rule's filter accepts it.
fn judge_reading(rule: &Rule, index: RuleIndex, reading: Reading) -> Judged {
    if reading.secret.is_empty() {
        return Err(Reason::Empty);
    }
    let doubt = rule.filter.judge_chosen(&reading.value).map_err(Reason::Filter)?;
    Ok(doubted(
        doubt,
        Match {
            rule: index,
            span: reading.span,
            secret: reading.secret,
            confidence: rule.confidence,
            proof: Proof::Unchecked,
            decoded: reading.facts,
            provisos: Provisos::default(),
        },
    ))
}

/// Bytes of a file that a rule about the file itself judges it by.
const HEAD: usize = 4096;

/// What a rule that reads files as a whole says of one; nothing if it reads none, or no value is there to judge.
pub(crate) fn whole_file(rule: &Rule, index: RuleIndex, text: &[u8]) -> Vec<Judged> {
    match rule.signature {
        Signature::Reader(reader) => {
            let readings = readers::read_file(reader, text);
            readings.into_iter().map(|reading| judge_reading(rule, index, reading)).collect()
        }
        Signature::File => vec![file_itself(rule, index, text)],
        Signature::Content { .. } | Signature::Assignment { .. } | Signature::Text(_) | Signature::Path => {
            Vec::new()
        }
    }
}

fn file_itself(rule: &Rule, index: RuleIndex, text: &[u8]) -> Judged {
    if text.is_empty() {
        return Err(Reason::Empty);
    }
    if let Some(unmet) = rule.filter.unmet(&text[..text.len().min(HEAD)]) {
        return Err(Reason::Filter(unmet));
    }
    let (confidence, proof, decoded) = check(&rule.checks, rule.confidence, text, &|_| None);
    let whole = Span::new(0, text.len());
    let provisos = Provisos::default();
    Ok(Match { rule: index, span: whole, secret: whole, confidence, proof, decoded, provisos })
}

fn extended(
    text: &[u8],
    candidate: &Candidate,
    extent: &Extent,
    anchor: Option<&Anchor>,
) -> Option<(Span, Span)> {
    match extent {
        Extent::Window | Extent::Document { .. } => Some((candidate.span, candidate.secret)),
        Extent::Until { pattern, max } => {
            let start = candidate.span.start;
            let latest = text.len().min(start.saturating_add(*max));
            let tail = &text[candidate.span.end.min(latest)..latest];
            // A second opening ends the first: blocks do not nest, and a text full of openings stays linear.
            let next = anchor.and_then(|anchor| memchr::memmem::find(tail, &anchor.literal));
            let tail = &tail[..next.unwrap_or(tail.len())];
            let regex = pattern.regex()?;
            let mut groups = regex.create_captures();
            regex.captures(tail, &mut groups);
            if groups.group_info().to_index(PatternID::ZERO, "secret").is_some() {
                let inner = groups.get_group_by_name("secret")?;
                let inner = Span::new(inner.start, inner.end).shifted(candidate.span.end);
                return Some((Span::new(start, inner.end), inner));
            }
            let end = groups.get_match().map_or(candidate.span.end, |end| candidate.span.end + end.end());
            Some((Span::new(start, end), Span::new(candidate.secret.start, end)))
        }
        Extent::Object { secret, max } => {
            let earliest = candidate.span.start.saturating_sub(*max);
            let latest = text.len().min(candidate.span.end.saturating_add(*max));
            let open = earliest + memrchr(b'{', &text[earliest..candidate.span.start])?;
            let close = candidate.span.end + memchr(b'}', &text[candidate.span.end..latest])? + 1;
            let object = Span::new(open, close);
            let regex = secret.regex()?;
            let mut groups = regex.create_captures();
            regex.captures(object.of(text), &mut groups);
            let inner = groups.get_group_by_name("secret").or_else(|| groups.get_group(0))?;
            Some((object, Span::new(inner.start, inner.end).shifted(open)))
        }
    }
}

/// Runs all checks: one failure makes the match invalid, all passing makes it proved. What is merely captured neither
/// proves nor raises doubt.
pub(crate) fn check<'t>(
    checks: &[Check],
    confidence: Confidence,
    subject: &'t [u8],
    group: &dyn Fn(&str) -> Option<&'t [u8]>,
) -> (Confidence, Proof, Vec<Fact>) {
    if checks.is_empty() {
        return (confidence, Proof::Unchecked, Vec::new());
    }
    let (mut decoded, mut proved, mut doubted) = (Vec::new(), false, false);
    for check in checks {
        match check.run(subject, group) {
            CheckVerdict::Invalid(why) => {
                return (Confidence::Low, Proof::Invalid, vec![Fact::new("failed", why)]);
            }
            CheckVerdict::Plausible(facts) => {
                doubted |= check.computes();
                decoded.extend(facts);
            }
            CheckVerdict::Proved(facts) => {
                proved = true;
                decoded.extend(facts);
            }
        }
    }
    let encrypted = decoded.iter().any(|fact| fact.name == "encrypted" && fact.value == "yes");
    match (proved && !doubted, encrypted) {
        (_, true) => (Confidence::Low, Proof::Unchecked, decoded),
        (true, false) => (confidence, Proof::Proved, decoded),
        (false, false) => (confidence, Proof::Unchecked, decoded),
    }
}
