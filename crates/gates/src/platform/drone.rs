//! Drone, and Woodpecker, which grew out of it.
//!
//! Sources: docs.drone.io, "Environment"; woodpecker-ci.org/docs, "Environment variables".

use super::said::{Detected, PlatformError, Surroundings};
use crate::change::{Base, Change, Place};

pub(super) fn read_drone(surroundings: &Surroundings<'_>) -> Result<Detected, PlatformError> {
    let get = |name| surroundings.get(name);
    let head = surroundings.need("DRONE_COMMIT_SHA")?;
    if surroundings.is("DRONE_BUILD_EVENT", "pull_request") {
        let base = Base::Branch(surroundings.need("DRONE_TARGET_BRANCH")?);
        let name = get("DRONE_SOURCE_BRANCH").map(|name| format!("refs/heads/{name}").into());
        return Ok(Detected::Change(Change { kind: "pull request", head, base, name }));
    }
    if let Some(event) = get("DRONE_BUILD_EVENT").filter(|event| event == "cron") {
        return Err(PlatformError::NoChange { event });
    }
    let own = get("DRONE_BRANCH").filter(|_| get("DRONE_TAG").is_none());
    let place = Place { own, default: get("DRONE_REPO_BRANCH") };
    let base = Base::before(get("DRONE_COMMIT_BEFORE"), place);
    let name = surroundings.ref_name("DRONE_TAG", "DRONE_BRANCH");
    Ok(Detected::Change(Change { kind: "push", head, base, name }))
}

pub(super) fn read_woodpecker(surroundings: &Surroundings<'_>) -> Result<Detected, PlatformError> {
    let get = |name| surroundings.get(name);
    let head = surroundings.need("CI_COMMIT_SHA")?;
    if let Some(target) = get("CI_COMMIT_TARGET_BRANCH") {
        let name = get("CI_COMMIT_SOURCE_BRANCH").map(|name| format!("refs/heads/{name}").into());
        return Ok(Detected::Change(Change { kind: "pull request", head, base: Base::Branch(target), name }));
    }
    if let Some(event) = get("CI_PIPELINE_EVENT").filter(|event| event == "cron") {
        return Err(PlatformError::NoChange { event });
    }
    let own = get("CI_COMMIT_BRANCH").filter(|_| get("CI_COMMIT_TAG").is_none());
    let place = Place { own, default: get("CI_REPO_DEFAULT_BRANCH") };
    let base = Base::before(get("CI_PREV_COMMIT_SHA"), place);
    let name = surroundings.ref_name("CI_COMMIT_TAG", "CI_COMMIT_BRANCH");
    Ok(Detected::Change(Change { kind: "push", head, base, name }))
}
