//! Paths that are named in full, component by component.

use std::collections::{BTreeMap, HashSet};

use bstr::{BStr, BString, ByteSlice};

/// Nothing here or below matches.
pub(super) const OUT: u32 = u32::MAX;
/// Everything here and below matches.
pub(super) const IN: u32 = u32::MAX - 1;

/// Paths as a tree of their components. A state is a node of it, [`IN`] or [`OUT`].
#[derive(Debug, Default)]
pub(super) struct Prefixes {
    nodes: Vec<Entry>,
    /// Every path matches.
    all: bool,
    /// The last components.
    ends: HashSet<BString>,
    /// All components.
    names: HashSet<BString>,
    /// How many components the longest path has.
    depth: usize,
}

#[derive(Debug, Default)]
struct Entry {
    /// Mostly one, for which nothing need be hashed.
    children: BTreeMap<BString, u32>,
    /// A rule ends here: what is below matches,
    below: bool,
    /// and so does a file of this name.
    itself: bool,
}

impl Prefixes {
    pub(super) fn new<'r>(paths: impl IntoIterator<Item = &'r BString>) -> Self {
        let mut prefixes = Self { nodes: vec![Entry::default()], ..Self::default() };
        paths.into_iter().for_each(|path| prefixes.add(path));
        prefixes
    }

    fn add(&mut self, path: &BString) {
        let below = path.strip_suffix(b"/");
        let bare = below.unwrap_or(path);
        if path.is_empty() {
            self.all = true;
        }
        // No path of a tree has an empty component.
        if bare.split_str("/").any(<[u8]>::is_empty) {
            return;
        }
        let mut node = 0;
        self.depth = self.depth.max(bare.split_str("/").count());
        self.names.extend(bare.split_str("/").map(BString::from));
        for component in bare.split_str("/") {
            let next = self.nodes.len();
            let known = *self.nodes[node].children.entry(component.into()).or_insert(u32_of(next));
            node = known as usize;
            if node == next {
                self.nodes.push(Entry::default());
            }
        }
        self.nodes[node].below = true;
        self.nodes[node].itself |= below.is_none();
        self.ends
            .extend(bare.rsplit_once_str("/").map_or(Some(bare), |(_, last)| Some(last)).map(BString::from));
    }

    pub(super) fn start(&self) -> u32 {
        if self.all {
            IN
        } else if self.nodes[0].children.is_empty() {
            OUT
        } else {
            0
        }
    }

    fn child(&self, state: u32, name: &BStr) -> Option<(u32, &Entry)> {
        let child = *self.nodes.get(state as usize)?.children.get(name)?;
        Some((child, &self.nodes[child as usize]))
    }

    pub(super) fn enter(&self, state: u32, name: &BStr) -> u32 {
        match self.child(state, name) {
            _ if state == IN => IN,
            None => OUT,
            Some((_, entry)) if entry.below => IN,
            Some((child, _)) => child,
        }
    }

    pub(super) fn file(&self, state: u32, name: &BStr) -> bool {
        state == IN || self.child(state, name).is_some_and(|(_, entry)| entry.itself)
    }

    /// How many components the longest path has; `None` if every path matches.
    pub(super) fn depth(&self) -> Option<usize> {
        (!self.all).then_some(self.depth)
    }

    /// Whether a path has a component `name`.
    pub(super) fn has(&self, name: &BStr) -> bool {
        self.all || self.names.contains(name)
    }

    /// Whether a path ends in `name`.
    pub(super) fn ends_with(&self, name: &BStr) -> bool {
        self.all || self.ends.contains(name)
    }
}

fn u32_of(index: usize) -> u32 {
    // As many components would fill the memory many times over.
    u32::try_from(index).unwrap_or(OUT)
}
