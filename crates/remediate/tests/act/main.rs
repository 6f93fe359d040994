//! Acting on a repository from outside the crate: applied, undone, recovered, purged, and every way it can break off.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
#![allow(
    clippy::format_collect,
    clippy::format_push_string,
    reason = "streams for git are short to write so"
)]

mod bench;
mod copies;
mod rewriting;

mod faults;
mod killed;
mod obstacles;
mod purge;
mod recover;
mod undo;
mod worktrees;
