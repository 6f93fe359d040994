//! Looks into encoded passages for rule sets that gitleaks wrote for: as it does by default.
//!
//! Our own rules have readers for the encodings that they expect, so this costs nothing where no imported rule is among
//! them. What is found stands for the encoded passage as it is in the text: that is what must go.

use crate::checks::Fact;
use crate::decoded::Decoded;
use crate::detector::{Detector, Scratch};
use crate::matching::Match;
use crate::resolve::resolve;

/// The matches in the file at `path` that its encoded passages hold, resolved, in order; spans are into `text`. A name
/// that is empty stands for a text without one.
pub fn scan_decoded(detector: &Detector, path: &[u8], text: &[u8], scratch: &mut Scratch) -> Vec<Match> {
    if !detector.has_imported_rules() {
        return Vec::new();
    }
    let Some(decoded) = Decoded::of(text) else { return Vec::new() };
    let mut found = Vec::new();
    detector.part_of_file(path, &decoded.text, 0..decoded.text.len(), scratch, &mut found);
    let mut kept = Vec::new();
    for mut one in found {
        // Anything else is found in the text as it is.
        let Some(encoding) = decoded.encoding(one.span) else { continue };
        one.span = decoded.original(one.span);
        one.secret = decoded.original(one.secret);
        one.decoded.push(Fact::new("encoding", encoding));
        kept.push(one);
    }
    if !kept.is_empty() {
        resolve(detector.rules(), &mut kept, |found| found);
        kept.dedup_by(|a, b| (a.rule, a.span, a.secret) == (b.rule, b.span, b.secret));
    }
    kept
}
