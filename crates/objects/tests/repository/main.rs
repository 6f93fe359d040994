//! The repository facade against git itself: every list that git can print is compared with git's.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod git;

mod head;
mod index;
mod open;
mod range;
mod refs;
mod staged;
mod standing;
mod worktree;
