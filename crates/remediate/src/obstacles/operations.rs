//! Work in progress that would go on from the old history: rebase, am, merge, cherry-pick, revert, bisect.
//!
//! Source: git's `wt-status.c`, `wt_status_get_state`.

use std::path::Path;

use super::obstacle::Obstacle;

struct Operation {
    name: &'static str,
    /// A file or folder in the worktree's git directory that is there while it lasts.
    trace: &'static str,
    article: &'static str,
    remedy: &'static str,
}

const OPERATIONS: [Operation; 8] = [
    Operation {
        name: "rebase",
        trace: "rebase-merge",
        article: "a rebase",
        remedy: "finish it, or leave it with `git rebase --abort`",
    },
    Operation {
        name: "am",
        trace: "rebase-apply/applying",
        article: "applying mails (git am)",
        remedy: "finish it, or leave it with `git am --abort`",
    },
    Operation {
        name: "rebase",
        trace: "rebase-apply",
        article: "a rebase",
        remedy: "finish it, or leave it with `git rebase --abort`",
    },
    Operation {
        name: "merge",
        trace: "MERGE_HEAD",
        article: "a merge",
        remedy: "commit it, or leave it with `git merge --abort`",
    },
    Operation {
        name: "cherry-pick",
        trace: "CHERRY_PICK_HEAD",
        article: "a cherry-pick",
        remedy: "finish it, or leave it with `git cherry-pick --abort`",
    },
    Operation {
        name: "revert",
        trace: "REVERT_HEAD",
        article: "a revert",
        remedy: "finish it, or leave it with `git revert --abort`",
    },
    Operation {
        name: "cherry-pick",
        trace: "sequencer",
        article: "a series of cherry-picks or reverts",
        remedy: "finish it, or leave it with `git cherry-pick --quit`",
    },
    Operation {
        name: "bisect",
        trace: "BISECT_LOG",
        article: "a bisection",
        remedy: "end it with `git bisect reset`",
    },
];

/// What is in progress in the worktree with this git directory, each name once.
pub(super) fn in_progress(git_dir: &Path) -> Vec<Obstacle> {
    let mut found: Vec<Obstacle> = Vec::new();
    for operation in &OPERATIONS {
        // What is below the folder of mails has been told already, and so has the series a single pick belongs to.
        let told = |name: &str| found.iter().any(|obstacle| obstacle.name == name);
        let again = told(operation.name)
            || (operation.trace == "rebase-apply" && told("am"))
            || (operation.trace == "sequencer" && told("revert"));
        if !again && git_dir.join(operation.trace).symlink_metadata().is_ok() {
            found.push(Obstacle::new(
                operation.name,
                format!("{} is in progress", operation.article),
                operation.remedy,
            ));
        }
    }
    found
}
