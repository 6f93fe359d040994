//! Everything a scan needs from a repository except objects in bulk. The only folder that knows gix, whose types
//! stay behind its public signatures.

mod commit;
mod completeness;
mod format;
mod handle;
mod head;
mod index;
mod introduced;
mod mode;
mod objects;
mod open;
mod pathspec;
mod peel;
mod places;
mod range;
mod ref_class;
mod ref_file;
mod ref_pattern;
mod ref_store;
mod reflogs;
mod staged;
mod tips;
mod tree_diff;
mod tree_path;
mod worktree_files;

pub use completeness::ShallowError;
pub use handle::Repository;
pub use head::{HeadError, ResolveError};
pub use index::{Index, IndexEntry, IndexError};
pub use introduced::{Change, Changes};
pub use mode::EntryMode;
pub use objects::{ObjectError, ObjectReader};
pub use open::{OpenError, OpenOptions};
pub use pathspec::{Pathspec, PathspecError};
pub use peel::Peeled;
pub use range::{CommitRange, RangeError};
pub use ref_class::RefClass;
pub use ref_pattern::ref_matches;
pub use ref_store::{RefTrouble, RefTroubleKind, RefsError};
pub use reflogs::ReflogEntry;
pub use staged::{StagedChange, StagedChanges};
pub use tips::Tip;
pub use worktree_files::{NestedRepository, WorktreeError, WorktreeFile, WorktreeFiles, WorktreeTrouble};
