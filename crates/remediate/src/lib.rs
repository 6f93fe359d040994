//! Secrets and a repository in, a history that never held them out. The only room that writes to a repository.
//!
//! What to forget is a [`Forget`]: a [`Replacer`] and [`PathRules`] above all. [`rewrite()`] works out what would become of
//! the repository, a [`Change`], a value that can be shown and checked; acting consumes it. [`Prover`] looks whether
//! anything is left.

mod archive;
mod change;
mod effects;

mod dialect;
mod expressions;
mod mailmap;
mod path_rules;
mod python;
mod replacer;

mod forget;

mod output;
mod survey;

mod rewrite;

mod leftover;
mod proof;
mod proof_of_unpushed;

mod durable;
mod git;
mod journal;
mod lock;

mod backup;
mod place_pack;
mod places;

mod commit_fates;
mod fetch_head;
mod reflogs;

mod reflog_files;
mod refs;

mod history_map;
mod report_files;
mod reports;
mod worktrees;

mod act_error;
mod dirty;
mod obstacles;
mod steps;

mod apply;
mod undo;

mod push;

mod purge;
mod recover;

pub use act_error::ActError;
pub use apply::{Applied, ApplyOptions, Prove, apply};
pub use backup::BackupError;
pub use dirty::{DirtyFile, dirty_holders};
pub use durable::FileError;
pub use git::{Git, GitError};
pub use history_map::{HistoryMap, MapError, MapFileError, history_map};
pub use journal::{JournalError, State};
pub use lock::LockError;
pub use obstacles::{Obstacle, obstacles};
pub use places::PlacesError;
pub use proof_of_unpushed::prove_unpushed;
pub use purge::{PurgeOptions, PurgePreview, Purged, preview_purge, purge};
pub use push::{
    Advertised, Answer, Arrival, Arrivals, Fit, MAP_REF, Prober, PushCommand, PushError, PushPlan, Refusal,
    Rejected, Remote, Sent, absorb, advertised, fetch_arrivals, fetch_map, finish_push, fit, led_elsewhere,
    map_id, plan_push, publish_map, push_command, remote_named, remotes, send,
};
pub use recover::{Recovered, Standing, recover, status};
pub use steps::{LeftAlone, Watch};
pub use undo::{Undone, undo};
pub use worktrees::ListingError;

pub use archive::{Archive, Packing};
pub use change::{Change, Fate, NewPack, ObjectMap, RefUpdate};
pub use dialect::Dialect;
pub use effects::Effects;
pub use expressions::ExpressionError;
pub use forget::{Forget, Manner, Prune, Ways};
pub use leftover::{Leftover, LeftoverPlace};
pub use mailmap::{Mailmap, MailmapError};
pub use output::OutputError;
pub use path_rules::{PathOptions, PathRule, PathRules, PathRulesError, PathState};
pub use proof::{Proof, ProofError, Prover, Scope};
pub use replacer::{Literals, ReplaceError, Replacer, ReplacerError, Style};
pub use rewrite::{
    BlobsError, CommitsError, RewriteError, RewriteOptions, Rewritten, Starts, TagsError, TreesError,
    rewrite, rewrite_unpushed,
};
