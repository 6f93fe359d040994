//! What a run has done so far, on disk before it goes on: what is read back after a crash, and to undo.
//!
//! `<common dir>/unleak/journal-<n>` has a line for each record: the first 16 hex digits of the SHA-256 of a JSON value,
//! a space, the value. It holds ids, names of refs and paths, and never a value that is to be forgotten. Larger things
//! lie in `<common dir>/unleak/run-<n>/`. Both are the owner's alone.

mod escaped;
mod record;

mod file;

mod run;

pub(crate) use escaped::{escape, unescape};
pub(crate) use file::{Journal, folder};
pub(crate) use record::{Begin, Entry, Record, WorktreeRecord};
pub(crate) use run::{Run, last, runs};

pub use file::JournalError;
pub use record::State;
