//! The object store as a stream: packs, loose objects, alternates, and the repository around them.
//!
//! [`ObjectStore`] finds every pack and loose object a repository reads from. [`ObjectStore::visit`] decodes each object
//! exactly once, on several threads; [`ObjectStore::find`] reads one. What cannot be read is a [`Trouble`] beside the
//! result, never the end of it. [`commit`], [`tree`] and [`tag`] parse what was read.
//!
//! ```no_run
//! use std::sync::atomic::AtomicBool;
//! use unleak_objects::{Kind, KindSet, ObjectId, ObjectStore, VisitOptions, Visitor};
//!
//! struct Largest(u64);
//!
//! impl Visitor for Largest {
//!     type Memory = ();
//!
//!     fn object(&mut self, _id: &ObjectId, _kind: Kind, bytes: &[u8]) {
//!         self.0 = self.0.max(bytes.len() as u64);
//!     }
//!
//!     fn large_blob(&mut self, _id: &ObjectId, size: u64, _content: &mut dyn std::io::Read) {
//!         self.0 = self.0.max(size);
//!     }
//! }
//!
//! let store = ObjectStore::open(".git/objects".as_ref(), gix_hash::Kind::Sha1)?;
//! let interrupt = AtomicBool::new(false);
//! let outcome = store.visit(&VisitOptions::new(KindSet::BLOBS, 2, &interrupt), || Largest(0));
//! let largest = outcome.visitors.iter().map(|visitor| visitor.0).max();
//! assert!(outcome.troubles.is_empty());
//! # Ok::<(), unleak_objects::OpenStoreError>(())
//! ```

mod kind;
mod trouble;

mod hashing;
mod inflate;
mod mapped_file;

pub mod headers;
pub mod lfs;
mod signature;

pub mod commit;
pub mod tag;
pub mod tree;

mod alternates;
mod loose;
mod pack;

mod store;

mod buffer;
mod object_cache;
mod read;
mod spot;

mod large;
mod visit;

mod write;

pub mod history;
pub mod repository;

pub use buffer::Buffer;
pub use gix_hash::ObjectId;
pub use hashing::object_id;
pub use kind::{Kind, KindSet};
pub use large::Content;
pub use pack::Pack;
pub use signature::{Signature, Time};
pub use store::{Limits, ObjectStore, OpenStoreError};
pub use trouble::{Fault, ReadError, Trouble, TroubleKind};
pub use visit::{Derived, Piece, Progress, Select, VisitOptions, VisitOutcome, Visited, Visitor};
pub use write::{FinishedPack, NewEntry, PackWriter};
