//! Which objects a pack holds and where: pack index files of version 1 and 2 (gitformat-pack(5)), or the same list taken
//! from a multi-pack-index.

use std::cmp::Ordering;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use gix_hash::{ObjectId, oid};

use crate::mapped_file::MappedFile;

use super::wide_fan_out::WideFanOut;

/// Why a pack index cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IndexError {
    #[error("the pack index cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("the pack index has version {0}, which is not supported")]
    Version(u32),
    #[error("the pack index is cut short or has the wrong size")]
    Size,
    #[error("the fan-out table of the pack index is not monotonic")]
    FanOut,
}

/// A sorted list of ids with their offsets in one pack.
#[derive(Debug)]
pub(crate) struct PackIndex {
    table: Table,
    hash: gix_hash::Kind,
    /// How many ids start with a byte up to this one.
    fan_out: Box<[u32; 256]>,
    /// Made when very many ids are about to be looked up.
    wide: OnceLock<WideFanOut>,
}

#[derive(Debug)]
enum Table {
    V1(MappedFile),
    V2(MappedFile),
    /// Ids one after the other, and an offset each.
    Listed(Vec<u8>, Vec<u64>),
}

const MAGIC: &[u8] = b"\xfftOc";
const FAN_OUT: usize = 256 * 4;

impl PackIndex {
    /// Maps the index at `path` and checks its shape; its checksum and single offsets are checked where they are used.
    pub(crate) fn open(path: &Path, hash: gix_hash::Kind) -> Result<Self, IndexError> {
        let file = MappedFile::open(path)?;
        let hash_len = hash.len_in_bytes();
        if !file.starts_with(MAGIC) {
            let fan_out = fan_out(&file)?;
            let expected =
                FAN_OUT as u64 + u64::from(fan_out[255]) * (4 + hash_len as u64) + 2 * hash_len as u64;
            if file.len() as u64 != expected {
                return Err(IndexError::Size);
            }
            return Ok(Self { table: Table::V1(file), hash, fan_out, wide: OnceLock::new() });
        }
        match u32_at(&file, 4).ok_or(IndexError::Size)? {
            2 => {}
            version => return Err(IndexError::Version(version)),
        }
        let fan_out = fan_out(&file[8..])?;
        let count = u64::from(fan_out[255]);
        let smallest = 8 + FAN_OUT as u64 + count * (hash_len as u64 + 8) + 2 * hash_len as u64;
        let large = (file.len() as u64).checked_sub(smallest).ok_or(IndexError::Size)?;
        if large % 8 != 0 || large / 8 > count {
            return Err(IndexError::Size);
        }
        Ok(Self { table: Table::V2(file), hash, fan_out, wide: OnceLock::new() })
    }

    /// The index with these ids, sorted and one after the other, and an offset each.
    pub(crate) fn listed(ids: Vec<u8>, offsets: Vec<u64>, hash: gix_hash::Kind) -> Self {
        let mut fan_out = Box::new([0u32; 256]);
        for id in ids.chunks_exact(hash.len_in_bytes()) {
            fan_out[usize::from(id[0])] += 1;
        }
        let mut sum = 0;
        for slot in fan_out.iter_mut() {
            sum += *slot;
            *slot = sum;
        }
        Self { table: Table::Listed(ids, offsets), hash, fan_out, wide: OnceLock::new() }
    }

    /// How many objects the index lists.
    pub(crate) fn count(&self) -> u32 {
        self.fan_out[255]
    }

    /// The id at `position`, which is below [`PackIndex::count`].
    #[inline]
    pub(crate) fn id(&self, position: u32) -> &oid {
        oid::from_bytes_unchecked(self.id_bytes(position))
    }

    /// [`PackIndex::id`] as an owned value.
    #[inline]
    pub(crate) fn object_id(&self, position: u32) -> ObjectId {
        self.id(position).to_owned()
    }

    #[inline]
    fn id_bytes(&self, position: u32) -> &[u8] {
        let (position, len) = (position as usize, self.hash.len_in_bytes());
        match &self.table {
            Table::V1(file) => &file[FAN_OUT + position * (4 + len) + 4..][..len],
            Table::V2(file) => &file[8 + FAN_OUT + position * len..][..len],
            Table::Listed(ids, _) => &ids[position * len..][..len],
        }
    }

    /// The offset in the pack of the object at `position`; `None` when the index points outside of its own tables.
    #[inline]
    pub(crate) fn offset(&self, position: u32) -> Option<u64> {
        let (position, len, count) = (position as usize, self.hash.len_in_bytes(), self.count() as usize);
        match &self.table {
            Table::V1(file) => u32_at(file, FAN_OUT + position * (4 + len)).map(u64::from),
            Table::V2(file) => {
                let small = u32_at(file, 8 + FAN_OUT + count * (len + 4) + position * 4)?;
                if small & 0x8000_0000 == 0 {
                    return Some(u64::from(small));
                }
                let large = 8 + FAN_OUT + count * (len + 8) + (small & 0x7fff_ffff) as usize * 8;
                if large + 8 + 2 * len > file.len() { None } else { u64_at(file, large) }
            }
            Table::Listed(_, offsets) => offsets.get(position).copied(),
        }
    }

    /// The CRC-32 of the stored bytes of the object at `position`; only version 2 has it.
    #[inline]
    pub(crate) fn crc(&self, position: u32) -> Option<u32> {
        match &self.table {
            Table::V2(file) => {
                let (len, count) = (self.hash.len_in_bytes(), self.count() as usize);
                u32_at(file, 8 + FAN_OUT + count * len + position as usize * 4)
            }
            Table::V1(_) | Table::Listed(..) => None,
        }
    }

    /// The positions of the ids that start with `byte`.
    pub(crate) fn bucket(&self, byte: u8) -> std::ops::Range<u32> {
        let start = if byte == 0 { 0 } else { self.fan_out[usize::from(byte) - 1] };
        start..self.fan_out[usize::from(byte)]
    }

    /// Spends a pass over the ids, if they are many, so that look-ups go to their place at once.
    pub(crate) fn prepare_for_many(&self) {
        if self.count() >= MANY {
            self.wide.get_or_init(|| WideFanOut::of((0..self.count()).map(|at| prefix(self.id_bytes(at)))));
        }
    }

    /// The position of `id`. Hashes are evenly spread, so it is looked for where it should be first.
    pub(crate) fn lookup(&self, id: &oid) -> Option<u32> {
        let wanted = prefix(id.as_bytes());
        // What a wide table leaves lies together: halves are as good as guesses.
        let (mut range, mut guesses) = match self.wide.get() {
            Some(wide) => (wide.range(wanted), GUESSES),
            None => (self.bucket(id.first_byte()), 0),
        };
        // The prefixes between which those of the range lie.
        let (mut low, mut high) = (wanted >> 56 << 56, wanted | u64::MAX >> 8);
        while range.start < range.end {
            let length = range.end - range.start;
            let middle = if guesses < GUESSES {
                guesses += 1;
                let share = u128::from(wanted - low) * u128::from(length) / (u128::from(high - low) + 1);
                range.start + u32::try_from(share).unwrap_or_default()
            } else {
                range.start + length / 2
            };
            let bytes = self.id_bytes(middle);
            let found = prefix(bytes);
            match found.cmp(&wanted).then_with(|| bytes.cmp(id.as_bytes())) {
                Ordering::Less => (range.start, low) = (middle + 1, found.max(low)),
                Ordering::Equal => return Some(middle),
                Ordering::Greater => (range.end, high) = (middle, found.min(high)),
            }
        }
        None
    }

    /// The checksum of the pack this index was made for; `None` for a list out of a multi-pack-index.
    pub(crate) fn pack_checksum(&self) -> Option<&[u8]> {
        let len = self.hash.len_in_bytes();
        self.file().map(|file| &file[file.len() - 2 * len..file.len() - len])
    }

    /// The checksum it ends with, which names it; not verified. `None` for a list out of a multi-pack-index.
    pub(crate) fn own_checksum(&self) -> Option<&[u8]> {
        self.file().map(|file| &file[file.len() - self.hash.len_in_bytes()..])
    }

    /// Whether the index has the checksum it ends with; `None` when it has none. Hashes the whole index.
    pub(crate) fn is_intact(&self) -> Option<bool> {
        let file = self.file()?;
        let (content, checksum) = file.split_at(file.len() - self.hash.len_in_bytes());
        let mut hasher = gix_hash::hasher(self.hash);
        hasher.update(content);
        Some(hasher.try_finalize().is_ok_and(|actual| actual.as_slice() == checksum))
    }

    fn file(&self) -> Option<&[u8]> {
        match &self.table {
            Table::V1(file) | Table::V2(file) => Some(file),
            Table::Listed(..) => None,
        }
    }
}

/// Indexes with fewer ids stay in a core's second-level cache, where a few more looks cost little.
const MANY: u32 = 1 << 14;

/// How often a look-up guesses by the id's value before it goes on by halves, which no ids can slow down.
const GUESSES: u32 = 3;

/// The first eight bytes of an id as a number.
#[inline]
fn prefix(id: &[u8]) -> u64 {
    id.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// Reads and checks the 256 big-endian counters at the start of `bytes`.
pub(crate) fn fan_out(bytes: &[u8]) -> Result<Box<[u32; 256]>, IndexError> {
    let table = bytes.get(..FAN_OUT).ok_or(IndexError::Size)?;
    let mut counts = Box::new([0u32; 256]);
    for (slot, chunk) in counts.iter_mut().zip(table.as_chunks::<4>().0) {
        *slot = u32::from_be_bytes(*chunk);
    }
    if counts.is_sorted() { Ok(counts) } else { Err(IndexError::FanOut) }
}

/// The big-endian number at `at`.
#[inline]
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_be_bytes(*chunk))
}

/// The big-endian number at `at`.
#[inline]
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|chunk| u64::from_be_bytes(*chunk))
}
