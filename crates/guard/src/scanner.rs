//! The detector as the guard uses it: texts to secrets worth stopping for, and texts without them.

use bstr::ByteSlice as _;
use unleak_findings::{Fingerprint, Fingerprinter, Secret};
use unleak_rules::rule::Specificity;
use unleak_rules::{Confidence, Detector, Match, Proof, RuleSet, Scratch, Span, dotenv, is_fixture_path};

/// A secret in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The rule that found it.
    pub rule: String,
    /// Its family, which is the vendor's.
    pub family: String,
    /// Where it is, in bytes of the text.
    pub span: Span,
    /// What it is.
    pub fingerprint: Fingerprint,
}

/// Finds secrets of at least medium confidence whose structure holds.
#[derive(Debug)]
pub struct Scanner {
    detector: Detector,
    fingerprinter: Fingerprinter,
}

/// Longer values stand for themselves, whatever their name. Bytes.
const LONGEST_NAMED: usize = 512;

impl Scanner {
    /// Prepares the search for `rules`.
    pub fn new(rules: RuleSet) -> Self {
        Self { detector: Detector::new(rules), fingerprinter: Fingerprinter::new(b"") }
    }

    /// The secrets in a text without a name.
    pub fn text(&self, text: &[u8]) -> Vec<Hit> {
        let found = self.detector.scan(text, &mut Scratch::default());
        self.hits(text, found, b"")
    }

    /// The secrets in a file of that path. What is made for tests and lies below a test path is none.
    pub fn file(&self, path: &str, text: &[u8]) -> Vec<Hit> {
        let found = self.detector.scan_file(path.as_bytes(), text, &mut Scratch::default());
        self.hits(text, found, path.as_bytes())
    }

    /// The secrets in a value of that name, as structured data has it.
    pub fn named(&self, name: Option<&str>, value: &str) -> Vec<Hit> {
        let found = self.text(value.as_bytes());
        let is_telling = |name: &&str| dotenv::secret_like_key(name.as_bytes());
        let Some(name) = name.filter(is_telling).filter(|_| found.is_empty()) else { return found };
        if value.len() > LONGEST_NAMED || value.contains(['"', '\n']) {
            return found;
        }
        let prefix = format!("{name} = \"");
        let line = format!("{prefix}{value}\"\n");
        let mut found = self.text(line.as_bytes());
        found.retain(|hit| hit.span.start >= prefix.len() && hit.span.end <= prefix.len() + value.len());
        for hit in &mut found {
            hit.span = Span::new(hit.span.start - prefix.len(), hit.span.end - prefix.len());
        }
        found
    }

    /// The text with `[REDACTED:rule]` in place of each hit; `None` without any.
    pub fn redacted(text: &str, hits: &[Hit]) -> Option<String> {
        let bytes = text.as_bytes();
        let (mut out, mut at) = (Vec::with_capacity(text.len()), 0);
        let mut hits: Vec<&Hit> = hits.iter().collect();
        hits.sort_by_key(|hit| (hit.span.start, hit.span.end));
        for hit in &hits {
            let start = hit.span.start.max(at);
            if start >= hit.span.end {
                continue;
            }
            out.extend_from_slice(&bytes[at..start]);
            out.extend_from_slice(format!("[REDACTED:{}]", hit.rule).as_bytes());
            at = hit.span.end;
        }
        out.extend_from_slice(&bytes[at..]);
        (at > 0).then(|| out.to_str_lossy().into_owned())
    }

    fn hits(&self, text: &[u8], found: Vec<Match>, path: &[u8]) -> Vec<Hit> {
        let is_fixture = !path.is_empty() && is_fixture_path(path);
        let mut hits = Vec::new();
        for found in found {
            let rule = &self.detector.rules()[found.rule];
            let of_tests = || {
                rule.specificity < Specificity::Vendor
                    || rule.checks.iter().any(|check| check.kind.is_of_keys())
            };
            if found.proof == Proof::Invalid
                || found.confidence < Confidence::Medium
                || !self.detector.stands(&found, path, None)
                || is_fixture && of_tests()
            {
                continue;
            }
            let secret = Secret::new(found.secret.of(text));
            hits.push(Hit {
                rule: rule.id.clone(),
                family: rule.family.clone(),
                span: found.secret,
                fingerprint: self.fingerprinter.of(&rule.family, &secret),
            });
        }
        hits
    }
}
