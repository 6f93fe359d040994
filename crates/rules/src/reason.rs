//! Why a rule says nothing about a place that it looked at: one word a step of the way from anchor to finding.

use std::fmt;

/// The step at which a rule gave up. `Display` completes the sentence "no finding: …" and shows nothing of the text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// The file's name is not one that the rule is about.
    Name,
    /// The file is ciphertext to its end, so that no rule reads it as a whole.
    Sealed,
    /// The regex has no match in the window that covers the anchor.
    Pattern,
    /// The regex matches, but what must follow or surround the match does not.
    Extent,
    /// Nothing is assigned to a name around the keyword.
    Unassigned,
    /// The name does not speak of what the rule is about.
    OtherName,
    /// The value assigned to the name does not look like a secret.
    WeakValue,
    /// The reader of the file found no value that its key or shape calls secret.
    NothingRead,
    /// The secret is empty.
    Empty,
    /// The secret is not written in the rule's encoding.
    Encoding,
    /// The rule's filter refuses the value.
    Filter(Unmet),
    /// An allowlist or the rule's path decides so.
    Allowed,
    /// The regex over the whole text matches, but its entropy, or a match that must be near, is missing.
    Incomplete,
    /// A structural check failed, and what it said.
    Check(String),
    /// A rule that knows more reports the same bytes: its id.
    Taken(String),
}

impl Reason {
    /// How far the rule came, to tell reasons apart without their details.
    pub(crate) fn step(&self) -> u8 {
        match self {
            Self::Name => 0,
            Self::Sealed => 1,
            Self::Pattern => 2,
            Self::Extent => 3,
            Self::Unassigned => 4,
            Self::OtherName => 5,
            Self::WeakValue => 6,
            Self::NothingRead => 7,
            Self::Empty => 8,
            Self::Encoding => 9,
            Self::Filter(unmet) => 10 + unmet.step(),
            Self::Allowed => 20,
            Self::Incomplete => 21,
            Self::Check(_) => 22,
            Self::Taken(_) => 23,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "its `files` do not cover this name",
            Self::Sealed => "the file is ciphertext to its end",
            Self::Pattern => "the regex does not match the window",
            Self::Extent => "the regex matches, but not what must follow or surround it",
            Self::Unassigned => "nothing is assigned to a name here",
            Self::OtherName => "the name does not speak of what this rule is about",
            Self::WeakValue => "the value does not look like a secret",
            Self::NothingRead => "the reader found no secret-like value",
            Self::Empty => "the secret is empty",
            Self::Encoding => "the secret is not written in the rule's encoding",
            Self::Filter(unmet) => return write!(f, "filter: {unmet}"),
            Self::Allowed => "an allowlist or the rule's path says so",
            Self::Incomplete => "the regex matches, but `entropy` or a required match near it does not",
            Self::Check(why) => return write!(f, "check failed: {why}"),
            Self::Taken(rule) => return write!(f, "{rule} took the place"),
        })
    }
}

/// The first condition of a filter that a value does not meet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unmet {
    /// Too few decimal digits.
    Digits {
        /// In the value.
        has: usize,
        /// At least.
        needs: usize,
    },
    /// Too few distinct bytes.
    Distinct {
        /// In the value.
        has: usize,
        /// At least.
        needs: usize,
    },
    /// Too little entropy, in bits a byte.
    Entropy {
        /// Of the value.
        has: f64,
        /// At least.
        needs: f64,
    },
    /// A placeholder or a reference.
    Placeholder,
    /// Letters or digits that run on in an order that people know.
    Counted,
    /// Natural words, an identifier, a path or a version.
    Words,
    /// A documented example, which no rule reports.
    Documented,
    /// One of the patterns in `reject`, counted from 0.
    Reject(usize),
    /// What the value or its name belongs to is written otherwise.
    OtherFormat,
}

impl Unmet {
    fn step(&self) -> u8 {
        match self {
            Self::Digits { .. } => 0,
            Self::Distinct { .. } => 1,
            Self::Entropy { .. } => 2,
            Self::Placeholder => 3,
            Self::Counted => 4,
            Self::Words => 5,
            Self::Documented => 6,
            Self::Reject(_) => 7,
            Self::OtherFormat => 8,
        }
    }
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digits { has, needs } => write!(f, "digits {has}, needs {needs}"),
            Self::Distinct { has, needs } => write!(f, "distinct bytes {has}, needs {needs}"),
            Self::Entropy { has, needs } => write!(f, "entropy {has:.2} bits a byte, needs {needs:.2}"),
            Self::Placeholder => f.write_str("a placeholder or a reference"),
            Self::Counted => f.write_str("counted up, not drawn: it runs through an alphabet"),
            Self::Words => f.write_str("made of words, an identifier, a path or a version"),
            Self::Documented => f.write_str("an example of public documentation"),
            Self::Reject(at) => write!(f, "pattern {} of `reject` matches", at + 1),
            Self::OtherFormat => f.write_str("its vendor's keys are written otherwise"),
        }
    }
}
