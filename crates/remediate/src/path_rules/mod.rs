//! Which paths are deleted from every commit.

mod automaton;
mod directories;
mod prefixes;
mod rule;
mod rules;

pub use rule::{PathOptions, PathRule, PathRulesError};
pub use rules::{PathRules, PathState};
