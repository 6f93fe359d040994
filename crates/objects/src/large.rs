//! Large blobs, read in parts: what is stored whole is decompressed through the reader's buffer and never held.
//!
//! Only blobs that are stored as such, not as deltas, can be read so; git stores what is above its
//! `core.bigFileThreshold` (512 MiB) in this way. The same is verified as for what is held whole, at the end of the
//! content: whoever reads that far without an error has read the true object.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};

use gix_hash::ObjectId;

use crate::buffer::Buffer;
use crate::inflate::{Inflater, Inflating};
use crate::kind::Kind;
use crate::loose;
use crate::pack::entry::Body;
use crate::spot::{Bad, Spot};
use crate::store::ObjectStore;
use crate::trouble::{Fault, ReadError};

/// The bytes of an object.
pub enum Content<'c> {
    /// All of them.
    Whole(&'c [u8]),
    /// Those of a blob above [`Limits::stream_above`](crate::Limits), in parts. The reader gives exactly `size` bytes, or
    /// an error.
    Parts {
        /// How many bytes there are.
        size: u64,
        /// Gives them.
        reader: &'c mut dyn Read,
    },
}

impl std::fmt::Debug for Content<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Content").field("size", &self.size()).finish_non_exhaustive()
    }
}

impl Content<'_> {
    /// How many bytes there are.
    pub fn size(&self) -> u64 {
        match self {
            Self::Whole(bytes) => bytes.len() as u64,
            Self::Parts { size, .. } => *size,
        }
    }
}

/// Takes the content of an object. It may be called again for another copy, if the reader of the one before failed.
pub(crate) type Take<'t> = &'t mut dyn FnMut(Kind, Content<'_>);

/// What must hold at the end of a stream.
struct Promise<'s> {
    /// Compares the stored bytes, so many of them, with a checksum.
    stored: Box<dyn Fn(u64) -> Result<(), Fault> + 's>,
    /// The hash so far, and what it must come to.
    hash: Option<(gix_hash::Hasher, ObjectId)>,
}

/// One blob in parts.
struct Stream<'s> {
    bytes: Inflating<'s, Box<dyn BufRead + 's>>,
    /// `None` once the end was verified, or something failed.
    promise: Option<Promise<'s>>,
    fault: Option<Fault>,
}

impl Stream<'_> {
    fn step(&mut self, out: &mut [u8]) -> Result<usize, Fault> {
        let Some(promise) = &mut self.promise else { return Ok(0) };
        let count = self.bytes.read(out)?;
        if let Some((hasher, _)) = &mut promise.hash {
            hasher.update(&out[..count]);
        }
        if count > 0 || out.is_empty() {
            return Ok(count);
        }
        let Some(promise) = self.promise.take() else { return Ok(0) };
        (promise.stored)(self.bytes.used())?;
        let Some((hasher, id)) = promise.hash else { return Ok(0) };
        if hasher.try_finalize().ok() == Some(id) { Ok(0) } else { Err(Fault::WrongId) }
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Some(fault) = &self.fault {
            return Err(io::Error::other(fault.to_string()));
        }
        self.step(out).map_err(|fault| {
            let error = io::Error::other(fault.to_string());
            self.fault = Some(fault);
            error
        })
    }
}

impl ObjectStore {
    /// Reads the object `id`, a large blob in parts, and gives it to `take`; `None` when no pack or folder of the store
    /// lists it. What is read is hashed, in parts at their end. `take` is called again when another copy has to be read
    /// because the parts of the first one ended with an error: then nothing of those counts.
    ///
    /// # Errors
    /// When no copy can be read.
    pub fn find_with(
        &self,
        id: &ObjectId,
        buffer: &mut Buffer,
        take: &mut dyn FnMut(Kind, Content<'_>),
    ) -> Result<Option<Kind>, ReadError> {
        let found = self.resolve_with(id, &mut Bad::new(), buffer, take);
        let found = found.map_err(|(spot, fault)| self.read_error(*id, &spot, fault))?;
        Ok(found.map(|(kind, _)| kind))
    }

    /// Gives any copy of `id` that is not `bad` and hashes to it to `take`. Copies that turn out to be unreadable are added
    /// to `bad`.
    pub(crate) fn resolve_with(
        &self,
        id: &ObjectId,
        bad: &mut Bad,
        buffer: &mut Buffer,
        take: Take<'_>,
    ) -> Result<Option<(Kind, u64)>, (Spot, Fault)> {
        let mut first_failure = None;
        while let Some(spot) = self.choose(id, None, bad) {
            let Some(streamed) = self.stream_at(spot, Some(*id), &mut buffer.inflater, take) else {
                match self.resolve(id, bad, buffer) {
                    Ok(None) => break,
                    Ok(Some(kind)) => {
                        take(kind, Content::Whole(&buffer.bytes));
                        return Ok(Some((kind, buffer.bytes.len() as u64)));
                    }
                    Err(failure) => return Err(first_failure.unwrap_or(failure)),
                }
            };
            match streamed {
                Ok(size) => return Ok(Some((Kind::Blob, size))),
                Err(fault) => {
                    bad.insert(spot);
                    first_failure.get_or_insert((spot, fault));
                }
            }
        }
        first_failure.map_or(Ok(None), Err)
    }

    /// Gives this copy of an object to `take`, if it is a large blob that is stored whole; returns its size. With `id`, what
    /// is packed is hashed; what is loose is hashed always. `None`, and nothing taken, if it is something else or its
    /// header says nothing: then it is to be read whole.
    pub(crate) fn stream_at(
        &self,
        spot: Spot,
        id: Option<ObjectId>,
        inflater: &mut Inflater,
        take: Take<'_>,
    ) -> Option<Result<u64, Fault>> {
        match spot {
            Spot::Packed { pack, offset } => self.stream_packed(pack, offset, id, inflater, take),
            Spot::Loose { id, .. } => self.stream_loose(spot, id, inflater, take),
        }
    }

    fn stream_packed(
        &self,
        pack: u32,
        offset: u64,
        id: Option<ObjectId>,
        inflater: &mut Inflater,
        take: Take<'_>,
    ) -> Option<Result<u64, Fault>> {
        let pack = &self.packs[pack as usize];
        let header = pack.header(offset).ok()?;
        if header.body != Body::Whole(Kind::Blob) || header.size <= self.limits.stream_above {
            return None;
        }
        let stored = Box::new(move |used| {
            // See `inflate_link` for why the order is not made for this.
            let position = pack.known_order().and_then(|order| Some(order.position(order.rank(offset)?)));
            position.map_or(Ok(()), |position| pack.check(position, offset, header.data + used))
        });
        let input = match pack.compressed(&header) {
            Ok(input) => Box::new(input),
            Err(fault) => return Some(Err(fault)),
        };
        let bytes = Inflating::new(inflater, input as Box<dyn BufRead + '_>, header.size);
        Some(give(
            bytes,
            header.size,
            Promise { stored, hash: id.map(|id| (blob_hasher(id, header.size), id)) },
            take,
        ))
    }

    fn stream_loose(
        &self,
        spot: Spot,
        id: ObjectId,
        inflater: &mut Inflater,
        take: Take<'_>,
    ) -> Option<Result<u64, Fault>> {
        let path = self.path_of(&spot);
        // Deflate cannot compress better than 1032 to 1, so that most files are known to be small without a look.
        if fs::metadata(&path).ok()?.len() <= self.limits.stream_above / 1032 {
            return None;
        }
        let (kind, size, header_len) = loose::whole_header(&path, inflater).ok()?;
        if kind != Kind::Blob || size <= self.limits.stream_above {
            return None;
        }
        let mut bytes = match File::open(&path) {
            Ok(file) => {
                let input: Box<dyn BufRead> = Box::new(BufReader::with_capacity(1 << 16, file));
                Inflating::new(inflater, input, size.saturating_add(header_len as u64))
            }
            Err(error) => return Some(Err(error.into())),
        };
        let skipped = bytes.skip(header_len).map_err(|fault| of_content(fault, size));
        let promise = Promise { stored: Box::new(|_| Ok(())), hash: Some((blob_hasher(id, size), id)) };
        Some(skipped.and_then(|()| give(bytes, size, promise, take)).map_err(|fault| of_content(fault, size)))
    }
}

fn give<'s>(
    bytes: Inflating<'s, Box<dyn BufRead + 's>>,
    size: u64,
    promise: Promise<'s>,
    take: Take<'_>,
) -> Result<u64, Fault> {
    let mut stream = Stream { bytes, promise: Some(promise), fault: None };
    take(Kind::Blob, Content::Parts { size, reader: &mut stream });
    stream.fault.map_or(Ok(size), Err)
}

/// The size in a fault is that of the object, without the header it is stored with.
fn of_content(fault: Fault, size: u64) -> Fault {
    if let Fault::Length(_) = fault { Fault::Length(size) } else { fault }
}

fn blob_hasher(id: ObjectId, size: u64) -> gix_hash::Hasher {
    let mut hasher = gix_hash::hasher(id.kind());
    hasher.update(format!("{} {size}\0", Kind::Blob).as_bytes());
    hasher
}
