//! The proof for what nobody else has: those commits, tags, names of refs, and what is staged. The rest is not looked at.

use bstr::{BString, ByteSlice as _};
use gix_hash::ObjectId;
use unleak_objects::repository::{RefTrouble, Repository};
use unleak_objects::{Buffer, Kind, ObjectStore, Visited, commit as parse};

use crate::archive::{self, Archive, Inside, Packing};
use crate::forget::Forget;
use crate::git::Git;
use crate::leftover::{Leftover, LeftoverPlace};
use crate::output::Output;
use crate::places::worktrees;
use crate::proof::{Proof, ProofError, Scope};
use crate::rewrite::tree_edits::Trees;
use crate::rewrite::{Starts, file_changes};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Looks for texts to forget in what `starts` lead to and nobody else has and, with `indexes`, in what is staged.
pub fn prove_unpushed(
    repo: &Repository,
    git: &Git,
    forget: &Forget,
    (starts, ref_troubles): (Starts, Vec<RefTrouble>),
    indexes: bool,
) -> Result<Proof, ProofError> {
    let store = ObjectStore::open(repo.objects_dir(), repo.hash_kind())?;
    let mut search = Search {
        store: &store,
        forget,
        buffer: Buffer::default(),
        found: Vec::new(),
        unread: Vec::new(),
        visited: Visited::default(),
    };
    let commits = starts.unpushed(repo)?.ok_or(ProofError::NoCommit)?;
    search.commits(&commits)?;
    search.refs_and_tags(&starts);
    if indexes {
        search.indexes(repo, git)?;
    }
    let Search { found: mut leftovers, mut unread, visited, .. } = search;
    unread.sort_unstable();
    unread.dedup();
    leftovers.sort_unstable();
    leftovers.dedup();
    Ok(Proof {
        scope: Scope::Unpushed,
        leftovers,
        unread,
        unreachable: 0,
        tips: starts.refs,
        visited,
        missing: Vec::new(),
        troubles: Vec::new(),
        ref_troubles,
        interrupted: false,
    })
}

struct Search<'a> {
    store: &'a ObjectStore,
    forget: &'a Forget,
    buffer: Buffer,
    found: Vec<Leftover>,
    unread: Vec<Archive>,
    visited: Visited,
}

impl Search<'_> {
    /// The texts of commits, and every file that is not as it was in the first parent.
    fn commits(&mut self, commits: &[ObjectId]) -> Result<(), ProofError> {
        let nowhere = Output::nowhere(self.store);
        let mut trees = Trees::new(self.store, &nowhere);
        for id in commits {
            let (tree, parents, holds) = self.commit(id)?;
            if holds {
                self.found.push(Leftover { place: LeftoverPlace::Text, id: *id });
            }
            let from =
                parents.first().map(|parent| self.commit(parent).map(|(tree, ..)| tree)).transpose()?;
            let changes = file_changes::between(&mut trees, from, Some(tree))
                .map_err(|error| ProofError::Object(tree, error.into()))?;
            for (path, file) in changes {
                let Some((mode, blob)) = file else { continue };
                let named = path.split_str("/").any(|name| self.forget.renames(name.into()));
                let holds = mode != SUBMODULE && self.blob_holds(&blob, &path)?;
                if named || holds {
                    self.found.push(Leftover { place: LeftoverPlace::Tree(path), id: *id });
                }
            }
        }
        self.visited.commits += commits.len() as u64;
        Ok(())
    }

    /// The tree and the parents of a commit, and whether its text holds something.
    fn commit(&mut self, id: &ObjectId) -> Result<(ObjectId, Vec<ObjectId>, bool), ProofError> {
        let bytes = find(self.store, id, Kind::Commit, &mut self.buffer)?;
        let parsed =
            parse::parse(bytes, self.store.hash()).map_err(|error| ProofError::Object(*id, error.into()))?;
        Ok((parsed.tree, parsed.parents, finds(self.forget, bytes)))
    }

    /// Whether a blob holds something as it stands; of an archive, what is in it is noted.
    fn blob_holds(&mut self, id: &ObjectId, path: &BString) -> Result<bool, ProofError> {
        self.visited.blobs += 1;
        let bytes = find(self.store, id, Kind::Blob, &mut self.buffer)?;
        if let Some(packing) = Packing::of(bytes) {
            match archive::look(bytes, packing, &|bytes| finds(self.forget, bytes)) {
                Inside::Clean => {}
                Inside::Holds => {
                    let place = LeftoverPlace::Archive(path.clone());
                    self.found.push(Leftover { place, id: *id });
                }
                Inside::Unread => {
                    self.unread.push(Archive { path: path.clone(), id: *id, packing, holds: false });
                }
            }
        }
        Ok(finds(self.forget, bytes))
    }

    fn refs_and_tags(&mut self, starts: &Starts) {
        for (name, start) in starts.refs.iter().chain(&starts.others) {
            if finds(self.forget, name) {
                let (place, id) = (LeftoverPlace::RefName(name.clone()), ObjectId::null(start.kind()));
                self.found.push(Leftover { place, id });
            }
            let mut id = *start;
            // Tags of tags are finite; the bound is for a circle that only a broken hash function could make.
            for _ in 0..1000 {
                let Ok(Some((Kind::Tag, bytes))) = self.store.find(&id, &mut self.buffer) else { break };
                self.visited.tags += 1;
                if finds(self.forget, bytes) {
                    self.found.push(Leftover { place: LeftoverPlace::Text, id });
                }
                let Ok(tag) = unleak_objects::tag::parse(bytes, self.store.hash()) else { break };
                id = tag.target;
            }
        }
    }

    /// What is staged in any worktree and not in its commit.
    fn indexes(&mut self, repo: &Repository, git: &Git) -> Result<(), ProofError> {
        let unknown = |error: Failure| ProofError::Staged(error);
        for worktree in worktrees(repo, git).map_err(|error| unknown(error.into()))? {
            if !worktree.git_dir.join("index").exists() {
                continue;
            }
            let call = git.at(&worktree.git_dir);
            let call = call.args([
                "diff-index",
                "--cached",
                "--raw",
                "-z",
                "--no-renames",
                "--no-abbrev",
                "HEAD",
                "--",
            ]);
            let listed = call.run().map_err(|error| unknown(error.into()))?;
            for (path, id) in staged(&listed) {
                if self.blob_holds(&id, &path)? {
                    let place = LeftoverPlace::Index(worktree.id.clone(), path);
                    self.found.push(Leftover { place, id });
                }
            }
        }
        Ok(())
    }
}

/// The mode of a submodule.
const SUBMODULE: u32 = 0o160_000;

fn finds(forget: &Forget, bytes: &[u8]) -> bool {
    forget.text_elsewhere().is_some_and(|text| text.finds(bytes))
}

fn find<'b>(
    store: &ObjectStore,
    id: &ObjectId,
    kind: Kind,
    buffer: &'b mut Buffer,
) -> Result<&'b [u8], ProofError> {
    match store.find(id, buffer) {
        Ok(Some((found, bytes))) if found == kind => Ok(bytes),
        Ok(_) => Err(ProofError::Object(*id, format!("it is no {kind}, or not there").into())),
        Err(error) => Err(ProofError::Object(*id, error.into())),
    }
}

/// Paths and blobs of `git diff-index --raw -z`; what is deleted or a submodule has none.
fn staged(listed: &[u8]) -> Vec<(BString, ObjectId)> {
    let mut parts = listed.split_str(b"\0");
    let mut found = Vec::new();
    while let (Some(change), Some(path)) = (parts.next(), parts.next()) {
        let words: Vec<&[u8]> = change.split(|byte| *byte == b' ').collect();
        let &[_, mode, _, id, _] = words.as_slice() else { continue };
        let blob = ObjectId::from_hex(id).ok().filter(|id| !id.is_null() && mode != b"160000");
        found.extend(blob.map(|id| (path.into(), id)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::staged;

    #[test]
    fn what_is_staged_is_read_from_git() {
        let (one, none) = ("1".repeat(40), "0".repeat(40));
        let text = format!(
            ":000000 100644 {none} {one} A\0new name\0:100644 000000 {one} {none} D\0gone\0:000000 160000 {none} {one} A\0sub\0"
        );
        let found = staged(text.as_bytes());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].0.to_string(), found[0].1.to_string()), ("new name".to_owned(), one));
    }
}
