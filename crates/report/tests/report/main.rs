//! What the formats promise, checked on reports made by hand.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]

mod sample;
mod schemas;

mod formats;
mod hostile;
mod human;
mod machine;
mod secrecy;
