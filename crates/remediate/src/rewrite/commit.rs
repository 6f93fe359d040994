//! One commit: its bytes with another tree, other parents and other words; everything else stays.

use gix_hash::ObjectId;
use unleak_objects::headers::{Header, Headers};

use crate::forget::Forget;
use crate::replacer::{ReplaceError, Replacer};

use super::person;

/// What a commit is rewritten with.
pub(crate) struct CommitWork<'a> {
    pub(crate) forget: &'a Forget,
    /// The new tree.
    pub(crate) tree: ObjectId,
    /// The new parents, in order.
    pub(crate) parents: &'a [ObjectId],
    /// Whether a tag that was merged, named by what it points to, changes.
    pub(crate) changes: &'a dyn Fn(&ObjectId) -> bool,
    /// Names other commits in a message by their new ids.
    pub(crate) references: &'a mut dyn FnMut(&[u8]) -> Option<Vec<u8>>,
}

/// The new bytes of a commit, and whether a signature was lost.
pub(crate) fn rewrite(bytes: &[u8], work: &mut CommitWork<'_>) -> Result<(Vec<u8>, bool), ReplaceError> {
    let mut out = Vec::with_capacity(bytes.len() + 64);
    let mut parents = work.parents.iter();
    let (mut tree_done, mut parents_done, mut signature_lost) = (false, false, false);
    let mut headers = Headers::new(bytes);
    for header in headers.by_ref() {
        if tree_done && !parents_done && header.key != b"parent" {
            parents_done = true;
            parents
                .by_ref()
                .for_each(|parent| line(&mut out, b"parent", parent.to_hex().to_string().as_bytes()));
        }
        match header.key {
            b"tree" if !tree_done => {
                tree_done = true;
                line(&mut out, b"tree", work.tree.to_hex().to_string().as_bytes());
            }
            b"parent" => {
                if let Some(parent) = parents.next() {
                    line(&mut out, b"parent", parent.to_hex().to_string().as_bytes());
                }
            }
            b"gpgsig" | b"gpgsig-sha256" => signature_lost = true,
            b"mergetag" if is_stale(&header, work) => {}
            b"author" | b"committer" => {
                let new = person::rewrite(
                    header.value,
                    work.forget.text_elsewhere(),
                    work.forget.mailmap.as_ref(),
                )?;
                changed(&mut out, &header, new);
            }
            _ => {
                let new = replaced(work.forget.text_elsewhere(), header.value)?;
                changed(&mut out, &header, new.map(|new| continued(&new)));
            }
        }
    }
    let message = &bytes[headers.message_offset()..];
    // The empty line, if there is one.
    out.extend_from_slice(&bytes[headers.end()..headers.message_offset()]);
    out.extend_from_slice(&words(message, work.forget, work.references)?);
    Ok((out, signature_lost))
}

/// A message with everything replaced that is to be.
pub(crate) fn words(
    message: &[u8],
    forget: &Forget,
    references: &mut dyn FnMut(&[u8]) -> Option<Vec<u8>>,
) -> Result<Vec<u8>, ReplaceError> {
    let mut message = message.to_vec();
    for replacer in [forget.text_elsewhere(), forget.messages.as_ref()].into_iter().flatten() {
        if let Some(new) = replacer.replace(&message)? {
            message = new;
        }
    }
    Ok(references(&message).unwrap_or(message))
}

/// What `text` makes of a value; `None` if it stays.
pub(super) fn replaced(text: Option<&Replacer>, value: &[u8]) -> Result<Option<Vec<u8>>, ReplaceError> {
    text.map_or(Ok(None), |text| text.replace(value))
}

/// Whether the tag that a `mergetag` header holds would not be what it was: it names a commit that changes, or holds
/// something to forget.
fn is_stale(header: &Header<'_>, work: &CommitWork<'_>) -> bool {
    let named = header.value.strip_prefix(b"object ").and_then(|rest| {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        ObjectId::from_hex(&rest[..end]).ok()
    });
    named.is_none_or(|id| (work.changes)(&id))
        || work.forget.text_elsewhere().is_some_and(|text| text.finds(header.value))
}

/// Writes a header with a new value, or as it was.
pub(super) fn changed(out: &mut Vec<u8>, header: &Header<'_>, new: Option<Vec<u8>>) {
    match new {
        Some(new) => line(out, header.key, &new),
        None => out.extend_from_slice(header.raw),
    }
}

pub(super) fn line(out: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    out.extend_from_slice(key);
    out.push(b' ');
    out.extend_from_slice(value);
    out.push(b'\n');
}

/// A value whose lines, but for the first, start with a space.
pub(super) fn continued(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    for (at, byte) in value.iter().enumerate() {
        out.push(*byte);
        if *byte == b'\n' && value.get(at + 1) != Some(&b' ') {
            out.push(b' ');
        }
    }
    out
}
