//! A text as SARIF wraps it.

use serde::Serialize;

/// A `message` or `multiformatMessageString`.
#[derive(Serialize)]
pub(super) struct Text {
    text: String,
}

impl Text {
    /// Says `text`.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}
