//! Secrets and a repository in, a history that never held them out. The only room that writes to a repository.
//!
//! What to forget is a [`Replacer`] and a [`PathRules`]; what would become of the repository is a [`Change`], a value
//! that can be shown and checked; acting consumes it.

mod change;

pub use change::{Change, Fate, NewPack, ObjectMap, RefUpdate};
