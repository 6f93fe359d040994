//! New commits: which change, and their new ids, parents and whatever a message names first.

use std::collections::{HashMap, HashSet};

use gix_hash::ObjectId;
use rayon::prelude::*;
use unleak_objects::history::{CommitNumber, CommitSet, Graph};
use unleak_objects::{Buffer, Kind, NewEntry, ObjectStore, ReadError, commit as parse};

use crate::forget::Forget;
use crate::output::{Output, OutputError};
use crate::replacer::ReplaceError;

use super::commit::{self, CommitWork};
use super::references::References;

/// A commit could not be rewritten.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommitsError {
    /// A commit that must change cannot be read.
    #[error("commit {0} must change and cannot be read")]
    Read(ObjectId, #[source] Option<Box<ReadError>>),
    /// A commit that must change is malformed.
    #[error("commit {0} must change and is malformed")]
    Malformed(ObjectId, #[source] parse::CommitError),
    /// What is to be replaced in a commit cannot be.
    #[error("in commit {0}")]
    Replace(ObjectId, #[source] ReplaceError),
    /// A new commit cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// What commits are rewritten with.
pub(crate) struct Commits<'a> {
    pub(crate) store: &'a ObjectStore,
    pub(crate) forget: &'a Forget,
    pub(crate) graph: &'a Graph,
    pub(crate) output: &'a Output<'a>,
    /// By number: the new tree of a commit whose tree changes.
    pub(crate) trees: HashMap<CommitNumber, ObjectId>,
    /// Those that change.
    pub(crate) dirty: CommitSet,
    /// By number: the new id of a commit that changes, once it is known.
    new: HashMap<CommitNumber, ObjectId>,
    references: Option<References>,
    /// New commits that are not written yet.
    waiting: Vec<(ObjectId, Vec<u8>)>,
    /// Commits that were signed.
    pub(crate) signatures_lost: Vec<ObjectId>,
}

/// So many new commits are compressed at once.
const BATCH: usize = 4096;

impl<'a> Commits<'a> {
    /// Of the commits `among`, those change whose tree or own text does, and all that descend from them.
    pub(crate) fn new(
        store: &'a ObjectStore,
        forget: &'a Forget,
        graph: &'a Graph,
        output: &'a Output<'a>,
        among: &CommitSet,
        trees: HashMap<CommitNumber, ObjectId>,
        own: impl Fn(&ObjectId) -> bool,
    ) -> Self {
        let mut dirty = CommitSet::new(graph.len());
        for number in numbers(graph).filter(|number| among.contains(*number)) {
            let by_parent = graph.parents(number).iter().any(|parent| dirty.contains(*parent));
            if by_parent || trees.contains_key(&number) || own(&graph.id(number)) {
                dirty.insert(number);
            }
        }
        let (new, waiting, signatures_lost) = (HashMap::new(), Vec::new(), Vec::new());
        Self { store, forget, graph, output, trees, dirty, new, references: None, waiting, signatures_lost }
    }

    /// Rewrites one more commit, whose parents are done, with the tree `tree`.
    pub(crate) fn rewrite_late(&mut self, number: CommitNumber, tree: ObjectId) -> Result<(), CommitsError> {
        self.dirty.insert(number);
        self.trees.insert(number, tree);
        self.rewrite_with_needs(number, &CommitSet::new(self.graph.len()))?;
        self.flush()
    }

    /// Rewrites them all, those in `wait` excepted.
    pub(crate) fn rewrite(&mut self, wait: &CommitSet) -> Result<(), CommitsError> {
        for number in numbers(self.graph) {
            if self.dirty.contains(number) && !wait.contains(number) {
                self.rewrite_with_needs(number, wait)?;
            }
        }
        self.flush()
    }

    /// The new id of a commit: its own if it stays.
    pub(crate) fn id(&self, number: CommitNumber) -> ObjectId {
        self.new.get(&number).copied().unwrap_or_else(|| self.graph.id(number))
    }

    /// Rewrites a commit, and before it its parents and whatever commits its message names.
    fn rewrite_with_needs(&mut self, number: CommitNumber, wait: &CommitSet) -> Result<(), CommitsError> {
        let mut buffer = Buffer::default();
        // A commit and whether what it needs has been put on the stack.
        let mut stack = vec![(number, false)];
        let mut open: HashSet<CommitNumber> = HashSet::new();
        while let Some((number, needs_done)) = stack.pop() {
            if self.new.contains_key(&number) {
                if needs_done {
                    open.remove(&number);
                }
                continue;
            }
            let id = self.graph.id(number);
            let bytes = match self.store.find(&id, &mut buffer) {
                Ok(Some((Kind::Commit, bytes))) => bytes,
                Ok(_) => return Err(CommitsError::Read(id, None)),
                Err(error) => return Err(CommitsError::Read(id, Some(Box::new(error)))),
            };
            if needs_done {
                open.remove(&number);
                self.one(number, bytes)?;
                continue;
            }
            open.insert(number);
            let named = self.named(bytes);
            let parents = self.graph.parents(number).iter().copied();
            let needs = parents.chain(named).filter(|need| {
                // Two commits that name each other by a part of their ids: the one that comes first keeps it.
                self.dirty.contains(*need) && !wait.contains(*need) && !open.contains(need)
            });
            let needs: Vec<_> = needs.filter(|need| !self.new.contains_key(need)).collect();
            if needs.is_empty() {
                open.remove(&number);
                self.one(number, bytes)?;
                continue;
            }
            stack.push((number, true));
            stack.extend(needs.into_iter().map(|need| (need, false)));
        }
        Ok(())
    }

    /// The commits that a message names.
    fn named(&mut self, bytes: &[u8]) -> Vec<CommitNumber> {
        let hash = self.store.hash();
        let Ok(commit) = parse::parse(bytes, hash) else { return Vec::new() };
        let message = &bytes[commit.message_offset..];
        let graph = self.graph;
        let references = self.references.get_or_insert_with(|| References::new(graph, hash));
        references.find(message).map(|(_, number)| number).collect()
    }

    fn one(&mut self, number: CommitNumber, bytes: &[u8]) -> Result<(), CommitsError> {
        let id = self.graph.id(number);
        let parsed =
            parse::parse(bytes, self.store.hash()).map_err(|error| CommitsError::Malformed(id, error))?;
        let new_of = |id: &ObjectId| self.graph.number(id).map_or(*id, |number| self.id(number));
        let parents: Vec<ObjectId> = parsed.parents.iter().map(new_of).collect();
        let mut references = |message: &[u8]| self.renamed(message);
        let mut work = CommitWork {
            forget: self.forget,
            tree: self.trees.get(&number).copied().unwrap_or(parsed.tree),
            parents: &parents,
            changes: &|id| self.graph.number(id).is_some_and(|number| self.dirty.contains(number)),
            references: &mut references,
        };
        let (bytes, signature_lost) =
            commit::rewrite(bytes, &mut work).map_err(|error| CommitsError::Replace(id, error))?;
        let new = self.output.name(Kind::Commit, &bytes)?;
        if signature_lost {
            self.signatures_lost.push(id);
        }
        self.new.insert(number, new);
        if self.output.writes() {
            self.waiting.push((new, bytes));
            if self.waiting.len() >= BATCH {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// A message in which commits that change are named by their new ids, cut as the old ones were.
    pub(crate) fn renamed(&self, message: &[u8]) -> Option<Vec<u8>> {
        let references = self.references.as_ref()?;
        let mut out = None;
        for (place, number) in references.find(message) {
            if let Some(new) = self.new.get(&number) {
                let hex = new.to_hex_with_len(place.len()).to_string();
                out.get_or_insert_with(|| message.to_vec())[place].copy_from_slice(hex.as_bytes());
            }
        }
        out
    }

    fn flush(&mut self) -> Result<(), CommitsError> {
        let waiting = std::mem::take(&mut self.waiting);
        let entries: Vec<Option<NewEntry>> =
            waiting.par_iter().map(|(id, bytes)| self.output.entry(*id, Kind::Commit, bytes, None)).collect();
        for entry in entries.iter().flatten() {
            self.output.add(entry)?;
        }
        Ok(())
    }
}

/// All commits, parents first.
pub(crate) fn numbers(graph: &Graph) -> std::ops::Range<CommitNumber> {
    0..u32::try_from(graph.len()).expect("commits have numbers")
}
