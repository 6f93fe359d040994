//! Directories by number, for rules that need to see a path as a whole.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use bstr::{BStr, BString};

/// Directories that were entered so far; a state is the number of one, 0 the top.
#[derive(Debug)]
pub(super) struct Directories(RwLock<Known>);

#[derive(Debug, Default)]
struct Known {
    /// The path of each, with a slash at its end.
    paths: Vec<Arc<BString>>,
    numbers: HashMap<BString, u32>,
}

impl Directories {
    pub(super) fn new() -> Self {
        let top = BString::default();
        Self(RwLock::new(Known { paths: vec![Arc::new(top.clone())], numbers: HashMap::from([(top, 0)]) }))
    }

    /// The path of `name` in a directory.
    pub(super) fn path(&self, state: u32, name: &BStr) -> BString {
        let directory = {
            let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
            known.paths.get(state as usize).map(Arc::clone).unwrap_or_default()
        };
        [directory.as_slice(), name].concat().into()
    }

    pub(super) fn enter(&self, state: u32, name: &BStr) -> u32 {
        let mut path = self.path(state, name);
        path.push(b'/');
        if let Some(number) = self.0.read().unwrap_or_else(PoisonError::into_inner).numbers.get(&path) {
            return *number;
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = known.numbers.get(&path) {
            return *number;
        }
        let number = u32::try_from(known.paths.len()).expect("as many paths do not fit into memory");
        known.paths.push(Arc::new(path.clone()));
        known.numbers.insert(path, number);
        number
    }
}
