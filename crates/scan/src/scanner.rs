//! Turns texts into sightings: the detector's matches with everything that must be read while the text is at hand.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read};

use unleak_findings::{Fingerprint, Fingerprinter, LineIndex, Place, Secret, allow_comment};
use unleak_rules::{
    Confidence, Detector, Match, Proof, Scratch, Span, Trace, resolve, scan_decoded, scan_stream,
};

/// A secret in a text, wherever that text may be.
#[derive(Clone, Debug)]
pub(crate) struct Sighting {
    /// The match; its spans count from the start of the text.
    pub(crate) found: Match,
    pub(crate) secret: Secret,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) place: Place,
    /// The whole match, where it is more than the secret and not too long to keep.
    pub(crate) matched: Option<Secret>,
    pub(crate) match_place: Place,
    pub(crate) allow_comment: Option<String>,
    /// Which occurrence of the same secret in this text, from 0.
    pub(crate) ordinal: usize,
}

/// Which matches are worth reporting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Those at least this sure.
    pub confidence: Confidence,
    /// Those whose structural checks failed, too.
    pub invalid: bool,
}

/// The detector with what it takes to make sightings; shared by all threads.
#[derive(Clone, Copy)]
pub(crate) struct Scanner<'a> {
    pub(crate) detector: &'a Detector,
    pub(crate) fingerprinter: &'a Fingerprinter,
    pub(crate) threshold: Threshold,
    /// Bytes read at once from a stream.
    pub(crate) part: usize,
}

/// One thread's buffers, and the secrets it saw below the threshold.
#[derive(Default)]
pub(crate) struct Bench {
    pub(crate) scratch: Scratch,
    pub(crate) hidden: HashSet<Fingerprint>,
    /// Memory for files.
    pub(crate) text: Vec<u8>,
}

/// Longer matches are not kept whole. Bytes.
const LONGEST_MATCH: usize = 64 << 10;

impl Scanner<'_> {
    /// As many bytes are read at once at most.
    pub(crate) const PART: usize = 4 << 20;

    /// Scans a text whose name nobody knows.
    pub(crate) fn text(&self, text: &[u8], bench: &mut Bench) -> Vec<Sighting> {
        let mut found = self.detector.scan(text, &mut bench.scratch);
        found.extend(scan_decoded(self.detector, b"", text, &mut bench.scratch));
        self.sightings(text, found, bench)
    }

    /// The sightings in a text that was traced.
    pub(crate) fn traced(&self, text: &[u8], trace: &Trace, bench: &mut Bench) -> Vec<Sighting> {
        self.sightings(text, self.detector.settle(text, trace), bench)
    }

    /// Scans the file at `path`.
    pub(crate) fn file(&self, path: &[u8], text: &[u8], bench: &mut Bench) -> Vec<Sighting> {
        let mut found = self.detector.scan_file(path, text, &mut bench.scratch);
        found.extend(scan_decoded(self.detector, path, text, &mut bench.scratch));
        found.extend(self.detector.scan_path(path, text));
        self.sightings(text, found, bench)
    }

    /// Scans a file of which only the name is known, not the path.
    pub(crate) fn named(&self, name: &[u8], text: &[u8], bench: &mut Bench) -> Vec<Sighting> {
        let mut found = self.detector.scan_file(name, text, &mut bench.scratch);
        found.extend(scan_decoded(self.detector, name, text, &mut bench.scratch));
        self.sightings(text, found, bench)
    }

    /// What rules that ask for this path see in it, whatever it holds.
    pub(crate) fn path(&self, path: &[u8], text: &[u8], bench: &mut Bench) -> Vec<Sighting> {
        self.sightings(text, self.detector.scan_path(path, text), bench)
    }

    /// Scans what is too large to hold. Rules that read a file as a whole are left out; the number of bytes read comes
    /// back with the sightings, and an error ends the reading, not the scan.
    pub(crate) fn stream(
        &self,
        path: &[u8],
        input: &mut dyn Read,
        bench: &mut Bench,
    ) -> (Vec<Sighting>, io::Result<u64>) {
        let mut sightings = Vec::new();
        let read = scan_stream(self.detector, path, input, self.part, &mut bench.scratch, &mut |part| {
            let lines = LineIndex::of_part(part.text, part.lines, part.columns);
            // Anything larger than memory's addresses cannot be in memory in parts either.
            let offset = usize::try_from(part.offset).unwrap_or(usize::MAX);
            for found in part.matches {
                let mut sighting = self.sighting(part.text, &lines, found);
                sighting.found.span = sighting.found.span.shifted(offset);
                sighting.found.secret = sighting.found.secret.shifted(offset);
                sightings.push(sighting);
            }
        });
        resolve(self.detector.rules(), &mut sightings, |sighting| &sighting.found);
        sightings.retain(|sighting| {
            let reported = self.reports(&sighting.found);
            if !reported {
                bench.hidden.insert(sighting.fingerprint.clone());
            }
            reported
        });
        number(&mut sightings);
        (sightings, read)
    }

    fn sightings(&self, text: &[u8], mut found: Vec<Match>, bench: &mut Bench) -> Vec<Sighting> {
        found.retain(|found| {
            let reported = self.reports(found);
            if !reported {
                let secret = Secret::new(found.secret.of(text));
                let family = &self.detector.rules()[found.rule].family;
                bench.hidden.insert(self.fingerprinter.of(family, &secret));
            }
            reported
        });
        if found.is_empty() {
            return Vec::new();
        }
        let lines = LineIndex::new(text);
        let mut sightings: Vec<_> =
            found.into_iter().map(|found| self.sighting(text, &lines, found)).collect();
        number(&mut sightings);
        sightings
    }

    fn reports(&self, found: &Match) -> bool {
        match found.proof {
            Proof::Invalid => self.threshold.invalid,
            Proof::Unchecked | Proof::Proved => found.confidence >= self.threshold.confidence,
        }
    }

    fn sighting(&self, text: &[u8], lines: &LineIndex, found: Match) -> Sighting {
        let rule = &self.detector.rules()[found.rule];
        let secret = Secret::new(found.secret.of(text));
        let whole_file = found.secret == Span::new(0, text.len());
        Sighting {
            fingerprint: self.fingerprinter.of(&rule.family, &secret),
            place: lines.place(text, found.secret),
            matched: (found.span != found.secret && found.span.len() <= LONGEST_MATCH)
                .then(|| Secret::new(found.span.of(text))),
            match_place: lines.place(text, found.span),
            allow_comment: if whole_file { None } else { allow_comment(text, found.secret, found.span) },
            ordinal: 0,
            secret,
            found,
        }
    }
}

/// Numbers the occurrences of each secret.
fn number(sightings: &mut [Sighting]) {
    let mut seen: HashMap<Fingerprint, usize> = HashMap::new();
    for sighting in sightings {
        let count = seen.entry(sighting.fingerprint.clone()).or_default();
        sighting.ordinal = *count;
        *count += 1;
    }
}
