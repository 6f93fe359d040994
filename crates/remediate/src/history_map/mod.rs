//! What became of every object that mattered, kept for what comes after a rewrite: pushing, clones that follow, bans.

mod map;
mod text;

mod kept;
mod made;

pub use kept::MapFileError;
pub use kept::history_map;
pub(crate) use kept::{extend, forget, keep};
pub(crate) use made::of_change;
pub use map::HistoryMap;
pub use text::MapError;
