//! What kind of thing a secret was found in, and how far it has travelled.

use bstr::BString;
use gix_hash::ObjectId;

/// How far a secret has travelled. The order is that of how much has to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Exposure {
    /// In a file of the working tree only.
    Worktree,
    /// In the index.
    Staged,
    /// In a commit of this repository that no remote-tracking ref reaches.
    Committed,
    /// In a commit that a remote-tracking ref reaches.
    Pushed,
}

impl Exposure {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Worktree => "worktree",
            Self::Staged => "staged",
            Self::Committed => "committed",
            Self::Pushed => "pushed",
        }
    }
}

/// What kind of text a secret was found in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Medium {
    /// A file: in the working tree, the index, a commit, or outside git.
    File,
    /// A commit's message, author or committer line.
    CommitMessage,
    /// An annotated tag's message or tagger line.
    TagMessage,
    /// A note on an object.
    Note,
    /// The name of a ref.
    RefName,
    /// Standard input.
    Stdin,
}

impl Medium {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::CommitMessage => "commit-message",
            Self::TagMessage => "tag-message",
            Self::Note => "note",
            Self::RefName => "ref-name",
            Self::Stdin => "stdin",
        }
    }
}

/// One place in history or outside it where a finding was seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Appearance {
    /// Where: the working tree, the index, or a commit.
    pub exposure: Exposure,
    /// Path in the repository, or the stand-in that [`Medium`] calls for.
    pub path: BString,
    /// The blob that holds it; `None` for the working tree, standard input and ref names.
    pub blob: Option<ObjectId>,
    /// The commit that introduced this blob at this path; `None` outside history.
    pub commit: Option<Commit>,
    /// The line at which the match starts in this version.
    pub line: u64,
}

/// A commit, as far as people need to recognise it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Commit {
    /// Committer date, in seconds since 1970. First, so that commits sort by age.
    pub committed: i64,
    /// Its id.
    pub id: ObjectId,
    /// Author date, in seconds since 1970.
    pub authored: i64,
    /// Author's name.
    pub author: BString,
    /// Author's mail address.
    pub email: BString,
    /// First line of the message.
    pub subject: BString,
}

/// Which refs still reach a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reach {
    /// Whether the checked-out commit still holds it.
    pub in_head: bool,
    /// Branches that reach it. At most [`Reach::NAMES`] are named, here and below; `unnamed` counts the rest.
    pub branches: Vec<BString>,
    /// Tags that reach it.
    pub tags: Vec<BString>,
    /// Remote-tracking refs that reach it.
    pub remotes: Vec<BString>,
    /// Other refs that reach it: stash, notes, pull requests, replaced objects, other worktrees' HEADs.
    pub others: Vec<BString>,
    /// Refs that reach it and are not named above.
    pub unnamed: u64,
    /// Whether a reflog remembers it.
    pub reflog: bool,
}

impl Reach {
    /// Names kept of each kind.
    pub const NAMES: usize = 50;

    /// Takes over what another source knows.
    pub fn absorb(&mut self, other: Self) {
        self.in_head |= other.in_head;
        self.reflog |= other.reflog;
        self.unnamed = self.unnamed.max(other.unnamed);
        for (mine, theirs) in [
            (&mut self.branches, other.branches),
            (&mut self.tags, other.tags),
            (&mut self.remotes, other.remotes),
            (&mut self.others, other.others),
        ] {
            mine.extend(theirs);
            mine.sort_unstable();
            mine.dedup();
        }
    }

    /// Whether nothing reaches it: it is garbage that has not been collected.
    pub fn is_unreachable(&self) -> bool {
        *self == Self::default()
    }
}
