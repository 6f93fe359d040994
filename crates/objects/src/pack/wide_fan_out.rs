//! A fan-out table by more leading bits of an id than the one in an index file has, for whoever looks up very many: what is
//! left to search is a few ids that lie beside each other.

use std::ops::Range;

/// Where the ids of each prefix begin.
#[derive(Debug)]
pub(crate) struct WideFanOut {
    /// One more than there are prefixes. Never falls, whatever the ids are.
    starts: Vec<u32>,
    /// How far an id's first eight bytes are shifted to get its prefix.
    shift: u32,
}

/// The fewest bits of a prefix: those of the table in the file.
const LEAST_BITS: u32 = 8;
/// The most: a table of 4 MiB.
const MOST_BITS: u32 = 20;

impl WideFanOut {
    /// For sorted ids, of which these are the first eight bytes as big-endian numbers; about four to a prefix.
    pub(crate) fn of(ids: impl ExactSizeIterator<Item = u64>) -> Self {
        let bits = (ids.len() / 4).checked_ilog2().unwrap_or(0).clamp(LEAST_BITS, MOST_BITS);
        let shift = u64::BITS - bits;
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        let mut count = 0;
        for id in ids {
            let prefix = usize::try_from(id >> shift).unwrap_or_default();
            if starts.len() <= prefix {
                starts.resize(prefix + 1, count);
            }
            count += 1;
        }
        starts.resize((1 << bits) + 1, count);
        Self { starts, shift }
    }

    /// The positions of ids that begin as this one does.
    #[inline]
    pub(crate) fn range(&self, id: u64) -> Range<u32> {
        let prefix = usize::try_from(id >> self.shift).unwrap_or_default();
        self.starts[prefix]..self.starts[prefix + 1]
    }
}

#[cfg(test)]
mod tests {
    use unleak_testkit::Random;

    use super::*;

    /// The range of an id holds every id with its prefix if they are sorted, and is a range of them in any case.
    #[test]
    fn ranges_are_those_of_the_prefix() {
        let mut random = Random::new(7);
        for count in [0, 1, 2, 3, 100, 1023, 1024, 5000, 20_000] {
            // Spread evenly, and crowded into few prefixes.
            for keep in [u64::MAX, 0xf0f << 40, 0] {
                let shuffled: Vec<u64> = (0..count).map(|_| random.next_u64() & keep).collect();
                let mut sorted = shuffled.clone();
                sorted.sort_unstable();
                for ids in [shuffled, sorted] {
                    let table = WideFanOut::of(ids.iter().copied());
                    for wanted in ids.iter().take(50).chain(&[0, u64::MAX, 1 << 63]) {
                        let range = table.range(*wanted);
                        assert!(range.start <= range.end && range.end as usize <= ids.len());
                        if ids.is_sorted() {
                            let prefix = |id: u64| id >> table.shift;
                            let start = ids.partition_point(|id| prefix(*id) < prefix(*wanted));
                            let end = ids.partition_point(|id| prefix(*id) <= prefix(*wanted));
                            assert_eq!(range.start as usize..range.end as usize, start..end, "{wanted:x}");
                        }
                    }
                }
            }
        }
    }
}
