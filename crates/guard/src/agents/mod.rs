//! The agents: who sends a payload, and how each wants to be answered. One protocol a file.

mod answer;
mod claude;
mod codex;
mod copilot;
mod cursor;
mod fields;
mod gemini;

pub use answer::Answer;

use serde_json::Value;

use crate::event::{Agent, Event};
use crate::payload_error::PayloadError;
use crate::verdict::Verdict;

/// The agent that sends such a payload, by what only its payloads have.
fn agent(payload: &Value) -> Option<Agent> {
    let has = |field: &str| payload.get(field).is_some();
    let name = payload.get("hook_event_name").and_then(Value::as_str);
    match name {
        _ if has("cursor_version") => Some(Agent::Cursor),
        Some(name) if cursor::EVENTS.contains(&name) => Some(Agent::Cursor),
        Some(name) if gemini::EVENTS.contains(&name) => Some(Agent::Gemini),
        // Older ones had no `turn_id`, but said the model at each of these events, as Claude Code never does.
        Some(_) if has("turn_id") => Some(Agent::Codex),
        Some("UserPromptSubmit" | "PreToolUse" | "PermissionRequest" | "PostToolUse") if has("model") => {
            Some(Agent::Codex)
        }
        Some(_) => Some(Agent::Claude),
        None if has("hookEventName") => Some(Agent::VsCode),
        None if has("toolName") || has("sessionId") => Some(Agent::Copilot),
        None => None,
    }
}

/// Reads a payload as the agent it comes from means it.
pub(crate) fn read(payload: &Value) -> Result<Event, PayloadError> {
    match agent(payload).ok_or(PayloadError::Unknown)? {
        agent @ (Agent::Claude | Agent::Codex | Agent::VsCode) => claude::read(agent, payload),
        Agent::Cursor => cursor::read(payload),
        Agent::Gemini => gemini::read(payload),
        Agent::Copilot => copilot::read(payload),
    }
}

/// Puts a verdict into the words of the agent that asked.
pub fn answer(event: &Event, verdict: &Verdict) -> Answer {
    match event.agent {
        Agent::Claude | Agent::VsCode => claude::answer(event, verdict),
        Agent::Codex => codex::answer(event, verdict),
        Agent::Cursor => cursor::answer(event, verdict),
        Agent::Gemini => gemini::answer(event, verdict),
        Agent::Copilot => copilot::answer(event, verdict),
    }
}

/// Whether the agent takes another output in place of what the tool gave.
pub fn takes_redacted_output(event: &Event) -> bool {
    match event.agent {
        Agent::Codex | Agent::Gemini | Agent::Copilot => true,
        Agent::Cursor => cursor::is_mcp(&event.tool),
        Agent::Claude | Agent::VsCode => claude::takes_redacted_output(event),
    }
}
