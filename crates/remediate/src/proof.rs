//! The proof: looks once more, at everything that anything leads to, or at every object there is, for what was to be
//! forgotten.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use bstr::BString;
use gix_hash::ObjectId;
use unleak_objects::history::CommitSet;
use unleak_objects::repository::{IndexError, RangeError, RefTrouble, RefsError, Repository};
use unleak_objects::{KindSet, ObjectStore, OpenStoreError, Progress, Trouble, VisitOptions, Visited};

use crate::archive::{Archive, Inside};
use crate::forget::Forget;
use crate::leftover::{Leftover, LeftoverPlace};
use crate::rewrite::tree_survey::TreeSurvey;
use crate::rewrite::{Starts, archives};
use crate::survey::Survey;

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// What refs, reflogs, indexes and whatever else of all worktrees lead to.
    Reachable,
    /// Of that, what nobody else has.
    Unpushed,
    /// Every object in every pack and folder, and the files of the git directory.
    Everything,
}

/// What a proof has seen.
#[derive(Debug)]
pub struct Proof {
    /// What was looked at.
    pub scope: Scope,
    /// What is left; sorted. Of commits with the same tree the oldest stands for all.
    pub leftovers: Vec<Leftover>,
    /// Archives that could not be looked into, or not to their end; sorted.
    pub unread: Vec<Archive>,
    /// Objects that are left in the store and that nothing leads to: `unleak purge` removes them.
    pub unreachable: u64,
    /// Every ref and where it leads.
    pub tips: Vec<(BString, ObjectId)>,
    /// How much was looked at.
    pub visited: Visited,
    /// Commits, trees, blobs or tags that are named and not there.
    pub missing: Vec<ObjectId>,
    /// What could not be read.
    pub troubles: Vec<Trouble>,
    /// Refs that could not be followed.
    pub ref_troubles: Vec<RefTrouble>,
    /// Whether it was broken off.
    pub interrupted: bool,
}

impl Proof {
    /// Whether everything was looked at and nothing is left.
    pub fn holds(&self) -> bool {
        self.leftovers.is_empty() && self.is_complete()
    }

    /// Whether everything was looked at, and nothing is left but in archives.
    pub fn holds_but_in_archives(&self) -> bool {
        let is_archive = |left: &Leftover| matches!(left.place, LeftoverPlace::Archive(_));
        self.leftovers.iter().all(is_archive) && self.is_complete()
    }

    /// Whether everything was looked at. Archives do not count.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
            && self.troubles.is_empty()
            && self.ref_troubles.is_empty()
            && !self.interrupted
    }
}

/// The proof could not be begun.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The object store.
    #[error(transparent)]
    Store(#[from] OpenStoreError),
    /// The refs.
    #[error(transparent)]
    Refs(#[from] RefsError),
    /// An index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The commits that nobody else has.
    #[error("what nobody else has is not known")]
    Range(#[from] RangeError),
    /// Among what nobody else has is more than commits.
    #[error("a ref leads to something that is no commit")]
    NoCommit,
    /// A commit, tree or blob of these.
    #[error("object {0} cannot be read")]
    Object(ObjectId, #[source] Box<dyn std::error::Error + Send + Sync>),
    /// What is staged.
    #[error("what is staged is not known")]
    Staged(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A file of the git directory.
    #[error("{} cannot be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The reason.
        #[source]
        source: io::Error,
    },
}

/// Everything in an object store, looked at once; then asked about, as often as refs move.
#[derive(Debug)]
pub struct Prover<'f> {
    forget: &'f Forget,
    survey: Survey,
    trees: TreeSurvey,
    missing: Vec<ObjectId>,
}

impl<'f> Prover<'f> {
    /// Looks at every object of `repo`. The object store is opened anew.
    pub fn look(
        repo: &Repository,
        forget: &'f Forget,
        threads: usize,
        interrupt: &AtomicBool,
        progress: Option<&Progress>,
    ) -> Result<Self, ProofError> {
        let store = ObjectStore::open(repo.objects_dir(), repo.hash_kind())?;
        let mut survey = Survey::read(&store, forget, threads, interrupt, progress);
        let mut visit = VisitOptions::new(KindSet::ALL, threads, interrupt);
        visit.progress = progress;
        let placed = survey.blobs.iter().chain(survey.archives.keys());
        let mut trees = TreeSurvey::read(&store, forget, placed.copied(), &visit);
        survey.troubles.append(&mut trees.troubles);
        survey.visited.add(&trees.visited);
        let mut missing = std::mem::take(&mut trees.missing);
        missing.extend(survey.graph.missing_parents().iter().map(|(_, parent)| *parent));
        missing.sort_unstable();
        missing.dedup();
        Ok(Self { forget, survey, trees, missing })
    }

    /// Looks for what was to be forgotten in what `starts` lead to and, with `indexes`, in the indexes of `repo`.
    pub fn prove(
        &self,
        repo: &Repository,
        (starts, ref_troubles): (Starts, Vec<RefTrouble>),
        scope: Scope,
        indexes: bool,
    ) -> Result<Proof, ProofError> {
        let mut search = Search { prover: self, scope, starts: &starts, found: Vec::new() };
        search.trees();
        search.commits_and_tags();
        search.refs();
        let unread = search.archives();
        if indexes {
            search.indexes(repo)?;
        }
        let unreachable = search.unreachable();
        if scope == Scope::Everything {
            search.files(repo.common_dir())?;
        }
        let commits = search.commits();
        let mut missing = self.trees.missing_roots(&self.survey, |number| commits.contains(number));
        missing.extend(&self.missing);
        let mut leftovers = search.found;
        leftovers.sort_unstable();
        leftovers.dedup();
        Ok(Proof {
            scope,
            leftovers,
            unread,
            unreachable,
            tips: starts.refs,
            visited: self.survey.visited,
            missing,
            troubles: self.survey.troubles.clone(),
            ref_troubles,
            interrupted: self.survey.interrupted,
        })
    }
}

struct Search<'a> {
    prover: &'a Prover<'a>,
    scope: Scope,
    starts: &'a Starts,
    found: Vec<Leftover>,
}

impl Search<'_> {
    fn add(&mut self, place: LeftoverPlace, id: ObjectId) {
        self.found.push(Leftover { place, id });
    }

    /// The commits that are looked at.
    fn commits(&self) -> CommitSet {
        let graph = &self.prover.survey.graph;
        let ids = self.starts.ids().map(|id| self.prover.survey.peeled(id));
        let reachable = graph.reachable(ids.filter_map(|id| graph.number(&id)).collect::<Vec<_>>());
        if self.scope != Scope::Everything {
            return reachable;
        }
        graph.reachable((0..).take(graph.len()))
    }

    /// What stands in trees.
    fn trees(&mut self) {
        let Prover { forget, survey, trees, .. } = self.prover;
        let (forest, mut dirt) = (&trees.forest, trees.dirt(forget, survey.blobs.iter().copied()));
        let commits = self.commits();
        let mut seen = HashSet::new();
        for number in (0u32..).take(survey.graph.len()).filter(|number| commits.contains(*number)) {
            let root = survey.roots[number as usize];
            if let Some(position) = forest.number(&root).and_then(|tree| dirt.is_dirty(tree))
                && seen.insert(root)
            {
                self.add(LeftoverPlace::Tree(dirt.example(position)), survey.graph.id(number));
            }
        }
        for (name, id) in self.starts.refs.iter().chain(&self.starts.others) {
            let id = survey.peeled(*id);
            if forest.number(&id).is_some_and(|tree| dirt.is_dirty(tree).is_some()) {
                self.add(LeftoverPlace::Ref(name.clone()), id);
            }
        }
    }

    /// Adds the archives that hold something; returns those that nobody could look into.
    fn archives(&mut self) -> Vec<Archive> {
        let Prover { survey, trees, .. } = self.prover;
        let commits = self.commits();
        let of_commits = (0u32..).take(survey.graph.len()).filter(|number| commits.contains(*number));
        let of_commits = of_commits.map(|number| survey.roots[number as usize]);
        let named = self.starts.ids().map(|id| survey.peeled(id));
        let placed = archives::placed(&trees.forest, &survey.archives, of_commits.chain(named));
        let (held, unread): (Vec<_>, Vec<_>) = placed.into_iter().partition(|archive| archive.holds);
        for archive in held {
            self.add(LeftoverPlace::Archive(archive.path), archive.id);
        }
        unread
    }

    fn commits_and_tags(&mut self) {
        let commits = self.commits();
        let graph = &self.prover.survey.graph;
        let is_seen = |id: &&ObjectId| graph.number(id).is_some_and(|number| commits.contains(number));
        let texts: Vec<ObjectId> = self.prover.survey.commits.iter().filter(is_seen).copied().collect();
        for id in texts {
            self.add(LeftoverPlace::Text, id);
        }
        if self.scope == Scope::Everything {
            let tags: Vec<ObjectId> = self.prover.survey.tags.iter().copied().collect();
            for id in tags {
                self.add(LeftoverPlace::Text, id);
            }
            return;
        }
        for start in self.starts.ids() {
            let mut at = start;
            for _ in 0..1000 {
                if self.prover.survey.tags.contains(&at) {
                    self.add(LeftoverPlace::Text, at);
                }
                match self.prover.survey.tag_targets.get(&at) {
                    Some(target) => at = *target,
                    None => break,
                }
            }
        }
    }

    fn refs(&mut self) {
        for (name, id) in self.starts.refs.iter().chain(&self.starts.others) {
            if self.prover.forget.text_elsewhere().is_some_and(|text| text.finds(name)) {
                self.add(LeftoverPlace::RefName(name.clone()), ObjectId::null(id.kind()));
            }
            let id = self.prover.survey.peeled(*id);
            if self.prover.survey.holds(&id) {
                self.add(LeftoverPlace::Ref(name.clone()), id);
            }
        }
    }

    fn indexes(&mut self, repo: &Repository) -> Result<(), ProofError> {
        let files = repo
            .index_files()
            .map_err(|source| ProofError::File { path: repo.common_dir().join("worktrees"), source })?;
        for (worktree, file) in files.into_iter().filter(|(_, file)| file.exists()) {
            for entry in repo.index(Some(&file))?.entries() {
                if self.prover.survey.holds(&entry.id) {
                    self.add(LeftoverPlace::Index(worktree.clone(), entry.path.to_owned()), entry.id);
                }
            }
        }
        Ok(())
    }

    /// How many objects hold something although nothing leads to them; with [`Scope::Everything`] they are left.
    fn unreachable(&mut self) -> u64 {
        let survey = &self.prover.survey;
        let held = survey.archives.iter().filter(|(_, (_, inside))| *inside == Inside::Holds);
        let blobs = survey.blobs.iter().chain(held.map(|(id, _)| id));
        let blobs: BTreeSet<ObjectId> = blobs.copied().collect();
        if self.scope == Scope::Everything {
            for id in blobs {
                self.add(LeftoverPlace::Unreachable, id);
            }
            return 0;
        }
        (blobs.len() + self.prover.survey.commits.len() + self.prover.survey.tags.len()) as u64
    }

    /// The files of the git directory, but for objects.
    fn files(&mut self, git_dir: &Path) -> Result<(), ProofError> {
        let Some(text) = self.prover.forget.text_elsewhere() else { return Ok(()) };
        let mut folders = vec![git_dir.to_owned()];
        while let Some(folder) = folders.pop() {
            let failed = |source| ProofError::File { path: folder.clone(), source };
            for entry in fs::read_dir(&folder).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let (path, kind) = (entry.path(), entry.file_type().map_err(failed)?);
                if kind.is_dir() && path != git_dir.join("objects") {
                    folders.push(path);
                } else if kind.is_file() {
                    let holds = holds(&path, text)
                        .map_err(|source| ProofError::File { path: path.clone(), source })?;
                    if holds {
                        self.add(LeftoverPlace::File(path), ObjectId::null(self.prover.survey.hash));
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether a file holds something to forget; read in parts where that decides it.
fn holds(path: &Path, text: &crate::replacer::Replacer) -> io::Result<bool> {
    let mut file = fs::File::open(path)?;
    if let Some(literals) = text.literals() {
        return crate::survey::holds_in_parts(text, literals, &mut file);
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(text.finds(&bytes))
}
