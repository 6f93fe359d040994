//! The crate from outside, with real git as the second opinion.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod erased;
mod platforms;
mod pushed;
