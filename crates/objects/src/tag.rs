//! Annotated tags, parsed.

use bstr::{BStr, ByteSlice};
use gix_hash::ObjectId;

use crate::commit::id;
use crate::headers::Headers;
use crate::kind::Kind;
use crate::signature::Signature;

/// An annotated tag. Text is borrowed and undecoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag<'a> {
    /// The object the tag names.
    pub target: ObjectId,
    /// The kind of that object, as the tag says.
    pub kind: Kind,
    /// The name of the tag without `refs/tags/`; empty when the line is missing.
    pub name: &'a BStr,
    /// Who made the tag; missing in some tags from 2005.
    pub tagger: Option<Signature<'a>>,
    /// Where the message starts in the object.
    pub message_offset: usize,
}

/// Why a tag cannot be parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TagError {
    /// There is no `object` line, or its id is malformed.
    #[error("the tag names no valid object")]
    Target,
    /// There is no `type` line, or no such kind.
    #[error("the tag names no valid kind of object")]
    Kind,
}

/// Parses a tag. Unknown headers are skipped, headers may come in any order, the first of each kind counts.
pub fn parse(bytes: &[u8], hash: gix_hash::Kind) -> Result<Tag<'_>, TagError> {
    let (mut target, mut kind, mut name, mut tagger) = (None, None, None, None);
    let mut headers = Headers::new(bytes);
    for header in headers.by_ref() {
        match header.key {
            b"object" if target.is_none() => target = Some(id(header.value, hash).ok_or(TagError::Target)?),
            b"type" if kind.is_none() => kind = Some(Kind::from_name(header.value).ok_or(TagError::Kind)?),
            b"tag" if name.is_none() => name = Some(header.value.as_bstr()),
            b"tagger" if tagger.is_none() => tagger = Some(Signature::parse(header.value)),
            _ => {}
        }
    }
    Ok(Tag {
        target: target.ok_or(TagError::Target)?,
        kind: kind.ok_or(TagError::Kind)?,
        name: name.unwrap_or_default(),
        tagger,
        message_offset: headers.message_offset(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_refuses() {
        let id = "d".repeat(40);
        let text = format!("object {id}\ntype commit\ntag v1\ntagger T <t@t> 3 +0000\n\nrelease\n");
        let tag = parse(text.as_bytes(), gix_hash::Kind::Sha1).unwrap();
        assert_eq!((tag.target.to_string(), tag.kind, tag.name), (id.clone(), Kind::Commit, BStr::new("v1")));
        assert_eq!(tag.tagger.unwrap().name, "T");
        assert_eq!(&text[tag.message_offset..], "release\n");
        let odd = format!("object {id}\ntype heap\n");
        assert_eq!(parse(odd.as_bytes(), gix_hash::Kind::Sha1), Err(TagError::Kind));
        assert_eq!(parse(b"type commit\n", gix_hash::Kind::Sha1), Err(TagError::Target));
    }
}
