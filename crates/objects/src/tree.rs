//! Trees, entry by entry and without copies.

use bstr::BStr;
use memchr::memchr;

/// The permission bits and type of [`Entry::mode`] that say "this is a folder".
const TYPE_MASK: u32 = 0o170_000;

/// One entry of a tree, borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The mode, for example `0o100644`.
    pub mode: u32,
    /// The name, without any `/` in a sound tree; not empty.
    pub name: &'a BStr,
    /// The raw id, 20 or 32 bytes.
    pub id: &'a [u8],
}

impl Entry<'_> {
    /// Whether the entry is a folder, and so its id that of a tree.
    pub const fn is_tree(&self) -> bool {
        self.mode & TYPE_MASK == 0o040_000
    }

    /// Whether the entry is a submodule, and so its id that of a commit in another repository.
    pub const fn is_submodule(&self) -> bool {
        self.mode & TYPE_MASK == 0o160_000
    }

    /// Whether the entry is a file or symbolic link, and so its id that of a blob.
    pub const fn is_blob(&self) -> bool {
        !self.is_tree() && !self.is_submodule()
    }
}

/// The bytes of a tree, from `offset` on, are no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the tree is malformed at byte {offset}")]
pub struct TreeError {
    /// Where the malformed entry starts.
    pub offset: usize,
}

/// The entries of a tree whose ids have `hash_len` bytes. Ends after the first error.
pub fn entries(tree: &[u8], hash_len: usize) -> Entries<'_> {
    Entries { rest: tree, hash_len, length: tree.len() }
}

/// The iterator of [`entries`].
#[derive(Debug, Clone)]
pub struct Entries<'a> {
    rest: &'a [u8],
    hash_len: usize,
    length: usize,
}

impl Entries<'_> {
    /// How many bytes follow the entries that were given so far.
    pub fn rest(&self) -> usize {
        self.rest.len()
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, TreeError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        if let Some((entry, rest)) = split_entry(self.rest, self.hash_len) {
            self.rest = rest;
            return Some(Ok(entry));
        }
        let offset = self.length - self.rest.len();
        self.rest = &[];
        Some(Err(TreeError { offset }))
    }
}

impl std::iter::FusedIterator for Entries<'_> {}

/// `<octal mode> <name>\0<id>`, then the rest.
#[inline]
fn split_entry(bytes: &[u8], hash_len: usize) -> Option<(Entry<'_>, &[u8])> {
    let mut mode = 0u32;
    let mut digits = 0;
    loop {
        match bytes.get(digits)? {
            b' ' if digits > 0 => break,
            // Seven digits hold every mode there is, and eight cannot overflow.
            digit @ b'0'..=b'7' if digits < 8 => mode = mode << 3 | u32::from(digit - b'0'),
            _ => return None,
        }
        digits += 1;
    }
    let after_mode = &bytes[digits + 1..];
    let name_len = memchr(0, after_mode).filter(|length| *length > 0)?;
    let (id, rest) = after_mode[name_len + 1..].split_at_checked(hash_len)?;
    Some((Entry { mode, name: BStr::new(&after_mode[..name_len]), id }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(hash_len: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (mode, name, id) in
            [("100644", "a", 1u8), ("40000", "lib", 2), ("160000", "sub", 0), ("120000", "z", 4)]
        {
            bytes.extend_from_slice(format!("{mode} {name}\0").as_bytes());
            bytes.extend(std::iter::repeat_n(id, hash_len));
        }
        bytes
    }

    #[test]
    fn reads_entries_of_both_hashes() {
        for hash_len in [20, 32] {
            let bytes = tree(hash_len);
            let list: Vec<_> = entries(&bytes, hash_len).collect::<Result<_, _>>().unwrap();
            let names: Vec<_> = list.iter().map(|e| e.name.to_string()).collect();
            assert_eq!(names, ["a", "lib", "sub", "z"]);
            assert_eq!(list[0].mode, 0o100_644);
            assert!(list[0].is_blob() && list[1].is_tree() && list[2].is_submodule() && list[3].is_blob());
            assert_eq!(list[1].id, vec![2; hash_len]);
        }
    }

    #[test]
    fn every_cut_is_an_error_or_a_shorter_tree() {
        let bytes = tree(20);
        for end in 0..bytes.len() {
            let whole = entries(&bytes[..end], 20).flatten().count();
            let errors = entries(&bytes[..end], 20).filter(Result::is_err).count();
            let on_border = [0, 29, 59, 90].contains(&end);
            assert_eq!(errors, usize::from(!on_border), "cut at {end}");
            assert!(whole < 4);
        }
    }

    #[test]
    fn odd_modes_and_names_are_errors() {
        let id = [7u8; 20];
        for start in ["9 a\0", " a\0", "100644\0", "100644 \0", "777777777 a\0", "-1 a\0"] {
            let bytes = [start.as_bytes(), &id].concat();
            assert_eq!(entries(&bytes, 20).next(), Some(Err(TreeError { offset: 0 })), "{start:?}");
        }
    }
}
