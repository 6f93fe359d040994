//! What stands in trees under which name, each once: most trees of a history hold the same things as the one before.

use hashbrown::HashTable;

use super::keys::{Key, low_half};

/// Something under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) what: Key,
    /// The name's number.
    pub(super) name: u32,
    /// Whether it stands there as a folder.
    pub(super) is_folder: bool,
    /// Whether it is a target.
    pub(super) is_target: bool,
}

/// Places with dense numbers.
#[derive(Debug, Default)]
pub(super) struct Places {
    what: Vec<Key>,
    names: Vec<u32>,
    /// See [`FOLDER`] and [`TARGET`].
    marks: Vec<u8>,
    numbers: HashTable<u32>,
}

const FOLDER: u8 = 1;
const TARGET: u8 = 2;

impl Places {
    /// The place's number.
    pub(super) fn get(&self, place: Place) -> Option<u32> {
        self.numbers.find(low_half(place.what), |number| self.place(*number) == place).copied()
    }

    /// Gives a place that has none a number.
    pub(super) fn add(&mut self, place: Place) -> u32 {
        let number = u32::try_from(self.what.len()).expect("there are fewer than 2^32 places in memory");
        self.what.push(place.what);
        self.names.push(place.name);
        self.marks.push((FOLDER * u8::from(place.is_folder)) | (TARGET * u8::from(place.is_target)));
        let what = &self.what;
        self.numbers.insert_unique(low_half(place.what), number, |number| low_half(what[*number as usize]));
        number
    }

    fn place(&self, number: u32) -> Place {
        let at = number as usize;
        let has = |mark| self.marks[at] & mark != 0;
        Place { what: self.what[at], name: self.names[at], is_folder: has(FOLDER), is_target: has(TARGET) }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.what.len()
    }

    /// All of them by number.
    pub(super) fn iter(&self) -> impl Iterator<Item = Place> {
        (0..).take(self.len()).map(|number| self.place(number))
    }

    /// Forgets what it takes to find a place's number.
    pub(super) fn close(&mut self) {
        self.numbers = HashTable::new();
    }
}
