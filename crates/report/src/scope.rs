//! What part of a repository was asked for.

/// What a scan was restricted to, as it was asked for. Empty: not restricted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Of history, what these refs reach.
    pub branches: Vec<String>,
    /// Of history, what commits of this date and later added. Seconds since 1970.
    pub since: Option<i64>,
    /// Only files at these paths.
    pub paths: Vec<String>,
}
