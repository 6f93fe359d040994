//! Acting on a repository from outside the crate: applied, undone, recovered, purged, and every way it can break off.

mod bench;
mod rewriting;

mod undo;
