//! Cursor: one event a kind of tool, permissions as words, and no way to change what a built-in tool gave.
//!
//! Source: cursor.com/docs/agent/hooks, read 2026-11.

use serde_json::{Value, json};

use crate::agents::answer::Answer;
use crate::agents::fields;
use crate::event::{Act, Agent, Event, Moment};
use crate::payload_error::PayloadError;
use crate::tool;
use crate::verdict::{Decision, Verdict};

/// Events that only Cursor has.
pub(crate) const EVENTS: [&str; 20] = [
    "beforeShellExecution",
    "afterShellExecution",
    "beforeMCPExecution",
    "afterMCPExecution",
    "beforeReadFile",
    "beforeTabFileRead",
    "afterFileEdit",
    "afterTabFileEdit",
    "beforeSubmitPrompt",
    "preToolUse",
    "postToolUse",
    "postToolUseFailure",
    "subagentStart",
    "subagentStop",
    "sessionStart",
    "sessionEnd",
    "preCompact",
    "afterAgentResponse",
    "afterAgentThought",
    "stop",
];

/// Whether the tool is one of an MCP server, whose output may be replaced.
pub(crate) fn is_mcp(tool: &str) -> bool {
    tool.starts_with("MCP:") || tool.starts_with("mcp")
}

pub(crate) fn read(payload: &Value) -> Result<Event, PayloadError> {
    let name = fields::text(payload, "hook_event_name").unwrap_or_default();
    let needed = |field| fields::needed(payload, name, field);
    let path = || Ok(needed("file_path")?.as_str().unwrap_or_default().to_owned());
    let (moment, acts) = match name {
        "beforeSubmitPrompt" => (Moment::Prompt, fields::prompt(needed("prompt")?)),
        "beforeShellExecution" => {
            (Moment::Before, tool::acts("shell", &json!({ "command": needed("command")?.clone() })))
        }
        "beforeMCPExecution" | "preToolUse" => {
            let input = fields::unfolded(needed("tool_input")?);
            (Moment::Before, tool::acts(fields::text(payload, "tool_name").unwrap_or_default(), &input))
        }
        "beforeReadFile" | "beforeTabFileRead" => {
            let text = fields::text(payload, "content").map(str::to_owned);
            (Moment::Before, vec![Act::Read { path: path()?, text }])
        }
        "subagentStart" => {
            let task = payload.get("task").or_else(|| payload.get("prompt")).cloned().unwrap_or_default();
            (Moment::Before, fields::prompt(&task))
        }
        "postToolUse" | "afterMCPExecution" => {
            let output =
                ["tool_output", "result_json", "tool_response"].iter().find_map(|key| payload.get(*key));
            let output = output.map(fields::unfolded).unwrap_or_default();
            (Moment::After, vec![Act::Output(output)])
        }
        _ => (Moment::Other, Vec::new()),
    };
    let mut event = fields::event(Agent::Cursor, moment, name, payload);
    event.acts = acts;
    if event.folder.as_deref().is_none_or(str::is_empty) {
        let roots = payload.get("workspace_roots").and_then(|roots| roots.get(0)?.as_str());
        event.folder = roots.map(str::to_owned);
    }
    Ok(event)
}

pub(crate) fn answer(event: &Event, verdict: &Verdict) -> Answer {
    let text = verdict.text();
    match (event.moment, verdict.decision) {
        (Moment::Prompt, Decision::Ask | Decision::Deny) => {
            Answer::of(json!({ "continue": false, "user_message": text }))
        }
        (Moment::Before, decision @ (Decision::Ask | Decision::Deny)) => {
            // Only commands and MCP calls can be asked about; of the others a question would let them pass.
            let can_ask = matches!(event.name.as_str(), "beforeShellExecution" | "beforeMCPExecution");
            let word = if decision == Decision::Ask && can_ask { "ask" } else { "deny" };
            Answer::of(json!({ "permission": word, "user_message": text, "agent_message": text }))
        }
        (Moment::After, _) => match &verdict.redacted {
            Some(redacted) if event.name == "afterMCPExecution" || is_mcp(&event.tool) => {
                let shown = redacted.as_str().map_or_else(|| redacted.to_string(), str::to_owned);
                Answer::of(json!({ "updated_mcp_tool_output": shown, "additional_context": text }))
            }
            _ if verdict.reasons.is_empty() => Answer::none(),
            _ => Answer::of(json!({ "additional_context": text })),
        },
        _ => Answer::none(),
    }
}
