//! Bitbucket Pipelines, which do not say what a branch was before a push.
//!
//! Source: support.atlassian.com, "Variables and secrets".

use super::said::{Detected, PlatformError, Surroundings};
use crate::change::{Base, Change, Place};

pub(super) fn read(surroundings: &Surroundings<'_>) -> Result<Detected, PlatformError> {
    let head = surroundings.need("BITBUCKET_COMMIT")?;
    let name = surroundings.ref_name("BITBUCKET_TAG", "BITBUCKET_BRANCH");
    let (kind, base) = if let Some(branch) = surroundings.get("BITBUCKET_PR_DESTINATION_BRANCH") {
        ("pull request", Base::Branch(branch))
    } else {
        let place = Place { own: surroundings.get("BITBUCKET_BRANCH"), default: None };
        ("push", Base::Unsaid(place))
    };
    Ok(Detected::Change(Change { kind, head, base, name }))
}
