//! The rewrite itself: what was surveyed becomes new blobs, trees, commits, notes, tags, and a new place for every ref.

mod dirt;
mod person;
mod references;
mod tree;
mod trees_error;

mod commit;
mod tag;

pub(crate) mod archives;
mod blobs;
mod commits;
mod deleted;
mod notes;
mod orphans;
pub(crate) mod tree_survey;
mod trees;

mod refs;
mod tags;

mod done;

mod tree_entries;

pub(crate) mod tree_edits;

pub(crate) mod file_changes;

mod error;
mod request;

mod filter_repo;
mod unpushed;

pub use blobs::BlobsError;
pub use commits::CommitsError;
pub use error::RewriteError;
pub use refs::Starts;
pub use request::{RewriteOptions, Rewritten};
pub use tags::TagsError;
pub use trees_error::TreesError;
pub use unpushed::rewrite_unpushed;

use std::collections::{BTreeSet, HashMap, HashSet};

use bstr::{BStr, BString};
use gix_hash::ObjectId;
use unleak_objects::history::{CommitNumber, CommitSet};
use unleak_objects::{FinishedPack, Kind, KindSet, ObjectStore, VisitOptions};

use crate::change::{Change, NewPack, ObjectMap};
use crate::effects::Effects;
use crate::forget::{Forget, Manner, Ways};
use crate::output::Output;
use crate::survey::Survey;

use commits::{Commits, numbers};
use deleted::LeftOut;
use done::{Among, Done, NewRoots};
use notes::Notes;
use tree_survey::TreeSurvey;
use trees::TreeWork;

/// Works out what becomes of `store` if it forgets. `starts` is what leads into it.
pub fn rewrite(
    store: &ObjectStore,
    starts: &Starts,
    forget: &Forget,
    options: RewriteOptions<'_>,
) -> Result<Rewritten, RewriteError> {
    let survey = Survey::read(store, forget, options.threads, options.interrupt, options.progress);
    if survey.interrupted {
        return Err(RewriteError::Interrupted);
    }
    let output = if options.write { Output::to_pack(store)? } else { Output::nowhere(store) };
    let work = Work { store, forget, survey: &survey, output: &output, options };
    let done = work.all(starts)?;
    let pack = output.finish()?.map(|FinishedPack { pack, index, target, objects, .. }| NewPack {
        pack,
        index,
        target,
        objects,
    });
    let mut troubles = survey.troubles.clone();
    troubles.extend(done.troubles);
    let change = Change { pack, ..done.change };
    Ok(Rewritten { change, effects: done.effects, troubles })
}

struct Work<'a> {
    store: &'a ObjectStore,
    forget: &'a Forget,
    survey: &'a Survey,
    output: &'a Output<'a>,
    options: RewriteOptions<'a>,
}

impl Work<'_> {
    fn all(&self, starts: &Starts) -> Result<Rewritten, RewriteError> {
        let survey = self.survey;
        let mut visit = VisitOptions::new(KindSet::ALL, self.options.threads, self.options.interrupt);
        visit.progress = self.options.progress;
        let among = self.among(starts);
        let blobs = blobs::rewrite(self.store, self.forget, &survey.blobs, self.output, &visit)?;
        let mut objects = ObjectMap::default();
        blobs.fates.iter().for_each(|(old, new)| objects.insert(*old, *new));
        let mut done = match self.forget.manner {
            Manner::Faithful => self.faithful(starts, &among, &blobs.fates, &mut objects, &visit)?,
            Manner::FilterRepo(ways) => {
                self.as_filter_repo(starts, (&among, ways), &blobs.fates, &mut objects, &visit)?
            }
        };
        done.signatures_lost.sort_unstable();
        let gone = blobs.fates.iter().filter(|(_, new)| new.is_none()).map(|(old, _)| old);
        let effects = Effects {
            visited: survey.visited,
            blobs_changed: blobs.fates.values().filter(|fate| fate.is_some()).count() as u64,
            blobs_gone: blobs.fates.values().filter(|fate| fate.is_none()).count() as u64,
            trees_changed: done.trees,
            tags_changed: done.tags.changed,
            notes_moved: done.notes_moved,
            commits_signed: std::mem::take(&mut done.signatures_lost),
            tags_signed: std::mem::take(&mut done.tags.signatures_lost),
            lfs_orphaned: orphans::targets(self.store, gone.chain(&done.deleted)),
            archives: std::mem::take(&mut done.archives),
        };
        let troubles = [blobs.troubles, std::mem::take(&mut done.troubles)].concat();
        Ok(Rewritten { change: self.change(starts, &among, &done, objects), effects, troubles })
    }

    fn among(&self, starts: &Starts) -> Among {
        let (survey, graph) = (self.survey, &self.survey.graph);
        let commits_of = |ids: &mut dyn Iterator<Item = ObjectId>| {
            graph.reachable(ids.filter_map(|id| graph.number(&survey.peeled(id))).collect::<Vec<_>>())
        };
        let others = commits_of(&mut starts.ids_but_notes());
        let all = commits_of(&mut starts.ids());
        let mut notes_only = CommitSet::new(graph.len());
        for number in numbers(graph).filter(|number| all.contains(*number) && !others.contains(*number)) {
            notes_only.insert(number);
        }
        Among { all, notes_only }
    }

    fn change(&self, starts: &Starts, among: &Among, done: &Done, objects: ObjectMap) -> Change {
        let graph = &self.survey.graph;
        let pruned: HashSet<CommitNumber> = done.pruned.iter().copied().collect();
        let becomes = |number| match done.commits.get(&number) {
            _ if pruned.contains(&number) => None,
            Some(new) => *new,
            None => Some(graph.id(number)),
        };
        let all = numbers(graph).filter(|number| among.all.contains(*number));
        let mut list: Vec<_> = all.map(|number| ((graph.id(number), becomes(number)), number)).collect();
        list.sort_unstable();
        let parents_of = |number| graph.parents(number).iter().map(|parent| graph.id(*parent)).collect();
        Change {
            refs: starts.updates(&objects),
            commits: list.iter().map(|(ids, _)| *ids).collect(),
            parents: list.iter().map(|(_, number)| parents_of(*number)).collect(),
            objects,
            deleted: done.deleted.clone(),
            pack: None,
        }
    }

    /// Only what must change changes.
    fn faithful(
        &self,
        starts: &Starts,
        among: &Among,
        blobs: &HashMap<ObjectId, Option<ObjectId>>,
        objects: &mut ObjectMap,
        visit: &VisitOptions<'_>,
    ) -> Result<Done, RewriteError> {
        let (survey, graph) = (self.survey, &self.survey.graph);
        let wanted = |number| among.all.contains(number) && !among.notes_only.contains(number);
        let of_commits =
            numbers(graph).filter(|number| wanted(*number)).map(|number| survey.roots[number as usize]);
        let named = starts.ids().map(|id| survey.peeled(id));
        let roots = self.trees(&of_commits.chain(named).collect(), wanted, blobs, visit)?;
        if self.options.interrupt.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(RewriteError::Interrupted);
        }
        let new_trees = numbers(graph)
            .filter(|number| !among.notes_only.contains(*number))
            .filter_map(|number| Some((number, *roots.by_tree.get(&survey.roots[number as usize])?)))
            .collect();
        let own = |id: &ObjectId| survey.commits.contains(id);
        let mut commits =
            Commits::new(self.store, self.forget, graph, self.output, &among.all, new_trees, own);
        commits.rewrite(&among.notes_only)?;
        for number in numbers(graph)
            .filter(|number| commits.dirty.contains(*number) && !among.notes_only.contains(*number))
        {
            objects.insert(graph.id(number), Some(commits.id(number)));
        }
        let tags =
            self.named_and_tags(starts, &roots, objects, &|message: &[u8]| commits.renamed(message))?;
        let notes_moved = self.notes(&mut commits, &among.notes_only, objects, blobs)?;
        let dirty = numbers(graph).filter(|number| commits.dirty.contains(*number));
        Ok(Done {
            commits: dirty.map(|number| (number, Some(commits.id(number)))).collect(),
            tags,
            notes_moved,
            signatures_lost: std::mem::take(&mut commits.signatures_lost),
            trees: roots.count,
            deleted: roots.deleted,
            archives: roots.archives,
            troubles: roots.troubles,
            ..Done::default()
        })
    }

    /// As git-filter-repo does it.
    fn as_filter_repo(
        &self,
        starts: &Starts,
        (among, ways): (&Among, Ways),
        blobs: &HashMap<ObjectId, Option<ObjectId>>,
        objects: &mut ObjectMap,
        visit: &VisitOptions<'_>,
    ) -> Result<Done, RewriteError> {
        let (survey, graph) = (self.survey, &self.survey.graph);
        let named = starts.ids().map(|id| survey.peeled(id)).filter(|id| graph.number(id).is_none());
        let roots = self.trees(&named.collect(), |_| false, blobs, visit)?;
        let work = filter_repo::Work {
            store: self.store,
            forget: self.forget,
            ways,
            survey,
            output: self.output,
            blobs,
            among: &among.all,
            notes_only: &among.notes_only,
            interrupt: self.options.interrupt,
        };
        let new = filter_repo::rewrite(&work, starts)?;
        for number in numbers(graph) {
            if let Some(id) = new.commits.get(&number) {
                objects.insert(graph.id(number), *id);
            }
        }
        let tags = self.named_and_tags(starts, &roots, objects, &|_: &[u8]| None)?;
        Ok(Done {
            commits: new.commits,
            pruned: new.pruned,
            tags,
            signatures_lost: new.signatures_lost,
            trees: roots.count + new.trees,
            deleted: new.deleted,
            troubles: roots.troubles,
            ..Done::default()
        })
    }

    /// Trees that refs name, and annotated tags.
    fn named_and_tags(
        &self,
        starts: &Starts,
        roots: &NewRoots,
        objects: &mut ObjectMap,
        references: &dyn Fn(&[u8]) -> Option<Vec<u8>>,
    ) -> Result<tags::NewTags, RewriteError> {
        for id in starts.ids().map(|id| self.survey.peeled(id)) {
            if let Some(new) = roots.by_tree.get(&id) {
                objects.insert(id, Some(*new));
            }
        }
        Ok(tags::rewrite(self.store, self.forget, self.survey, self.output, objects, starts, references)?)
    }

    /// Rewrites the trees that change, of those in `roots` and below; those of `wanted` commits must be there.
    fn trees(
        &self,
        roots: &BTreeSet<ObjectId>,
        wanted: impl Fn(u32) -> bool,
        blobs: &HashMap<ObjectId, Option<ObjectId>>,
        visit: &VisitOptions<'_>,
    ) -> Result<NewRoots, RewriteError> {
        let text = self.forget.text_elsewhere();
        if blobs.is_empty() && self.forget.paths.is_none() && text.is_none() {
            return Ok(NewRoots::default());
        }
        let only_paths = blobs.is_empty() && text.is_none();
        let below = || TreeSurvey::read_below(self.store, self.forget, roots.iter().copied(), visit);
        let trees = only_paths.then(below).flatten();
        let trees = trees.unwrap_or_else(|| {
            let placed = blobs.keys().chain(self.survey.archives.keys());
            TreeSurvey::read(self.store, self.forget, placed.copied(), visit)
        });
        if !trees.missing_roots(self.survey, wanted).is_empty() {
            return Err(RewriteError::MissingTrees);
        }
        let mut dirt = trees.dirt(self.forget, blobs.keys().copied());
        let mut at = Vec::new();
        for root in roots {
            if let Some(position) = trees.forest.number(root).and_then(|tree| dirt.is_dirty(tree)) {
                at.push((*root, position));
            }
        }
        if dirt.missing {
            return Err(RewriteError::MissingTrees);
        }
        let rename = |name: &BStr| -> Option<BString> {
            // A name that is found and cannot be replaced stays, and the proof tells.
            let new = text?.replace(name).ok()??;
            Some(new.into_iter().map(|byte| if b"/\0".contains(&byte) { b'_' } else { byte }).collect())
        };
        let left_out = LeftOut::default();
        let (store, output) = (self.store, self.output);
        let work = TreeWork { store, dirt: &dirt, blobs, rename: &rename, output, left_out: &left_out };
        let new = trees::rewrite(&work, visit)?;
        let archives = archives::placed(&trees.forest, &self.survey.archives, roots.iter().copied());
        let mut result = NewRoots { count: new.len() as u64, archives, ..NewRoots::default() };
        result.troubles.clone_from(&trees.troubles);
        for (root, position) in at {
            let id = match new[position as usize] {
                Some(id) => id,
                None => self.empty_tree()?,
            };
            // A tree in which only names looked as if they might change is what it was.
            if id != root {
                result.by_tree.insert(root, id);
            }
        }
        // The trees are about to be read once more: no need to have them in memory twice.
        drop((new, dirt));
        drop(trees);
        if let Some(rules) = &self.forget.paths {
            // A plan has to know of pointers only: to find out where all the others stand takes long.
            let wanted = |id: &ObjectId| self.options.write || orphans::is_pointer(store, id);
            result.deleted = left_out.nowhere_else(store, rules, &wanted, roots.iter().copied(), visit)?;
        }
        Ok(result)
    }

    fn empty_tree(&self) -> Result<ObjectId, RewriteError> {
        let id = self.output.name(Kind::Tree, &[])?;
        self.output.put(id, Kind::Tree, &[], None)?;
        Ok(id)
    }

    /// Rewrites the commits that only notes lead to; how many of them change.
    fn notes(
        &self,
        commits: &mut Commits<'_>,
        notes_only: &CommitSet,
        objects: &mut ObjectMap,
        blobs: &HashMap<ObjectId, Option<ObjectId>>,
    ) -> Result<u64, RewriteError> {
        let graph = &self.survey.graph;
        let mut notes = Notes::new(self.store, self.output, blobs);
        let mut new_roots: HashMap<CommitNumber, ObjectId> = HashMap::new();
        let mut count = 0;
        for number in numbers(graph).filter(|number| notes_only.contains(*number)) {
            let root = self.survey.roots[number as usize];
            let parents = graph.parents(number);
            let before = parents
                .first()
                .and_then(|parent| Some((self.survey.roots[*parent as usize], *new_roots.get(parent)?)));
            let new = notes.rewrite(before, root, &|id| objects.new_id(id))?;
            new_roots.insert(number, new);
            let by_parent = parents.iter().any(|parent| commits.id(*parent) != graph.id(*parent));
            if new != root || by_parent || commits.dirty.contains(number) {
                commits.rewrite_late(number, new)?;
                objects.insert(graph.id(number), Some(commits.id(number)));
                count += 1;
            }
        }
        Ok(count)
    }
}
