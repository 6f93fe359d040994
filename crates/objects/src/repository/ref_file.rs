//! Parses the files refs are stored in: loose refs, `packed-refs`, lists of ids such as `FETCH_HEAD`, reflogs.
//!
//! Source: git's `Documentation/gitrepository-layout.txt` and `refs/packed-backend.c`.

use bstr::{BStr, BString, ByteSlice};
use gix_hash::{Kind, ObjectId};

/// Larger than any ref; a file of this size under `refs/` is none.
pub(super) const MAX_REF_BYTES: u64 = 64 << 10;
pub(super) const MAX_PACKED_BYTES: u64 = 16 << 30;
/// As many steps from a symbolic ref to an id as git takes.
pub(super) const MAX_SYMBOLIC_STEPS: usize = 5;

/// What a ref holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RefValue {
    Id(ObjectId),
    /// The name of another ref.
    Symbolic(BString),
}

impl RefValue {
    /// The ref that it points to, if it does.
    pub(super) fn symbolic(&self) -> Option<&BString> {
        match self {
            Self::Symbolic(target) => Some(target),
            Self::Id(_) => None,
        }
    }
}

/// One line of `packed-refs`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PackedLine<'a> {
    Ref {
        name: &'a BStr,
        id: ObjectId,
    },
    /// The object that the tag of the line before peels to.
    Peeled(ObjectId),
    /// Neither; with its number, from 1.
    Broken(usize),
}

/// A full id of the hash in use; an id of zeros names nothing.
pub(super) fn parse_id(hex: &[u8], kind: Kind) -> Option<ObjectId> {
    let id = (hex.len() == kind.len_in_hex()).then(|| ObjectId::from_hex(hex).ok()).flatten()?;
    (!id.is_null()).then_some(id)
}

/// A loose ref: an id, or `ref: NAME`. As with git, whatever follows the id after white space is not looked at.
pub(super) fn parse_loose(bytes: &[u8], kind: Kind) -> Option<RefValue> {
    if let Some(name) = bytes.strip_prefix(b"ref:") {
        let name = name.trim();
        return (!name.is_empty()).then(|| RefValue::Symbolic(name.into()));
    }
    let end = bytes.iter().position(u8::is_ascii_whitespace).unwrap_or(bytes.len());
    parse_id(&bytes[..end], kind).map(RefValue::Id)
}

/// The ids at the start of every line: `FETCH_HEAD`, `MERGE_HEAD`. `None` for a line without.
pub(super) fn parse_ids(bytes: &[u8], kind: Kind) -> impl Iterator<Item = Option<ObjectId>> {
    bytes.lines().filter(|line| !line.trim().is_empty()).map(move |line| {
        let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
        parse_id(&line[..end], kind)
    })
}

/// The lines of `packed-refs`, without its comments.
pub(super) fn parse_packed(bytes: &[u8], kind: Kind) -> impl Iterator<Item = PackedLine<'_>> {
    bytes.lines().enumerate().filter(|(_, line)| !line.starts_with(b"#") && !line.is_empty()).map(
        move |(index, line)| {
            let parsed = if let Some(hex) = line.strip_prefix(b"^") {
                parse_id(hex.trim_ascii_end(), kind).map(PackedLine::Peeled)
            } else {
                line.find_byte(b' ').and_then(|end| {
                    let name = line[end + 1..].trim_ascii_end().as_bstr();
                    let id = parse_id(&line[..end], kind)?;
                    (!name.is_empty()).then_some(PackedLine::Ref { name, id })
                })
            };
            parsed.unwrap_or(PackedLine::Broken(index + 1))
        },
    )
}

/// Whether every tag in `packed-refs` has a line that says what it peels to (git-pack-refs(1); git's `packed-backend.c`).
pub(super) fn is_fully_peeled(bytes: &[u8]) -> bool {
    let header = bytes.lines().next().and_then(|line| line.strip_prefix(b"# pack-refs with:"));
    header.is_some_and(|traits| traits.fields().any(|word| word == b"fully-peeled"))
}

/// The old and the new id of a reflog line; an id of zeros (the ref did not exist) is `None`.
/// The outer `None` is a line that is no reflog line.
pub(super) fn parse_reflog_line(line: &[u8], kind: Kind) -> Option<[Option<ObjectId>; 2]> {
    let hex = kind.len_in_hex();
    let (old, rest) = line.split_at_checked(hex)?;
    let (new, rest) = rest.strip_prefix(b" ")?.split_at_checked(hex)?;
    if !matches!(rest.first(), None | Some(b' ' | b'\t')) {
        return None;
    }
    let id = |hex: &[u8]| ObjectId::from_hex(hex).ok();
    Some([id(old)?, id(new)?].map(|id| (!id.is_null()).then_some(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const ZERO: &str = "0000000000000000000000000000000000000000";

    fn id() -> ObjectId {
        ObjectId::from_hex(A.as_bytes()).unwrap()
    }

    #[test]
    fn loose_refs_hold_an_id_or_a_name() {
        let parse = |text: String| parse_loose(text.as_bytes(), Kind::Sha1);
        assert_eq!(parse(format!("{A}\n")), Some(RefValue::Id(id())));
        assert_eq!(parse(format!("{A}\tnot-for-merge")), Some(RefValue::Id(id())));
        assert_eq!(
            parse("ref: refs/heads/main\n".into()),
            Some(RefValue::Symbolic("refs/heads/main".into()))
        );
        assert_eq!(parse("ref:refs/heads/a b \n".into()), Some(RefValue::Symbolic("refs/heads/a b".into())));
        for broken in
            [String::new(), "\n".into(), "ref: \n".into(), A[1..].into(), format!("{A}a"), ZERO.into()]
        {
            assert_eq!(parse(broken.clone()), None, "{broken:?}");
        }
        assert_eq!(parse_loose(A.as_bytes(), Kind::Sha256), None, "the other hash's length");
    }

    #[test]
    fn packed_refs_are_names_with_ids_and_peeled_ids() {
        let text = format!("# pack-refs with: peeled\n{A} refs/tags/v1\n^{A}\nnonsense\n^{ZERO}\n{A} \n");
        let lines: Vec<_> = parse_packed(text.as_bytes(), Kind::Sha1).collect();
        let first = PackedLine::Ref { name: "refs/tags/v1".into(), id: id() };
        let broken = [4, 5, 6].map(PackedLine::Broken);
        assert_eq!(lines[..2], [first, PackedLine::Peeled(id())]);
        assert_eq!(lines[2..], broken);
    }

    #[test]
    fn reflog_lines_have_two_ids() {
        let parse = |text: String| parse_reflog_line(text.as_bytes(), Kind::Sha1);
        assert_eq!(parse(format!("{ZERO} {A} A U Thor <a@b> 1 +0000\tm")), Some([None, Some(id())]));
        assert_eq!(parse(format!("{A} {A}")), Some([Some(id()), Some(id())]));
        for broken in [A.into(), format!("{A} {A}a x"), format!("{A}  {A}"), format!("{A} {}", &A[1..])] {
            assert_eq!(parse(broken.clone()), None, "{broken:?}");
        }
    }
}
