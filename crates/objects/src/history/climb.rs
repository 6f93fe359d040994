//! From a blob up through the trees that hold it to the commits.

use std::collections::HashMap;

use bstr::BString;
use foldhash::fast::RandomState;

use super::graph::CommitNumber;
use super::keys::{Key, KeyMap, Numbered};
use super::lists::Lists;
use super::names::Names;
use super::trees::TreePart;

/// Which tree stands in which, by number, and where the targets stand.
#[derive(Debug)]
pub(super) struct Ladder {
    /// The trees.
    trees: Numbered,
    /// For each tree, the commits whose tree it is.
    commits: Lists,
    /// The same for trees that are missing and so have no number.
    missing: KeyMap<Vec<CommitNumber>>,
    /// For each tree, the places where it stands.
    places: Lists,
    /// The same for targets.
    targets: KeyMap<Vec<u32>>,
    /// For each place, the trees that have it.
    holders: Lists,
    /// The name of each place, by its number in the list that follows.
    place_names: Vec<u32>,
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
    /// The steps by themselves, so that a path has one step whichever way leads to it.
    known: HashMap<(u32, u32), u32, RandomState>,
    /// Trees, and the paths from there.
    todo: Vec<(u32, u32)>,
    /// How many places were ever in `todo`.
    seen: usize,
}

impl Ladder {
    /// Joins what threads have read. `roots` are the keys of the commits' trees.
    pub(super) fn new(mut parts: Vec<TreePart>, roots: impl Iterator<Item = (Key, CommitNumber)>) -> Self {
        let mut trees = Numbered::with_capacity(parts.iter().map(|part| part.trees.len()).sum());
        // In the order of the parts, in which each tree comes once.
        for part in &mut parts {
            for key in std::mem::take(&mut part.trees) {
                trees.push(key);
            }
        }
        let (mut known, mut missing) = (Vec::new(), KeyMap::<Vec<CommitNumber>>::default());
        for (tree, commit) in roots {
            match trees.get(tree) {
                Some(tree) => known.push((tree, commit)),
                None => missing.entry(tree).or_default().push(commit),
            }
        }
        let commits = Lists::new(trees.len(), || known.iter().copied());
        let (mut names, mut place_names) = (Names::new(None), Vec::new());
        let (mut folders, mut targets) = (Vec::new(), KeyMap::<Vec<u32>>::default());
        let mut first_places = Vec::with_capacity(parts.len());
        for part in &mut parts {
            first_places.push(dense(place_names.len()));
            let renamed: Vec<u32> = part.names.iter().map(|name| names.number(name.as_ref())).collect();
            for place in std::mem::take(&mut part.places).iter() {
                let number = dense(place_names.len());
                place_names.push(renamed[place.name as usize]);
                // A tree that was not read cannot be climbed from: if it is a target, it is among those.
                if let Some(tree) = trees.get(place.what).filter(|_| place.is_folder) {
                    folders.push((tree, number));
                }
                if place.is_target {
                    targets.entry(place.what).or_default().push(number);
                }
            }
        }
        let places = Lists::new(trees.len(), || folders.iter().copied());
        let holders = Lists::new(place_names.len(), || held(&parts, &first_places));
        Self { trees, commits, missing, places, targets, holders, place_names, names: names.into_list() }
    }

    /// Every path at which `target` stands in some commit's tree, with those commits, unsorted. A path comes more than once
    /// if there are names with a slash.
    pub(super) fn climb(&self, target: Key) -> Result<Vec<(BString, Vec<CommitNumber>)>, TooManyPaths> {
        let mut way = Way::default();
        let mut found: HashMap<u32, Vec<CommitNumber>, RandomState> = HashMap::default();
        let mut commits_found = 0;
        way.up(self, self.places_of_target(target), END)?;
        while let Some((tree, path)) = way.todo.pop() {
            let commits = self.commits.of(tree);
            if !commits.is_empty() {
                found.entry(path).or_default().extend_from_slice(commits);
                commits_found += commits.len();
                if commits_found > MAX_COMMITS || found.len() > MAX_PATHS {
                    return Err(TooManyPaths);
                }
            }
            way.up(self, self.places_of_tree(tree), path)?;
        }
        let found = found.into_iter().map(|(path, commits)| (self.path(&way.steps, path), commits));
        let itself = self.missing.get(&target).map(|commits| (BString::default(), commits.clone()));
        Ok(found.chain(itself).collect())
    }

    /// The places where `target` stands.
    pub(super) fn places_of_target(&self, target: Key) -> &[u32] {
        self.targets.get(&target).map_or(&[], Vec::as_slice)
    }

    /// The places where the tree with this number stands.
    pub(super) fn places_of_tree(&self, tree: u32) -> &[u32] {
        self.places.of(tree)
    }

    /// The trees that have this place.
    pub(super) fn holders(&self, place: u32) -> &[u32] {
        self.holders.of(place)
    }

    /// The trees that the tree with this number stands in.
    pub(super) fn holders_of_tree(&self, tree: u32) -> impl Iterator<Item = u32> {
        self.places.of(tree).iter().flat_map(|place| self.holders.of(*place)).copied()
    }

    /// How many trees have a number.
    pub(super) fn trees(&self) -> usize {
        self.trees.len()
    }

    /// The key of the tree with this number.
    pub(super) fn key(&self, tree: u32) -> Key {
        self.trees.key(tree)
    }

    /// The commits whose tree has this number.
    pub(super) fn commits_of(&self, tree: u32) -> &[CommitNumber] {
        self.commits.of(tree)
    }

    /// The commits whose tree has this key.
    pub(super) fn commits(&self, tree: Key) -> &[CommitNumber] {
        match self.trees.get(tree) {
            Some(tree) => self.commits_of(tree),
            None => self.missing.get(&tree).map_or(&[], Vec::as_slice),
        }
    }

    /// The name of this place.
    pub(super) fn name(&self, place: u32) -> &BString {
        &self.names[self.place_names[place as usize] as usize]
    }

    fn path(&self, steps: &[(u32, u32)], last: u32) -> BString {
        let mut path = BString::default();
        let mut at = last;
        while let Some((name, rest)) = steps.get(at as usize) {
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(&self.names[*name as usize]);
            at = *rest;
        }
        path
    }
}

impl Way {
    /// Goes up from all `places` to those that hold them.
    fn up(&mut self, ladder: &Ladder, places: &[u32], rest: u32) -> Result<(), TooManyPaths> {
        for &place in places {
            let holders = ladder.holders(place);
            self.seen += holders.len();
            if self.seen > MAX_STEPS {
                return Err(TooManyPaths);
            }
            let step = (ladder.place_names[place as usize], rest);
            let path = *self.known.entry(step).or_insert_with(|| {
                self.steps.push(step);
                dense(self.steps.len() - 1)
            });
            self.todo.extend(holders.iter().map(|&tree| (tree, path)));
        }
        Ok(())
    }
}

/// `(place, tree)`: who has what. Trees and places are numbered through all parts; `first_places` are those of each part.
fn held<'p>(parts: &'p [TreePart], first_places: &'p [u32]) -> impl Iterator<Item = (u32, u32)> + 'p {
    let mut first_tree = 0;
    parts.iter().zip(first_places).flat_map(move |(part, first_place)| {
        let trees = first_tree..;
        first_tree += dense(part.ends.len());
        let starts = std::iter::once(0).chain(part.ends.iter().copied());
        let ranges = starts.zip(&part.ends).map(|(start, end)| start as usize..*end as usize);
        trees.zip(ranges).flat_map(move |(tree, range)| {
            part.held[range].iter().map(move |place| (first_place + place, tree))
        })
    })
}

/// Everything that is counted here takes more than a byte of memory each.
fn dense(number: usize) -> u32 {
    u32::try_from(number).expect("there are fewer than 2^32 places in memory")
}
