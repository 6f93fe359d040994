//! Numbers, ids and texts as bytes and back. What is read is not trusted: anything that does not fit gives `None`.

use unleak_objects::ObjectId;

/// Bytes in the making.
#[derive(Debug, Default)]
pub(crate) struct Out(pub(crate) Vec<u8>);

impl Out {
    /// Seven bits a byte, the lowest first; all but the last byte have the eighth set.
    pub(crate) fn number(&mut self, mut number: u64) {
        while number > 0x7f {
            self.0.push(u8::try_from(number & 0x7f).unwrap_or_default() | 0x80);
            number >>= 7;
        }
        self.0.push(u8::try_from(number).unwrap_or_default());
    }

    pub(crate) fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    pub(crate) fn time(&mut self, seconds: i64) {
        self.0.extend_from_slice(&seconds.to_le_bytes());
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    /// All ids of a repository are of one length.
    pub(crate) fn id(&mut self, id: &ObjectId) {
        self.0.extend_from_slice(id.as_slice());
    }

    pub(crate) fn maybe_id(&mut self, id: Option<&ObjectId>) {
        self.0.push(u8::from(id.is_some()));
        if let Some(id) = id {
            self.id(id);
        }
    }

    pub(crate) fn list<'t, T>(&mut self, items: &'t [T], mut one: impl FnMut(&mut Self, &'t T)) {
        self.count(items.len());
        for item in items {
            one(self, item);
        }
    }
}

/// Bytes being read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct In<'b> {
    bytes: &'b [u8],
    hash: gix_hash::Kind,
}

impl<'b> In<'b> {
    pub(crate) fn new(bytes: &'b [u8], hash: gix_hash::Kind) -> Self {
        Self { bytes, hash }
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.bytes.is_empty()
    }

    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }

    pub(crate) fn number(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits.checked_shl(shift)? >> shift != bits {
                return None;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    pub(crate) fn count(&mut self) -> Option<usize> {
        self.number().and_then(|number| usize::try_from(number).ok())
    }

    pub(crate) fn time(&mut self) -> Option<i64> {
        Some(i64::from_le_bytes(*self.take(8)?.first_chunk()?))
    }

    pub(crate) fn bytes(&mut self) -> Option<&'b [u8]> {
        let count = self.count()?;
        self.take(count)
    }

    pub(crate) fn id(&mut self) -> Option<ObjectId> {
        ObjectId::try_from(self.take(self.hash.len_in_bytes())?).ok()
    }

    /// The outer `None` is an error.
    #[expect(clippy::option_option, reason = "what cannot be read and what is not there are two things")]
    pub(crate) fn maybe_id(&mut self) -> Option<Option<ObjectId>> {
        match self.byte()? {
            0 => Some(None),
            1 => Some(Some(self.id()?)),
            _ => None,
        }
    }

    pub(crate) fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.count()?;
        // Every item takes a byte at least: a lying count ends here and takes no memory.
        (count <= self.bytes.len()).then_some(())?;
        (0..count).map(|_| one(self)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(numbers: Vec<u64>, text: Vec<u8>, seconds: i64, raw: [u8; 20]) {
            let id = ObjectId::from(raw);
            let mut out = Out::default();
            out.list(&numbers, |out, number| out.number(*number));
            out.bytes(&text);
            out.time(seconds);
            out.maybe_id(Some(&id));
            out.maybe_id(None);
            let mut input = In::new(&out.0, gix_hash::Kind::Sha1);
            prop_assert_eq!(input.list(In::number), Some(numbers));
            prop_assert_eq!(input.bytes(), Some(&text[..]));
            prop_assert_eq!(input.time(), Some(seconds));
            prop_assert_eq!(input.maybe_id(), Some(Some(id)));
            prop_assert_eq!(input.maybe_id(), Some(None));
            prop_assert!(input.is_at_end());
        }

        #[test]
        fn any_bytes_can_be_read(bytes: Vec<u8>) {
            let input = In::new(&bytes, gix_hash::Kind::Sha1);
            let (mut a, mut b, mut c) = (input, input, input);
            drop((a.list(In::id), b.list(In::number), c.list(|input| input.list(In::maybe_id))));
        }
    }
}
