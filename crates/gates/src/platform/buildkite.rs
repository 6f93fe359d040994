//! Buildkite.
//!
//! Source: buildkite.com/docs, "Environment variables".

use super::said::{Detected, PlatformError, Surroundings};
use crate::change::{Base, Change, Place};

pub(super) fn read(surroundings: &Surroundings<'_>) -> Result<Detected, PlatformError> {
    let head = surroundings.need("BUILDKITE_COMMIT")?;
    let name = surroundings.ref_name("BUILDKITE_TAG", "BUILDKITE_BRANCH");
    // BUILDKITE_PULL_REQUEST is `false` where there is none.
    let is_change = !surroundings.is("BUILDKITE_PULL_REQUEST", "false");
    let target = surroundings.get("BUILDKITE_PULL_REQUEST_BASE_BRANCH").filter(|_| is_change);
    let (kind, base) = if let Some(branch) = target {
        ("pull request", Base::Branch(branch))
    } else {
        let default = surroundings.get("BUILDKITE_PIPELINE_DEFAULT_BRANCH");
        let is_tag = surroundings.get("BUILDKITE_TAG").is_some();
        let own = surroundings.get("BUILDKITE_BRANCH").filter(|_| !is_tag);
        ("push", Base::Unsaid(Place { own, default }))
    };
    Ok(Detected::Change(Change { kind, head, base, name }))
}
