//! Whole rewrites: against git, against git-filter-repo, and case by case.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod setup;

mod cases;
mod faithful;
mod filter_repo;
