//! Gemini CLI: events around the agent, the model and tools; a refused result is replaced by the reason.
//!
//! Source: geminicli.com/docs/hooks/reference, read 2026-11.

use serde_json::{Value, json};

use crate::agents::answer::Answer;
use crate::agents::fields;
use crate::event::{Act, Agent, Event, Moment};
use crate::payload_error::PayloadError;
use crate::tool;
use crate::verdict::{Decision, Verdict};

/// Events that only Gemini CLI has.
pub(crate) const EVENTS: [&str; 8] = [
    "BeforeTool",
    "AfterTool",
    "BeforeAgent",
    "AfterAgent",
    "BeforeModel",
    "AfterModel",
    "BeforeToolSelection",
    "PreCompress",
];

pub(crate) fn read(payload: &Value) -> Result<Event, PayloadError> {
    let name = fields::text(payload, "hook_event_name").unwrap_or_default();
    let needed = |field| fields::needed(payload, name, field);
    let tool_name = fields::text(payload, "tool_name").unwrap_or_default();
    let (moment, acts) = match name {
        "BeforeAgent" => (Moment::Prompt, fields::prompt(needed("prompt")?)),
        "BeforeTool" => (Moment::Before, tool::acts(tool_name, needed("tool_input")?)),
        "AfterTool" => {
            let output = payload.get("tool_response").cloned().unwrap_or_default();
            (Moment::After, vec![Act::Output(output)])
        }
        _ => (Moment::Other, Vec::new()),
    };
    let mut event = fields::event(Agent::Gemini, moment, name, payload);
    event.acts = acts;
    Ok(event)
}

pub(crate) fn answer(event: &Event, verdict: &Verdict) -> Answer {
    let text = verdict.text();
    match (event.moment, verdict.decision) {
        // What is asked shows `systemMessage`, not the reason.
        (Moment::Before, Decision::Ask) => {
            Answer::of(json!({ "decision": "ask", "reason": text, "systemMessage": text }))
        }
        (Moment::Prompt | Moment::Before, Decision::Ask | Decision::Deny) => {
            Answer::of(json!({ "decision": "deny", "reason": text }))
        }
        (Moment::After, _) => match &verdict.redacted {
            Some(redacted) => {
                let shown = redacted.get("llmContent").unwrap_or(redacted);
                let shown = shown.as_str().map_or_else(|| shown.to_string(), str::to_owned);
                Answer::of(json!({ "decision": "deny", "reason": format!("{text}\n{shown}") }))
            }
            None if verdict.reasons.is_empty() => Answer::none(),
            None => Answer::of(json!({
                "hookSpecificOutput": { "hookEventName": event.name, "additionalContext": text }
            })),
        },
        _ => Answer::none(),
    }
}
