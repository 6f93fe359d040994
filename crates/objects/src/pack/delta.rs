//! Delta instructions: build an object by copying from a base and inserting new bytes (gitformat-pack(5), "deltified
//! representation").

use crate::trouble::Fault;

/// A delta, its two sizes read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delta<'a> {
    /// The size the base must have.
    pub(crate) base_size: u64,
    /// The size of the object the instructions build.
    pub(crate) target_size: u64,
    instructions: &'a [u8],
    /// How many bytes come before the instructions.
    start: usize,
}

/// One step of a delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Instruction<'a> {
    /// Append `length` bytes of the base from `offset` on.
    Copy { offset: usize, length: usize },
    /// Append these bytes.
    Insert(&'a [u8]),
}

impl<'a> Delta<'a> {
    /// Reads the two sizes in front of the instructions. The start of a delta, twenty bytes, is enough.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Fault> {
        let mut rest = bytes;
        let base_size = size(&mut rest)?;
        let target_size = size(&mut rest)?;
        Ok(Self { base_size, target_size, instructions: rest, start: bytes.len() - rest.len() })
    }

    /// Builds the object into `target`, replacing its content.
    pub(crate) fn apply(&self, base: &[u8], target: &mut Vec<u8>) -> Result<(), Fault> {
        /// What is reserved on the word of a delta alone; the rest grows as it is really built.
        const TRUSTED: usize = 1 << 24;
        target.clear();
        target.reserve(usize::try_from(self.target_size).map_err(|_| Fault::Delta)?.min(TRUSTED));
        self.each(base.len(), |_, instruction| match instruction {
            Instruction::Copy { offset, length } => {
                target.extend_from_slice(&base[offset..offset + length]);
            }
            Instruction::Insert(bytes) => target.extend_from_slice(bytes),
        })
    }

    /// Calls `take` with the instructions one by one, each of which fits a base of that length and what is left of the
    /// target, and with the place of its last byte's end in the delta.
    pub(crate) fn each(
        &self,
        base_length: usize,
        mut take: impl FnMut(usize, Instruction<'a>),
    ) -> Result<(), Fault> {
        if self.base_size != base_length as u64 {
            return Err(Fault::Delta);
        }
        let mut room = usize::try_from(self.target_size).map_err(|_| Fault::Delta)?;
        let mut rest = self.instructions;
        while !rest.is_empty() {
            let instruction = instruction(&mut rest)?;
            let length = match instruction {
                Instruction::Copy { offset, length } if offset + length <= base_length => length,
                Instruction::Copy { .. } => return Err(Fault::Delta),
                Instruction::Insert(bytes) => bytes.len(),
            };
            room = room.checked_sub(length).ok_or(Fault::Delta)?;
            take(self.start + self.instructions.len() - rest.len(), instruction);
        }
        if room == 0 { Ok(()) } else { Err(Fault::Delta) }
    }
}

/// A size: little-endian groups of seven bits.
fn size(rest: &mut &[u8]) -> Result<u64, Fault> {
    let mut size = 0u64;
    let mut shift = 0;
    loop {
        let (byte, tail) = rest.split_first().ok_or(Fault::Delta)?;
        *rest = tail;
        let part = u64::from(byte & 0x7f);
        if shift > 63 || part << shift >> shift != part {
            return Err(Fault::Delta);
        }
        size |= part << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return Ok(size);
        }
    }
}

#[inline]
fn instruction<'a>(rest: &mut &'a [u8]) -> Result<Instruction<'a>, Fault> {
    let (op, mut tail) = rest.split_first().ok_or(Fault::Delta)?;
    let instruction = if op & 0x80 != 0 {
        let mut offset = 0;
        let mut length = 0;
        for bit in 0..4 {
            if op & (1 << bit) != 0 {
                offset |= byte(&mut tail)? << (8 * bit);
            }
        }
        for bit in 0..3 {
            if op & (0x10 << bit) != 0 {
                length |= byte(&mut tail)? << (8 * bit);
            }
        }
        Instruction::Copy { offset, length: if length == 0 { 0x10000 } else { length } }
    } else if *op == 0 {
        // Reserved for future use.
        return Err(Fault::Delta);
    } else {
        let (bytes, after) = tail.split_at_checked(usize::from(*op)).ok_or(Fault::Delta)?;
        tail = after;
        Instruction::Insert(bytes)
    };
    *rest = tail;
    Ok(instruction)
}

#[inline]
fn byte(rest: &mut &[u8]) -> Result<usize, Fault> {
    let (byte, tail) = rest.split_first().ok_or(Fault::Delta)?;
    *rest = tail;
    Ok(usize::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(base: &[u8], delta: &[u8]) -> Option<Vec<u8>> {
        let mut target = b"old content".to_vec();
        Delta::parse(delta).ok()?.apply(base, &mut target).ok()?;
        Some(target)
    }

    #[test]
    fn copies_and_inserts() {
        assert_eq!(apply(b"abcdef", &[6, 7, 0x91, 1, 3, 2, b'X', b'Y', 0x90, 2]).unwrap(), b"bcdXYab");
        assert_eq!(apply(b"", &[0, 0]).unwrap(), b"");
        let base = vec![7; 0x10000];
        assert_eq!(apply(&base, &[0x80, 0x80, 4, 0x80, 0x80, 4, 0x80]).unwrap(), base);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let cases: [&[u8]; 11] = [
            &[],
            &[6],
            &[5, 1, 1, b'x'],
            &[6, 2, 1, b'x'],
            &[6, 0, 1, b'x'],
            &[6, 1, 0],
            &[6, 2, 2, b'x'],
            &[6, 2, 0x91, 5, 2],
            &[6, 2, 0x91, 1],
            &[6, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
        ];
        for delta in cases {
            assert_eq!(apply(b"abcdef", delta), None, "{delta:x?}");
        }
    }
}
