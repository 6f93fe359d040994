//! How the many versions of a file are scanned.

/// How the versions of a file are scanned that history holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Versions {
    /// By what is new in them, where git stores them so.
    #[default]
    ByChange,
    /// Each from its beginning to its end.
    Whole,
}
