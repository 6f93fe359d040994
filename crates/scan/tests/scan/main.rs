//! The scan against the slow way to the same answer: git lists, the detector reads every file of every version.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
#![allow(
    clippy::format_collect,
    clippy::format_push_string,
    reason = "streams for git are short to write so"
)]

mod brute;
mod engine;

mod cached;

mod coverage;
mod gates;
mod history;
mod hostile;
mod names;
mod outside_git;
mod part;
mod stopped;
mod stream;
mod versions;
