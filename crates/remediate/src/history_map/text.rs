//! The map as a file: a line a fact, so that it can be read by eye and by `cut`, and a broken line has a number.
//!
//! `unleak-map 1 sha1`, then `asked JSON`, `commit OLD NEW`, `tag OLD NEW`, `blob OLD NEW`, `first OLD`,
//! `ref OLD NEW NAME`, `looked ID`. A new id of zeros stands for what is gone. Names are escaped as in the journal.

use bstr::{BString, ByteSlice as _};
use gix_hash::{Kind, ObjectId};

use super::map::HistoryMap;
use crate::journal::{escape, unescape};

const HEADING: &str = "unleak-map 1";

/// Why a file is no map.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MapError {
    /// It does not begin as one.
    #[error("it is no map of a rewritten history")]
    NoMap,
    /// It is of a version that this program does not know.
    #[error("it is a map of another version of unleak ({0})")]
    Version(String),
    /// A line of it cannot be read.
    #[error("line {0} is broken")]
    Line(usize),
}

impl HistoryMap {
    /// The file; with the names of refs for oneself, without them for others.
    pub fn to_bytes(&self, with_refs: bool) -> Vec<u8> {
        let null = ObjectId::null(self.kind);
        let mut lines = vec![format!("{HEADING} {}", self.kind)];
        for asked in &self.asked {
            lines.push(format!("asked {asked}"));
        }
        for (word, part) in [("commit", &self.commits), ("tag", &self.tags), ("blob", &self.blobs)] {
            for (old, new) in part {
                lines.push(format!("{word} {old} {}", new.unwrap_or(null)));
            }
        }
        for old in &self.first {
            lines.push(format!("first {old}"));
        }
        for id in self.looked.iter().filter(|_| with_refs) {
            lines.push(format!("looked {id}"));
        }
        for (name, (old, new)) in self.refs.iter().filter(|_| with_refs) {
            lines.push(format!("ref {old} {} {}", new.unwrap_or(null), escape(name)));
        }
        lines.push(String::new());
        lines.join("\n").into_bytes()
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    pub fn parse(bytes: &[u8]) -> Result<Self, MapError> {
        let mut lines = bytes.lines().enumerate();
        let heading = lines.next().map(|(_, line)| line).unwrap_or_default();
        let version = heading.strip_prefix(b"unleak-map ").ok_or(MapError::NoMap)?;
        let kind = match heading.strip_prefix(HEADING.as_bytes()) {
            Some(b" sha1") => Kind::Sha1,
            Some(b" sha256") => Kind::Sha256,
            _ => return Err(MapError::Version(version.to_str_lossy().chars().take(20).collect())),
        };
        let mut map = Self::new(kind);
        for (number, line) in lines.filter(|(_, line)| !line.is_empty()) {
            map.line(line).ok_or(MapError::Line(number + 1))?;
        }
        Ok(map)
    }

    fn line(&mut self, line: &[u8]) -> Option<()> {
        let (word, rest) = line.split_once_str(" ")?;
        let part = match word {
            b"asked" => {
                self.asked.push(rest.to_str().ok()?.to_owned());
                return Some(());
            }
            b"first" => {
                self.first.insert(id(rest, self.kind)?);
                return Some(());
            }
            b"looked" => {
                self.looked.insert(id(rest, self.kind)?);
                return Some(());
            }
            b"ref" => {
                let (old, rest) = rest.split_once_str(" ")?;
                let (new, name) = rest.split_once_str(" ")?;
                let name = BString::from(unescape(name.to_str().ok()?)?);
                self.refs.insert(name, (id(old, self.kind)?, present(id(new, self.kind)?)));
                return Some(());
            }
            b"commit" => &mut self.commits,
            b"tag" => &mut self.tags,
            b"blob" => &mut self.blobs,
            _ => return None,
        };
        let (old, new) = rest.split_once_str(" ")?;
        part.insert(id(old, self.kind)?, present(id(new, self.kind)?));
        Some(())
    }
}

fn id(hex: &[u8], kind: Kind) -> Option<ObjectId> {
    ObjectId::from_hex(hex).ok().filter(|id| id.kind() == kind)
}

fn present(id: ObjectId) -> Option<ObjectId> {
    (!id.is_null()).then_some(id)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ids() -> impl Strategy<Value = ObjectId> {
        any::<[u8; 20]>().prop_map(|bytes| ObjectId::from_bytes_or_panic(&bytes))
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            commits in prop::collection::btree_map(ids(), prop::option::of(ids()), 0..9),
            first in prop::collection::btree_set(ids(), 0..5),
            name in prop::collection::vec(1u8.., 1..20),
            old in ids(),
        ) {
            let mut map = HistoryMap::new(Kind::Sha1);
            map.commits = commits.into_iter().filter(|(_, new)| new.is_none_or(|new| !new.is_null())).collect();
            map.looked = first.clone();
            map.first = first;
            map.refs.insert(name.into(), (old, None));
            map.asked.push("{\"path\":[\"a b\"]}".into());
            prop_assert_eq!(&HistoryMap::parse(&map.to_bytes(true)).unwrap(), &map);
            map.refs.clear();
            map.looked.clear();
            prop_assert_eq!(HistoryMap::parse(&map.to_bytes(false)).unwrap(), map);
        }

        #[test]
        fn no_bytes_break_it(bytes: Vec<u8>) {
            drop(HistoryMap::parse(&[b"unleak-map 1 sha1\n".as_slice(), &bytes].concat()));
            prop_assert!(HistoryMap::parse(&bytes).is_err());
        }
    }

    #[test]
    fn a_broken_line_has_a_number() {
        let error = HistoryMap::parse(b"unleak-map 1 sha1\n\ncommit 12 34\n").unwrap_err();
        assert_eq!(error.to_string(), "line 3 is broken");
        assert!(matches!(HistoryMap::parse(b"unleak-map 2 sha1\n"), Err(MapError::Version(_))));
        assert!(matches!(HistoryMap::parse(b"old new\n"), Err(MapError::NoMap)));
    }
}
