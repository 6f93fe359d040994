//! Writes a pack and its index under temporary names in `objects/pack`, complete and synced.

use std::fs::{self, File};
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use gix_hash::ObjectId;
use hashbrown::HashMap;

use super::entry::{Body, NewEntry};
use super::index::{self, Placed};

/// A pack in the making. Dropped before it is finished, it leaves nothing behind.
#[derive(Debug)]
pub struct PackWriter {
    folder: PathBuf,
    hash: gix_hash::Kind,
    file: BufWriter<tempfile::NamedTempFile>,
    end: u64,
    entries: Vec<Placed>,
    offsets: HashMap<ObjectId, u64, foldhash::fast::RandomState>,
}

/// A pack that is complete on disk, with its index, under names that git ignores until they are renamed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedPack {
    /// The pack, `tmp_pack_…`.
    pub pack: PathBuf,
    /// Its index, `tmp_idx_…`.
    pub index: PathBuf,
    /// What both are to be called, without extension: `pack-<hash>`.
    pub target: PathBuf,
    /// How many objects it holds.
    pub objects: u32,
    /// How many bytes the pack has.
    pub bytes: u64,
}

/// Magic, version, number of entries.
const HEADER_LEN: u64 = 12;

impl PackWriter {
    /// Starts a pack in `folder`, the `objects/pack` of a repository. `git gc` removes what is left of it after a crash.
    pub fn create(folder: &Path, hash: gix_hash::Kind) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let file = tempfile::Builder::new().prefix("tmp_pack_").tempfile_in(folder)?;
        let mut file = BufWriter::with_capacity(1 << 18, file);
        // The number of entries is written when it is known.
        file.write_all(b"PACK\0\0\0\x02\0\0\0\0")?;
        let (entries, offsets) = (Vec::new(), HashMap::default());
        Ok(Self { folder: folder.to_owned(), hash, file, end: HEADER_LEN, entries, offsets })
    }

    /// Whether the object is in the pack.
    pub fn contains(&self, id: &ObjectId) -> bool {
        self.offsets.contains_key(id)
    }

    /// How many objects are in the pack.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the pack is empty.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds an object, unless it is there. What it is made from must be there.
    pub fn add(&mut self, entry: &NewEntry) -> io::Result<()> {
        if self.contains(&entry.id) {
            return Ok(());
        }
        let mut header = Vec::with_capacity(20);
        let kind = match entry.body {
            Body::Whole(kind) => kind as u8,
            Body::Delta(_) => 6,
        };
        sized(kind, entry.size, &mut header);
        if let Body::Delta(base) = &entry.body {
            let base =
                self.offsets.get(base).ok_or_else(|| io::Error::other("the base is not in the pack"))?;
            distance(self.end - base, &mut header);
        }
        let mut crc = crc32fast::Hasher::new();
        for part in [&header, &entry.compressed] {
            crc.update(part);
            self.file.write_all(part)?;
        }
        self.entries.push(Placed { id: entry.id, crc: crc.finalize(), offset: self.end });
        self.offsets.insert(entry.id, self.end);
        self.end += (header.len() + entry.compressed.len()) as u64;
        Ok(())
    }

    /// Completes pack and index and syncs both to disk; `None` if no object was added.
    pub fn finish(mut self) -> io::Result<Option<FinishedPack>> {
        if self.is_empty() {
            return Ok(None);
        }
        let objects = u32::try_from(self.entries.len()).map_err(io::Error::other)?;
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(HEADER_LEN - 4))?;
        file.write_all(&objects.to_be_bytes())?;
        let checksum = checksum(&file, self.hash)?;
        file.seek(SeekFrom::End(0))?;
        file.write_all(checksum.as_bytes())?;
        let mut index = tempfile::Builder::new().prefix("tmp_idx_").tempfile_in(&self.folder)?;
        index::write(&mut self.entries, &checksum, &mut index)?;
        for file in [&file, &index] {
            read_only(file.as_file(), &self.folder)?;
            file.as_file().sync_all()?;
        }
        let keep =
            |file: tempfile::NamedTempFile| file.keep().map(|(_, path)| path).map_err(|error| error.error);
        let target = self.folder.join(format!("pack-{checksum}"));
        let bytes = self.end + checksum.as_bytes().len() as u64;
        Ok(Some(FinishedPack { pack: keep(file)?, index: keep(index)?, target, objects, bytes }))
    }
}

/// The hash over all of a file.
fn checksum(file: &tempfile::NamedTempFile, hash: gix_hash::Kind) -> io::Result<ObjectId> {
    let mut file = file.reopen()?;
    let mut hasher = gix_hash::hasher(hash);
    let mut part = vec![0; 1 << 16];
    loop {
        match io::Read::read(&mut file, &mut part)? {
            0 => return hasher.try_finalize().map_err(io::Error::other),
            length => hasher.update(&part[..length]),
        }
    }
}

/// As git leaves its packs: nobody writes, and whoever may look into the folder reads.
fn read_only(file: &File, folder: &Path) -> io::Result<()> {
    let mut permissions = file.metadata()?.permissions();
    permissions.set_readonly(true);
    #[cfg(unix)]
    std::os::unix::fs::PermissionsExt::set_mode(
        &mut permissions,
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(folder)?.permissions()) & 0o444,
    );
    file.set_permissions(permissions)
}

/// Kind and size: four bits of the size beside the kind, then seven a byte.
fn sized(kind: u8, size: u64, out: &mut Vec<u8>) {
    let mut byte = kind << 4 | (size & 15) as u8;
    let mut rest = size >> 4;
    while rest > 0 {
        out.push(byte | 0x80);
        byte = (rest & 0x7f) as u8;
        rest >>= 7;
    }
    out.push(byte);
}

/// How far back the base lies: seven bits a byte, the highest first, each but the last one less.
fn distance(mut distance: u64, out: &mut Vec<u8>) {
    let start = out.len();
    out.push((distance & 0x7f) as u8);
    while distance > 0x7f {
        distance = (distance >> 7) - 1;
        out.push((distance & 0x7f) as u8 | 0x80);
    }
    out[start..].reverse();
}
