//! Reads dotenv files (`.env`) and judges which of their entries hold secrets.

mod entry;
mod judge;
mod reader;

pub use entry::{Entry, Quote, unescape};
pub(crate) use judge::{Promise, promise, words};
pub use judge::{secret_like_entry, secret_like_key};
pub use reader::read;
