//! How far a scan has come, for whoever wants to show it, and the wish to stop.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Counters that a scan moves and others read.
#[derive(Debug, Default)]
pub struct Progress {
    /// What is being done.
    pub phase: AtomicU64,
    /// How much there is to do in this phase, 0 if that is not known.
    pub total: AtomicU64,
    /// How much of it is done.
    pub done: AtomicU64,
    /// Bytes looked at in the whole scan, but for `trees`.
    pub bytes: AtomicU64,
    /// Matches so far; many may be the same secret.
    pub matches: AtomicU64,
    /// What the second reading of history, or a survey, adds to `done` and `bytes`.
    pub trees: unleak_objects::Progress,
    /// Set by anybody to stop the scan; what was found by then is reported.
    pub stop: AtomicBool,
}

/// What a scan is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Finding out what there is.
    Preparing,
    /// Scanning the index.
    Index,
    /// Scanning files.
    Files,
    /// Scanning the objects of history.
    History,
    /// Scanning the commits of a range.
    Range,
    /// Finding out where hits came from.
    Attribution,
    /// Looking at all objects for what is to be forgotten.
    Survey,
}

const PHASES: [Phase; 7] = [
    Phase::Preparing,
    Phase::Index,
    Phase::Files,
    Phase::History,
    Phase::Range,
    Phase::Attribution,
    Phase::Survey,
];

impl Progress {
    /// Starts a phase with `total` things to do.
    pub(crate) fn start(&self, phase: Phase, total: u64) {
        self.done.store(0, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
        self.phase.store(phase as u64, Ordering::Relaxed);
    }

    /// Starts to look at `total` objects for what is to be forgotten; [`Self::trees`] counts them.
    pub fn survey(&self, total: u64) {
        self.trees.objects.store(0, Ordering::Relaxed);
        self.start(Phase::Survey, total);
    }

    /// Starts a phase that has nothing to count: what was done stays in view.
    pub(crate) fn go_on(&self, phase: Phase) {
        self.phase.store(phase as u64, Ordering::Relaxed);
    }

    /// What is being done.
    pub fn phase(&self) -> Phase {
        let number = usize::try_from(self.phase.load(Ordering::Relaxed)).unwrap_or_default();
        PHASES.get(number).copied().unwrap_or(Phase::Preparing)
    }

    /// Notes that `done` things and `bytes` bytes more have been looked at.
    pub(crate) fn advance(&self, done: u64, bytes: u64) {
        self.done.fetch_add(done, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// How many things of this phase are done, and how many there are to do: never less than are done, 0 if that is not
    /// known.
    pub fn position(&self) -> (u64, u64) {
        let of_history = matches!(self.phase(), Phase::History | Phase::Attribution | Phase::Survey);
        let trees = if of_history { self.trees.objects.load(Ordering::Relaxed) } else { 0 };
        let done = self.done.load(Ordering::Relaxed) + trees;
        let total = self.total.load(Ordering::Relaxed);
        (done, if total == 0 { 0 } else { total.max(done) })
    }

    /// Bytes looked at in the whole scan.
    pub fn bytes_read(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed) + self.trees.bytes.load(Ordering::Relaxed)
    }

    /// Whether somebody wants the scan to end.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
