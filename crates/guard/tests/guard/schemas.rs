//! Answers and settings against the agents' schemas, as far as they decide: which fields and words there may be.
//!
//! Restated from `codex-rs/hooks/schema/generated` and the types of claude-agent-sdk 0.3.330 (read 2026-11). Both refuse or
//! ignore what they do not know, so every object is closed.

use serde_json::{Value, json};
use unleak_guard::init::agents::{ALL, Settings};
use unleak_guard::{agents, payload};
use unleak_testkit::fake;

use crate::world::World;

fn closed(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties })
}

/// What an agent takes on standard output after each event.
fn output(event: &str, is_codex: bool) -> Value {
    let text = json!({ "type": "string", "pattern": "\\S" });
    let name = json!({ "const": event });
    let specific = match event {
        "PreToolUse" => closed(
            &["hookEventName"],
            json!({
                "hookEventName": name,
                // Codex runs the call when it reads "ask".
                "permissionDecision": { "enum": if is_codex { json!(["allow", "deny"]) } else { json!(["allow", "deny", "ask", "defer"]) } },
                "permissionDecisionReason": text,
                "additionalContext": text,
            }),
        ),
        "UserPromptSubmit" if is_codex => {
            closed(&["hookEventName"], json!({ "hookEventName": name, "additionalContext": text }))
        }
        "UserPromptSubmit" => closed(
            &["hookEventName"],
            json!({ "hookEventName": name, "additionalContext": text, "suppressOriginalPrompt": { "type": "boolean" } }),
        ),
        "PermissionRequest" => closed(
            &["hookEventName", "decision"],
            json!({
                "hookEventName": name,
                "decision": closed(&["behavior"], json!({ "behavior": { "enum": ["allow", "deny"] }, "message": text })),
            }),
        ),
        _ if is_codex => closed(
            &["hookEventName"],
            json!({ "hookEventName": name, "additionalContext": text, "updatedMCPToolOutput": {} }),
        ),
        _ => closed(
            &["hookEventName"],
            json!({ "hookEventName": name, "additionalContext": text, "updatedToolOutput": {} }),
        ),
    };
    closed(
        &[],
        json!({
            "decision": { "const": "block" },
            "reason": text,
            "continue": { "type": "boolean" },
            "systemMessage": text,
            "hookSpecificOutput": specific,
        }),
    )
}

#[test]
fn answers_have_the_fields_and_words_that_the_agent_reads() {
    let secret = fake::github_pat(20);
    let world = World::default();
    for is_codex in [false, true] {
        for (event, more) in [
            ("UserPromptSubmit", json!({ "prompt": secret })),
            ("UserPromptSubmit", json!({ "prompt": "harmless" })),
            ("PreToolUse", json!({ "tool_name": "Bash", "tool_input": { "command": "git push -f" } })),
            ("PreToolUse", json!({ "tool_name": "Bash", "tool_input": { "command": "rm -rf ~" } })),
            ("PermissionRequest", json!({ "tool_name": "Bash", "tool_input": { "command": "git push -f" } })),
            ("PermissionRequest", json!({ "tool_name": "Bash", "tool_input": { "command": "rm -rf ~" } })),
            ("PostToolUse", json!({ "tool_name": "Bash", "tool_response": { "stdout": secret } })),
            ("PostToolUse", json!({ "tool_name": "mcp__a__b", "tool_response": secret })),
        ] {
            let mut payload = json!({ "hook_event_name": event, "cwd": "/work/app" });
            payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            if is_codex {
                payload["turn_id"] = "t".into();
            }
            let read = payload::read(payload.to_string().as_bytes()).unwrap();
            let answer = agents::answer(&read, &world.judge(&read)).stdout;
            let schema = output(event, is_codex);
            let errors: Vec<String> = jsonschema::validator_for(&schema)
                .unwrap()
                .iter_errors(&answer)
                .map(|error| error.to_string())
                .collect();
            assert!(errors.is_empty(), "{event}, codex {is_codex}: {errors:?}\n{answer:#}");
        }
    }
}

#[test]
fn settings_have_the_shape_that_the_agent_reads() {
    let text = json!({ "type": "string", "minLength": 1 });
    for settings in ALL {
        let written = settings.parsed(&settings.step(None).unwrap().unwrap()).unwrap();
        let handler = match settings {
            Settings::Cursor => closed(
                &["command"],
                json!({ "command": text, "failClosed": { "const": true }, "timeout": { "type": "integer" }, "matcher": text }),
            ),
            Settings::Copilot => closed(
                &["type", "bash"],
                json!({ "type": { "const": "command" }, "bash": text, "powershell": text, "timeoutSec": { "type": "integer" } }),
            ),
            _ => {
                let one = closed(
                    &["type", "command"],
                    json!({ "type": { "const": "command" }, "command": text, "timeout": { "type": "integer" }, "name": text }),
                );
                closed(
                    &["hooks"],
                    json!({ "matcher": text, "hooks": { "type": "array", "minItems": 1, "items": one } }),
                )
            }
        };
        let events = json!({ "type": "object", "minProperties": 3, "additionalProperties": { "type": "array", "items": handler } });
        let schema = closed(&["hooks"], json!({ "version": { "const": 1 }, "hooks": events }));
        let errors: Vec<String> = jsonschema::validator_for(&schema)
            .unwrap()
            .iter_errors(&written)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{settings:?}: {errors:?}\n{written:#}");
    }
}
