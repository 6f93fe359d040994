//! Why nothing can be replaced.

use crate::expressions::ExpressionError;

/// A replacer that cannot be made. Messages name lines, numbers and lengths, never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplacerError {
    /// Nothing is to be replaced.
    #[error("no secret is given")]
    Empty,
    /// A secret that is found everywhere.
    #[error("a secret of {length} bytes is too short to be looked for; at least {least} are needed")]
    TooShort {
        /// Its length in bytes.
        length: usize,
        /// The least length.
        least: usize,
    },
    /// What is put in the place of a secret holds one.
    #[error("the replacement re-creates what it replaces: it holds one of the secrets (of {length} bytes)")]
    Recreates {
        /// The length of what the replacement holds.
        length: usize,
    },
    /// The literals need more memory than can be had for them.
    #[error("the literals are too many or too long to be looked for at once")]
    TooLarge,
    /// A file of rules cannot be used.
    #[error(transparent)]
    Expression(#[from] ExpressionError),
}

/// A text in which nothing can be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplaceError {
    /// After three passes there is still something to replace.
    #[error("the replacement re-creates what it replaces")]
    Recreates,
    /// An expression that goes back and forth without end in this text.
    #[error("line {line} of the replacements: the expression tries too many ways to match this text")]
    TooHard {
        /// The rule's line, counted from 1.
        line: usize,
    },
}
