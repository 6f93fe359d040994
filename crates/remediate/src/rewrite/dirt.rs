//! Which trees change: those with something to forget below them, found from the top down without reading any.

use std::collections::HashMap;

use bstr::BString;
use gix_hash::ObjectId;
use unleak_objects::history::{Forest, Standing, Thing, TreeNumber};

use crate::path_rules::{PathRules, PathState};

/// A number for a [`PathState`]; [`SETTLED`] if paths do not matter below.
pub(crate) type StateNumber = u32;

/// Nothing below is deleted for its path.
pub(crate) const SETTLED: StateNumber = 0;

/// A tree that changes, where paths are judged as in `state`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DirtyTree {
    pub(crate) tree: TreeNumber,
    pub(crate) state: StateNumber,
    /// One more than the largest of the dirty trees in it.
    pub(crate) height: u32,
}

/// Finds trees that change, each once however often it stands somewhere.
pub(crate) struct Dirt<'f> {
    pub(crate) forest: &'f Forest,
    rules: Option<&'f PathRules>,
    /// By number of the file: whether the blob itself changes.
    files: Vec<bool>,
    /// By number of the name: whether it is written differently from now on.
    names: Vec<bool>,
    states: Vec<Option<PathState>>,
    state_numbers: HashMap<PathState, StateNumber>,
    /// By state, then by tree.
    verdicts: Vec<Vec<Verdict>>,
    /// In an order in which what stands in a tree comes before it.
    pub(crate) dirty: Vec<DirtyTree>,
    positions: HashMap<(TreeNumber, StateNumber), u32>,
    /// Whether nothing changes but for its path.
    only_paths: bool,
    /// Trees that are not in the store and may hold something.
    pub(crate) missing: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Unknown,
    Clean,
    Dirty,
}

/// A tree whose entries are being looked at.
struct Frame {
    tree: TreeNumber,
    state: StateNumber,
    next: usize,
    dirty: bool,
    height: u32,
}

impl<'f> Dirt<'f> {
    /// `blobs` change; paths that `rules` names are deleted; names for which `renames` holds change. With
    /// `only_paths` neither blobs nor names do, not even in trees that are not there.
    pub(crate) fn new(
        forest: &'f Forest,
        rules: Option<&'f PathRules>,
        blobs: impl Iterator<Item = ObjectId>,
        renames: impl Fn(&bstr::BStr) -> bool,
        only_paths: bool,
    ) -> Self {
        let mut files = vec![false; forest.files()];
        for file in blobs.filter_map(|id| forest.file(&id)) {
            files[file as usize] = true;
        }
        let names = (0..forest.names()).map(|name| renames(forest.name(index(name)))).collect();
        Self {
            forest,
            rules,
            files,
            names,
            states: vec![None],
            state_numbers: HashMap::new(),
            verdicts: vec![vec![Verdict::Unknown; forest.len()]],
            dirty: Vec::new(),
            positions: HashMap::new(),
            only_paths,
            missing: false,
        }
    }

    /// The state at the top of a tree.
    pub(crate) fn start(&mut self) -> StateNumber {
        match self.rules {
            Some(rules) => self.numbered(rules.start()),
            None => SETTLED,
        }
    }

    /// The state in the folder `name`.
    pub(crate) fn enter(&mut self, state: StateNumber, name: &bstr::BStr) -> StateNumber {
        match (self.rules, self.states[state as usize]) {
            (Some(rules), Some(from)) => self.numbered(rules.enter(from, name)),
            _ => SETTLED,
        }
    }

    /// The same, for a state that has been entered before.
    pub(crate) fn entered(&self, state: StateNumber, name: &bstr::BStr) -> StateNumber {
        match (self.rules, self.states[state as usize]) {
            (Some(rules), Some(from)) => match rules.enter(from, name) {
                below if rules.is_settled(below) => SETTLED,
                below => self.state_numbers.get(&below).copied().unwrap_or(SETTLED),
            },
            _ => SETTLED,
        }
    }

    /// Whether the file `name` is deleted in a folder of this state.
    pub(crate) fn deletes(&self, state: StateNumber, name: &bstr::BStr) -> bool {
        match (self.rules, self.states[state as usize]) {
            (Some(rules), Some(state)) => rules.file(state, name),
            _ => false,
        }
    }

    /// Whether nothing stays of a folder of this state.
    pub(crate) fn removes(&self, state: StateNumber) -> bool {
        match (self.rules, self.states[state as usize]) {
            (Some(rules), Some(state)) => rules.is_all_deleted(state),
            _ => false,
        }
    }

    /// The position in [`Self::dirty`] of a tree; `None` if it stays.
    pub(crate) fn position(&self, tree: TreeNumber, state: StateNumber) -> Option<u32> {
        self.positions.get(&(tree, state)).copied()
    }

    /// Whether `root`, as the tree of a commit, changes.
    pub(crate) fn is_dirty(&mut self, root: TreeNumber) -> Option<u32> {
        let start = self.start();
        self.search(root, start);
        self.position(root, start)
    }

    /// One path at which something stands for which `root` changes.
    pub(crate) fn example(&self, root: u32) -> BString {
        let mut path = BString::default();
        let mut at = self.dirty[root as usize];
        loop {
            let standings: Vec<Standing> = self.forest.standings(at.tree).collect();
            let is_own = |standing: &&Standing| match standing.what {
                Thing::File(file) => {
                    self.files[file as usize] || self.deletes(at.state, self.forest.name(standing.name))
                }
                _ => self.removes(self.entered(at.state, self.forest.name(standing.name))),
            };
            let is_renamed = |standing: &&Standing| self.names[standing.name as usize];
            let leaf = standings.iter().find(is_own).or_else(|| standings.iter().find(is_renamed));
            if let Some(leaf) = leaf {
                path.extend_from_slice(self.forest.name(leaf.name));
                return path;
            }
            let below = standings.iter().find_map(|standing| {
                let Thing::Tree(child) = standing.what else { return None };
                let name = self.forest.name(standing.name);
                Some((name, self.position(child, self.entered(at.state, name))?))
            });
            let Some((name, position)) = below else { return path };
            path.extend_from_slice(name);
            path.push(b'/');
            at = self.dirty[position as usize];
        }
    }

    /// Settles the verdict on `tree` and everything below it.
    fn search(&mut self, tree: TreeNumber, state: StateNumber) {
        if self.verdict(tree, state) != Verdict::Unknown {
            return;
        }
        let frame = |tree, state, dirty| Frame { tree, state, next: 0, dirty, height: 0 };
        let mut stack = vec![frame(tree, state, self.removes(state))];
        while let Some(top) = stack.last_mut() {
            let forest = self.forest;
            let Some(standing) = forest.standing(top.tree, top.next) else {
                let (done, dirty, height) = ((top.tree, top.state), top.dirty, top.height);
                stack.pop();
                self.settle(done, dirty, height);
                if let Some(above) = stack.last_mut()
                    && dirty
                {
                    above.dirty = true;
                    above.height = above.height.max(height + 1);
                }
                continue;
            };
            top.next += 1;
            let name = forest.name(standing.name);
            let renamed = self.names[standing.name as usize];
            let (state, dirty) = (top.state, &mut top.dirty);
            *dirty |= renamed;
            match standing.what {
                Thing::File(file) => *dirty |= self.files[file as usize] || self.deletes(state, name),
                Thing::MissingTree | Thing::Tree(_) => {
                    let below = self.enter(state, name);
                    if self.removes(below) {
                        top.dirty = true;
                        continue;
                    }
                    if below == SETTLED && self.only_paths {
                        continue;
                    }
                    let Thing::Tree(child) = standing.what else {
                        self.missing = true;
                        continue;
                    };
                    match self.verdict(child, below) {
                        Verdict::Clean => {}
                        Verdict::Unknown => {
                            // A circle of trees, which only a broken hash function could make, ends here.
                            self.verdicts[below as usize][child as usize] = Verdict::Clean;
                            stack.push(frame(child, below, false));
                        }
                        Verdict::Dirty => {
                            let height =
                                self.position(child, below).map_or(0, |at| self.dirty[at as usize].height);
                            top.dirty = true;
                            top.height = top.height.max(height + 1);
                        }
                    }
                }
            }
        }
    }

    fn settle(&mut self, (tree, state): (TreeNumber, StateNumber), dirty: bool, height: u32) {
        self.verdicts[state as usize][tree as usize] = if dirty { Verdict::Dirty } else { Verdict::Clean };
        if dirty {
            self.positions.insert((tree, state), index(self.dirty.len()));
            self.dirty.push(DirtyTree { tree, state, height });
        }
    }

    fn verdict(&self, tree: TreeNumber, state: StateNumber) -> Verdict {
        self.verdicts[state as usize][tree as usize]
    }

    fn numbered(&mut self, state: PathState) -> StateNumber {
        if self.rules.is_some_and(|rules| rules.is_settled(state)) {
            return SETTLED;
        }
        if let Some(number) = self.state_numbers.get(&state) {
            return *number;
        }
        let number = index(self.states.len());
        self.states.push(Some(state));
        self.state_numbers.insert(state, number);
        self.verdicts.push(vec![Verdict::Unknown; self.forest.len()]);
        number
    }
}

fn index(number: usize) -> u32 {
    u32::try_from(number).expect("there are fewer than 2^32 trees and names in memory")
}
