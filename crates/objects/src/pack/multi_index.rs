//! The multi-pack-index (gitformat-pack(5)): used only for packs that have no index of their own.

use std::path::Path;

use bstr::{BStr, ByteSlice};

use super::index::{IndexError, PackIndex, fan_out, u64_at};
use crate::mapped_file::MappedFile;

/// A mapped multi-pack-index, its chunks located.
#[derive(Debug)]
pub(crate) struct MultiIndex {
    file: MappedFile,
    hash: gix_hash::Kind,
    names: Chunk,
    ids: Chunk,
    offsets: Chunk,
    large_offsets: Chunk,
    count: usize,
}

type Chunk = std::ops::Range<usize>;

impl MultiIndex {
    /// Maps the file at `path` and checks its shape.
    pub(crate) fn open(path: &Path, hash: gix_hash::Kind) -> Result<Self, IndexError> {
        let file = MappedFile::open(path)?;
        let (head, hash_number) =
            (file.first_chunk::<12>().ok_or(IndexError::Size)?, 1 + u8::from(hash.len_in_bytes() == 32));
        // Magic, version, hash; base files are for incremental chains, which live elsewhere.
        if !head.starts_with(b"MIDX") || !matches!(head[4], 1 | 2) || head[5] != hash_number || head[7] != 0 {
            return Err(IndexError::Version(u32::from(head[4])));
        }
        let chunk_count = usize::from(head[6]);
        let chunk = |name: &[u8; 4]| -> Option<Chunk> {
            let row =
                (0..chunk_count).map(|i| 12 + i * 12).find(|row| file.get(*row..*row + 4) == Some(name))?;
            let start = usize::try_from(u64_at(&file, row + 4)?).ok()?;
            let end = usize::try_from(u64_at(&file, row + 16)?).ok()?;
            (start <= end && end <= file.len()).then_some(start..end)
        };
        let required = |name| chunk(name).ok_or(IndexError::Size);
        let (names, ids, offsets) = (required(b"PNAM")?, required(b"OIDL")?, required(b"OOFF")?);
        let count = fan_out(&file[required(b"OIDF")?])?[255] as usize;
        let large_offsets = chunk(b"LOFF").unwrap_or(0..0);
        if ids.len() < count * hash.len_in_bytes() || offsets.len() < count * 8 {
            return Err(IndexError::Size);
        }
        Ok(Self { file, hash, names, ids, offsets, large_offsets, count })
    }

    /// The number of the pack with this file name of an index (`pack-….idx`).
    pub(crate) fn pack_number(&self, index_name: &BStr) -> Option<u32> {
        let mut names = self.file[self.names.clone()].split(|byte| *byte == 0);
        names.position(|name| name.as_bstr() == index_name).and_then(|number| u32::try_from(number).ok())
    }

    /// The objects listed for this pack. An object that several packs hold is listed for one of them only.
    pub(crate) fn pack_index(&self, pack_number: u32) -> PackIndex {
        let hash_len = self.hash.len_in_bytes();
        let (ids, rows) = (&self.file[self.ids.clone()], &self.file[self.offsets.clone()]);
        let (mut own_ids, mut own_offsets) = (Vec::new(), Vec::new());
        let rows = rows.as_chunks::<8>().0.iter().zip(ids.chunks_exact(hash_len)).take(self.count);
        for ([p0, p1, p2, p3, offset @ ..], id) in rows {
            if u32::from_be_bytes([*p0, *p1, *p2, *p3]) == pack_number {
                own_ids.extend_from_slice(id);
                // An offset out of range is reported where it is used.
                own_offsets.push(self.offset(u32::from_be_bytes(*offset)).unwrap_or(u64::MAX));
            }
        }
        PackIndex::listed(own_ids, own_offsets, self.hash)
    }

    fn offset(&self, small: u32) -> Option<u64> {
        if self.large_offsets.is_empty() || small & 0x8000_0000 == 0 {
            return Some(u64::from(small));
        }
        u64_at(&self.file[self.large_offsets.clone()], (small & 0x7fff_ffff) as usize * 8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cut_and_flip_is_an_error_or_a_list() {
        let id = [0x42u8; 20];
        let mut bytes = b"MIDX\x01\x01\x04\0\0\0\0\x01".to_vec();
        let (names, fan, ids, rows) =
            (b"pack-a.idx\0\0".to_vec(), [[0u8; 4]; 256], id, [0u8, 0, 0, 0, 0, 0, 0, 12]);
        let mut offset = 12 + 5 * 12u64;
        for (name, len) in
            [(b"PNAM", names.len()), (b"OIDF", 1024), (b"OIDL", 20), (b"OOFF", 8), (&[0; 4], 0)]
        {
            bytes.extend_from_slice(name);
            bytes.extend_from_slice(&offset.to_be_bytes());
            offset += len as u64;
        }
        bytes.extend_from_slice(&names);
        for byte in 0..fan.len() {
            bytes.extend_from_slice(&u32::from(byte >= 0x42).to_be_bytes());
        }
        bytes.extend_from_slice(&ids);
        bytes.extend_from_slice(&rows);
        let file = tempfile::NamedTempFile::new().unwrap();
        let open = |bytes: &[u8]| {
            std::fs::write(file.path(), bytes).unwrap();
            MultiIndex::open(file.path(), gix_hash::Kind::Sha1)
        };
        let multi = open(&bytes).unwrap();
        let number = multi.pack_number(b"pack-a.idx".as_bstr()).unwrap();
        let index = multi.pack_index(number);
        assert_eq!((index.count(), index.offset(0), index.id(0).as_bytes()), (1, Some(12), &id[..]));
        for cut in 0..bytes.len() {
            assert!(open(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x81;
            if let Ok(multi) = open(&flipped) {
                drop(multi.pack_index(0));
            }
        }
    }
}
