//! The reverse index and the graph of commits against git itself, on generated histories and on hostile ones.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
#![allow(
    clippy::format_collect,
    clippy::format_push_string,
    reason = "streams for git are short to write so"
)]

mod brute;
mod generated;

mod bombs;
mod graph;
mod presences;
