//! From a blob up through the trees that hold it to the commits.

use std::collections::HashMap;

use bstr::BString;

use super::graph::CommitNumber;
use super::keys::{Key, KeyMap, Numbered};
use super::names::Names;
use super::trees::TreePart;

/// Which tree stands in which, by number, and where the targets stand.
#[derive(Debug)]
pub(super) struct Ladder {
    /// Commits by the key of their tree. A tree that is missing has no number.
    roots: KeyMap<Vec<CommitNumber>>,
    /// The trees.
    trees: Numbered,
    /// For each tree, where its holders start in `holders`; one more for the end.
    starts: Vec<u32>,
    /// `(tree, name)`: who holds a tree, and as what.
    holders: Vec<(u32, u32)>,
    /// The same for targets.
    targets: KeyMap<Vec<(u32, u32)>>,
    names: Vec<BString>,
}

/// A path from its last name backwards: a name and the place of the rest, [`END`] for none.
type Steps = Vec<(u32, u32)>;

const END: u32 = u32::MAX;

/// A tree can hold one subtree under many names, and that again; a few kilobytes then unfold to billions of paths. These
/// bounds are far above what people make: places of trees looked at for one blob, its commits summed over all paths,
/// and its paths. Each is a count over the whole climb, so that going beyond does not depend on the order.
const MAX_STEPS: usize = 1 << 25;
const MAX_COMMITS: usize = 1 << 27;
const MAX_PATHS: usize = 1 << 17;

/// An object stands at more paths than can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it stands at more paths than can be listed")]
pub struct TooManyPaths;

/// The way up from one target.
#[derive(Default)]
struct Way {
    steps: Steps,
    todo: Vec<(u32, u32)>,
    /// How many places were ever in `todo`.
    seen: usize,
}

impl Ladder {
    /// Joins what threads have read. `roots` are the keys of the commits' trees.
    pub(super) fn new(parts: Vec<TreePart>, roots: impl Iterator<Item = (Key, CommitNumber)>) -> Self {
        let mut by_tree: KeyMap<Vec<CommitNumber>> = KeyMap::default();
        for (tree, commit) in roots {
            by_tree.entry(tree).or_default().push(commit);
        }
        let mut trees = Numbered::default();
        // In the order of the parts, in which each tree comes once.
        for key in parts.iter().flat_map(|part| &part.trees) {
            trees.push(*key);
        }
        let mut names = Names::new(None);
        let mut counts = vec![0u32; trees.len() + 1];
        let mut targets: KeyMap<Vec<(u32, u32)>> = KeyMap::default();
        let mut first = 0;
        let mut edges = Vec::with_capacity(parts.len());
        for part in parts {
            let renamed: Vec<u32> = part.names.iter().map(|name| names.number(name.as_ref())).collect();
            // A tree that was not read cannot be climbed from: if it is a target, it is among those.
            let child = |child: &Key| trees.get(*child).unwrap_or(END);
            let children: Vec<u32> = part.children.iter().map(child).collect();
            for edge in part.files {
                let holder = (first + edge.parent, renamed[edge.name as usize]);
                targets.entry(part.children[edge.child as usize]).or_default().push(holder);
            }
            for edge in &part.folders {
                let child = children[edge.child as usize];
                if child != END {
                    counts[child as usize + 1] += 1;
                }
            }
            edges.push((first, renamed, children, part.folders));
            first += u32::try_from(part.trees.len()).expect("there are fewer than 2^32 trees in memory");
        }
        for tree in 0..trees.len() {
            counts[tree + 1] += counts[tree];
        }
        let starts = counts.clone();
        let mut holders = vec![(0, 0); starts.last().map_or(0, |end| *end as usize)];
        for (first, renamed, children, folders) in edges {
            for edge in folders {
                let child = children[edge.child as usize];
                if child != END {
                    let slot = &mut counts[child as usize];
                    holders[*slot as usize] = (first + edge.parent, renamed[edge.name as usize]);
                    *slot += 1;
                }
            }
        }
        let names = names.into_list();
        Self { roots: by_tree, trees, starts, holders, targets, names }
    }

    /// Every path at which `target` stands in some commit's tree, with those commits, unsorted.
    pub(super) fn climb(&self, target: Key) -> Result<HashMap<BString, Vec<CommitNumber>>, TooManyPaths> {
        let mut found: HashMap<BString, Vec<CommitNumber>> = HashMap::new();
        if let (Some(commits), false) = (self.roots.get(&target), self.trees.get(target).is_some()) {
            found.entry(BString::default()).or_default().extend(commits);
        }
        let mut way = Way::default();
        way.up(self.holders_of_target(target), END)?;
        let mut commits_found = 0;
        // Commits arrive path by path in long runs; each path is spelt once a run.
        let mut last: Option<(u32, BString)> = None;
        while let Some((tree, path)) = way.todo.pop() {
            if let Some(commits) = self.roots.get(&self.trees.key(tree)) {
                if last.as_ref().is_none_or(|(spelt, _)| *spelt != path) {
                    last = Some((path, self.path(&way.steps, path)));
                }
                commits_found += commits.len();
                if let Some((_, name)) = &last {
                    match found.get_mut(name) {
                        Some(known) => known.extend(commits),
                        None => drop(found.insert(name.clone(), commits.clone())),
                    }
                }
                if commits_found > MAX_COMMITS || found.len() > MAX_PATHS {
                    return Err(TooManyPaths);
                }
            }
            way.up(self.holders_of_tree(tree), path)?;
        }
        Ok(found)
    }

    /// `(tree, name)`: who holds `target`, and as what.
    pub(super) fn holders_of_target(&self, target: Key) -> &[(u32, u32)] {
        self.targets.get(&target).map_or(&[], Vec::as_slice)
    }

    /// `(tree, name)`: who holds the tree with this number, and as what.
    pub(super) fn holders_of_tree(&self, tree: u32) -> &[(u32, u32)] {
        &self.holders[self.starts[tree as usize] as usize..self.starts[tree as usize + 1] as usize]
    }

    /// How many trees have a number.
    pub(super) fn trees(&self) -> usize {
        self.trees.len()
    }

    /// The key of the tree with this number.
    pub(super) fn key(&self, tree: u32) -> Key {
        self.trees.key(tree)
    }

    /// The commits whose tree has this key.
    pub(super) fn commits(&self, tree: Key) -> &[CommitNumber] {
        self.roots.get(&tree).map_or(&[], Vec::as_slice)
    }

    /// The name with this number.
    pub(super) fn name(&self, number: u32) -> &BString {
        &self.names[number as usize]
    }

    fn path(&self, steps: &[(u32, u32)], last: u32) -> BString {
        let mut path = BString::default();
        let mut at = last;
        while let Some((name, rest)) = steps.get(at as usize) {
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(self.name(*name));
            at = *rest;
        }
        path
    }
}

impl Way {
    /// Goes up to all `holders`; those that use the same name share the step.
    fn up(&mut self, holders: &[(u32, u32)], rest: u32) -> Result<(), TooManyPaths> {
        self.seen += holders.len();
        if self.seen > MAX_STEPS {
            return Err(TooManyPaths);
        }
        let mut last = None;
        for &(tree, name) in holders {
            if last != Some(name) {
                self.steps.push((name, rest));
                last = Some(name);
            }
            // There is at most one step a place, and far fewer than 2^32 places.
            self.todo.push((tree, u32::try_from(self.steps.len() - 1).map_err(|_| TooManyPaths)?));
        }
        Ok(())
    }
}
