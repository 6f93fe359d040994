//! Whose reading of a rule counts.

/// How files of rules are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// As git-filter-repo reads them, but what it would pass over in silence is an error.
    #[default]
    Ours,
    /// As git-filter-repo 2.47 reads them, so that results can be compared bit for bit.
    FilterRepo,
}
