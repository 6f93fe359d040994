//! The old objects go for good: whatever still names them, then they themselves.

mod leftovers;

mod store;

mod run;

pub use run::{PurgeOptions, PurgePreview, Purged, preview_purge, purge};
