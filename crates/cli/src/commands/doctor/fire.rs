//! AGENT003: the guard as the agents' hooks call it, fired with a planted fake secret. Hooks of others are not run: what they
//! do is not known.

#![expect(clippy::disallowed_methods, reason = "runs the hooks' own command, and only ours")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use unleak_guard::doctor::Remark;
use unleak_guard::doctor::agent_hooks::{HookCommand, commands};
use unleak_guard::init::agents::COMMAND;

use crate::commands::doctor::gather::Subject;
use crate::environment::Environment;

/// What the hooks of this repository answer.
pub(super) fn agents(subject: &Subject, _: &Environment) -> Vec<Remark> {
    let mut hooks: Vec<HookCommand> = subject.agent_settings.iter().flat_map(commands).collect();
    hooks.retain(|hook| is_ours(&hook.command));
    hooks.sort_by(|a, b| (a.agent, &a.command).cmp(&(b.agent, &b.command)));
    hooks.dedup_by(|a, b| a.agent == b.agent && a.command == b.command);
    hooks.iter().filter_map(|hook| fired(hook, subject)).collect()
}

/// Exactly what `init` writes: nothing of anybody else's is ever run.
fn is_ours(command: &str) -> bool {
    command == COMMAND || command == "unleak guard"
}

fn fired(hook: &HookCommand, subject: &Subject) -> Option<Remark> {
    let payload = planted(hook.agent);
    let answer = run(&hook.command, &payload, subject);
    let said = match answer {
        Ok((code, stdout)) if refuses(code, &stdout) => return None,
        Ok((2, stdout)) if stdout.is_empty() => {
            format!("{} gets a refusal for everything: there is no unleak on the PATH", hook.agent)
        }
        Ok((code, _)) => format!("{} lets a planted secret pass (exit code {code})", hook.agent),
        Err(why) => format!("{}: the hook does not run: {why}", hook.agent),
    };
    Some(Remark::fail("AGENT003", said, "put unleak on the PATH that the agent has").at(&hook.path))
}

fn run(command: &str, payload: &Value, subject: &Subject) -> Result<(i32, Vec<u8>), String> {
    let mut child = Command::new("sh")
        .args(["-c", command])
        .current_dir(&subject.top)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    if let Some(mut stdin) = child.stdin.take() {
        // A hook that does not read at all says so by what it answers.
        drop(stdin.write_all(payload.to_string().as_bytes()));
    }
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    Ok((output.status.code().unwrap_or(-1), output.stdout))
}

/// A refusal that came from the guard: a program that is not there ends with code 2, too, and says nothing.
fn refuses(code: i32, stdout: &[u8]) -> bool {
    let Ok(answer) = serde_json::from_slice::<Value>(stdout) else { return false };
    let text = answer.to_string();
    (code == 0 || code == 2) && text.contains("[unleak secret]")
}

/// An event with a secret that was never real, in the agent's own shape.
fn planted(agent: &str) -> Value {
    let secret = ["AKI", "AQYLPMN5HFIQR7XYA"].concat();
    let command = format!("aws configure set aws_access_key_id {secret}");
    match agent {
        "cursor" => {
            json!({ "cursor_version": "0", "hook_event_name": "beforeShellExecution", "command": command, "cwd": "" })
        }
        "gemini" => {
            json!({ "hook_event_name": "BeforeTool", "tool_name": "run_shell_command", "tool_input": { "command": command } })
        }
        "copilot" => json!({ "sessionId": "doctor", "toolName": "bash", "toolArgs": { "command": command } }),
        "codex" => {
            json!({ "hook_event_name": "PreToolUse", "turn_id": "doctor", "tool_name": "Bash", "tool_input": { "command": command } })
        }
        _ => {
            json!({ "hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": { "command": command } })
        }
    }
}
