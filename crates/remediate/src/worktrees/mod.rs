//! Indexes and files of all worktrees follow a rewrite, and nothing that someone is working on is touched.
//!
//! git is asked what an index holds and which files are changed, and told what an index shall hold and what to check
//! out, so that every format of an index and every filter of content is git's own business. Each step can be repeated.

mod direction;
mod listing;

mod changed;
mod index;

mod files;

mod follow;

mod plan;

pub(crate) use changed::changed_files;
pub(crate) use direction::Direction;
pub(crate) use follow::{Followed, clear_index_lock, follow};
pub(crate) use plan::{index_copy, plan, save};

pub use listing::ListingError;
