//! The object store without what nothing leads to: repacked, pruned, and with its tables of packs and commits made anew.

use std::fs::File;
use std::path::{Path, PathBuf};

use bstr::ByteSlice as _;
use gix_hash::ObjectId;

use crate::durable::{FileError, entries, remove, remove_folder};
use crate::git::{Git, GitError};

/// Why the store was not cleaned.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreError {
    #[error(transparent)]
    Git(#[from] GitError),
    #[error(transparent)]
    File(#[from] FileError),
}

/// Packs that someone asked git to keep as they are.
pub(super) fn kept_packs(objects_dir: &Path) -> Result<Vec<PathBuf>, FileError> {
    let paths = entries(&objects_dir.join("pack"))?.into_iter().map(|entry| entry.path());
    Ok(paths.filter(|path| path.extension().is_some_and(|end| end == "keep")).collect())
}

/// Every object that is here or borrowed.
fn all(git: &Git, common_dir: &Path) -> Result<Vec<ObjectId>, GitError> {
    let args = ["cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)"];
    let output = git.at(common_dir).args(args).run()?;
    Ok(output.lines().filter_map(|line| ObjectId::from_hex(line).ok()).collect())
}

/// How many objects no ref, reflog or index of any worktree leads to.
pub(super) fn count_unreachable(git: &Git, common_dir: &Path) -> Result<u64, GitError> {
    let args = [
        "rev-list",
        "--objects",
        "--no-object-names",
        "--ignore-missing",
        "--all",
        "--reflog",
        "--indexed-objects",
    ];
    let output = git.at(common_dir).args(args).run()?;
    let mut reachable: Vec<ObjectId> =
        output.lines().filter_map(|line| ObjectId::from_hex(line).ok()).collect();
    reachable.sort_unstable();
    let unreachable = all(git, common_dir)?.into_iter().filter(|id| reachable.binary_search(id).is_err());
    Ok(unreachable.count() as u64)
}

/// Those of these objects that are still there.
pub(super) fn remaining(git: &Git, common_dir: &Path, ids: &[ObjectId]) -> Result<Vec<ObjectId>, GitError> {
    let all = all(git, common_dir)?;
    let mut remaining: Vec<ObjectId> = all.into_iter().filter(|id| ids.binary_search(id).is_ok()).collect();
    remaining.sort_unstable();
    remaining.dedup();
    Ok(remaining)
}

/// Drops everything that nothing leads to.
pub(super) fn clean(git: &Git, lock: &File, common_dir: &Path, objects_dir: &Path) -> Result<(), StoreError> {
    let run = |args: &[&str]| git.at(common_dir).args(args).holding(lock).run();
    let graphs = objects_dir.join("info").join("commit-graphs");
    let graph = objects_dir.join("info").join("commit-graph");
    let table = objects_dir.join("pack").join("multi-pack-index");
    let (had_chain, had_graph, had_table) = (graphs.exists(), graph.exists(), table.exists());
    // They name old objects; without them git does everything as well, if slower.
    remove(&graph)?;
    remove_folder(&graphs)?;
    if had_table {
        for entry in entries(&objects_dir.join("pack"))? {
            if entry.file_name().as_encoded_bytes().starts_with(b"multi-pack-index") {
                remove(&entry.path())?;
            }
        }
    }
    remove_folder(&objects_dir.join("pack").join("multi-pack-index.d"))?;
    run(&["repack", "-a", "-d", "-l", "-q"])?;
    run(&["prune", "--expire=now"])?;
    run(&["prune-packed", "-q"])?;
    if had_table
        && entries(&objects_dir.join("pack"))?
            .iter()
            .any(|entry| entry.path().extension().is_some_and(|end| end == "idx"))
    {
        run(&["multi-pack-index", "write", "--no-progress"])?;
    }
    if had_chain {
        run(&["commit-graph", "write", "--reachable", "--split=replace", "--no-progress"])?;
    } else if had_graph {
        run(&["commit-graph", "write", "--reachable", "--no-progress"])?;
    }
    Ok(())
}
