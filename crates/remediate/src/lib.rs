//! Secrets and a repository in, a history that never held them out. The only room that writes to a repository.
//!
//! What to forget is a [`Replacer`] and a [`PathRules`]; what would become of the repository is a [`Change`], a value
//! that can be shown and checked; acting consumes it.

mod change;

mod durable;
mod git;
mod journal;
mod lock;

mod backup;
mod place_pack;
mod places;

mod commit_fates;
mod reflogs;

mod reflog_files;
mod refs;

mod report_files;
mod reports;
mod worktrees;

mod act_error;
mod dirty;
mod obstacles;
mod steps;

mod apply;
mod undo;

mod purge;
mod recover;

pub use act_error::ActError;
pub use apply::{Applied, ApplyOptions, Prove, apply};
pub use backup::BackupError;
pub use dirty::{DirtyFile, dirty_holders};
pub use durable::FileError;
pub use git::{Git, GitError};
pub use journal::{JournalError, State};
pub use lock::LockError;
pub use obstacles::{Obstacle, obstacles};
pub use places::PlacesError;
pub use purge::{PurgeOptions, PurgePreview, Purged, preview_purge, purge};
pub use recover::{Recovered, Standing, recover, status};
pub use steps::{LeftAlone, Watch};
pub use undo::{Undone, undo};
pub use worktrees::ListingError;

pub use change::{Change, Fate, NewPack, ObjectMap, RefUpdate};
