//! What is replaced and deleted: the words in which rules are written.
#![allow(clippy::unwrap_used, reason = "what cannot be set up must fail")]

mod expressions;
mod forms;
mod generate;
mod mailmap;
mod paths;
mod python;
mod secrets;
