//! The slow way to every answer: git lists each commit's files and each commit's parents.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

use bstr::BString;
use unleak_objects::history::History;
use unleak_objects::{ObjectId, ObjectStore};
use unleak_testkit::TestRepo;

/// Commits that hold something, by path.
pub(crate) type Places = BTreeMap<BString, BTreeSet<ObjectId>>;

pub(crate) fn id(hex: &str) -> ObjectId {
    ObjectId::from_hex(hex.as_bytes()).unwrap()
}

pub(crate) fn ids(text: &str) -> BTreeSet<ObjectId> {
    text.split_ascii_whitespace().map(id).collect()
}

/// Where each blob stands, according to `git ls-tree` of every commit and of each of `trees`.
pub(crate) fn places(repo: &TestRepo<'_>, trees: &[ObjectId]) -> BTreeMap<ObjectId, Places> {
    let mut places: BTreeMap<ObjectId, Places> = BTreeMap::new();
    for root in ids(&repo.git(["rev-list", "--all"])).iter().chain(trees) {
        for line in repo.git(["ls-tree", "-r", "-z", &root.to_string()]).split_terminator('\0') {
            let (entry, path) = line.split_once('\t').unwrap();
            let blob = id(entry.split(' ').nth(2).unwrap());
            places.entry(blob).or_default().entry(path.into()).or_default().insert(*root);
        }
    }
    places
}

pub(crate) fn store(repo: &TestRepo<'_>) -> ObjectStore {
    ObjectStore::open(&repo.objects_dir(), gix_hash::Kind::Sha1).unwrap()
}

pub(crate) fn history(
    repo: &TestRepo<'_>,
    targets: impl IntoIterator<Item = ObjectId>,
    trees: &[ObjectId],
    threads: usize,
) -> History {
    let (history, troubles) = History::read(&store(repo), targets, trees, threads, &AtomicBool::new(false));
    assert_eq!(troubles, []);
    history
}

/// The same of `history`.
pub(crate) fn presences(history: &History, blob: &ObjectId) -> Places {
    let presences = history.presences(blob).unwrap();
    assert!(presences.is_sorted_by(|a, b| a.path < b.path), "{presences:?}");
    let places = presences.into_iter().map(|presence| {
        assert!(presence.commits.is_sorted_by(|a, b| a < b) && !presence.commits.is_empty());
        (presence.path, presence.commits.into_iter().map(|commit| history.graph.id(commit)).collect())
    });
    places.collect()
}
