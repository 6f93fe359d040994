//! One tree: its entries' bytes with other ids, other names, or fewer of them.

use bstr::{BStr, BString, ByteVec as _};
use gix_hash::ObjectId;
use unleak_objects::tree::{self, Entry, TreeError};

/// What becomes of an entry.
pub(crate) enum EntryFate {
    /// It stays, byte for byte.
    Same,
    /// It leads to another object.
    To(ObjectId),
    /// It is no longer there.
    Gone,
}

/// The bytes of a tree in which `fate` and `rename` have had their say; `None` if nothing is left of one that was not
/// empty. Modes, odd ones too, and the order stay, unless a name changes: then entries are sorted as git wants it.
pub(crate) fn rewrite(
    bytes: &[u8],
    hash_len: usize,
    mut fate: impl FnMut(&Entry<'_>) -> EntryFate,
    mut rename: impl FnMut(&BStr) -> Option<BString>,
) -> Result<Option<Vec<u8>>, TreeError> {
    let mut out = Vec::with_capacity(bytes.len() + 16);
    // Entries that stay are copied together: up to `copied` that is done.
    let (mut copied, mut end, mut renamed) = (0, 0, false);
    let mut entries = tree::entries(bytes, hash_len);
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let start = std::mem::replace(&mut end, bytes.len() - entries.rest());
        let fate = fate(&entry);
        let name = if matches!(fate, EntryFate::Gone) { None } else { rename(entry.name) };
        if matches!(fate, EntryFate::Same) && name.is_none() {
            continue;
        }
        out.extend_from_slice(&bytes[copied..start]);
        copied = end;
        let id_at = end - hash_len;
        if matches!(fate, EntryFate::Gone) {
            continue;
        }
        match name {
            Some(name) => {
                renamed = true;
                out.extend_from_slice(&bytes[start..id_at - entry.name.len() - 1]);
                out.extend_from_slice(&name);
                out.push(0);
            }
            None => out.extend_from_slice(&bytes[start..id_at]),
        }
        match fate {
            EntryFate::To(id) => out.extend_from_slice(id.as_slice()),
            _ => out.extend_from_slice(&bytes[id_at..end]),
        }
    }
    out.extend_from_slice(&bytes[copied..]);
    if renamed {
        out = sorted(&out, hash_len)?;
    }
    Ok((!out.is_empty() || bytes.is_empty()).then_some(out))
}

/// The entries in git's order; of two with one name the second gets another.
fn sorted(bytes: &[u8], hash_len: usize) -> Result<Vec<u8>, TreeError> {
    let mut entries: Vec<(BString, Entry<'_>)> = Vec::new();
    for entry in tree::entries(bytes, hash_len) {
        let entry = entry?;
        let mut name = entry.name.to_owned();
        while entries.iter().any(|(taken, _)| *taken == name) {
            name.push_byte(b'~');
        }
        entries.push((name, entry));
    }
    let key = |(name, entry): &(BString, Entry<'_>)| {
        let mut key = name.clone();
        if entry.is_tree() {
            key.push_byte(b'/');
        }
        key
    };
    entries.sort_by_cached_key(key);
    let mut out = Vec::with_capacity(bytes.len());
    for (name, entry) in entries {
        out.extend_from_slice(format!("{:o} ", entry.mode).as_bytes());
        out.extend_from_slice(&name);
        out.push(0);
        out.extend_from_slice(entry.id);
    }
    Ok(out)
}
