//! The hooks of git that can be a gate.

/// A hook (githooks(5)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hook {
    /// Before a commit is made: what is staged.
    PreCommit,
    /// Before a merge without conflicts is committed: what is staged, and the commits that come in.
    PreMergeCommit,
    /// The message of a commit.
    CommitMsg,
    /// What a push is about to publish.
    PrePush,
    /// On a server: what a push brings, before any ref is written.
    PreReceive,
    /// On a server: the same for each ref.
    Update,
    /// Every write of a ref; the one hook of a commit that `--no-verify` does not skip.
    ReferenceTransaction,
}

impl Hook {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::PreCommit,
        Self::PreMergeCommit,
        Self::CommitMsg,
        Self::PrePush,
        Self::PreReceive,
        Self::Update,
        Self::ReferenceTransaction,
    ];
    /// Those that make up the gate of somebody who commits and pushes.
    pub const LOCAL: [Self; 4] = [Self::PreCommit, Self::PreMergeCommit, Self::CommitMsg, Self::PrePush];

    /// What git calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PreMergeCommit => "pre-merge-commit",
            Self::CommitMsg => "commit-msg",
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
            Self::Update => "update",
            Self::ReferenceTransaction => "reference-transaction",
        }
    }

    /// The hook of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hook| hook.name() == name)
    }

    /// Whether git tells it something on standard input.
    pub fn reads_input(self) -> bool {
        matches!(self, Self::PrePush | Self::PreReceive | Self::ReferenceTransaction)
    }

    /// Whether git gives it arguments.
    pub fn takes_arguments(self) -> bool {
        !matches!(self, Self::PreCommit | Self::PreMergeCommit | Self::PreReceive)
    }

    /// What it keeps from happening, as a noun: `commit`, `push`.
    pub fn refuses(self) -> &'static str {
        match self {
            Self::PreCommit | Self::CommitMsg => "commit",
            Self::PreMergeCommit => "merge",
            Self::PrePush | Self::PreReceive | Self::Update => "push",
            Self::ReferenceTransaction => "update of refs",
        }
    }
}
