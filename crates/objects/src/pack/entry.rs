//! The header in front of each entry of a pack (gitformat-pack(5), "pack entry").

use gix_hash::ObjectId;

use crate::kind::Kind;
use crate::trouble::Fault;

/// What follows an entry header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    /// A whole object.
    Whole(Kind),
    /// A delta against the entry at this offset, which is smaller than that of the delta.
    OffsetDelta(u64),
    /// A delta against the object with this id, anywhere.
    IdDelta(ObjectId),
}

/// A parsed entry header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EntryHeader {
    pub(crate) body: Body,
    /// The decompressed size of what follows: of the object, or of the delta instructions.
    pub(crate) size: u64,
    /// Where the zlib stream starts, counted from the start of the pack.
    pub(crate) data: u64,
}

/// Parses the header at the start of `bytes`, which lies at `offset` in its pack.
pub(crate) fn parse(bytes: &[u8], offset: u64, hash_len: usize) -> Result<EntryHeader, Fault> {
    let (first, mut rest) = bytes.split_first().ok_or(Fault::Header)?;
    let mut size = u64::from(first & 15);
    let mut more = first & 0x80 != 0;
    let mut shift = 4;
    while more {
        let (byte, tail) = rest.split_first().ok_or(Fault::Header)?;
        rest = tail;
        let part = u64::from(byte & 0x7f);
        if shift > 63 || part << shift >> shift != part {
            return Err(Fault::Header);
        }
        size |= part << shift;
        shift += 7;
        more = byte & 0x80 != 0;
    }
    let body = match (first >> 4) & 7 {
        6 => Body::OffsetDelta(base_offset(&mut rest, offset)?),
        7 => {
            let (id, tail) = rest.split_at_checked(hash_len).ok_or(Fault::Header)?;
            rest = tail;
            Body::IdDelta(ObjectId::try_from(id).map_err(|_| Fault::Header)?)
        }
        number => Body::Whole(Kind::from_number(number).ok_or(Fault::Header)?),
    };
    Ok(EntryHeader { body, size, data: offset + (bytes.len() - rest.len()) as u64 })
}

/// The "offset encoding" of the distance to the base: big-endian groups of seven bits, one added for each further group.
fn base_offset(rest: &mut &[u8], offset: u64) -> Result<u64, Fault> {
    let mut distance = 0u64;
    let mut first = true;
    loop {
        let (byte, tail) = rest.split_first().ok_or(Fault::Header)?;
        *rest = tail;
        if !first {
            distance += 1;
        }
        first = false;
        if distance > u64::MAX >> 8 {
            return Err(Fault::Header);
        }
        distance = distance << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    match offset.checked_sub(distance) {
        Some(base) if distance > 0 => Ok(base),
        _ => Err(Fault::Header),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_sizes_and_bases() {
        let whole = parse(&[0xb5, 0x02, 9], 12, 20).unwrap();
        assert_eq!(whole, EntryHeader { body: Body::Whole(Kind::Blob), size: 37, data: 14 });
        // Distances: one group holds up to 127, two groups start at 128.
        assert_eq!(parse(&[0x60, 127], 500, 20).unwrap().body, Body::OffsetDelta(373));
        assert_eq!(parse(&[0x60, 0x80, 0], 500, 20).unwrap().body, Body::OffsetDelta(372));
        let by_id = parse(&[&[0x71][..], &[5; 32]].concat(), 40, 32).unwrap();
        assert_eq!(by_id.body, Body::IdDelta(ObjectId::from_bytes_or_panic(&[5; 32])));
        assert_eq!(by_id.data, 73);
    }

    #[test]
    fn refuses_nonsense() {
        let cases: [&[u8]; 9] = [
            &[],
            &[0x00],
            &[0x50],
            &[0xb0],
            &[0x60],
            &[0x60, 0],
            &[0x60, 0x80],
            &[0x60, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
            &[0xb0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
        ];
        for bytes in cases {
            assert!(parse(bytes, 100, 20).is_err(), "{bytes:x?}");
        }
        assert!(parse(&[0x60, 101], 100, 20).is_err());
        assert!(parse(&[0x70; 20], 100, 20).is_err());
    }
}
