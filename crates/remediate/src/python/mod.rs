//! Regular expressions as Python's `re` has them over bytes, its templates for replacements, and its globs.
//!
//! git-filter-repo's rules are written in them, so what a rule means is what Python 3.11 makes of it.

mod emit;
mod escape;
mod glob;
mod machine;
mod parse;
mod pattern;
mod program;
mod syntax;
mod template;
mod tokens;
mod width;

pub(crate) use emit::{For, emit};
pub(crate) use glob::translate;
pub(crate) use pattern::Pattern;
pub(crate) use syntax::{PatternError, Syntax};
pub(crate) use template::Template;
