//! Reads all trees once: what stands where, as far as it is worth knowing to whoever forgets.

use bstr::BStr;
use gix_hash::ObjectId;
use unleak_objects::history::{Folder, Forest, Interest, Question, Trees};
use unleak_objects::{ObjectStore, Trouble, VisitOptions, Visited};

use crate::forget::Forget;
use crate::survey::{Survey, malformed};

use super::dirt::Dirt;

/// The trees of a store.
#[derive(Debug)]
pub(crate) struct TreeSurvey {
    pub(crate) forest: Forest,
    /// What trees name and the store does not have; sorted.
    pub(crate) missing: Vec<ObjectId>,
    /// What could not be read, or not to its end.
    pub(crate) troubles: Vec<Trouble>,
    pub(crate) visited: Visited,
}

impl TreeSurvey {
    /// Reads the trees of `store`; `blobs` are those whose places are to be known.
    pub(crate) fn read(
        store: &ObjectStore,
        forget: &Forget,
        blobs: impl Iterator<Item = ObjectId>,
        visit: &VisitOptions<'_>,
    ) -> Self {
        let targets: Vec<ObjectId> = blobs.collect();
        let only_paths = targets.is_empty() && forget.text_elsewhere().is_none();
        let on_the_way = forget.paths.as_ref().filter(|rules| only_paths && rules.depth().is_some());
        let interest = |name: &BStr| Interest {
            path: forget.paths.as_ref().is_some_and(|rules| rules.may_end_with(name)) || forget.renames(name),
            folder: match on_the_way {
                Some(rules) if !rules.names(name) => Folder::Unlisted,
                _ => Folder::Listed,
            },
            name: false,
        };
        let question = Question { targets, interests: Some(&interest), with_ids: true };
        Self::new(store, Trees::read(store, &question, visit))
    }

    /// Reads only those trees of `store` in which something may change, from `roots` down; `None` if that may be all of them.
    pub(crate) fn read_below(
        store: &ObjectStore,
        forget: &Forget,
        roots: impl Iterator<Item = ObjectId>,
        visit: &VisitOptions<'_>,
    ) -> Option<Self> {
        let rules = forget.paths.as_ref()?;
        let depth = rules.depth()?;
        let interest = |name: &BStr| Interest {
            path: rules.may_end_with(name),
            folder: if rules.names(name) { Folder::Listed } else { Folder::Ignored },
            name: false,
        };
        let question = Question { targets: Vec::new(), interests: Some(&interest), with_ids: true };
        Some(Self::new(store, Trees::read_below(store, &question, roots, depth, visit)))
    }

    fn new(store: &ObjectStore, mut trees: Trees) -> Self {
        let mut troubles = std::mem::take(&mut trees.troubles);
        let broken = std::mem::take(&mut trees.noted.malformed);
        troubles.extend(broken.into_iter().map(|(id, error)| malformed(store, id, &error)));
        let mut missing: Vec<ObjectId> = trees.noted.missing.drain().collect();
        missing.sort_unstable();
        let visited = trees.visited;
        Self { forest: Forest::new(trees), missing, troubles, visited }
    }

    /// Finds trees that change if `blobs` do.
    pub(crate) fn dirt<'t>(&'t self, forget: &'t Forget, blobs: impl Iterator<Item = ObjectId>) -> Dirt<'t> {
        let mut blobs = blobs.peekable();
        let only_paths = blobs.peek().is_none() && forget.text_elsewhere().is_none();
        Dirt::new(&self.forest, forget.paths.as_ref(), blobs, |name| forget.renames(name), only_paths)
    }

    /// The trees of `survey`'s commits that are not there, of those for which `wanted` holds. The tree without entries need
    /// not exist.
    pub(crate) fn missing_roots(&self, survey: &Survey, wanted: impl Fn(u32) -> bool) -> Vec<ObjectId> {
        let empty = ObjectId::empty_tree(survey.hash);
        let roots = (0..).zip(&survey.roots).filter(|(number, _)| wanted(*number)).map(|(_, root)| *root);
        roots.filter(|root| *root != empty && self.forest.number(root).is_none()).collect()
    }
}
