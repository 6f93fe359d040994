//! One pack: its bytes, its index, and the decoding of single entries. Chains of deltas are resolved elsewhere.

pub(crate) mod delta;
pub(crate) mod entry;
pub(crate) mod index;
pub(crate) mod multi_index;
mod order;
mod wide_fan_out;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use gix_hash::ObjectId;

use crate::inflate::Inflater;
use crate::mapped_file::MappedFile;
use crate::trouble::{Fault, Trouble};

use entry::EntryHeader;
use index::{PackIndex, u32_at};
pub(crate) use order::{Lineage, Order};

/// A pack with its index, mapped.
#[derive(Debug)]
pub struct Pack {
    path: PathBuf,
    data: MappedFile,
    index: PackIndex,
    hash: gix_hash::Kind,
    promisor: bool,
    /// Built when first asked for: single look-ups do without.
    order: OnceLock<Order>,
    /// Built by the first visit.
    lineage: OnceLock<Lineage>,
    /// The same.
    doubt: OnceLock<Doubt>,
}

/// Whether a pack's index cannot be believed, and why.
type Doubt = (bool, Vec<Trouble>);

/// The magic, the version and the number of entries.
const HEADER_LEN: usize = 12;

impl Pack {
    /// Maps the pack at `path`. Its header is not judged: with an index, every entry can be tried.
    pub(crate) fn open(path: PathBuf, index: PackIndex, hash: gix_hash::Kind) -> io::Result<Self> {
        let data = MappedFile::open(&path)?;
        let promisor = path.with_extension("promisor").exists();
        let (order, lineage, doubt) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Ok(Self { path, data, index, hash, promisor, order, lineage, doubt })
    }

    /// Where the pack file lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many objects its index lists.
    pub fn object_count(&self) -> u32 {
        self.index.count()
    }

    /// The size of the pack file in bytes.
    pub fn size(&self) -> u64 {
        self.data.len() as u64
    }

    /// Whether a promisor remote sent it, so that objects it names may be missing on purpose.
    pub fn is_promisor(&self) -> bool {
        self.promisor
    }

    /// The hash at the end of the pack, which names its content; not verified.
    pub fn checksum(&self) -> Option<ObjectId> {
        self.data.get(self.end()..).and_then(|trailer| ObjectId::try_from(trailer).ok())
    }

    /// What tells this pack from all others: checksum and size of the pack, checksum of its index. Nothing is verified:
    /// bytes that go bad on the disk later do not show. `None` for a pack without an index of its own.
    pub fn identity(&self) -> Option<Vec<u8>> {
        let (pack, index) = (self.checksum()?, self.index.own_checksum()?);
        Some([pack.as_slice(), index, &self.size().to_le_bytes()].concat())
    }

    /// Whether its index lists `id`.
    pub fn contains(&self, id: &ObjectId) -> bool {
        self.index.lookup(id).is_some()
    }

    pub(crate) fn index(&self) -> &PackIndex {
        &self.index
    }

    /// The number of entries the pack itself claims; `None` when its header is not that of a pack of version 2 or 3.
    pub(crate) fn claimed_count(&self) -> Option<u32> {
        let is_pack = self.data.starts_with(b"PACK") && matches!(u32_at(&self.data, 4), Some(2 | 3));
        if is_pack { u32_at(&self.data, 8) } else { None }
    }

    /// The entries in pack order; built on first use.
    pub(crate) fn order(&self) -> &Order {
        self.order.get_or_init(|| Order::new(&self.index, HEADER_LEN as u64..self.end() as u64))
    }

    /// The entries in pack order if they have been asked for before.
    pub(crate) fn known_order(&self) -> Option<&Order> {
        self.order.get()
    }

    /// Which entry rests on which; the first visit says it, and later ones need not read all headers again.
    pub(crate) fn lineage(&self, read: impl FnOnce() -> Lineage) -> &Lineage {
        self.lineage.get_or_init(read)
    }

    /// Whether its index cannot be believed; the first visit says it, and later ones need not hash the index again.
    pub(crate) fn doubt(&self, judge: impl FnOnce() -> Doubt) -> &Doubt {
        self.doubt.get_or_init(judge)
    }

    /// Where the entries end and the trailing hash starts.
    fn end(&self) -> usize {
        self.data.len().saturating_sub(self.hash.len_in_bytes()).max(HEADER_LEN)
    }

    /// The stored bytes from `offset` on.
    fn tail(&self, offset: u64) -> Result<&[u8], Fault> {
        match usize::try_from(offset) {
            Ok(start) if start >= HEADER_LEN && start < self.end() => {
                Ok(self.data.get(start..self.end()).ok_or(Fault::Offset(offset))?)
            }
            _ => Err(Fault::Offset(offset)),
        }
    }

    /// The header of the entry at `offset`.
    #[inline]
    pub(crate) fn header(&self, offset: u64) -> Result<EntryHeader, Fault> {
        entry::parse(self.tail(offset)?, offset, self.hash.len_in_bytes())
    }

    /// What follows `header`, compressed, and whatever follows that.
    pub(crate) fn compressed(&self, header: &EntryHeader) -> Result<&[u8], Fault> {
        self.tail(header.data).map_err(|_| Fault::Zlib)
    }

    /// Decompresses what follows `header` into `out`: an object or delta instructions. Returns where the entry ends.
    pub(crate) fn inflate(
        &self,
        header: &EntryHeader,
        inflater: &mut Inflater,
        out: &mut Vec<u8>,
    ) -> Result<u64, Fault> {
        let used = inflater.exact(self.compressed(header)?, header.size, out)?;
        Ok(header.data + used as u64)
    }

    /// Decompresses the start of what follows `header`; returns how many bytes of `out` that fills.
    pub(crate) fn inflate_prefix(
        &self,
        header: &EntryHeader,
        inflater: &mut Inflater,
        out: &mut [u8],
    ) -> Result<usize, Fault> {
        inflater.prefix(self.compressed(header)?, out)
    }

    /// Checks the stored bytes from `start` to `end` against the checksum in the index, where it has one.
    #[inline]
    pub(crate) fn check(&self, position: u32, start: u64, end: u64) -> Result<(), Fault> {
        let Some(expected) = self.index.crc(position) else { return Ok(()) };
        let range = usize::try_from(start).unwrap_or(usize::MAX)..usize::try_from(end).unwrap_or(usize::MAX);
        let stored = self.data.get(range).ok_or(Fault::Offset(start))?;
        if crc32fast::hash(stored) == expected { Ok(()) } else { Err(Fault::Checksum) }
    }

    /// The id of the entry at `offset`, if the index lists it.
    pub(crate) fn id_at(&self, offset: u64) -> Option<ObjectId> {
        let order = self.order();
        order.rank(offset).map(|rank| self.index.object_id(order.position(rank)))
    }
}
