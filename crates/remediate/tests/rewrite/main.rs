//! Whole rewrites: against git, against git-filter-repo, and case by case.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
#![allow(
    clippy::disallowed_methods,
    reason = "an oracle that is not installed everywhere is named by a variable"
)]
#![allow(clippy::format_push_string, clippy::format_collect, reason = "short texts")]

mod graphs;
mod setup;

mod cases;
mod deleted;
mod faithful;
mod filter_repo;
mod pruned;
mod suite;
mod unpushed;
