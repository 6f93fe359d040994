//! Writes the index of a pack, version 2 (gitformat-pack(5)).

use std::io::{self, Write};

use gix_hash::ObjectId;

/// An entry of a pack.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    pub(super) id: ObjectId,
    /// CRC-32 of the stored bytes.
    pub(super) crc: u32,
    /// Where it starts in the pack.
    pub(super) offset: u64,
}

/// Offsets from here on stand in a table of their own.
const LARGE: u64 = 1 << 31;

/// Writes the index of the pack that ends with the hash `pack`; sorts `entries` by id.
pub(super) fn write(entries: &mut [Placed], pack: &ObjectId, out: &mut dyn Write) -> io::Result<()> {
    entries.sort_unstable_by_key(|entry| entry.id);
    let mut bytes = Vec::with_capacity(1100 + entries.len() * (pack.as_bytes().len() + 8));
    bytes.extend_from_slice(b"\xfftOc\0\0\0\x02");
    let mut below = 0usize;
    for first in 0..=255u8 {
        below += entries[below..].iter().take_while(|entry| entry.id.first_byte() == first).count();
        bytes.extend_from_slice(&number(below)?.to_be_bytes());
    }
    for entry in &*entries {
        bytes.extend_from_slice(entry.id.as_bytes());
    }
    for entry in &*entries {
        bytes.extend_from_slice(&entry.crc.to_be_bytes());
    }
    let mut large = Vec::new();
    for entry in &*entries {
        let offset = if entry.offset < LARGE {
            number(entry.offset)?
        } else {
            large.extend_from_slice(&entry.offset.to_be_bytes());
            number(large.len() / 8 - 1)? | 1 << 31
        };
        bytes.extend_from_slice(&offset.to_be_bytes());
    }
    bytes.append(&mut large);
    bytes.extend_from_slice(pack.as_bytes());
    let mut hasher = gix_hash::hasher(pack.kind());
    hasher.update(&bytes);
    let hash = hasher.try_finalize().map_err(io::Error::other)?;
    bytes.extend_from_slice(hash.as_bytes());
    out.write_all(&bytes)
}

fn number(number: impl TryInto<u32>) -> io::Result<u32> {
    number.try_into().map_err(|_| io::Error::other("a pack has fewer than 2^32 objects"))
}
