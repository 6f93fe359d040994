//! What is replaced in bytes: secrets in all their forms, or what a file of rules says.

mod cascade;
mod encodings;
mod engine;
mod error;
mod escapes;
mod literals;
mod sampler;
mod secrets;
mod style;
mod wrapped;

pub use engine::Replacer;
pub use error::{ReplaceError, ReplacerError};
pub use literals::Literals;
pub use style::Style;
