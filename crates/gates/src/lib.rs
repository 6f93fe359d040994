//! Gates: what git's hooks and CI platforms say is about to be published, and how a hook is put in its place.
//!
//! Everything here is a function of texts, variables and a repository that was opened by somebody else. It scans
//! nothing, prints nothing and runs nothing.
//!
//! ```
//! use unleak_gates::{RefUpdate, read_pre_push};
//!
//! let (old, new) = ("1".repeat(40), "2".repeat(40));
//! let lines = format!("refs/heads/a {new} refs/heads/a {old}\n(delete) {zero} refs/heads/b {old}\n", zero = "0".repeat(40));
//! let updates = read_pre_push(lines.as_bytes(), gix_hash::Kind::Sha1)?;
//! assert_eq!(updates.len(), 2);
//! assert!(updates[0].new.is_some() && updates[1].new.is_none());
//! # Ok::<(), unleak_gates::InputError>(())
//! ```

mod commit_message;
mod hook;
mod hook_file;
mod manager;
mod ref_update;

mod brings;
mod erased;

mod change;
mod platform;
mod range;

pub use brings::{BringsError, Brought, brought, gone_from_remote, known_to_remote, known_to_repository};
pub use change::{Base, Change, Place};
pub use commit_message::published;
pub use erased::{Erased, Erasure, erased};
pub use hook::Hook;
pub use hook_file::{Chained, MARKER, command_line, is_ours, script};
pub use manager::{Manager, recognise};
pub use platform::{Detected, Platform, PlatformError, Surroundings, detect};
pub use range::{ChangeError, ChangeRange, resolve};
pub use ref_update::{InputError, RefUpdate, read_pre_push, read_pre_receive, read_transaction, read_update};
