//! Steps that harden a repository: each a function from the text of a file to a better one, or to nothing if it is good.

pub mod agents;
pub mod ci;
mod diff;
pub mod env_example;
pub mod gitignore;
mod lines;

pub use diff::diff;
