//! The object store against git itself, against damage, and against forgery.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod damage;
mod differential;
mod forge;
mod forgery;
mod git;
mod mutations;
mod reader;
mod seen;
