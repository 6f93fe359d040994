//! A regular expression of Python's `re` over bytes as a tree: flags resolved, every class a set of bytes.

use std::fmt;

/// A set of bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct ByteSet([u64; 4]);

impl ByteSet {
    /// Every byte.
    pub(crate) const ALL: ByteSet = ByteSet([u64::MAX; 4]);

    /// The bytes for which `wanted` holds.
    pub(crate) fn of(wanted: impl Fn(u8) -> bool) -> ByteSet {
        let mut set = ByteSet::default();
        (0..=255).filter(|byte| wanted(*byte)).for_each(|byte| set.insert(byte));
        set
    }

    /// One byte.
    pub(crate) fn one(byte: u8) -> ByteSet {
        let mut set = ByteSet::default();
        set.insert(byte);
        set
    }

    pub(crate) fn insert(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    pub(crate) fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    pub(crate) fn add(&mut self, other: &ByteSet) {
        self.0.iter_mut().zip(other.0).for_each(|(bits, more)| *bits |= more);
    }

    #[must_use]
    pub(crate) fn complement(&self) -> ByteSet {
        ByteSet(self.0.map(|bits| !bits))
    }

    /// Both cases of every ASCII letter that is in it.
    #[must_use]
    pub(crate) fn fold(&self) -> ByteSet {
        ByteSet::of(|byte| {
            self.contains(byte.to_ascii_lowercase()) || self.contains(byte.to_ascii_uppercase())
        })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = u8> {
        (0..=255).filter(|byte| self.contains(*byte))
    }
}

impl fmt::Debug for ByteSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ByteSet({} bytes)", self.iter().count())
    }
}

/// What holds between two bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    /// `\A`, and `^` without `m`.
    TextStart,
    /// `\Z`.
    TextEnd,
    /// `$` without `m`: at the end, or before the line feed that ends the text.
    LastLineEnd,
    /// `^` with `m`.
    LineStart,
    /// `$` with `m`.
    LineEnd,
    /// `\b`.
    Word,
    /// `\B`; never in an empty text.
    NotWord,
}

/// Which of several numbers of repetitions is tried first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Greed {
    /// The most, then fewer.
    Greedy,
    /// The fewest, then more.
    Lazy,
    /// The most and no other.
    Possessive,
}

/// An expression.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    /// One byte of a set.
    Set(ByteSet),
    /// One after the other.
    Concat(Vec<Node>),
    /// The first that fits.
    Alternate(Vec<Node>),
    /// A group that is remembered, numbered from 1.
    Group(usize, Box<Node>),
    /// Repetitions; no `max` is no bound.
    Repeat { node: Box<Node>, min: u32, max: Option<u32>, greed: Greed },
    /// `(?>…)`: the first way it matches is the only one.
    Atomic(Box<Node>),
    /// `(?=…)` and `(?!…)`.
    Ahead { node: Box<Node>, negative: bool },
    /// `(?<=…)` and `(?<!…)`, which match exactly `width` bytes.
    Behind { node: Box<Node>, negative: bool, width: usize },
    /// What a group matched, once more.
    Again { group: usize, fold: bool },
    /// One or the other, by whether a group matched.
    IfGroup { group: usize, yes: Box<Node>, no: Box<Node> },
    /// A condition on the place.
    Edge(Edge),
}

impl Node {
    /// What matches the empty text only.
    pub(crate) fn empty() -> Node {
        Node::Concat(Vec::new())
    }
}

/// A parsed expression.
#[derive(Debug, Clone)]
pub(crate) struct Syntax {
    /// The whole.
    pub(crate) node: Node,
    /// How many groups there are, without the whole.
    pub(crate) groups: usize,
    /// The groups that have a name.
    pub(crate) names: Vec<(String, usize)>,
}

/// Why an expression cannot be used: the construct, never the expression itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct PatternError(pub(crate) String);

impl PatternError {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}
