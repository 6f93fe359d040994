//! A read-only file as a slice of bytes. The one file of this crate with unsafe code.
//!
//! Git writes packs and indices under a temporary name, renames them into place and never changes them again; gc unlinks
//! them, which leaves existing maps valid. So the bytes of a map do not change under us. What remains: another process
//! that truncates a mapped pack in place makes the next access to the lost pages fail with SIGBUS and ends this process;
//! one that overwrites it in place makes us decode other bytes, which checksums report. Every mmap-based git
//! implementation, git itself included, lives with that.
#![allow(unsafe_code, reason = "memory maps are the only way to read packs without copying them; see above")]

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::Path;

use memmap2::Mmap;

/// A whole file, mapped read-only. Dereferences to its bytes.
#[derive(Debug)]
pub(crate) struct MappedFile(Option<Mmap>);

impl MappedFile {
    /// Maps the file at `path`; an empty file gives an empty slice.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        if file.metadata()?.len() == 0 {
            return Ok(Self(None));
        }
        // SAFETY: the map is read-only, and packs and indices are immutable once they have their name; see the top.
        let map = unsafe { Mmap::map(&file) }?;
        Ok(Self(Some(map)))
    }
}

impl Deref for MappedFile {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }
}
