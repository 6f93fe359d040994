//! Archives and compressed files: what a blob is by its first bytes, and whether there is something to forget in it.
//!
//! They are not rewritten: what is changed in one would have to be packed again by whatever made it.

use std::fmt;
use std::io::{Cursor, Read};

use bstr::BString;
use flate2::read::MultiGzDecoder;
use gix_hash::ObjectId;
use zip::ZipArchive;

/// What an archive or a compressed file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Packing {
    /// Also what is one by another name: `.jar`, `.docx`, `.apk`.
    Zip,
    /// Also `.tar.gz`.
    Gzip,
    /// Also `.tar.bz2`.
    Bzip2,
    /// Also `.tar.xz`.
    Xz,
    /// Zstandard.
    Zstd,
    /// 7-Zip.
    SevenZip,
    /// Any version of it.
    Rar,
    /// In frames.
    Lz4,
    /// Unix compress, `.Z`.
    Compress,
}

/// First bytes, from the documents that define each format.
const MAGIC: [(&[u8], Packing); 10] = [
    (b"PK\x03\x04", Packing::Zip),
    (b"PK\x05\x06", Packing::Zip), // without entries
    (b"\x1f\x8b\x08", Packing::Gzip),
    (b"BZh", Packing::Bzip2),
    (b"\xfd7zXZ\0", Packing::Xz),
    (b"\x28\xb5\x2f\xfd", Packing::Zstd),
    (b"7z\xbc\xaf\x27\x1c", Packing::SevenZip),
    (b"Rar!\x1a\x07", Packing::Rar),
    (b"\x04\x22\x4d\x18", Packing::Lz4),
    (b"\x1f\x9d", Packing::Compress),
];

/// So many bytes say what a blob is.
pub(crate) const START: usize = 8;

impl Packing {
    /// What begins like this.
    pub(crate) fn of(start: &[u8]) -> Option<Self> {
        MAGIC.iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, packing)| *packing)
    }
}

impl fmt::Display for Packing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Zip => "zip",
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
            Self::SevenZip => "7z",
            Self::Rar => "rar",
            Self::Lz4 => "lz4",
            Self::Compress => "compress",
        })
    }
}

/// A blob that is packed and is not known to be clean.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Archive {
    /// One path at which it stands.
    pub path: BString,
    /// Its id.
    pub id: ObjectId,
    /// What it is.
    pub packing: Packing,
    /// Whether it holds something to forget; else it could not be looked into, or not to its end.
    pub holds: bool,
}

/// What was found in a packed blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Inside {
    Clean,
    Holds,
    /// It cannot be unpacked here, not without a password, or not within the limits.
    Unread,
}

/// As much is unpacked of one file in an archive.
const ENTRY: u64 = 32 << 20;
/// As much is unpacked of one blob.
const BLOB: u64 = 256 << 20;
/// So many archives are looked into that lie in one another.
const DEPTH: u32 = 3;

/// Looks into a blob that is packed.
pub(crate) fn look(bytes: &[u8], packing: Packing, finds: &dyn Fn(&[u8]) -> bool) -> Inside {
    let mut looking = Looking { finds, left: BLOB, unread: false };
    match (looking.packed(bytes, packing, DEPTH), looking.unread) {
        (true, _) => Inside::Holds,
        (false, true) => Inside::Unread,
        (false, false) => Inside::Clean,
    }
}

struct Looking<'f> {
    finds: &'f dyn Fn(&[u8]) -> bool,
    /// How much more may be unpacked.
    left: u64,
    unread: bool,
}

impl Looking<'_> {
    /// Whether something packed holds something, `depth` levels down at most.
    fn packed(&mut self, bytes: &[u8], packing: Packing, depth: u32) -> bool {
        if depth == 0 {
            self.unread = true;
            return false;
        }
        match packing {
            Packing::Gzip => self.unpacked(&mut MultiGzDecoder::new(bytes), depth),
            Packing::Zip => self.zip(bytes, depth),
            _ => {
                self.unread = true;
                false
            }
        }
    }

    fn zip(&mut self, bytes: &[u8], depth: u32) -> bool {
        let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
            self.unread = true;
            return false;
        };
        if (self.finds)(archive.comment()) {
            return true;
        }
        for number in 0..archive.len() {
            match archive.by_index(number) {
                Ok(mut file) => {
                    if (self.finds)(file.name_raw()) || self.unpacked(&mut file, depth) {
                        return true;
                    }
                }
                // Encrypted, or packed in a way that is not known here.
                Err(_) => self.unread = true,
            }
        }
        false
    }

    /// Whether what is unpacked holds something; as much as was read of it, if it breaks off.
    fn unpacked(&mut self, content: &mut dyn Read, depth: u32) -> bool {
        let limit = self.left.min(ENTRY);
        let mut bytes = Vec::new();
        let whole = content.take(limit + 1).read_to_end(&mut bytes).is_ok() && bytes.len() as u64 <= limit;
        self.left = self.left.saturating_sub(bytes.len() as u64);
        self.unread |= !whole;
        (self.finds)(&bytes)
            || Packing::of(&bytes).is_some_and(|packing| self.packed(&bytes, packing, depth - 1))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn inside(bytes: &[u8]) -> Inside {
        look(bytes, Packing::of(bytes).unwrap(), &|text| memchr::memmem::find(text, b"needle").is_some())
    }

    #[test]
    fn archives_are_looked_into_also_where_they_lie_in_one_another() {
        let hay = [b"hay ".repeat(500), b"needle".to_vec(), b" hay".repeat(500)].concat();
        assert_eq!(inside(&gzip(&hay)), Inside::Holds);
        assert_eq!(inside(&gzip(b"hay")), Inside::Clean);
        assert_eq!(inside(&[gzip(b"hay"), gzip(&hay)].concat()), Inside::Holds, "a second member");
        assert_eq!(inside(&zip(&[("a", b"hay"), ("b", &hay)])), Inside::Holds);
        assert_eq!(inside(&zip(&[("a", b"hay")])), Inside::Clean);
        assert_eq!(inside(&zip(&[("the needle", b"hay")])), Inside::Holds, "the name of a file");
        assert_eq!(inside(&zip(&[("a.gz", &gzip(&hay))])), Inside::Holds);
        assert_eq!(inside(&gzip(&zip(&[("a", &hay)]))), Inside::Holds);
        assert_eq!(inside(&zip(&[])), Inside::Clean);
    }

    #[test]
    fn what_cannot_be_looked_into_is_not_called_clean() {
        assert_eq!(inside(b"7z\xbc\xaf\x27\x1c\0\x04"), Inside::Unread);
        assert_eq!(inside(b"PK\x03\x04 no archive"), Inside::Unread);
        let whole = gzip(&unleak_testkit::Random::new(5).bytes(10_000));
        assert_eq!(inside(&whole[..whole.len() / 2]), Inside::Unread, "cut off");
        assert_eq!(inside(&gzip(&gzip(&gzip(&gzip(b"hay"))))), Inside::Unread, "too deep");
        let entry = usize::try_from(ENTRY).expect("32 MiB");
        assert_eq!(inside(&gzip(&vec![0; entry + 1])), Inside::Unread, "too large");
        assert_eq!(inside(&gzip(&vec![0; entry])), Inside::Clean);
        assert_eq!(Packing::of(b"text"), None);
    }
}
