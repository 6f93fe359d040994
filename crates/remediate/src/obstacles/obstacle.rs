//! A reason not to begin.

use std::path::PathBuf;

/// A reason not to rewrite a repository now.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Obstacle {
    /// A word for it, which `--allow` takes where that is possible.
    pub name: &'static str,
    /// What is the matter, a sentence without its full stop.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
    /// Whether it may be ignored by someone who knows what follows.
    pub can_be_allowed: bool,
    /// The worktree it is in, if it is in one: the top of its files, or its git directory.
    pub worktree: Option<PathBuf>,
}

impl Obstacle {
    pub(super) fn new(name: &'static str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        let (message, remedy) = (message.into(), remedy.into());
        Self { name, message, remedy, can_be_allowed: false, worktree: None }
    }

    pub(super) fn allowed(self) -> Self {
        Self { can_be_allowed: true, ..self }
    }

    pub(super) fn within(self, worktree: PathBuf) -> Self {
        Self { worktree: Some(worktree), ..self }
    }
}
