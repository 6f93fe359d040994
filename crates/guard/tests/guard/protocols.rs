//! Events and answers of every agent, as their documentation and types have them.

use serde_json::{Value, json};
use unleak_guard::{Agent, Decision, agents, payload};
use unleak_testkit::fake;

use crate::world::World;

fn world() -> World {
    World { ignored: vec![".env".to_owned()], tracked: vec!["src/app.ts".to_owned()], ..World::default() }
}

/// The agent that was recognised, and the answer.
fn asked(payload: &Value) -> (Agent, agents::Answer) {
    let event = payload::read(payload.to_string().as_bytes()).unwrap();
    let verdict = world().judge(&event);
    (event.agent, agents::answer(&event, &verdict))
}

fn claude(event: &str, more: Value) -> Value {
    let mut payload =
        json!({"session_id": "s", "transcript_path": "/t", "cwd": "/work/app", "hook_event_name": event});
    payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    payload
}

#[test]
fn claude_code() {
    let secret = fake::github_pat(10);
    let (agent, answer) =
        asked(&claude("UserPromptSubmit", json!({"prompt": format!("use {secret} please")})));
    assert_eq!((agent, answer.code), (Agent::Claude, 0));
    assert_eq!(answer.stdout["decision"], "block");
    assert_eq!(answer.stdout["hookSpecificOutput"]["suppressOriginalPrompt"], true);
    let (_, answer) = asked(&claude("UserPromptSubmit", json!({"prompt": "use $GITHUB_TOKEN"})));
    assert_eq!(answer.stdout, json!({}));
    let bash = |command: &str| {
        claude("PreToolUse", json!({"tool_name": "Bash", "tool_input": {"command": command}}))
    };
    let output = asked(&bash("git push --force")).1.stdout;
    assert_eq!(output["hookSpecificOutput"]["permissionDecision"], "deny");
    assert_eq!(output["hookSpecificOutput"]["hookEventName"], "PreToolUse");
    assert_eq!(asked(&bash("rm -rf ~")).1.stdout["hookSpecificOutput"]["permissionDecision"], "ask");
    assert_eq!(asked(&bash("ls")).1.stdout, json!({}));
    let task = claude(
        "PreToolUse",
        json!({"tool_name": "Task", "tool_input": {"description": "d", "prompt": secret}}),
    );
    assert_eq!(asked(&task).1.stdout["hookSpecificOutput"]["permissionDecision"], "deny");
    let response = json!({"stdout": format!("TOKEN={secret}\n"), "stderr": "", "interrupted": false});
    let after =
        claude("PostToolUse", json!({"tool_name": "Bash", "tool_input": {}, "tool_response": response}));
    let output = asked(&after).1.stdout["hookSpecificOutput"].clone();
    assert_eq!(output["updatedToolOutput"]["stdout"], "TOKEN=[REDACTED:github-pat]\n");
    assert_eq!(output["updatedToolOutput"]["interrupted"], false);
    assert_eq!(asked(&claude("Stop", json!({"stop_hook_active": false}))).1.stdout, json!({}));
}

#[test]
fn writes_are_judged_by_where_they_go() {
    let secret = fake::github_pat(11);
    let write = |path: &str, text: &str| {
        let input = json!({"file_path": path, "content": text});
        asked(&claude("PreToolUse", json!({"tool_name": "Write", "tool_input": input}))).1.stdout
    };
    let text = format!("TOKEN={secret}\n");
    assert_eq!(write("/work/app/.env", &text), json!({}));
    assert_eq!(write("/elsewhere/notes", &text), json!({}));
    for path in ["/work/app/src/app.ts", "/work/app/new.txt", "new.txt"] {
        assert_eq!(write(path, &text)["hookSpecificOutput"]["permissionDecision"], "deny", "{path}");
    }
    assert_eq!(write("/work/app/src/app.ts", "process.env.TOKEN"), json!({}));
    let edit = |old: &str, new: &str| {
        let input = json!({"file_path": "/work/app/src/app.ts", "old_string": old, "new_string": new});
        asked(&claude("PreToolUse", json!({"tool_name": "Edit", "tool_input": input}))).1.stdout
    };
    assert_eq!(edit(&format!("a {secret}"), "a"), json!({}));
    assert_eq!(edit(&format!("a {secret}"), &format!("b {secret}")), json!({}));
    assert_ne!(edit("a", &format!("b {secret}")), json!({}));
}

#[test]
fn codex_is_never_asked_to_ask() {
    let before = |tool: &str, command: &str| {
        let mut payload =
            claude("PreToolUse", json!({"tool_name": tool, "tool_input": {"command": command}}));
        payload["turn_id"] = "t".into();
        asked(&payload)
    };
    let (agent, answer) = before("Bash", "rm -rf ~");
    assert_eq!(agent, Agent::Codex);
    assert_eq!(answer.stdout["hookSpecificOutput"]["permissionDecision"], "deny");
    let patch = format!("*** Begin Patch\n*** Add File: a.txt\n+k = {}\n*** End Patch", fake::github_pat(12));
    assert_eq!(before("apply_patch", &patch).1.stdout["hookSpecificOutput"]["permissionDecision"], "deny");
}

#[test]
fn a_codex_without_turn_ids_is_told_by_the_model_it_names() {
    let mut payload =
        claude("PreToolUse", json!({"tool_name": "Bash", "tool_input": {"command": "rm -rf ~"}}));
    assert_eq!(asked(&payload).0, Agent::Claude);
    payload["model"] = "gpt-5".into();
    let (agent, answer) = asked(&payload);
    assert_eq!(agent, Agent::Codex);
    assert_eq!(answer.stdout["hookSpecificOutput"]["permissionDecision"], "deny");
    // Claude Code names the model, too, when a session starts.
    let mut started = claude("SessionStart", json!({"source": "startup"}));
    started["model"] = "claude".into();
    assert_eq!(asked(&started).0, Agent::Claude);
}

#[test]
fn what_a_failed_call_printed_is_told_of_where_it_cannot_be_redacted() {
    let secret = fake::github_pat(19);
    let error = format!("Exit code 1\nTOKEN={secret}");
    let (_, answer) = asked(&claude("PostToolUseFailure", json!({"tool_name": "Bash", "error": error})));
    let output = &answer.stdout["hookSpecificOutput"];
    assert!(output.get("updatedToolOutput").is_none(), "{output}");
    assert!(output["additionalContext"].as_str().unwrap().contains("revoke"), "{output}");
    assert!(!answer.stdout.to_string().contains(&secret));
    let harmless = claude("PostToolUseFailure", json!({"tool_name": "Bash", "error": "Exit code 1"}));
    assert_eq!(asked(&harmless).1.stdout, json!({}));
}

#[test]
fn cursor() {
    let event = |name: &str, more: Value| {
        let mut payload = json!({"conversation_id": "c", "generation_id": "g", "cursor_version": "3.1.0", "hook_event_name": name, "workspace_roots": ["/work/app"]});
        payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        asked(&payload)
    };
    let secret = fake::github_pat(13);
    let (agent, answer) = event("beforeShellExecution", json!({"command": "git push -f", "cwd": ""}));
    assert_eq!((agent, &answer.stdout["permission"]), (Agent::Cursor, &json!("deny")));
    assert_eq!(
        event("beforeShellExecution", json!({"command": "rm -rf ~", "cwd": ""})).1.stdout["permission"],
        "ask"
    );
    assert_eq!(
        event("preToolUse", json!({"tool_name": "Shell", "tool_input": {"command": "rm -rf ~"}})).1.stdout["permission"],
        "deny"
    );
    assert_eq!(event("beforeSubmitPrompt", json!({"prompt": secret})).1.stdout["continue"], false);
    assert_eq!(
        event("beforeReadFile", json!({"file_path": "/work/app/.env", "content": format!("K={secret}")}))
            .1
            .stdout["permission"],
        "deny"
    );
    assert_eq!(
        event("beforeReadFile", json!({"file_path": "/work/app/a", "content": "x"})).1.stdout,
        json!({})
    );
    let arguments = json!({"query": secret}).to_string();
    assert_eq!(
        event("beforeMCPExecution", json!({"tool_name": "q", "tool_input": arguments})).1.stdout["permission"],
        "deny"
    );
    let output = event(
        "postToolUse",
        json!({"tool_name": "Shell", "tool_output": json!({"output": secret}).to_string()}),
    )
    .1
    .stdout;
    assert!(output["additional_context"].as_str().unwrap().contains("revoke"));
    let output = event(
        "afterMCPExecution",
        json!({"tool_name": "MCP:q", "result_json": json!({"a": secret}).to_string()}),
    )
    .1
    .stdout;
    assert!(output["updated_mcp_tool_output"].as_str().unwrap().contains("[REDACTED:github-pat]"));
}

#[test]
fn gemini() {
    let secret = fake::github_pat(14);
    let event = |name: &str, more: Value| asked(&claude(name, more));
    let (agent, answer) = event(
        "BeforeTool",
        json!({"tool_name": "run_shell_command", "tool_input": {"command": "git push -f"}}),
    );
    assert_eq!((agent, &answer.stdout["decision"]), (Agent::Gemini, &json!("deny")));
    assert_eq!(event("BeforeAgent", json!({"prompt": secret})).1.stdout["decision"], "deny");
    let output =
        event("AfterTool", json!({"tool_name": "x", "tool_response": {"llmContent": format!("k {secret}")}}))
            .1
            .stdout;
    assert!(output["reason"].as_str().unwrap().ends_with("k [REDACTED:github-pat]"));
    assert_eq!(event("BeforeModel", json!({"llm_request": {}})).1.stdout, json!({}));
}

#[test]
fn copilot_and_vs_code() {
    let secret = fake::github_pat(15);
    let call = |arguments: Value| {
        asked(
            &json!({"sessionId": "s", "timestamp": 1, "cwd": "/work/app", "toolName": "bash", "toolArgs": arguments}),
        )
    };
    let (agent, answer) = call(json!(json!({"command": "git push -f"}).to_string()));
    assert_eq!((agent, &answer.stdout["permissionDecision"]), (Agent::Copilot, &json!("deny")));
    assert_eq!(call(json!({"command": "ls"})).1.stdout, json!({}));
    let after = json!({"sessionId": "s", "cwd": "/", "toolName": "bash", "toolArgs": "{}", "toolResult": {"resultType": "success", "textResultForLlm": secret}});
    assert_eq!(asked(&after).1.stdout["modifiedResult"]["textResultForLlm"], "[REDACTED:github-pat]");
    let code = json!({"hookEventName": "PreToolUse", "sessionId": "s", "tool_name": "run_in_terminal", "tool_input": {"command": "git push -f"}});
    let (agent, answer) = asked(&code);
    assert_eq!(
        (agent, &answer.stdout["hookSpecificOutput"]["permissionDecision"]),
        (Agent::VsCode, &json!("deny"))
    );
}

#[test]
fn no_answer_holds_a_secret() {
    let secret = fake::stripe_live(16);
    for payload in [
        claude("UserPromptSubmit", json!({"prompt": secret})),
        claude(
            "PreToolUse",
            json!({"tool_name": "Bash", "tool_input": {"command": format!("echo {secret}")}}),
        ),
        claude("PostToolUse", json!({"tool_name": "Bash", "tool_response": [secret, {&secret: 1}]})),
    ] {
        let (_, answer) = asked(&payload);
        assert_ne!(answer.stdout, json!({}));
        assert!(!answer.stdout.to_string().contains(&secret) && !answer.stderr.contains(&secret));
    }
}

#[test]
fn a_value_whose_name_tells_is_redacted_in_structured_output() {
    let value = fake::password(17);
    let (_, answer) = asked(&claude(
        "PostToolUse",
        json!({"tool_name": "mcp__db", "tool_response": {"db_password": value}}),
    ));
    let output = &answer.stdout["hookSpecificOutput"]["updatedToolOutput"];
    assert!(output["db_password"].as_str().unwrap().starts_with("[REDACTED:"), "{output}");
}

#[test]
fn stores_of_credentials_are_not_read_by_readers_either() {
    let read = |path: &str| {
        asked(&claude("PreToolUse", json!({"tool_name": "Read", "tool_input": {"file_path": path}}))).1.stdout
    };
    assert_eq!(read("/home/dev/.aws/credentials")["hookSpecificOutput"]["permissionDecision"], "deny");
    assert_eq!(read("/work/app/README.md"), json!({}));
}

#[test]
fn answers_to_failures_refuse_in_every_protocol() {
    for text in ["", "{", "[]", "5", "\"x\"", "{}", "{\"a\": 1}", "{\"hook_event_name\": 5}"] {
        assert!(payload::read(text.as_bytes()).is_err(), "{text}");
    }
    for (event, more) in [("PreToolUse", json!({"tool_name": "Bash"})), ("UserPromptSubmit", json!({}))] {
        assert!(payload::read(claude(event, more).to_string().as_bytes()).is_err());
    }
    let answer = agents::Answer::refusal("it broke");
    // Gemini CLI reads the JSON and no exit code where there is JSON; without `decision` it goes on.
    assert_eq!(answer.stdout["decision"], "block");
    assert_eq!((answer.code, &answer.stdout["permission"]), (2, &json!("deny")));
    assert!(answer.stderr.contains("it broke"));
    let broken = World { broken: true, ..World::default() };
    let input = json!({"file_path": "/work/app/x", "content": fake::github_pat(18)});
    let event = payload::read(
        claude("PreToolUse", json!({"tool_name": "Write", "tool_input": input})).to_string().as_bytes(),
    );
    assert_eq!(broken.judge(&event.unwrap()).decision, Decision::Deny);
}
