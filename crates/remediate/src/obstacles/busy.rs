//! Others at work: locks of git, housekeeping, another run of this program or one that never ended.

use std::path::Path;
use std::time::Duration;

use bstr::ByteSlice as _;
use unleak_objects::repository::Repository;

use super::obstacle::Obstacle;
use crate::durable::read;
use crate::journal::{folder, last};
use crate::lock::RunLock;
use crate::places::Worktree;

/// As old as a lock of git's housekeeping may become before git takes it for left behind.
const GC_LIMIT: Duration = Duration::from_hours(12);

/// Locks of what all worktrees share, and runs.
pub(super) fn at_work(repo: &Repository) -> Vec<Obstacle> {
    let mut found = Vec::new();
    let runs = folder(repo.common_dir());
    if RunLock::is_taken(&runs) {
        found.push(Obstacle::new(
            "busy",
            "another unleak is at work in this repository",
            "wait for it to end",
        ));
    } else {
        found.extend(unfinished(&runs));
    }
    for name in ["packed-refs.lock", "shallow.lock", "config.lock"] {
        found.extend(locked(&repo.common_dir().join(name)));
    }
    if housekeeping(&repo.common_dir().join("gc.pid")) {
        found.push(Obstacle::new(
            "gc",
            "git is cleaning up this repository",
            "wait until `git gc` has ended",
        ));
    }
    found
}

fn unfinished(runs: &Path) -> Option<Obstacle> {
    match last(runs, |run| run.state.is_unfinished()) {
        Ok(None) => None,
        Ok(Some(run)) => Some(Obstacle::new(
            "unfinished",
            format!("run {} stopped half-way: {}", run.number, run.state),
            "let it be finished or taken back first",
        )),
        Err(error) => Some(Obstacle::new(
            "unfinished",
            format!("it is not known whether a run of before has ended: {error}"),
            "use the version of unleak that wrote the journal, or move the journal away",
        )),
    }
}

/// Locks of one worktree.
pub(super) fn at_work_in(worktree: &Worktree) -> Vec<Obstacle> {
    ["index.lock", "HEAD.lock"].iter().filter_map(|name| locked(&worktree.git_dir.join(name))).collect()
}

fn locked(lock: &Path) -> Option<Obstacle> {
    lock.symlink_metadata().ok()?;
    let message = format!("another git is at work: {} exists", lock.display());
    Some(Obstacle::new("locked", message, "wait for it to end; if none is running, remove that file"))
}

/// Whether a `gc.pid` is of a process that runs.
fn housekeeping(pid_file: &Path) -> bool {
    let Ok(Some(bytes)) = read(pid_file) else { return false };
    let age = pid_file
        .metadata()
        .and_then(|metadata| metadata.modified())
        .ok()
        .and_then(|time| time.elapsed().ok());
    let fresh = age.is_some_and(|age| age < GC_LIMIT);
    let pid = bytes.fields().next().and_then(|word| word.to_str().ok()?.parse::<u32>().ok());
    // Where there are no such folders, only the age tells.
    let gone = Path::new("/proc/self").exists()
        && pid.is_some_and(|pid| !Path::new("/proc").join(pid.to_string()).exists());
    fresh && !gone
}
