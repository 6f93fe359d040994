//! Claude Code, and VS Code's agent, which took its shape. Codex sends the same events and is answered elsewhere.
//!
//! Source: the types of claude-agent-sdk 0.3.330 (`PreToolUseHookInput`, `SyncHookJSONOutput`), read 2026-11.

use serde_json::{Map, Value, json};

use crate::agents::answer::Answer;
use crate::agents::fields;
use crate::event::{Act, Agent, Event, Moment};
use crate::payload_error::PayloadError;
use crate::tool;
use crate::verdict::{Decision, Verdict};

pub(crate) fn read(agent: Agent, payload: &Value) -> Result<Event, PayloadError> {
    let name = fields::text(payload, "hook_event_name").or_else(|| fields::text(payload, "hookEventName"));
    let name = name.ok_or(PayloadError::Unknown)?;
    let moment = match name {
        "UserPromptSubmit" => Moment::Prompt,
        "PreToolUse" | "PermissionRequest" => Moment::Before,
        "PostToolUse" | "PostToolUseFailure" => Moment::After,
        _ => Moment::Other,
    };
    let mut event = fields::event(agent, moment, name, payload);
    event.acts = match moment {
        Moment::Prompt => fields::prompt(fields::needed(payload, name, "prompt")?),
        Moment::Before => tool::acts(&event.tool, fields::needed(payload, name, "tool_input")?),
        Moment::After => {
            let response =
                ["tool_response", "tool_output", "error"].iter().find_map(|field| payload.get(*field));
            response.map(|response| Act::Output(response.clone())).into_iter().collect()
        }
        Moment::Other => Vec::new(),
    };
    Ok(event)
}

pub(crate) fn answer(event: &Event, verdict: &Verdict) -> Answer {
    let text = verdict.text();
    match (event.moment, verdict.decision) {
        (Moment::Prompt, Decision::Ask | Decision::Deny) => {
            let mut output = json!({ "decision": "block", "reason": text });
            if event.agent == Agent::Claude {
                output["hookSpecificOutput"] =
                    json!({ "hookEventName": "UserPromptSubmit", "suppressOriginalPrompt": true });
            }
            Answer::of(output)
        }
        (Moment::Before, Decision::Ask | Decision::Deny) if event.name == "PermissionRequest" => {
            // A person is being asked already.
            if verdict.decision == Decision::Ask {
                return Answer::none();
            }
            let decision = json!({ "behavior": "deny", "message": text });
            specific(&event.name, [("decision", decision)])
        }
        (Moment::Before, decision @ (Decision::Ask | Decision::Deny)) => {
            let word = if decision == Decision::Ask { "ask" } else { "deny" };
            let fields = [("permissionDecision", word.into()), ("permissionDecisionReason", text.into())];
            specific(&event.name, fields)
        }
        (Moment::After, _) => match &verdict.redacted {
            Some(redacted) if takes_redacted_output(event) => specific(
                &event.name,
                [("updatedToolOutput", redacted.clone()), ("additionalContext", text.into())],
            ),
            _ if verdict.reasons.is_empty() => Answer::none(),
            _ => specific(&event.name, [("additionalContext", text.into())]),
        },
        _ => Answer::none(),
    }
}

/// VS Code takes no other output, and Claude Code none for a call that failed.
pub(crate) fn takes_redacted_output(event: &Event) -> bool {
    event.agent == Agent::Claude && event.name != "PostToolUseFailure"
}

/// `{"hookSpecificOutput": {"hookEventName": …, …}}`
pub(crate) fn specific<const N: usize>(event: &str, fields: [(&str, Value); N]) -> Answer {
    let mut output = Map::new();
    output.insert("hookEventName".to_owned(), event.into());
    output.extend(fields.into_iter().map(|(key, value)| (key.to_owned(), value)));
    Answer::of(json!({ "hookSpecificOutput": output }))
}
