//! What an entry of a tree or of the index is: the five modes git knows.

/// The kind of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryMode {
    /// A regular file. Historical modes such as `100664` count as this one, as they do for git.
    File,
    /// An executable file.
    Executable,
    /// A symbolic link; its blob is the path it points to.
    Symlink,
    /// A commit of a submodule; not an object of this repository.
    Gitlink,
    /// A directory. In an index only where it is sparse: the id is a tree.
    Directory,
}

impl EntryMode {
    /// The number git writes, such as `0o100644`.
    pub fn octal(self) -> u32 {
        match self {
            Self::File => 0o100_644,
            Self::Executable => 0o100_755,
            Self::Symlink => 0o120_000,
            Self::Gitlink => 0o160_000,
            Self::Directory => 0o040_000,
        }
    }

    /// Reads a mode as git does: by the type bits, then by the owner's executable bit.
    /// What is of no known type is taken for a file, so that its content is looked at.
    pub(super) fn from_octal(mode: u32) -> Self {
        match mode & 0o170_000 {
            0o120_000 => Self::Symlink,
            0o160_000 => Self::Gitlink,
            0o040_000 => Self::Directory,
            _ if mode & 0o100 != 0 => Self::Executable,
            _ => Self::File,
        }
    }

    /// `true` if the id names a blob of this repository.
    pub fn is_blob(self) -> bool {
        matches!(self, Self::File | Self::Executable | Self::Symlink)
    }
}
