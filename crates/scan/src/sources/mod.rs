//! Where texts come from: one source a file. Each gives back a [`crate::part::Part`]; none knows of the others.

mod before;
mod blobs;
mod brought;
pub(crate) mod commits;
pub(crate) mod files;
pub(crate) mod history;
pub(crate) mod message;
pub(crate) mod plain;
pub(crate) mod range;
pub(crate) mod refs;
pub(crate) mod staged;
pub(crate) mod stdin;
mod tips;
mod unread;
pub(crate) mod worktree;
