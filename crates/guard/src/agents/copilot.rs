//! Copilot CLI and cloud agent: camel case, arguments as the text of JSON, no name of the event.
//!
//! Source: docs.github.com, "Hooks configuration" and github-copilot-sdk 1.0.9, read 2026-11.

use serde_json::{Value, json};

use crate::agents::answer::Answer;
use crate::agents::fields;
use crate::event::{Act, Agent, Event, Moment};
use crate::payload_error::PayloadError;
use crate::tool;
use crate::verdict::{Decision, Verdict};

pub(crate) fn read(payload: &Value) -> Result<Event, PayloadError> {
    let has = |field: &str| payload.get(field).is_some();
    let tool_name = fields::text(payload, "toolName").unwrap_or_default();
    let (name, moment, acts) = match () {
        () if has("toolResult") => {
            ("postToolUse", Moment::After, vec![Act::Output(payload["toolResult"].clone())])
        }
        () if has("toolName") => {
            let arguments = fields::unfolded(fields::needed(payload, "preToolUse", "toolArgs")?);
            ("preToolUse", Moment::Before, tool::acts(tool_name, &arguments))
        }
        () if has("prompt") => ("userPromptSubmitted", Moment::Prompt, fields::prompt(&payload["prompt"])),
        () => ("", Moment::Other, Vec::new()),
    };
    let mut event = fields::event(Agent::Copilot, moment, name, payload);
    event.acts = acts;
    Ok(event)
}

pub(crate) fn answer(event: &Event, verdict: &Verdict) -> Answer {
    let text = verdict.text();
    match (event.moment, verdict.decision) {
        // Unattended it takes a question for a refusal by itself.
        (Moment::Before, decision @ (Decision::Ask | Decision::Deny)) => {
            let word = if decision == Decision::Ask { "ask" } else { "deny" };
            Answer::of(json!({ "permissionDecision": word, "permissionDecisionReason": text }))
        }
        // It only watches prompts: what it cannot do is said to the person at least.
        (Moment::Prompt, Decision::Ask | Decision::Deny) => {
            Answer { stdout: json!({ "decision": "block", "reason": text }), stderr: text, code: 2 }
        }
        (Moment::After, _) => match &verdict.redacted {
            Some(redacted) => Answer::of(json!({ "modifiedResult": redacted, "additionalContext": text })),
            None if verdict.reasons.is_empty() => Answer::none(),
            None => Answer::of(json!({ "additionalContext": text })),
        },
        _ => Answer::none(),
    }
}
