//! Which files git would take, and what of a working tree no commit can bring back.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::UNIX_EPOCH;

use bstr::{BStr, ByteSlice as _};
use unleak_guard::env_file::{is_env_file, is_key_file};
use unleak_guard::{Adding, Candidate};
use unleak_objects::ObjectId;
use unleak_objects::repository::{Index, Pathspec, Standing};

use crate::commands::guard::folders;
use crate::commands::guard::located::Opened;

/// Larger files are not read on the way to a verdict. Bytes.
const MAX_BYTES: u64 = 64 << 20;

fn said(error: impl std::error::Error) -> String {
    error.to_string()
}

/// What the index has otherwise than HEAD.
pub(super) fn staged(opened: &Opened) -> Result<Vec<Candidate>, String> {
    let head = opened.repository.head_tree().map_err(said)?;
    let changes = opened.repository.staged_changes(opened.index()?, head).map_err(said)?;
    let reader = opened.repository.reader();
    let blob = |id: &ObjectId| -> Result<Vec<u8>, String> {
        let (_, size) = reader.header(id).map_err(said)?;
        if size > MAX_BYTES {
            Err(format!("blob {id} is larger than {} MiB", MAX_BYTES >> 20))
        } else {
            reader.blob(id).map_err(said)
        }
    };
    let mut candidates = Vec::new();
    for change in changes.files.iter().filter(|change| change.old != Some(change.new)) {
        let previous = change.old.as_ref().map(blob).transpose()?;
        candidates.push(Candidate { path: change.path.to_string(), content: blob(&change.new)?, previous });
    }
    Ok(candidates)
}

/// What `adding`, said in `folder`, would stage.
pub(super) fn stageable(opened: &Opened, folder: &Path, adding: &Adding) -> Result<Vec<Candidate>, String> {
    let index = opened.index()?;
    let inside = opened.inside(folder).unwrap_or_default().to_string();
    let everything = [String::from(":/")];
    let specs = if adding.paths.is_empty() { &everything[..] } else { &adding.paths };
    let specs = Pathspec::new(specs, Path::new(&inside), &opened.top).map_err(said)?;
    let only_tracked = adding.paths.is_empty() && !adding.untracked;
    let found = opened.repository.worktree_files(index, adding.ignored).map_err(said)?;
    let reader = opened.repository.reader();
    let mut candidates = Vec::new();
    for file in found.files {
        if file.symlink || only_tracked && !file.tracked || !specs.matches(file.path.as_bstr()) {
            continue;
        }
        let path = opened.top.join(file.path.to_path().map_err(|error| error.to_string())?);
        let meta = std::fs::metadata(&path).map_err(|error| format!("{}: {error}", file.path))?;
        if file.tracked && !may_differ(index, file.path.as_bstr(), &meta) {
            continue;
        }
        if meta.len() > MAX_BYTES {
            return Err(format!("{} is larger than {} MiB", file.path, MAX_BYTES >> 20));
        }
        let content = std::fs::read(&path).map_err(|error| format!("{}: {error}", file.path))?;
        let old = index.find(&file.path).filter(|entry| !entry.intent_to_add);
        let previous = old.map(|entry| reader.blob(&entry.id)).transpose().map_err(said)?;
        candidates.push(Candidate { path: file.path.to_string(), content, previous });
    }
    Ok(candidates)
}

fn may_differ(index: &Index, path: &BStr, meta: &std::fs::Metadata) -> bool {
    let changed = meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let changed = changed.and_then(|time| Some((u32::try_from(time.as_secs()).ok()?, time.subsec_nanos())));
    changed.is_none_or(|changed| index.may_differ(path, meta.len(), changed))
}

/// Files at or below `path` that are lost for good with it.
pub(super) fn unrecoverable(opened: &Opened, path: &Path) -> Result<Vec<String>, String> {
    let Some(inside) = opened.inside(path) else { return Ok(Vec::new()) };
    let target = inside.as_bstr();
    let index = opened.index()?;
    let found = opened.repository.worktree_files(index, false).map_err(said)?;
    let mut lost = BTreeSet::new();
    for file in &found.files {
        let name = file.path.to_string();
        if is_below(&name, target) && (!file.tracked || is_changed(opened, file.path.as_bstr())?) {
            lost.insert(name);
        }
    }
    // Env files and keys are ignored on purpose, and there is one copy of them. Those within folders that are ignored as
    // a whole, such as installed packages, come back with them.
    let folders = folders::looked_into(&opened.repository, index, &opened.top, &found).map_err(said)?;
    for folder in folders {
        let Ok(entries) = std::fs::read_dir(opened.top.join(&folder)) else { continue };
        for entry in entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file())) {
            let path = folders::within(&folder, &entry.file_name().to_string_lossy());
            let is_precious = is_env_file(&path) || is_key_file(&path);
            if is_precious && is_below(&path, target) && index.find(path.as_bytes()).is_none() {
                lost.insert(path);
            }
        }
    }
    Ok(lost.into_iter().collect())
}

/// Whether a tracked file holds what the index does not: a commit brings back the index, not the file.
fn is_changed(opened: &Opened, path: &BStr) -> Result<bool, String> {
    let index = opened.index()?;
    let full = opened.top.join(path.to_path().map_err(said)?);
    // A file that is gone already is not lost now.
    let Ok(meta) = std::fs::symlink_metadata(&full) else { return Ok(false) };
    if !meta.is_file() || !may_differ(index, path, &meta) {
        return Ok(false);
    }
    let Some(entry) = index.find(path).filter(|entry| !entry.intent_to_add) else { return Ok(true) };
    if meta.len() > MAX_BYTES {
        return Ok(true);
    }
    let content = std::fs::read(&full).map_err(|error| format!("{path}: {error}"))?;
    let known = opened.repository.reader().blob(&entry.id).map_err(said)?;
    // What git would store of a file with Windows line ends is the file without them.
    Ok(content != known && content.replace("\r\n", "\n") != known)
}

fn is_below(path: &str, target: &BStr) -> bool {
    let rest = path.as_bytes().strip_prefix(target.as_bytes());
    target.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}

/// How git sees a path.
pub(super) fn standing(opened: &Opened, path: &Path) -> Result<unleak_guard::Standing, String> {
    use unleak_guard::Standing as Seen;
    let Some(inside) = opened.inside(path) else { return Ok(Seen::Outside) };
    let standings = opened.repository.standings(opened.index()?, &[inside.as_bstr()]).map_err(said)?;
    Ok(match standings.first() {
        Some(Standing::Tracked) => Seen::Tracked,
        Some(Standing::Ignored { .. }) => Seen::Ignored,
        Some(Standing::Free) | None => Seen::Trackable,
    })
}
