//! Jenkins, with the Git plugin and multibranch pipelines.
//!
//! Source: plugins.jenkins.io/git, "Environment Variables"; the "Global Variable Reference" of multibranch pipelines.

use super::said::{Detected, PlatformError, Surroundings};
use crate::change::{Base, Change, Place};

pub(super) fn read(surroundings: &Surroundings<'_>) -> Result<Detected, PlatformError> {
    let head = surroundings.need("GIT_COMMIT")?;
    if let Some(target) = surroundings.get("CHANGE_TARGET") {
        let name = surroundings.get("CHANGE_BRANCH").map(|name| format!("refs/heads/{name}").into());
        return Ok(Detected::Change(Change { kind: "pull request", head, base: Base::Branch(target), name }));
    }
    // The last build that passed, and not the last build: what that one refused is still new.
    let own = surroundings.get("BRANCH_NAME");
    let place = Place { own, default: None };
    let base = match surroundings.get("GIT_PREVIOUS_SUCCESSFUL_COMMIT") {
        Some(commit) => Base::Before { commit, of: place },
        None => Base::Unsaid(place),
    };
    let name = surroundings.ref_name("TAG_NAME", "BRANCH_NAME");
    Ok(Detected::Change(Change { kind: "build", head, base, name }))
}
