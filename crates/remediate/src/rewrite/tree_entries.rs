//! The entries of a tree that is being changed: its bytes, and what is different by now.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

use bstr::{BStr, BString};
use gix_hash::ObjectId;
use unleak_objects::tree::{self, Entry, TreeError};

/// A file: its mode and what it holds.
pub(crate) type File = (u32, ObjectId);

/// The mode of a folder.
pub(super) const FOLDER: u32 = 0o040_000;

/// Entries by name.
#[derive(Debug)]
pub(super) struct Entries {
    base: Rc<[u8]>,
    hash_len: usize,
    /// Where the entries of the base start.
    starts: Vec<usize>,
    /// What stands there instead; `None`: nothing.
    edits: BTreeMap<BString, Option<File>>,
}

impl Entries {
    /// None.
    pub(super) fn none(hash_len: usize) -> Self {
        Self { base: Rc::new([]), hash_len, starts: Vec::new(), edits: BTreeMap::new() }
    }

    /// Those of a tree. Of two with one name the last counts.
    pub(super) fn of(base: Rc<[u8]>, hash_len: usize) -> Result<Self, TreeError> {
        let (mut starts, mut list) = (Vec::new(), Vec::new());
        let mut entries = tree::entries(&base, hash_len);
        let mut start = 0;
        while let Some(entry) = entries.next() {
            list.push(entry?);
            starts.push(std::mem::replace(&mut start, base.len() - entries.rest()));
        }
        if is_canonical(&list) {
            return Ok(Self { base, hash_len, starts, edits: BTreeMap::new() });
        }
        let edits = list.iter().map(|entry| (entry.name.to_owned(), file(entry))).collect();
        Ok(Self { edits, ..Self::none(hash_len) })
    }

    /// What stands under a name.
    pub(super) fn get(&self, name: &BStr) -> Option<File> {
        match self.edits.get(name) {
            Some(edit) => *edit,
            None => [false, true].iter().find_map(|is_folder| self.in_base((name, *is_folder))),
        }
    }

    fn in_base(&self, key: Key<'_>) -> Option<File> {
        let entry = |start: &usize| tree::entries(&self.base[*start..], self.hash_len).next()?.ok();
        let compare = |start: &usize| entry(start).map_or(Ordering::Less, |entry| order(key_of(&entry), key));
        let at = self.starts.binary_search_by(compare).ok()?;
        // A slash may be part of a name, where a tree is no good.
        entry(&self.starts[at]).filter(|entry| entry.name == key.0).as_ref().and_then(file)
    }

    /// Puts something under a name.
    pub(super) fn insert(&mut self, name: BString, file: File) {
        self.edits.insert(name, Some(file));
    }

    /// Takes away what stands under a name.
    pub(super) fn remove(&mut self, name: &BStr) {
        self.edits.insert(name.to_owned(), None);
    }

    /// The tree, as git writes it.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let base = tree::entries(&self.base, self.hash_len).map_while(Result::ok);
        let stays = |entry: &Entry<'_>| self.edits.is_empty() || !self.edits.contains_key(entry.name);
        let base = base.filter(stays).filter_map(|entry| Some((entry.name, file(&entry)?)));
        let edits = self.edits.iter().filter_map(|(name, file)| Some((name.as_ref(), (*file)?)));
        let mut all: Vec<(&BStr, File)> = base.chain(edits).collect();
        // Two sorted lists, one after the other: the stable sort merges them.
        all.sort_by(|(one, file), (other, other_file)| {
            order((one, file.0 == FOLDER), (other, other_file.0 == FOLDER)).then_with(|| one.cmp(other))
        });
        let mut bytes = Vec::with_capacity(self.base.len() + 64 * self.edits.len());
        for (name, (mode, id)) in all {
            write_mode(&mut bytes, mode);
            bytes.push(b' ');
            bytes.extend_from_slice(name);
            bytes.push(0);
            bytes.extend_from_slice(id.as_slice());
        }
        bytes
    }
}

fn write_mode(out: &mut Vec<u8>, mode: u32) {
    let digits = (0..=30).rev().step_by(3).map(|shift| b"01234567"[(mode >> shift & 7) as usize]);
    let significant = digits.enumerate().skip_while(|(at, digit)| *digit == b'0' && *at < 10);
    out.extend(significant.map(|(_, digit)| digit));
}

fn file(entry: &Entry<'_>) -> Option<File> {
    Some((entry.mode, ObjectId::try_from(entry.id).ok()?))
}

/// A name, and whether it is a folder's.
pub(super) type Key<'a> = (&'a BStr, bool);

fn key_of<'a>(entry: &Entry<'a>) -> Key<'a> {
    (entry.name, entry.mode == FOLDER)
}

/// Where an entry stands in a tree: folders as if their names ended with a slash.
pub(super) fn order((one, is_folder): Key<'_>, (other, other_is_folder): Key<'_>) -> Ordering {
    let common = one.len().min(other.len());
    let rest = |name: &BStr, is_folder: bool| {
        let next = name.get(common).copied().or(is_folder.then_some(b'/'));
        (next, name.len() + usize::from(is_folder))
    };
    one[..common].cmp(&other[..common]).then_with(|| rest(one, is_folder).cmp(&rest(other, other_is_folder)))
}

/// Whether entries stand where they should, and no name comes twice, not even once for a file and once for a folder.
fn is_canonical(entries: &[Entry<'_>]) -> bool {
    let twice = |(at, entry): (usize, &Entry<'_>)| {
        let before = entries[..at].iter().rev().take_while(|before| before.name.starts_with(entry.name));
        entry.mode == FOLDER && before.into_iter().any(|before| before.name == entry.name)
    };
    entries.is_sorted_by(|one, next| order(key_of(one), key_of(next)) == Ordering::Less)
        && !entries.iter().enumerate().any(twice)
}

#[cfg(test)]
mod tests {
    use unleak_testkit::Random;

    use super::*;

    fn entry(bytes: &mut Vec<u8>, mode: u32, name: &[u8], id: u8) {
        bytes.extend_from_slice(format!("{mode:o} ").as_bytes());
        bytes.extend_from_slice(name);
        bytes.push(0);
        bytes.extend_from_slice(&[id; 20]);
    }

    /// The entries by name, and as git sorts them.
    fn plainly(map: &BTreeMap<BString, File>) -> Vec<u8> {
        let key =
            |name: &BString, mode: u32| [name.as_slice(), if mode == FOLDER { b"/" } else { b"" }].concat();
        let mut all: Vec<_> = map.iter().map(|(name, file)| (key(name, file.0), name, *file)).collect();
        all.sort_unstable();
        let mut bytes = Vec::new();
        for (_, name, (mode, id)) in all {
            entry(&mut bytes, mode, name, id.as_slice()[0]);
        }
        bytes
    }

    #[test]
    fn a_changed_tree_is_what_its_entries_by_name_make() {
        let mut random = Random::new(11);
        let (mut canonical, mut odd) = (0, 0);
        for _ in 0..20_000 {
            let one = |random: &mut Random| {
                let length = 1 + random.below(3);
                let name: BString = random.text(b"ab-/~", length).into();
                let mode = *random.pick(&[0o100_644, 0o100_755, FOLDER, 0o160_000, 0o40_755, 0]);
                (name, mode, u8::try_from(1 + random.below(3)).unwrap())
            };
            let mut list: Vec<_> = (0..random.below(7)).map(|_| one(&mut random)).collect();
            if !random.one_in(3) {
                list.sort_by(|one, other| {
                    order((one.0.as_ref(), one.1 == FOLDER), (other.0.as_ref(), other.1 == FOLDER))
                });
            }
            let mut bytes = Vec::new();
            for (name, mode, id) in &list {
                entry(&mut bytes, *mode, name, *id);
            }
            let file = |mode: u32, id: u8| (mode, ObjectId::from_bytes_or_panic(&[id; 20]));
            let mut map: BTreeMap<BString, File> =
                list.iter().map(|(name, mode, id)| (name.clone(), file(*mode, *id))).collect();
            let mut entries = Entries::of(bytes.into(), 20).unwrap();
            canonical += usize::from(entries.edits.is_empty() && !map.is_empty());
            odd += usize::from(!entries.edits.is_empty());
            for _ in 0..random.below(5) {
                let (name, mode, id) = one(&mut random);
                assert_eq!(entries.get(name.as_ref()), map.get(&name).copied());
                if random.one_in(3) {
                    entries.remove(name.as_ref());
                    map.remove(&name);
                } else {
                    map.insert(name.clone(), file(mode, id));
                    entries.insert(name, file(mode, id));
                }
            }
            for (name, file) in &map {
                assert_eq!(entries.get(name.as_ref()), Some(*file));
            }
            assert_eq!(entries.bytes(), plainly(&map));
        }
        assert!(canonical > 5000 && odd > 2000, "{canonical} {odd}");
    }
}
