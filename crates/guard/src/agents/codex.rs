//! Codex: Claude's events, answered more narrowly. It runs the call when a hook asks, and refuses fields it does not know.
//!
//! Source: `codex-rs/hooks/schema/generated`, read 2026-11.

use serde_json::{Value, json};

use crate::agents::answer::Answer;
use crate::agents::claude;
use crate::event::{Event, Moment};
use crate::verdict::{Decision, Verdict};

pub(crate) fn answer(event: &Event, verdict: &Verdict) -> Answer {
    match (event.moment, verdict.decision) {
        (Moment::Prompt, Decision::Ask | Decision::Deny) => {
            Answer::of(json!({ "decision": "block", "reason": verdict.text() }))
        }
        (Moment::Before, Decision::Ask | Decision::Deny) => {
            let strict = Verdict { decision: Decision::Deny, ..verdict.clone() };
            claude::answer(event, &strict)
        }
        // What blocks a tool's result stands in its place.
        (Moment::After, _) => match &verdict.redacted {
            Some(redacted) => {
                let shown = redacted.as_str().map_or_else(|| redacted.to_string(), str::to_owned);
                Answer::of(json!({ "decision": "block", "reason": format!("{}\n{shown}", verdict.text()) }))
            }
            None if verdict.reasons.is_empty() => Answer::none(),
            None => claude::specific(&event.name, [("additionalContext", Value::from(verdict.text()))]),
        },
        _ => Answer::none(),
    }
}
