//! Names of tree entries, each once, with what somebody wants of files so called.

use std::collections::HashMap;

use bstr::{BStr, BString};
use foldhash::fast::RandomState;

/// What is wanted of files of some name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Interest {
    /// To know which blobs are called so.
    pub name: bool,
    /// To know the paths of blobs that are called so.
    pub path: bool,
    /// What is wanted of folders that are called so.
    pub folder: Folder,
}

/// What is wanted of folders of some name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Folder {
    /// To know what is below.
    #[default]
    Listed,
    /// Only whether it is in the store.
    Unlisted,
    /// Nothing: whatever is called so, files too, is passed by, and not even looked for in the store.
    Ignored,
}

/// Says what is wanted of files of a name. Called from several threads, not for every entry.
pub type Interests<'i> = &'i (dyn Fn(&BStr) -> Interest + Sync);

/// Names seen, each once.
#[derive(Default)]
pub(super) struct Names<'i> {
    numbers: HashMap<BString, u32, RandomState>,
    list: Vec<BString>,
    interests: Vec<Interest>,
    asked: Option<Interests<'i>>,
}

impl<'i> Names<'i> {
    pub(super) fn new(asked: Option<Interests<'i>>) -> Self {
        Self { asked, ..Self::default() }
    }

    pub(super) fn number(&mut self, name: &BStr) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.list.len()).expect("there are fewer than 2^32 names in memory");
        self.numbers.insert(name.to_owned(), number);
        self.list.push(name.to_owned());
        self.interests.push(self.asked.map_or_else(Interest::default, |asked| asked(name)));
        number
    }

    /// The names by number.
    pub(super) fn into_list(self) -> Vec<BString> {
        self.list
    }

    pub(super) fn interest(&self, number: u32) -> Interest {
        self.interests[number as usize]
    }
}
