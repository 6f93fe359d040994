//! CircleCI, whose variables do not say where a change starts: the piece in docs/ci passes `--base`.
//!
//! Source: circleci.com/docs, "Project values and variables".

use super::said::{Detected, PlatformError, Surroundings};
use crate::change::{Base, Change, Place};

pub(super) fn read(surroundings: &Surroundings<'_>) -> Result<Detected, PlatformError> {
    let place = Place { own: surroundings.get("CIRCLE_BRANCH"), default: None };
    Ok(Detected::Change(Change {
        kind: "push",
        head: surroundings.need("CIRCLE_SHA1")?,
        base: Base::Unsaid(place),
        name: surroundings.ref_name("CIRCLE_TAG", "CIRCLE_BRANCH"),
    }))
}
