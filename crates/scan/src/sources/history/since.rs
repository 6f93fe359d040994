//! Of findings with all their versions, those that commits of some time added, as a range of these commits would.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use bstr::{BString, ByteSlice};
use unleak_findings::{Fingerprint, Medium, ObjectId};
use unleak_objects::history::{CommitNumber, CommitSet, Graph};
use unleak_objects::{Buffer, Kind, ObjectStore, commit, tree};

use super::stay::{Groups, Stay, Version};

/// Keeps the findings that a commit in `window` added: it has the secret, and none of its parents has it at the same
/// path. Of their versions those that this commit and later ones in `window` brought. Returns beside them how many
/// secrets commits in `window` only touched.
pub(super) fn keep<'h>(
    groups: Groups<'h>,
    graph: &Graph,
    window: &CommitSet,
    store: &ObjectStore,
) -> (Groups<'h>, u64) {
    let mut holders: HashMap<(BString, &Fingerprint), HashSet<ObjectId>> = HashMap::new();
    for ((medium, path, fingerprint, ..), versions) in &groups {
        if *medium == Medium::File {
            let blobs = versions.iter().filter_map(|version| version.blob);
            holders.entry((path.clone(), *fingerprint)).or_default().extend(blobs);
        }
    }
    let (mut kept, mut touched) = (Groups::new(), BTreeSet::new());
    let mut parents = Parents { graph, store, path: BString::default(), known: HashMap::new() };
    for (key, versions) in groups {
        let inside = versions.iter().flat_map(|version| version.stay.introducers.iter().copied());
        let inside: BTreeSet<_> = inside.filter(|&commit| window.contains(commit)).collect();
        // Notes move as there are more of them, so that their paths tell nothing.
        let holders = (key.0 == Medium::File).then(|| holders.get(&(key.1.clone(), key.2))).flatten();
        let adds =
            |commit: &&CommitNumber| holders.is_none_or(|blobs| !parents.any_holds(**commit, &key.1, blobs));
        match inside.iter().find(adds) {
            Some(&first) => {
                let later = |commit: CommitNumber| commit >= first && window.contains(commit);
                let versions = versions.iter().filter_map(|version| version_of(version, &later));
                kept.insert(key, versions.collect());
            }
            None if !inside.is_empty() => drop(touched.insert((key.1, key.2.clone()))),
            None => {}
        }
    }
    (kept, touched.len() as u64)
}

/// The version as the commits that `counts` says yes to brought it, if one did.
fn version_of<'h>(version: &Version<'h>, counts: &dyn Fn(CommitNumber) -> bool) -> Option<Version<'h>> {
    let introducers = version.stay.introducers.iter().copied();
    let introducers: Vec<_> = introducers.filter(|&commit| counts(commit)).collect();
    let stay = Stay { introducers, ..Stay::clone(&version.stay) };
    (!stay.introducers.is_empty()).then(|| Version {
        stay: Rc::new(stay),
        sighting: version.sighting,
        blob: version.blob,
    })
}

/// What parents of commits have at one path.
struct Parents<'a> {
    graph: &'a Graph,
    store: &'a ObjectStore,
    path: BString,
    known: HashMap<CommitNumber, Option<ObjectId>>,
}

impl Parents<'_> {
    /// Whether a parent of `commit` has one of `blobs` at `path`. One that cannot be read has none of them.
    fn any_holds(&mut self, commit: CommitNumber, path: &BString, blobs: &HashSet<ObjectId>) -> bool {
        if self.path != *path {
            self.path.clone_from(path);
            self.known.clear();
        }
        let (graph, store) = (self.graph, self.store);
        graph.parents(commit).iter().any(|&parent| {
            let found = self.known.entry(parent).or_insert_with(|| file_of(store, &graph.id(parent), path));
            found.is_some_and(|blob| blobs.contains(&blob))
        })
    }
}

/// The blob that a commit has at `path`.
fn file_of(store: &ObjectStore, commit: &ObjectId, path: &BString) -> Option<ObjectId> {
    let mut buffer = Buffer::default();
    let Ok(Some((Kind::Commit, bytes))) = store.find(commit, &mut buffer) else { return None };
    let mut at = commit::parse(bytes, store.hash()).ok()?.tree;
    for name in path.split_str("/") {
        let Ok(Some((Kind::Tree, bytes))) = store.find(&at, &mut buffer) else { return None };
        let mut entries = tree::entries(bytes, store.hash().len_in_bytes()).map_while(Result::ok);
        at = ObjectId::try_from(entries.find(|entry| entry.name == name)?.id).ok()?;
    }
    Some(at)
}
