//! Many lists of numbers in one piece of memory: one for each of a range of owners.

/// For each owner a list.
#[derive(Debug)]
pub(super) struct Lists {
    /// Where each owner's list starts; one more for the end.
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    /// Sorts `(owner, item)` into lists, in the order in which they come; `all` gives them twice, the same each time.
    /// Owners are below `owners`; of items there are fewer than 2^32.
    pub(super) fn new<I: Iterator<Item = (u32, u32)>>(owners: usize, all: impl Fn() -> I) -> Self {
        let mut starts = vec![0u32; owners + 1];
        for (owner, _) in all() {
            starts[owner as usize + 1] += 1;
        }
        for owner in 0..owners {
            starts[owner + 1] += starts[owner];
        }
        let mut items = vec![0; starts[owners] as usize];
        // Each start moves on to its list's end, which is where the next one starts.
        for (owner, item) in all() {
            let start = &mut starts[owner as usize];
            items[*start as usize] = item;
            *start += 1;
        }
        starts.rotate_right(1);
        starts[0] = 0;
        Self { starts, items }
    }

    /// The owner's list.
    #[inline]
    pub(super) fn of(&self, owner: u32) -> &[u32] {
        let owner = owner as usize;
        &self.items[self.starts[owner] as usize..self.starts[owner + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_in_its_owner_s_list_and_they_keep_their_order() {
        let all = [(2, 7), (0, 1), (2, 5), (4, 9), (2, 6), (0, 1)];
        let lists = Lists::new(6, || all.iter().copied());
        let expected: [&[u32]; 6] = [&[1, 1], &[], &[7, 5, 6], &[], &[9], &[]];
        for (owner, list) in (0..).zip(expected) {
            assert_eq!(lists.of(owner), list);
        }
        assert_eq!(Lists::new(0, std::iter::empty).starts, [0]);
    }
}
