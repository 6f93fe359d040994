//! One new object, ready to be put into a pack; made on any thread.

use std::cell::RefCell;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use gix_hash::ObjectId;

use crate::hashing::object_id;
use crate::kind::Kind;

use super::delta;

/// A new object, compressed.
#[derive(Debug)]
pub struct NewEntry {
    pub(super) id: ObjectId,
    pub(super) body: Body,
    /// The size before compression: of the object, or of the instructions.
    pub(super) size: u64,
    pub(super) compressed: Vec<u8>,
}

/// What an entry holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Body {
    Whole(Kind),
    /// The id of the object it is made from, which is in the same pack before it.
    Delta(ObjectId),
}

impl NewEntry {
    /// The object with these bytes; `None` when SHA-1 collision detection finds an attack in them.
    pub fn whole(hash: gix_hash::Kind, kind: Kind, bytes: &[u8]) -> Option<Self> {
        Some(Self::whole_with(object_id(hash, kind, bytes)?, kind, bytes))
    }

    /// The object with these bytes, whose id is known.
    pub fn whole_with(id: ObjectId, kind: Kind, bytes: &[u8]) -> Self {
        Self { id, body: Body::Whole(kind), size: bytes.len() as u64, compressed: compress(bytes) }
    }

    /// The object `id` with these `bytes`, made from another of the same kind which is in the pack already; `None` if that
    /// saves less than half.
    pub fn derived(id: ObjectId, bytes: &[u8], base_id: ObjectId, base: &[u8]) -> Option<Self> {
        // Copies name places in the base with 32 bits.
        u32::try_from(base.len()).ok()?;
        let delta = delta::make(base, bytes);
        (delta.len() < bytes.len() / 2).then(|| Self {
            id,
            body: Body::Delta(base_id),
            size: delta.len() as u64,
            compressed: compress(&delta),
        })
    }

    /// Its id.
    pub fn id(&self) -> ObjectId {
        self.id
    }

    /// How many bytes it takes in the pack, about.
    pub fn stored(&self) -> usize {
        self.compressed.len() + 24
    }
}

/// Shorter texts are stored as they are. They are mostly ids, which do not compress, and to make a compressor ready takes
/// a hundred times as long as to copy them.
const STORED: usize = 64;

thread_local! {
    /// Level 1: a pack that `git gc` packs again; higher levels take several times as long for a tenth less. Used again,
    /// since its tables are large.
    static ENCODER: RefCell<ZlibEncoder<Vec<u8>>> = RefCell::new(ZlibEncoder::new(Vec::new(), Compression::fast()));
}

fn compress(bytes: &[u8]) -> Vec<u8> {
    if bytes.len() <= STORED {
        return stored(bytes);
    }
    let written = ENCODER.with_borrow_mut(|encoder| {
        encoder.get_mut().reserve(bytes.len() / 3 + 32);
        encoder.write_all(bytes)?;
        encoder.reset(Vec::new())
    });
    written.expect("writing to memory does not fail")
}

/// A zlib stream (RFC 1950) of one stored block (RFC 1951, 3.2.4).
fn stored(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("a stored text is short");
    let mut out = Vec::with_capacity(bytes.len() + 11);
    out.extend_from_slice(b"\x78\x01\x01");
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&(!length).to_le_bytes());
    out.extend_from_slice(bytes);
    let sums = |(one, two): (u32, u32), byte: &u8| (one + u32::from(*byte), two + one + u32::from(*byte));
    // So few bytes do not reach the prime but in the second sum.
    let (one, two) = bytes.iter().fold((1, 0), sums);
    out.extend_from_slice(&((two % 65521) << 16 | one).to_be_bytes());
    out
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::ZlibDecoder;
    use unleak_testkit::Random;

    use super::*;

    #[test]
    fn what_is_compressed_comes_back_whatever_its_length() {
        let mut random = Random::new(8);
        for length in (0..300).chain([5000, 70_000]) {
            for bytes in [random.bytes(length), vec![0xff; length]] {
                let (compressed, mut back) = (compress(&bytes), Vec::new());
                ZlibDecoder::new(compressed.as_slice()).read_to_end(&mut back).unwrap();
                assert!(back == bytes, "{length}");
                assert!(length > STORED || compressed.len() == length + 11, "{length}");
            }
        }
    }
}
