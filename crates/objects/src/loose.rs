//! Loose objects: one zlib file each, in 256 folders named by the first byte of the id.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use gix_hash::ObjectId;

use crate::hashing::object_id;
use crate::inflate::Inflater;
use crate::kind::Kind;
use crate::trouble::{Fault, Trouble, TroubleKind};

/// The longest header: the longest kind, a space, twenty digits, a zero byte; rounded up.
const HEADER_MAX: usize = 32;

/// Where the object with this id would lie.
pub(crate) fn path(folder: &Path, id: &ObjectId) -> PathBuf {
    let hex = id.to_string();
    folder.join(&hex[..2]).join(&hex[2..])
}

/// The ids of all loose objects in `folder`, sorted.
pub(crate) fn list(folder: &Path, hash: gix_hash::Kind, troubles: &mut Vec<Trouble>) -> Vec<ObjectId> {
    let mut ids = Vec::new();
    for byte in 0..=255u8 {
        let prefix = format!("{byte:02x}");
        let sub_folder = folder.join(&prefix);
        if let Err(error) = list_one(&sub_folder, &prefix, hash, &mut ids)
            && error.kind() != io::ErrorKind::NotFound
        {
            let message = format!("the folder of loose objects cannot be listed: {error}");
            troubles.push(Trouble::with_file(&sub_folder, TroubleKind::Unreadable, message));
        }
    }
    ids.sort_unstable();
    ids
}

fn list_one(folder: &Path, prefix: &str, hash: gix_hash::Kind, ids: &mut Vec<ObjectId>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        // Whatever has no name of an object is none: temporary files of git among others.
        if let Some(name) = name.to_str()
            && name.len() + 2 == hash.len_in_hex()
            && let Ok(id) = ObjectId::from_hex([prefix, name].concat().as_bytes())
        {
            ids.push(id);
        }
    }
    Ok(())
}

/// Reads the object `id` at `path` into `out` and checks that its bytes hash to `id`. `raw` is scratch space.
pub(crate) fn read(
    path: &Path,
    id: &ObjectId,
    limit: u64,
    inflater: &mut Inflater,
    raw: &mut Vec<u8>,
    out: &mut Vec<u8>,
) -> Result<Kind, Fault> {
    let file = File::open(path)?;
    let stored = file.metadata()?.len();
    raw.clear();
    // Zlib never grows its input by more than a few bytes in a thousand.
    file.take(limit.saturating_add(limit / 100 + 1024)).read_to_end(raw)?;
    let (kind, size, header_len) = parse_header(raw, inflater)?;
    if size > limit {
        return Err(Fault::TooLarge { size, limit });
    }
    if stored > raw.len() as u64 {
        return Err(Fault::TooLarge { size: stored, limit });
    }
    inflater.exact(raw, size + header_len as u64, out).map_err(|fault| match fault {
        Fault::Length(_) => Fault::Length(size),
        other => other,
    })?;
    out.drain(..header_len);
    if object_id(id.kind(), kind, out).as_ref() == Some(id) { Ok(kind) } else { Err(Fault::WrongId) }
}

/// The kind and size in bytes of the object at `path`, as its header says.
pub(crate) fn header(path: &Path, inflater: &mut Inflater) -> Result<(Kind, u64), Fault> {
    whole_header(path, inflater).map(|(kind, size, _)| (kind, size))
}

/// The same, and how many bytes the header takes, decompressed.
pub(crate) fn whole_header(path: &Path, inflater: &mut Inflater) -> Result<(Kind, u64, usize), Fault> {
    let mut raw = Vec::with_capacity(256);
    File::open(path)?.take(256).read_to_end(&mut raw)?;
    parse_header(&raw, inflater)
}

/// `<kind> <size>\0` at the start of the stream; also returns how long that is.
fn parse_header(raw: &[u8], inflater: &mut Inflater) -> Result<(Kind, u64, usize), Fault> {
    let mut start = [0; HEADER_MAX];
    let filled = inflater.prefix(raw, &mut start)?;
    let header = start[..filled].split(|byte| *byte == 0).next().filter(|header| header.len() < filled);
    let header = header.ok_or(Fault::Header)?;
    let space = header.iter().position(|byte| *byte == b' ').ok_or(Fault::Header)?;
    let kind = Kind::from_name(&header[..space]).ok_or(Fault::Header)?;
    let digits = &header[space + 1..];
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Fault::Header);
    }
    let size = std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).ok_or(Fault::Header)?;
    Ok((kind, size, header.len() + 1))
}
