//! GitHub Actions, and what speaks its language (Gitea, Forgejo): the event's own description says everything.
//!
//! Source: docs.github.com, "Events that trigger workflows", "Webhook events and payloads".

use serde_json::Value;

use super::said::{Detected, PlatformError, Surroundings};
use crate::change::{Base, Change, Place};

pub(super) fn read(surroundings: &Surroundings<'_>) -> Result<Detected, PlatformError> {
    let event = surroundings.need("GITHUB_EVENT_NAME")?;
    let path = surroundings.need("GITHUB_EVENT_PATH")?;
    let fail = |source| PlatformError::Event { path: path.clone(), source };
    let text = (surroundings.file)(&path).map_err(fail)?;
    let said: Value = serde_json::from_slice(&text).map_err(|error| fail(error.into()))?;
    let text = |pointer: &str| said.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let need = |field: &'static str| text(field).ok_or(PlatformError::Field { field });
    let change = match event.as_str() {
        "pull_request" | "pull_request_target" | "pull_request_review" => Change {
            kind: "pull request",
            head: need("/pull_request/head/sha")?,
            base: Base::Commits(vec![need("/pull_request/base/sha")?]),
            name: text("/pull_request/head/ref").map(|name| format!("refs/heads/{name}").into()),
        },
        "merge_group" => Change {
            kind: "merge group",
            head: need("/merge_group/head_sha")?,
            base: Base::Commits(vec![need("/merge_group/base_sha")?]),
            name: None,
        },
        "push" => {
            let (name, head) = (need("/ref")?, need("/after")?);
            if said.pointer("/deleted") == Some(&Value::Bool(true)) || head.bytes().all(|digit| digit == b'0')
            {
                return Ok(Detected::Nothing);
            }
            let own = name.strip_prefix("refs/heads/").map(str::to_owned);
            let place = Place { own, default: text("/repository/default_branch") };
            let base = Base::before(Some(need("/before")?), place);
            Change { kind: "push", head, base, name: Some(name.into()) }
        }
        _ => return Err(PlatformError::NoChange { event }),
    };
    Ok(Detected::Change(change))
}
