//! `FETCH_HEAD`, the list of what was fetched last: no ref, so no transaction moves it, and yet it leads to commits.
//!
//! A line begins with an id (git-fetch(1)); the rest of it stays as it is.

use std::path::Path;

use bstr::ByteSlice as _;
use gix_hash::{Kind, ObjectId};

use crate::change::Fate;
use crate::durable::{FileError, Mode, read, replace};

/// Puts what became of each id into its place; the line of one of which nothing is left goes.
pub(crate) fn follow(git_dir: &Path, kind: Kind, fate: &dyn Fn(&ObjectId) -> Fate) -> Result<(), FileError> {
    let path = git_dir.join("FETCH_HEAD");
    let Some(bytes) = read(&path)? else { return Ok(()) };
    let mut after = Vec::with_capacity(bytes.len());
    for line in bytes.lines_with_terminator() {
        let id = line.get(..kind.len_in_hex()).and_then(|hex| ObjectId::from_hex(hex).ok());
        match id.map(|id| fate(&id)) {
            None | Some(Fate::Same) => after.extend_from_slice(line),
            Some(Fate::Replaced(new)) => {
                after.extend_from_slice(new.to_string().as_bytes());
                after.extend_from_slice(&line[kind.len_in_hex()..]);
            }
            Some(Fate::Gone) => {}
        }
    }
    if after == bytes { Ok(()) } else { replace(&path, &after, Mode::Usual) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let id = |n: u8| ObjectId::from_bytes_or_panic(&[n; 20]);
        let path = folder.path().join("FETCH_HEAD");
        let text =
            format!("{}\t\tbranch 'a' of x\n{}\tnot-for-merge\tb\n{}\t\tgone\nodd\n", id(1), id(2), id(3));
        std::fs::write(&path, text).unwrap();
        let fate = |old: &ObjectId| match old.as_slice()[0] {
            1 => Fate::Replaced(id(9)),
            3 => Fate::Gone,
            _ => Fate::Same,
        };
        follow(folder.path(), Kind::Sha1, &fate).unwrap();
        let expected = format!("{}\t\tbranch 'a' of x\n{}\tnot-for-merge\tb\nodd\n", id(9), id(2));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
        follow(&folder.path().join("nowhere"), Kind::Sha1, &fate).unwrap();
    }
}
