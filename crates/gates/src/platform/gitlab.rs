//! GitLab CI.
//!
//! Source: docs.gitlab.com, "Predefined CI/CD variables reference".

use super::said::{Detected, PlatformError, Surroundings};
use crate::change::{Base, Change, Place};

pub(super) fn read(surroundings: &Surroundings<'_>) -> Result<Detected, PlatformError> {
    let get = |name| surroundings.get(name);
    if get("CI_MERGE_REQUEST_IID").is_some() {
        let mut bases = vec![surroundings.need("CI_MERGE_REQUEST_DIFF_BASE_SHA")?];
        // In a merged results pipeline the commit is a merge with the target branch as it is by now.
        let source = get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA");
        if source.is_some() {
            bases.extend(get("CI_MERGE_REQUEST_TARGET_BRANCH_SHA"));
        }
        let head = source.map_or_else(|| surroundings.need("CI_COMMIT_SHA"), Ok)?;
        let name = get("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME");
        let name = name.map(|name| format!("refs/heads/{name}").into());
        return Ok(Detected::Change(Change {
            kind: "merge request",
            head,
            base: Base::Commits(bases),
            name,
        }));
    }
    if let Some(event) = get("CI_PIPELINE_SOURCE").filter(|source| source == "schedule") {
        return Err(PlatformError::NoChange { event });
    }
    let place = Place { own: get("CI_COMMIT_BRANCH"), default: get("CI_DEFAULT_BRANCH") };
    Ok(Detected::Change(Change {
        kind: "push",
        head: surroundings.need("CI_COMMIT_SHA")?,
        base: Base::before(Some(surroundings.need("CI_COMMIT_BEFORE_SHA")?), place),
        name: surroundings.ref_name("CI_COMMIT_TAG", "CI_COMMIT_BRANCH"),
    }))
}
