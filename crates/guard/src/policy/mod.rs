//! Policies: what agents may not do, as data. Read, laid over one another, matched on words.

mod matching;
mod syntax;
mod wild;

pub use matching::{Call, applies, options};
pub use syntax::{Authority, Check, Lists, Policies, Policy, PolicyError};
pub use wild::matches;
