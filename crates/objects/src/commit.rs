//! Commits, parsed.

use bstr::{BStr, ByteSlice};
use gix_hash::ObjectId;

use crate::headers::Headers;
use crate::signature::Signature;

/// A commit. Text is borrowed and undecoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit<'a> {
    /// The root tree.
    pub tree: ObjectId,
    /// The parents, in order; none for a root commit.
    pub parents: Vec<ObjectId>,
    /// Who wrote the change; `None` when the line is missing.
    pub author: Option<Signature<'a>>,
    /// Who made the commit; `None` when the line is missing.
    pub committer: Option<Signature<'a>>,
    /// The declared encoding of the message; UTF-8 is meant when there is none.
    pub encoding: Option<&'a BStr>,
    /// Where the message starts in the object.
    pub message_offset: usize,
}

/// Why a commit cannot be parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommitError {
    /// There is no `tree` line, or its id is malformed.
    #[error("the commit names no valid tree")]
    Tree,
    /// A `parent` line has a malformed id.
    #[error("the commit names a malformed parent")]
    Parent,
}

/// Parses a commit. Unknown headers are skipped, headers may come in any order, the first of each kind counts.
pub fn parse(bytes: &[u8], hash: gix_hash::Kind) -> Result<Commit<'_>, CommitError> {
    let mut tree = None;
    let mut parents = Vec::new();
    let (mut author, mut committer, mut encoding) = (None, None, None);
    let mut headers = Headers::new(bytes);
    for header in headers.by_ref() {
        match header.key {
            b"tree" if tree.is_none() => tree = Some(id(header.value, hash).ok_or(CommitError::Tree)?),
            b"parent" => parents.push(id(header.value, hash).ok_or(CommitError::Parent)?),
            b"author" if author.is_none() => author = Some(Signature::parse(header.value)),
            b"committer" if committer.is_none() => committer = Some(Signature::parse(header.value)),
            b"encoding" if encoding.is_none() => encoding = Some(header.value.as_bstr()),
            _ => {}
        }
    }
    let message_offset = headers.message_offset();
    Ok(Commit { tree: tree.ok_or(CommitError::Tree)?, parents, author, committer, encoding, message_offset })
}

/// An id in hexadecimal of exactly the length of `hash`.
pub(crate) fn id(hex: &[u8], hash: gix_hash::Kind) -> Option<ObjectId> {
    if hex.len() == hash.len_in_hex() { ObjectId::from_hex(hex).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA1: gix_hash::Kind = gix_hash::Kind::Sha1;

    #[test]
    fn reads_a_merge_with_signature_and_encoding() {
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let text = format!(
            "tree {a}\nparent {b}\nparent {a}\nauthor A <a@b> 1 +0100\ncommitter C <c@d> 2 -0100\n\
             encoding ISO-8859-1\ngpgsig -----BEGIN\n \n parent x\n -----END\n\nsubject\n\nbody\n"
        );
        let commit = parse(text.as_bytes(), SHA1).unwrap();
        assert_eq!(commit.tree.to_string(), a);
        assert_eq!(commit.parents.iter().map(ToString::to_string).collect::<Vec<_>>(), [b, a]);
        assert_eq!(commit.author.unwrap().email, "a@b");
        assert_eq!(commit.committer.unwrap().time.unwrap().seconds, 2);
        assert_eq!(commit.encoding.unwrap(), "ISO-8859-1");
        assert_eq!(&text[commit.message_offset..], "subject\n\nbody\n");
    }

    #[test]
    fn refuses_what_names_no_tree() {
        let id = "c".repeat(40);
        assert_eq!(parse(b"", SHA1), Err(CommitError::Tree));
        assert_eq!(parse(b"tree abc\n\n", SHA1), Err(CommitError::Tree));
        assert_eq!(parse(format!("tree {id}\nparent {id}0\n").as_bytes(), SHA1), Err(CommitError::Parent));
        assert_eq!(parse(format!("tree {id}\n").as_bytes(), gix_hash::Kind::Sha256), Err(CommitError::Tree));
        let bare = format!("tree {id}");
        let commit = parse(bare.as_bytes(), SHA1).unwrap();
        assert_eq!((commit.author, commit.message_offset), (None, bare.len()));
    }
}
