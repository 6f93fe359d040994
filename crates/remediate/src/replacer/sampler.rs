//! Whether one of many literals occurs, found out by looking at every few bytes of a text only.
//!
//! Of each literal a run of four-byte pieces is known, one at each of as many consecutive offsets as lie between two
//! samples. Wherever the literal stands, one of these pieces stands at a sample. An automaton looks at every byte and,
//! with thousands of literals, misses the cache at most of them.

use zeroize::Zeroizing;

/// The length of a piece.
const PIECE: usize = 4;
/// The widest step from one sample to the next.
const WIDEST: usize = 8;
/// Buckets for each piece, as a power of two, so that most are empty.
const SPARE: u32 = 4;
/// The most buckets, as a power of two.
const MOST: u32 = 20;

/// A piece of a literal.
#[derive(Debug, Clone, Copy)]
struct Piece {
    literal: u32,
    offset: u32,
}

/// Many literals of four bytes and more.
pub(super) struct Sampler {
    literals: Vec<Zeroizing<Vec<u8>>>,
    step: usize,
    /// How far a hash is shifted to give a bucket.
    shift: u32,
    /// One bit for each bucket: whether it holds anything.
    taken: Vec<u64>,
    /// Where the pieces of each bucket begin.
    begins: Vec<u32>,
    pieces: Vec<Piece>,
}

impl Sampler {
    /// `None` if a literal is shorter than a piece.
    pub(super) fn new(literals: Vec<Zeroizing<Vec<u8>>>) -> Option<Self> {
        let shortest = literals.iter().map(|literal| literal.len()).min()?;
        let step = (shortest + 1).checked_sub(PIECE).filter(|step| *step > 0)?.min(WIDEST);
        let count = literals.len().checked_mul(step)?;
        let bits = (usize::BITS - count.leading_zeros() + SPARE).clamp(6, MOST);
        let shift = 32 - bits;
        let mut all: Vec<(u32, Piece)> = Vec::with_capacity(count);
        for (index, literal) in literals.iter().enumerate() {
            let first = best_run(literal, step);
            for offset in first..first + step {
                let bucket = hash(&literal[offset..]) >> shift;
                all.push((
                    bucket,
                    Piece { literal: u32::try_from(index).ok()?, offset: u32::try_from(offset).ok()? },
                ));
            }
        }
        all.sort_by_key(|(bucket, _)| *bucket);
        let (mut taken, mut begins) = (vec![0; 1 << (bits - 6)], vec![0; (1 << bits) + 1]);
        for (bucket, _) in &all {
            taken[(bucket >> 6) as usize] |= 1 << (bucket & 63);
            begins[*bucket as usize + 1] += 1;
        }
        (1..begins.len()).for_each(|bucket| begins[bucket] += begins[bucket - 1]);
        let pieces = all.into_iter().map(|(_, piece)| piece).collect();
        Some(Self { literals, step, shift, taken, begins, pieces })
    }

    /// Whether one of them occurs.
    pub(super) fn any_in(&self, text: &[u8]) -> bool {
        let samples = text.windows(PIECE).step_by(self.step).enumerate();
        samples.into_iter().any(|(index, sample)| {
            let bucket = hash(sample) >> self.shift;
            self.taken[(bucket >> 6) as usize] >> (bucket & 63) & 1 == 1
                && self.confirms(bucket as usize, text, index * self.step)
        })
    }

    /// Whether a literal with a piece in this bucket stands where the piece would be at `at`.
    fn confirms(&self, bucket: usize, text: &[u8], at: usize) -> bool {
        let range = self.begins[bucket] as usize..self.begins[bucket + 1] as usize;
        self.pieces[range].iter().any(|piece| {
            let literal = self.literals[piece.literal as usize].as_slice();
            let start = at.checked_sub(piece.offset as usize);
            start.is_some_and(|start| text[start..].starts_with(literal))
        })
    }
}

/// Mixes the first four bytes.
fn hash(text: &[u8]) -> u32 {
    let piece = text.first_chunk::<PIECE>().map_or(0, |piece| u32::from_le_bytes(*piece));
    piece.wrapping_mul(0x9e37_79b1)
}

/// Where to take the pieces: words and prefixes are frequent in texts, digits, capitals and odd bytes are not.
fn best_run(literal: &[u8], step: usize) -> usize {
    let rare = |byte: &u8| usize::from(!byte.is_ascii_lowercase() && !b" _-/.=:*".contains(byte));
    let long = step + PIECE - 1;
    let mut score: usize = literal[..long].iter().map(rare).sum();
    let (mut best, mut first) = (score, 0);
    for next in 1..=literal.len() - long {
        score = score + rare(&literal[next + long - 1]) - rare(&literal[next - 1]);
        if score >= best {
            (best, first) = (score, next);
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn letters(longest: usize) -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(prop::sample::select(b"abA1".to_vec()), 4..longest)
    }

    proptest! {
        #[test]
        fn finds_what_a_plain_search_finds(
            literals in prop::collection::vec(letters(20), 1..40),
            text in letters(60),
            planted in any::<prop::sample::Index>(),
            plant in any::<bool>(),
        ) {
            let mut text = text;
            if plant {
                let at = planted.index(text.len());
                text.splice(at..at, planted.get(&literals).clone());
            }
            let expected = literals.iter().any(|literal| memchr::memmem::find(&text, literal).is_some());
            let sampler = Sampler::new(literals.into_iter().map(Zeroizing::new).collect()).unwrap();
            prop_assert_eq!(sampler.any_in(&text), expected);
        }
    }

    #[test]
    fn short_literals_are_left_to_others() {
        assert!(Sampler::new(vec![Zeroizing::new(b"abc".to_vec())]).is_none());
        assert!(Sampler::new(Vec::new()).is_none());
        let one = Sampler::new(vec![Zeroizing::new(b"abcd".to_vec())]).unwrap();
        assert!(one.any_in(b"xabcd") && !one.any_in(b"abc") && !one.any_in(b""));
    }
}
