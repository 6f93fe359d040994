//! New objects: into one new pack, which nobody sees until it is renamed.

mod delta;
mod index;

mod entry;
mod pack;

pub use entry::NewEntry;
pub use pack::{FinishedPack, PackWriter};
