//! Why a payload was not understood.

/// Larger payloads are refused unread. Bytes.
pub const MAX_BYTES: usize = 64 << 20;

/// Why a payload was not understood.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadError {
    /// It is too large.
    #[error("the event is larger than {} MiB", MAX_BYTES >> 20)]
    TooLarge,
    /// It is no JSON.
    #[error("the event is no JSON: {0}")]
    NotJson(String),
    /// No agent sends such a thing.
    #[error("the event is none of an agent that unleak knows")]
    Unknown,
    /// Something that must be there is not.
    #[error("the event '{event}' has no '{field}'")]
    Missing {
        /// The event's name.
        event: String,
        /// The field.
        field: &'static str,
    },
}
