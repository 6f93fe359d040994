//! What a structural check answers.

/// Characters of a fact's value that an unknown author wrote.
const LONGEST_VALUE: usize = 64;

/// One thing a check read out of a credential without the network, such as `account = 123456789012`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Fact {
    /// What it is: `account`, `project`, `expires`, `key type`.
    pub name: String,
    /// Its value, never secret.
    pub value: String,
}

impl Fact {
    /// Makes a fact.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }

    /// Makes a fact whose value an unknown author wrote: at most 64 characters, what may not be printable as `?`.
    pub fn of_text(name: &str, value: &str) -> Self {
        let printable = |c: char| c.is_alphanumeric() || c.is_ascii_graphic() || c == ' ';
        let value = value.chars().take(LONGEST_VALUE).map(|c| if printable(c) { c } else { '?' });
        Self { name: name.to_owned(), value: value.collect() }
    }
}

/// The answer of a structural check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckVerdict {
    /// The structure holds; what could be decoded.
    Proved(Vec<Fact>),
    /// Nothing speaks against it, nothing proves it either; what could be decoded.
    Plausible(Vec<Fact>),
    /// The structure does not hold, and why.
    Invalid(&'static str),
}

impl CheckVerdict {
    /// The answer of a check that compares checksums and decodes nothing.
    pub(crate) fn of_sum(holds: bool) -> Self {
        if holds { Self::Proved(Vec::new()) } else { Self::Invalid("the checksum does not match the token") }
    }
}
