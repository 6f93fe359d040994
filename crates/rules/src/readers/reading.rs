//! What a reader yields.

use crate::checks::Fact;
use crate::span::Span;

/// One value; the spans are into the whole text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// From what names the value to its end.
    pub(crate) span: Span,
    /// The value as written.
    pub(crate) secret: Span,
    /// What it stands for: escapes resolved, decoded. This is what a rule's filter judges.
    pub(crate) value: Vec<u8>,
    /// What is known about it: its key, its host, its user. Never secret.
    pub(crate) facts: Vec<Fact>,
}
