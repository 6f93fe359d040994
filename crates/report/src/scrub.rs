//! Cuts secrets out of the texts around them.
//!
//! A commit's subject, a ref's name or a path can hold the very secret that is reported; redacting only the value
//! would then be theatre. Input: a report; output: texts that hold none of its secrets any more.

use std::borrow::Cow;
use std::collections::HashMap;

use unleak_findings::Finding;

use crate::harmless::harmless;
use crate::report::Report;

/// What stands where a secret stood.
const CUT: &[u8] = b"[redacted]";
/// Shorter secrets are left: they would tear holes into half of all words.
const SHORTEST: usize = 8;
/// A secret of lower-case letters only and no longer than this is a word such as `postgres`, which names directories
/// far more often than it leaks through them.
const LONGEST_WORD: usize = 15;

/// Cuts the secrets of one report out of texts.
pub(crate) struct Scrubber<'a> {
    /// The secrets by how they begin, the longest first.
    by_start: HashMap<[u8; SHORTEST], Vec<&'a [u8]>>,
}

impl<'a> Scrubber<'a> {
    /// Learns the secrets of `report`; learns none when it is to show them.
    pub(crate) fn new(report: &Report<'a>) -> Self {
        Self::of(if report.show_secrets { &[] } else { &report.outcome.findings })
    }

    /// Learns the secrets of `report`, whatever it is to show: for texts that others will read.
    pub(crate) fn strict(report: &Report<'a>) -> Self {
        Self::of(&report.outcome.findings)
    }

    fn of(findings: &'a [Finding]) -> Self {
        let mut by_start: HashMap<_, Vec<_>> = HashMap::new();
        for secret in findings.iter().map(|finding| finding.secret.expose()) {
            if let Some(start) = secret.first_chunk() {
                let alike = by_start.entry(*start).or_default();
                let at = alike.partition_point(|other: &&[u8]| order(other) < order(secret));
                if alike.get(at) != Some(&secret) {
                    alike.insert(at, secret);
                }
            }
        }
        Self { by_start }
    }

    /// A text that people wrote.
    pub(crate) fn prose<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        self.cut(text, |_| true)
    }

    /// The name of a file or a ref: plain words stay, so that it can still be found.
    pub(crate) fn name<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        self.cut(text, |secret| !is_word(secret))
    }

    /// [`Self::prose`] for a terminal.
    pub(crate) fn shown_prose(&self, text: &[u8]) -> String {
        harmless(&self.prose(text))
    }

    /// [`Self::name`] for a terminal.
    pub(crate) fn shown_name(&self, text: &[u8]) -> String {
        harmless(&self.name(text))
    }

    fn cut<'t>(&self, text: &'t [u8], counts: impl Fn(&[u8]) -> bool) -> Cow<'t, [u8]> {
        let mut kept = Vec::new();
        let (mut at, mut copied) = (0, 0);
        while let Some(start) = text.get(at..).and_then(<[u8]>::first_chunk) {
            let alike = self.by_start.get(start).map_or(&[][..], Vec::as_slice);
            if let Some(secret) = alike.iter().find(|secret| text[at..].starts_with(secret) && counts(secret))
            {
                kept.extend_from_slice(&text[copied..at]);
                kept.extend_from_slice(CUT);
                at += secret.len();
                copied = at;
            } else {
                at += 1;
            }
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        kept.extend_from_slice(&text[copied..]);
        Cow::Owned(kept)
    }
}

/// The longest first.
fn order(secret: &[u8]) -> (std::cmp::Reverse<usize>, &[u8]) {
    (std::cmp::Reverse(secret.len()), secret)
}

fn is_word(secret: &[u8]) -> bool {
    secret.len() <= LONGEST_WORD && secret.iter().all(u8::is_ascii_lowercase)
}
