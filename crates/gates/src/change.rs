//! A change that a CI platform runs for, as the platform tells it: names and ids that nobody has looked up yet.

use bstr::BString;

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What sort of change it is, for people: `pull request`, `push`.
    pub kind: &'static str,
    /// The revision with the change.
    pub head: String,
    /// What was there before it.
    pub base: Base,
    /// What the branch or tag is called where it was pushed, as a full name.
    pub name: Option<BString>,
}

/// What was there before a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// These commits. The first one says what is accepted.
    Commits(Vec<String>),
    /// The branch of `origin` that the change goes into.
    Branch(String),
    /// What the ref was before it was pushed. A forced push may have left that nowhere to be found.
    Before {
        /// The commit.
        commit: String,
        /// The rest of what is known about the ref.
        of: Place,
    },
    /// Nothing: the ref is new.
    New(Place),
    /// The platform does not say.
    Unsaid(Place),
}

/// Where a ref stands among the branches of its repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The branch's own name; `None` for a tag.
    pub own: Option<String>,
    /// The default branch, if the platform tells.
    pub default: Option<String>,
}

impl Base {
    /// By the id that a platform gives for "before": zeros or nothing mean a new ref.
    pub(crate) fn before(commit: Option<String>, of: Place) -> Self {
        match commit {
            Some(commit) if !commit.bytes().all(|digit| digit == b'0') => Self::Before { commit, of },
            Some(_) => Self::New(of),
            None => Self::Unsaid(of),
        }
    }
}
