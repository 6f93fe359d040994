//! The rewrite of the few commits that nobody else has: of everything else only refs are read.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::Ordering::Relaxed;

use bstr::{BString, ByteSlice as _};
use gix_hash::ObjectId;
use unleak_objects::history::{Ancestry, CommitNumber, CommitSet, Graph};
use unleak_objects::{Buffer, Kind, ObjectStore, Visited, commit as parse};

use crate::archive::{self, Archive, Inside, Packing};
use crate::change::{Change, NewPack, ObjectMap};
use crate::effects::Effects;
use crate::forget::Forget;
use crate::output::Output;
use crate::survey::Survey;

use super::blobs::BlobsError;
use super::commits::{Commits, CommitsError, numbers};
use super::error::RewriteError;
use super::file_changes;
use super::refs::Starts;
use super::request::{RewriteOptions, Rewritten};
use super::tags;
use super::tree_edits::Trees;

/// Works out what becomes of `commits` alone, if they forget texts: all that nobody else has, in any order. A text that
/// stands in what others have stays there. `None` if that cannot be done without knowing more: names of files would
/// change, or something other than texts is to be forgotten.
pub fn rewrite_unpushed(
    store: &ObjectStore,
    starts: &Starts,
    forget: &Forget,
    commits: &[ObjectId],
    options: RewriteOptions<'_>,
) -> Result<Option<Rewritten>, RewriteError> {
    if !forget.is_text_alone() || starts.refs.iter().any(|(name, _)| is_about_commits(name)) {
        return Ok(None);
    }
    let output = if options.write { Output::to_pack(store)? } else { Output::nowhere(store) };
    let survey = survey(store, starts, forget, commits)?;
    let mut work = Work {
        store,
        forget,
        survey: &survey,
        output: &output,
        trees: Trees::new(store, &output),
        blobs: HashMap::new(),
        dirty: HashMap::new(),
        new_trees: HashMap::new(),
        archives: Vec::new(),
        buffer: Buffer::default(),
    };
    for commit in numbers(&survey.graph) {
        if options.interrupt.load(Relaxed) {
            return Err(RewriteError::Interrupted);
        }
        if let Some(progress) = options.progress {
            progress.objects.fetch_add(1, Relaxed);
        }
        if !work.commit(commit)? {
            return Ok(None);
        }
    }
    let Work { blobs, new_trees, trees, mut archives, .. } = work;
    archives.sort_unstable();
    let trees = trees.made();
    let (change, effects) = finish(store, starts, forget, (&survey, &output), (blobs, new_trees, trees))?;
    let pack = output.finish()?.map(|done| NewPack {
        pack: done.pack,
        index: done.index,
        target: done.target,
        objects: done.objects,
    });
    let effects = Effects { archives, ..effects };
    Ok(Some(Rewritten { change: Change { pack, ..change }, effects, troubles: Vec::new() }))
}

/// Notes and replacements are named after commits.
fn is_about_commits(name: &BString) -> bool {
    name.starts_with_str("refs/notes/") || name.starts_with_str("refs/replace/")
}

/// The commits, and the annotated tags that refs name.
fn survey(
    store: &ObjectStore,
    starts: &Starts,
    forget: &Forget,
    commits: &[ObjectId],
) -> Result<Survey, RewriteError> {
    let (mut ancestry, mut buffer) = (Ancestry::default(), Buffer::default());
    let (mut own, mut tags) = (HashSet::new(), HashSet::new());
    let finds = |bytes: &[u8]| forget.text_elsewhere().is_some_and(|text| text.finds(bytes));
    for id in commits {
        let bytes = read_commit(store, id, &mut buffer)?;
        let commit =
            parse::parse(bytes, store.hash()).map_err(|error| CommitsError::Malformed(*id, error))?;
        ancestry.commit(id, commit);
        if finds(bytes) {
            own.insert(*id);
        }
    }
    for mut id in starts.ids() {
        while let Ok(Some((Kind::Tag, bytes))) = store.find(&id, &mut buffer) {
            let Ok(tag) = unleak_objects::tag::parse(bytes, store.hash()) else { break };
            if ancestry.target(&id).is_some() {
                break;
            }
            if finds(bytes) {
                tags.insert(id);
            }
            ancestry.tag(&id, tag.target);
            id = tag.target;
        }
    }
    let tag_targets = ancestry.tags().clone();
    let (graph, roots) = Graph::of(ancestry);
    Ok(Survey {
        blobs: HashSet::new(),
        commits: own,
        tags,
        tag_targets,
        graph,
        roots,
        archives: BTreeMap::new(),
        hash: store.hash(),
        visited: Visited::default(),
        troubles: Vec::new(),
        interrupted: false,
    })
}

fn read_commit<'b>(
    store: &ObjectStore,
    id: &ObjectId,
    buffer: &'b mut Buffer,
) -> Result<&'b [u8], CommitsError> {
    match store.find(id, buffer) {
        Ok(Some((Kind::Commit, bytes))) => Ok(bytes),
        Ok(_) => Err(CommitsError::Read(*id, None)),
        Err(error) => Err(CommitsError::Read(*id, Some(Box::new(error)))),
    }
}

struct Work<'a> {
    store: &'a ObjectStore,
    forget: &'a Forget,
    survey: &'a Survey,
    output: &'a Output<'a>,
    trees: Trees<'a>,
    /// What became of the blobs that were looked at; `None`: they stay.
    blobs: HashMap<ObjectId, Option<ObjectId>>,
    /// By commit, its files that change, with what they become.
    dirty: HashMap<CommitNumber, BTreeMap<BString, ObjectId>>,
    new_trees: HashMap<CommitNumber, ObjectId>,
    /// Those that hold something, or that nobody could look into.
    archives: Vec<Archive>,
    buffer: Buffer,
}

impl Work<'_> {
    /// Finds out what changes in a commit whose parents are done. False: more than contents of files would.
    fn commit(&mut self, commit: CommitNumber) -> Result<bool, RewriteError> {
        let (graph, root) = (&self.survey.graph, self.survey.roots[commit as usize]);
        let bytes = read_commit(self.store, &graph.id(commit), &mut self.buffer)?;
        let parsed = parse::parse(bytes, self.store.hash())
            .map_err(|error| CommitsError::Malformed(graph.id(commit), error))?;
        let first = parsed.parents.first().copied();
        let from = first.map(|parent| self.root_of(&parent)).transpose()?;
        let first = first.and_then(|parent| graph.number(&parent));
        let mut dirty = first.and_then(|parent| self.dirty.get(&parent)).cloned().unwrap_or_default();
        for (path, file) in file_changes::between(&mut self.trees, from, Some(root))? {
            if path.split_str("/").any(|name| self.forget.renames(name.into())) {
                return Ok(false);
            }
            let new = match file {
                Some((mode, id)) if mode != SUBMODULE => self.blob(id, &path)?,
                _ => None,
            };
            match new {
                Some(new) => drop(dirty.insert(path, new)),
                None => drop(dirty.remove(&path)),
            }
        }
        if !dirty.is_empty() {
            let new = self.trees.with_blobs(root, &dirty)?;
            self.new_trees.insert(commit, new);
            self.dirty.insert(commit, dirty);
        }
        Ok(true)
    }

    /// The tree of a commit, one of these or not.
    fn root_of(&mut self, id: &ObjectId) -> Result<ObjectId, CommitsError> {
        if let Some(number) = self.survey.graph.number(id) {
            return Ok(self.survey.roots[number as usize]);
        }
        let bytes = read_commit(self.store, id, &mut self.buffer)?;
        let parsed =
            parse::parse(bytes, self.store.hash()).map_err(|error| CommitsError::Malformed(*id, error))?;
        Ok(parsed.tree)
    }

    /// What a blob becomes, written; `None` if it stays.
    fn blob(&mut self, id: ObjectId, path: &BString) -> Result<Option<ObjectId>, RewriteError> {
        if let Some(done) = self.blobs.get(&id) {
            return Ok(*done);
        }
        let bytes = match self.store.find(&id, &mut self.buffer) {
            Ok(Some((_, bytes))) => bytes,
            Ok(None) => return Err(BlobsError::Read(id, None).into()),
            Err(error) => return Err(BlobsError::Read(id, Some(Box::new(error))).into()),
        };
        let text = self.forget.text.as_ref();
        if let (Some(packing), Some(text)) = (Packing::of(bytes), text) {
            let inside = archive::look(bytes, packing, &|bytes| text.finds(bytes));
            if inside != Inside::Clean {
                let (path, holds) = (path.clone(), inside == Inside::Holds);
                self.archives.push(Archive { path, id, packing, holds });
            }
        }
        let new = text.map_or(Ok(None), |text| text.replace(bytes));
        let new = match new.map_err(|error| BlobsError::Replace(id, error))? {
            None => None,
            Some(new) => {
                let new_id = self.output.name(Kind::Blob, &new)?;
                self.output.put(new_id, Kind::Blob, &new, None)?;
                Some(new_id)
            }
        };
        self.blobs.insert(id, new);
        Ok(new)
    }
}

/// The mode of a submodule.
const SUBMODULE: u32 = 0o160_000;

/// Rewrites the commits whose trees, texts or parents change, and the tags that name them.
fn finish(
    store: &ObjectStore,
    starts: &Starts,
    forget: &Forget,
    (survey, output): (&Survey, &Output<'_>),
    (blobs, new_trees, trees): (HashMap<ObjectId, Option<ObjectId>>, HashMap<CommitNumber, ObjectId>, u64),
) -> Result<(Change, Effects), RewriteError> {
    let graph = &survey.graph;
    let mut all = CommitSet::new(graph.len());
    numbers(graph).for_each(|number| all.insert(number));
    let mut objects = ObjectMap::default();
    let mut changed: Vec<(ObjectId, ObjectId)> =
        blobs.iter().filter_map(|(old, new)| Some((*old, (*new)?))).collect();
    changed.sort_unstable();
    for (old, new) in &changed {
        objects.insert(*old, Some(*new));
    }
    let own = |id: &ObjectId| survey.commits.contains(id);
    let mut commits = Commits::new(store, forget, graph, output, &all, new_trees, own);
    commits.rewrite(&CommitSet::new(graph.len()))?;
    for number in numbers(graph).filter(|number| commits.dirty.contains(*number)) {
        objects.insert(graph.id(number), Some(commits.id(number)));
    }
    let references = |message: &[u8]| commits.renamed(message);
    let tags = tags::rewrite(store, forget, survey, output, &mut objects, starts, &references)?;
    let mut list: Vec<_> = numbers(graph)
        .map(|number| {
            let parents = graph.parents(number).iter().map(|parent| graph.id(*parent)).collect();
            (graph.id(number), Some(commits.id(number)), parents)
        })
        .collect();
    list.sort_unstable();
    let mut signatures_lost = std::mem::take(&mut commits.signatures_lost);
    signatures_lost.sort_unstable();
    let effects = Effects {
        visited: Visited { blobs: blobs.len() as u64, commits: graph.len() as u64, ..Visited::default() },
        blobs_changed: changed.len() as u64,
        trees_changed: trees,
        tags_changed: tags.changed,
        commits_signed: signatures_lost,
        tags_signed: tags.signatures_lost,
        ..Effects::default()
    };
    let change = Change {
        refs: starts.updates(&objects),
        commits: list.iter().map(|(old, new, _)| (*old, *new)).collect(),
        parents: list.into_iter().map(|(.., parents): (_, _, Vec<ObjectId>)| parents).collect(),
        objects,
        deleted: Vec::new(),
        pack: None,
    };
    Ok((change, effects))
}
