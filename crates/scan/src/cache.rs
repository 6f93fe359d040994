//! What one scan of history leaves for the next: which objects need not be scanned again, and what was found in the end.
//! Ids, spans, paths and numbers; no secret, no hash of one, no content.
//!
//! Whoever calls keeps the bytes in a file. A file that was damaged, belongs to other rules or to another build, or does
//! not fit the repository is ignored.

use sha2::{Digest, Sha256};
use unleak_objects::Limits;
use unleak_rules::{Confidence, Detector};

use crate::codec::Out;
use crate::scanner::Threshold;

/// What is known from before, and what is to be kept.
#[derive(Debug)]
pub struct Cache {
    /// Of everything but the repository that decides what is found.
    digest: Digested,
    known: Option<Sections>,
    /// What is to be kept, without its seal.
    fresh: Option<Vec<u8>>,
    is_refused: bool,
    use_made: CacheUse,
}

/// What good it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheUse {
    /// None: everything was scanned.
    #[default]
    Nothing,
    /// Only what had come in since was scanned.
    Objects,
    /// Nothing had changed: what was found before was looked up.
    Everything,
}

/// A SHA-256.
pub(crate) type Digested = [u8; 32];

/// The parts of a file.
#[derive(Debug, Default)]
pub(crate) struct Sections {
    /// Objects that need not be scanned again.
    pub(crate) layers: Vec<u8>,
    /// The state of the repository that `result` belongs to.
    pub(crate) state: Digested,
    /// What was found; empty if that is not known.
    pub(crate) result: Vec<u8>,
}

/// The last digit is the version of the format; files of another one are refused.
const MAGIC: &[u8; 16] = b"unleak history 1";

/// Larger files are not kept. Bytes.
const LARGEST: usize = 256 << 20;

impl Cache {
    /// An empty one for scans with this detector. `identity` is whatever else decides about findings: the version of the
    /// program and the texts of rule files. `None` for rules with which nothing can be kept: imported ones.
    pub fn new(detector: &Detector, threshold: Threshold, limits: Limits, identity: &[u8]) -> Option<Self> {
        if !detector.is_windowed() {
            return None;
        }
        let mut hasher = Sha256::new();
        hasher.update(MAGIC);
        let confidence = match threshold.confidence {
            Confidence::Low => 0,
            Confidence::Medium => 1,
            Confidence::High => 2,
        };
        hasher.update([confidence, u8::from(threshold.invalid)]);
        for number in [limits.max_object_size, limits.stream_above, detector.rules().len() as u64] {
            hasher.update(number.to_le_bytes());
        }
        hasher.update(identity);
        let digest = hasher.finalize().into();
        Some(Self { digest, known: None, fresh: None, is_refused: false, use_made: CacheUse::Nothing })
    }

    /// The name for its file: another one for other rules.
    pub fn name(&self) -> String {
        use std::fmt::Write as _;
        let digits = self.digest.iter().take(8).fold(String::new(), |mut digits, byte| {
            write!(digits, "{byte:02x}").expect("a string takes everything");
            digits
        });
        format!("history-{digits}")
    }

    /// Takes over what the file holds. `place` tells where the file lies: one that was made for another place is refused.
    pub fn load(&mut self, file: &[u8], place: &[u8]) {
        self.known = self.opened(file, place);
        self.is_refused = self.known.is_none();
    }

    /// Whether the file should hold something else from now on.
    pub fn is_outdated(&self) -> bool {
        self.fresh.is_some()
    }

    /// What the file should hold from now on, if that is something else. Once.
    pub fn take_fresh(&mut self, place: &[u8]) -> Option<Vec<u8>> {
        let mut file = self.fresh.take()?;
        let seal = seal(&file, place);
        file.extend_from_slice(&seal);
        Some(file)
    }

    /// Whether what was loaded was damaged or not made for this.
    pub fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// What good it was in the last scan.
    pub fn use_made(&self) -> CacheUse {
        self.use_made
    }

    pub(crate) fn known(&self) -> Option<&Sections> {
        self.known.as_ref()
    }

    pub(crate) fn note(&mut self, use_made: CacheUse) {
        self.use_made = use_made;
    }

    /// Says that what was loaded does not hold together.
    pub(crate) fn refuse(&mut self) {
        self.known = None;
        self.is_refused = true;
    }

    pub(crate) fn keep(&mut self, sections: &Sections) {
        let mut out = Out::default();
        out.0.extend_from_slice(MAGIC);
        out.0.extend_from_slice(&self.digest);
        out.bytes(&sections.layers);
        out.bytes(&sections.state);
        out.bytes(&sections.result);
        self.fresh = (out.0.len() <= LARGEST).then_some(out.0);
    }

    fn opened(&self, file: &[u8], place: &[u8]) -> Option<Sections> {
        let (sealed, ending) = file.split_at_checked(file.len().checked_sub(32)?)?;
        if seal(sealed, place) != *ending {
            return None;
        }
        let rest = sealed.strip_prefix(MAGIC)?.strip_prefix(&self.digest)?;
        // No ids are read here.
        let mut input = crate::codec::In::new(rest, gix_hash::Kind::Sha1);
        let layers = input.bytes()?.to_vec();
        let state = input.bytes()?.try_into().ok()?;
        let result = input.bytes()?.to_vec();
        input.is_at_end().then_some(Sections { layers, state, result })
    }
}

fn seal(sealed: &[u8], place: &[u8]) -> Digested {
    Sha256::new().chain_update(sealed).chain_update(place).finalize().into()
}
