//! Secrets and a repository in, a history that never held them out. The only room that writes to a repository.
//!
//! What to forget is a [`Replacer`] and a [`PathRules`]; what would become of the repository is a [`Change`], a value
//! that can be shown and checked; acting consumes it.

mod change;
mod dialect;
mod expressions;
mod mailmap;
mod path_rules;
mod python;
mod replacer;

pub use change::{Change, Fate, NewPack, ObjectMap, RefUpdate};
pub use dialect::Dialect;
pub use expressions::ExpressionError;
pub use mailmap::{Mailmap, MailmapError};
pub use path_rules::{PathOptions, PathRule, PathRules, PathRulesError, PathState};
pub use replacer::{Literals, ReplaceError, Replacer, ReplacerError, Style};
