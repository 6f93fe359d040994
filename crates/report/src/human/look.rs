//! How a report for people looks; the caller decides, since only it knows the terminal.

/// Style of a report for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whether styles are written, as ANSI escape sequences. Without, the text holds none at all.
    pub color: bool,
    /// Columns of a line; text is wrapped there, long names are cut. `usize::MAX` for no limit.
    pub width: usize,
    /// Whether everything kept is shown: accepted findings, every place and ref, every example of what was skipped.
    pub verbose: bool,
}

impl Default for Look {
    /// Plain text of 100 columns.
    fn default() -> Self {
        Self { color: false, width: 100, verbose: false }
    }
}
