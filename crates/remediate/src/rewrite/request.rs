//! What a rewrite is asked for, and what it gives.

use std::sync::atomic::AtomicBool;

use unleak_objects::{Progress, Trouble};

use crate::change::Change;
use crate::effects::Effects;

/// How a rewrite is worked out.
#[derive(Clone, Copy)]
pub struct RewriteOptions<'o> {
    /// How many threads work.
    pub threads: usize,
    /// Ends it when set.
    pub interrupt: &'o AtomicBool,
    /// Told how far the survey has come.
    pub progress: Option<&'o Progress>,
    /// Whether the new objects are written, or only named.
    pub write: bool,
}

/// A rewrite, worked out.
#[derive(Debug)]
pub struct Rewritten {
    /// What becomes of everything.
    pub change: Change,
    /// What there is to say about it.
    pub effects: Effects,
    /// What could not be read.
    pub troubles: Vec<Trouble>,
}
