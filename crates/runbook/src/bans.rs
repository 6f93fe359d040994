//! The ban list: ids that must never come back. Commits and tags from before a clean-up, and blobs that held a secret.
//!
//! A list is a text file: `unleak-bans 1`, then `commit ID`, `tag ID` and `blob ID`, a line each; empty lines and lines that begin
//! with `#` say nothing. It holds no secret and may be committed. Whoever gates a push looks every new commit and blob up.

use std::collections::BTreeSet;

use bstr::ByteSlice as _;
use gix_hash::ObjectId;

const HEADING: &str = "unleak-bans 1";
/// What a list says about itself.
const ABOUT: &str = "# Ids of commits and blobs that were removed from this history because they held a secret.\n\
                     # A push that brings one back is refused: unleak rejoin\n";

/// Ids that are banned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BanList {
    /// First commits of the old history: every other old commit descends from one of them.
    pub commits: BTreeSet<ObjectId>,
    /// Annotated tags that were replaced: they held something, or led to what did.
    pub tags: BTreeSet<ObjectId>,
    /// Blobs that held something.
    pub blobs: BTreeSet<ObjectId>,
}

/// Why a file is no ban list.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum BanListError {
    /// It does not begin as one.
    #[error("it is no ban list: its first line is not `{HEADING}`")]
    NoList,
    /// A line of it cannot be read. Nothing of a list with such a line counts.
    #[error("line {0} is broken")]
    Line(usize),
}

impl BanList {
    /// Reads a list.
    ///
    /// ```
    /// use unleak_runbook::BanList;
    ///
    /// let list = BanList::parse(b"unleak-bans 1\n# why\nblob 0123456789012345678901234567890123456789\n").unwrap();
    /// assert_eq!((list.commits.len(), list.blobs.len()), (0, 1));
    /// assert!(BanList::parse(b"unleak-bans 1\nblob 01\n").is_err());
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Self, BanListError> {
        let mut lines = bytes.lines().enumerate();
        if lines.next().map(|(_, line)| line.trim_ascii()) != Some(HEADING.as_bytes()) {
            return Err(BanListError::NoList);
        }
        let mut list = Self::default();
        for (number, line) in lines.map(|(number, line)| (number, line.trim_ascii())) {
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            let (kind, id) = line.split_once_str(" ").ok_or(BanListError::Line(number + 1))?;
            let ids = match kind {
                b"commit" => &mut list.commits,
                b"tag" => &mut list.tags,
                b"blob" => &mut list.blobs,
                _ => return Err(BanListError::Line(number + 1)),
            };
            ids.insert(ObjectId::from_hex(id).map_err(|_| BanListError::Line(number + 1))?);
        }
        Ok(list)
    }

    /// The file.
    pub fn to_text(&self) -> String {
        let mut text = format!("{HEADING}\n{ABOUT}");
        text.extend(self.commits.iter().map(|id| format!("commit {id}\n")));
        text.extend(self.tags.iter().map(|id| format!("tag {id}\n")));
        text.extend(self.blobs.iter().map(|id| format!("blob {id}\n")));
        text
    }

    /// Takes over what another list has.
    pub fn add(&mut self, other: Self) {
        self.commits.extend(other.commits);
        self.tags.extend(other.tags);
        self.blobs.extend(other.blobs);
    }

    /// Whether nothing is banned.
    pub fn is_empty(&self) -> bool {
        self.commits.is_empty() && self.tags.is_empty() && self.blobs.is_empty()
    }

    /// Whether an object with this id is banned.
    pub fn bans(&self, id: &ObjectId) -> bool {
        [&self.commits, &self.tags, &self.blobs].iter().any(|ids| ids.contains(id))
    }

    /// Every id, without its kind.
    pub fn ids(&self) -> impl Iterator<Item = &ObjectId> {
        self.commits.iter().chain(&self.tags).chain(&self.blobs)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            commits in prop::collection::btree_set(any::<[u8; 20]>(), 0..9),
            tags in prop::collection::btree_set(any::<[u8; 20]>(), 0..9),
            blobs in prop::collection::btree_set(any::<[u8; 32]>(), 0..9),
        ) {
            let list = BanList {
                commits: commits.iter().map(|id| ObjectId::from_bytes_or_panic(id)).collect(),
                tags: tags.iter().map(|id| ObjectId::from_bytes_or_panic(id)).collect(),
                blobs: blobs.iter().map(|id| ObjectId::from_bytes_or_panic(id)).collect(),
            };
            prop_assert_eq!(BanList::parse(list.to_text().as_bytes()).unwrap(), list);
        }

        #[test]
        fn no_bytes_break_it(bytes: Vec<u8>) {
            drop(BanList::parse(&[b"unleak-bans 1\n".as_slice(), &bytes].concat()));
        }
    }

    #[test]
    fn a_broken_line_is_named_and_nothing_counts() {
        assert_eq!(BanList::parse(b"unleak-bans 1\n\n# x\ncommit 12\n"), Err(BanListError::Line(4)));
        assert_eq!(
            BanList::parse(b"unleak-bans 1\ntree 0123456789012345678901234567890123456789\n"),
            Err(BanListError::Line(2))
        );
        assert_eq!(BanList::parse(b""), Err(BanListError::NoList));
        assert_eq!(BanList::parse(b"unleak-bans 1\r\n\r\n"), Ok(BanList::default()));
    }
}
