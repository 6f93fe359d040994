//! History as git-filter-repo (2.47) rewrites it: commit after commit, each as what it changes against its first parent,
//! put onto whatever that parent has become. What is kept out of a commit, too large a file above all, leaves the version
//! before it; commits without anything left to say go.
//!
//! The rules are those of its `_tweak_commit`, `_maybe_trim_extra_parents` and `_prunable`, and of `git fast-export` and
//! `git fast-import` around them.

mod ancestry;
mod ids;
mod order;
mod prune;
mod quoting;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use bstr::ByteSlice as _;
use gix_hash::ObjectId;
use unleak_objects::history::{CommitNumber, CommitSet};
use unleak_objects::{Buffer, Kind};

use crate::forget::{Forget, Prune, Ways};
use crate::output::Output;
use crate::survey::Survey;

use super::commit::{self, CommitWork};
use super::commits::{CommitsError, numbers};
use super::error::RewriteError;
use super::file_changes;
use super::refs::Starts;
use super::tree_edits::{Changes, Trees};
use super::tree_entries::File;

use ids::Written;
use prune::{Histories, Parents, Verdict};

/// What a history is rewritten with.
pub(super) struct Work<'a> {
    pub(super) store: &'a unleak_objects::ObjectStore,
    pub(super) forget: &'a Forget,
    pub(super) ways: Ways,
    pub(super) survey: &'a Survey,
    pub(super) output: &'a Output<'a>,
    /// What became of blobs.
    pub(super) blobs: &'a HashMap<ObjectId, Option<ObjectId>>,
    /// Commits that are rewritten at all.
    pub(super) among: &'a CommitSet,
    /// Those that only notes lead to: nothing but their files changes.
    pub(super) notes_only: &'a CommitSet,
    /// Ends it when set.
    pub(super) interrupt: &'a AtomicBool,
}

/// A history rewritten.
#[derive(Debug, Default)]
pub(super) struct NewHistory {
    /// By number, what stands for a commit that is not what it was; `None`: nothing.
    pub(super) commits: HashMap<CommitNumber, Option<ObjectId>>,
    /// Commits that were left out.
    pub(super) pruned: Vec<CommitNumber>,
    /// Commits that were signed.
    pub(super) signatures_lost: Vec<ObjectId>,
    /// How many trees were made.
    pub(super) trees: u64,
    /// Blobs that stood at deleted paths and nowhere else; sorted.
    pub(super) deleted: Vec<ObjectId>,
}

/// Rewrites all commits `among`.
pub(super) fn rewrite(work: &Work<'_>, starts: &Starts) -> Result<NewHistory, RewriteError> {
    let mut stream = Stream {
        work,
        trees: Trees::new(work.store, work.output),
        histories: Histories::default(),
        written: Written::default(),
        roots: HashMap::new(),
        new: NewHistory::default(),
        left_out: HashSet::new(),
        kept: HashSet::new(),
        buffer: Buffer::default(),
    };
    for commit in order_of(work, starts) {
        if work.interrupt.load(Relaxed) {
            return Err(RewriteError::Interrupted);
        }
        stream.commit(commit)?;
    }
    stream.new.trees = stream.trees.made();
    let empty = ObjectId::empty_blob(work.survey.hash);
    let gone = stream.left_out.iter().filter(|id| !stream.kept.contains(*id) && **id != empty);
    stream.new.deleted = gone.copied().collect();
    stream.new.deleted.sort_unstable();
    Ok(stream.new)
}

/// Commits as `git fast-export --all` gives them, with the entries of the stash; then the others.
fn order_of(work: &Work<'_>, starts: &Starts) -> Vec<CommitNumber> {
    let graph = &work.survey.graph;
    let (refs, heads): (Vec<_>, Vec<_>) =
        starts.refs.iter().partition(|(name, _)| name.starts_with_str("refs/"));
    let head = starts.others.iter().filter(|(name, _)| name == "HEAD").take(1);
    let stashed = starts.others.iter().filter(|(name, _)| name == "refs/stash");
    let tips = refs.into_iter().chain(heads).chain(head).chain(stashed);
    let tips: Vec<CommitNumber> = tips.filter_map(|(_, id)| graph.number(&work.survey.peeled(*id))).collect();
    let exported = order::exported(graph, &tips);
    let mut seen = CommitSet::new(graph.len());
    for commit in &exported {
        seen.insert(*commit);
    }
    let others = numbers(graph).filter(|commit| work.among.contains(*commit) && !seen.contains(*commit));
    exported.into_iter().chain(others).collect()
}

struct Stream<'a> {
    work: &'a Work<'a>,
    trees: Trees<'a>,
    histories: Histories,
    written: Written,
    /// The new trees of commits that stay.
    roots: HashMap<CommitNumber, ObjectId>,
    new: NewHistory,
    /// Blobs at deleted paths, and those at others.
    left_out: HashSet<ObjectId>,
    kept: HashSet<ObjectId>,
    buffer: Buffer,
}

impl Stream<'_> {
    fn commit(&mut self, commit: CommitNumber) -> Result<(), RewriteError> {
        let old_parents = self.work.survey.graph.parents(commit).to_vec();
        let is_note = self.work.notes_only.contains(commit);
        let (all, mut changes) = self.changes(old_parents.first().copied(), commit)?;
        let standing: Vec<Option<CommitNumber>> =
            old_parents.iter().map(|parent| self.histories.now(*parent)).collect();
        self.histories.old.add(commit, old_parents.clone());
        self.histories.new.add(commit, standing.iter().copied().flatten().collect());
        let plain = Ways { prune_empty: Prune::Never, prune_degenerate: Prune::Never, ..self.work.ways };
        let ways = if is_note { plain } else { self.work.ways };
        let parents = self.histories.trimmed(&old_parents, ways);
        // Changes are told against what will be the first parent.
        if let Some(first) = parents.instead.or(parents.kept.first().copied())
            && standing.first() != Some(&Some(first))
            && let Some(at) = standing.iter().position(|parent| *parent == Some(first))
        {
            (_, changes) = self.changes(Some(old_parents[at]), commit)?;
        }
        if self.goes(&old_parents, &parents, (all, &changes), ways)? {
            let instead = parents.instead.or(parents.kept.first().copied());
            self.histories.pruned.insert(commit, instead);
            self.new.pruned.push(commit);
            self.new.commits.insert(commit, instead.map(|instead| self.id(instead)));
            return Ok(());
        }
        let empty = ObjectId::empty_tree(self.work.survey.hash);
        let base = parents.kept.first().map_or(empty, |first| self.roots[first]);
        let tree = self.trees.changed(base, &changes)?;
        self.roots.insert(commit, tree);
        self.write(commit, tree, &parents.kept, is_note)
    }

    /// What a commit changes against another one, and whether it was anything before it was judged what stays of it.
    fn changes(
        &mut self,
        from: Option<CommitNumber>,
        commit: CommitNumber,
    ) -> Result<(bool, Changes), RewriteError> {
        let root = |commit: CommitNumber| self.work.survey.roots[commit as usize];
        let all = file_changes::between(&mut self.trees, from.map(root), Some(root(commit)))?;
        let had_any = !all.is_empty();
        let (blobs, paths) = (self.work.blobs, self.work.forget.paths.as_ref());
        let paths = paths.filter(|_| !self.work.notes_only.contains(commit));
        let (left_out, kept) = (&mut self.left_out, &mut self.kept);
        let stays = |(path, file): (bstr::BString, Option<File>)| {
            let deletes = paths.is_some_and(|rules| rules.deletes(path.as_ref()));
            if let Some((_, id)) = file.filter(|(mode, _)| paths.is_some() && *mode != SUBMODULE) {
                if deletes {
                    left_out.insert(id)
                } else {
                    kept.insert(id)
                };
            }
            if deletes {
                return None;
            }
            let Some((mode, id)) = file else { return Some((path, None)) };
            let id = blobs.get(&id).copied().unwrap_or(Some(id))?;
            Some((path, Some((mode, id))))
        };
        Ok((had_any, all.into_iter().filter_map(stays).collect()))
    }

    fn goes(
        &mut self,
        old_parents: &[CommitNumber],
        parents: &Parents,
        (had_changes, changes): (bool, &Changes),
        ways: Ways,
    ) -> Result<bool, RewriteError> {
        let there = (had_changes, !changes.is_empty());
        let first = match self.histories.goes(old_parents, parents, there, ways) {
            Verdict::Stays => return Ok(false),
            Verdict::Goes => return Ok(true),
            Verdict::GoesIfSameAs(first) => self.roots[&first],
        };
        for (path, file) in changes {
            let is_submodule = file.is_some_and(|(mode, _)| mode == SUBMODULE);
            if is_submodule
                || !quoting::is_recognised(path.as_ref())
                || self.trees.at(first, path.as_ref())? != *file
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes a commit that stays, if it is not what it was.
    fn write(
        &mut self,
        commit: CommitNumber,
        tree: ObjectId,
        parents: &[CommitNumber],
        is_note: bool,
    ) -> Result<(), RewriteError> {
        let id = self.work.survey.graph.id(commit);
        let parents: Vec<ObjectId> = parents.iter().map(|parent| self.id(*parent)).collect();
        let bytes = match self.work.store.find(&id, &mut self.buffer) {
            Ok(Some((Kind::Commit, bytes))) => bytes,
            Ok(_) => return Err(CommitsError::Read(id, None).into()),
            Err(error) => return Err(CommitsError::Read(id, Some(Box::new(error))).into()),
        };
        let (nothing, forget) = (Forget::default(), self.work.forget);
        let renames = !is_note && !self.work.ways.keep_ids;
        let (graph, new) = (&self.work.survey.graph, &self.new.commits);
        let mut commit_work = CommitWork {
            forget: if is_note { &nothing } else { forget },
            tree,
            parents: &parents,
            changes: &|id| graph.number(id).is_some_and(|commit| new.contains_key(&commit)),
            references: &mut |message| renames.then(|| self.written.renamed(message)).flatten(),
        };
        let (rewritten, signature_lost) =
            commit::rewrite(bytes, &mut commit_work).map_err(|error| CommitsError::Replace(id, error))?;
        let is_same = if signature_lost {
            // A signature is lost only by what else changes.
            tree == self.work.survey.roots[commit as usize]
                && graph.parents(commit).iter().map(|parent| graph.id(*parent)).eq(parents.iter().copied())
                && !self.work.survey.commits.contains(&id)
        } else {
            rewritten == bytes
        };
        let new_id = if is_same { id } else { self.work.output.name(Kind::Commit, &rewritten)? };
        if !is_same {
            self.work.output.put(new_id, Kind::Commit, &rewritten, None)?;
            self.new.commits.insert(commit, Some(new_id));
            self.new.signatures_lost.extend(signature_lost.then_some(id));
        }
        if !is_note {
            self.written.add(id, new_id);
        }
        Ok(())
    }

    /// What a commit that stays is called now.
    fn id(&self, commit: CommitNumber) -> ObjectId {
        let id = self.new.commits.get(&commit).copied().flatten();
        id.unwrap_or_else(|| self.work.survey.graph.id(commit))
    }
}

/// The mode of a submodule.
const SUBMODULE: u32 = 0o160_000;
