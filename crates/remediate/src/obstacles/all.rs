//! Every obstacle of a repository.

use unleak_objects::repository::Repository;

use super::busy::{at_work, at_work_in};
use super::obstacle::Obstacle;
use super::operations::in_progress;
use super::storage::incomplete;
use crate::act_error::ActError;
use crate::git::Git;
use crate::places::worktrees;

/// What about the state of the repository, in any of its worktrees, forbids to rewrite it now.
pub fn obstacles(repo: &Repository, git: &Git) -> Result<Vec<Obstacle>, ActError> {
    let mut found = incomplete(repo);
    found.extend(at_work(repo));
    for worktree in worktrees(repo, git)? {
        let of_worktree = in_progress(&worktree.git_dir).into_iter().chain(at_work_in(&worktree));
        let place = worktree.top.clone().unwrap_or_else(|| worktree.git_dir.clone());
        found.extend(of_worktree.map(|obstacle| obstacle.within(place.clone())));
    }
    Ok(found)
}
