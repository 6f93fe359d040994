//! Which way a worktree goes.

/// After a rewrite, or after it was undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Forward,
    Back,
}
