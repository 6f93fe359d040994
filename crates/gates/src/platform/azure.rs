//! Azure Pipelines.
//!
//! Source: learn.microsoft.com, "Use predefined variables".

use super::said::{Detected, PlatformError, Surroundings};
use crate::change::{Base, Change, Place};

pub(super) fn read(surroundings: &Surroundings<'_>) -> Result<Detected, PlatformError> {
    let head = surroundings.need("BUILD_SOURCEVERSION")?;
    let short = |name: String| name.strip_prefix("refs/heads/").map_or(name.clone(), str::to_owned);
    if let Some(target) = surroundings.get("SYSTEM_PULLREQUEST_TARGETBRANCH") {
        let name = surroundings.get("SYSTEM_PULLREQUEST_SOURCEBRANCH");
        let base = Base::Branch(short(target));
        return Ok(Detected::Change(Change { kind: "pull request", head, base, name: name.map(Into::into) }));
    }
    if let Some(event) = surroundings.get("BUILD_REASON").filter(|reason| reason == "Schedule") {
        return Err(PlatformError::NoChange { event });
    }
    let name = surroundings.get("BUILD_SOURCEBRANCH");
    let own = name.as_ref().and_then(|name| name.strip_prefix("refs/heads/")).map(str::to_owned);
    let base = Base::Unsaid(Place { own, default: None });
    Ok(Detected::Change(Change { kind: "push", head, base, name: name.map(Into::into) }))
}
