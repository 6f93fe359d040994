//! The folders of a working tree that git looks into, also those in which it ignores every file.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use bstr::{BStr, ByteSlice as _};
use unleak_objects::repository::{Index, Repository, Standing, WorktreeError, WorktreeFiles};

/// All of them, from the top, which is the empty one. Nested repositories are not among them, nor what is ignored as a
/// whole, such as installed packages.
pub(crate) fn looked_into(
    repository: &Repository,
    index: &Index,
    top: &Path,
    listed: &WorktreeFiles,
) -> Result<BTreeSet<String>, WorktreeError> {
    let mut folders = BTreeSet::from([String::new()]);
    for file in &listed.files {
        let path = file.path.to_str_lossy();
        let mut path = path.as_ref();
        while let Some((folder, _)) = path.rsplit_once('/') {
            if !folders.insert(folder.to_owned()) {
                break;
            }
            path = folder;
        }
    }
    let mut pending: Vec<String> = folders.iter().cloned().collect();
    while !pending.is_empty() {
        let inside = pending.iter().flat_map(|folder| folders_in(top, folder));
        let new: Vec<String> = inside.filter(|path| !folders.contains(path)).collect();
        let names: Vec<&BStr> = new.iter().map(|path| BStr::new(path.as_str())).collect();
        let standings = repository.standings(index, &names)?;
        let seen = new.iter().zip(standings).filter(|(_, how)| !matches!(how, Standing::Ignored { .. }));
        pending = seen.map(|(path, _)| path.clone()).collect();
        folders.extend(pending.iter().cloned());
    }
    Ok(folders)
}

fn folders_in(top: &Path, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(top.join(folder)).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let folders = folders.filter(|entry| entry.file_name() != ".git" && !entry.path().join(".git").exists());
    folders.map(|entry| within(folder, &entry.file_name().to_string_lossy())).collect()
}

/// A name in a folder, as a path from the top.
pub(crate) fn within(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
