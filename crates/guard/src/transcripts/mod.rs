//! What agents keep on the disk: where it lies, which secrets are in it, and the same without them.
//!
//! Bytes in, bytes out; which files there are, and whether one is in use, is asked elsewhere.

mod literals;
mod places;
mod sqlite;
mod texts;

pub use places::{Base, Place, Places};
pub use sqlite::{is_compressed, is_database};
pub use texts::{Sighting, redacted, sightings};
