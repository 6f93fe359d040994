//! Ten thousand hostile payloads: no panic, always an answer that its agent can read, and no secret in it.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};
use unleak_guard::{agents, payload};
use unleak_testkit::fake;

use crate::world::World;

const NAMES: &[&str] = &[
    "hook_event_name",
    "hookEventName",
    "tool_name",
    "tool_input",
    "toolName",
    "toolArgs",
    "toolResult",
    "prompt",
    "tool_response",
    "cwd",
    "command",
    "file_path",
    "content",
    "new_string",
    "cursor_version",
    "turn_id",
    "edits",
    "workspace_roots",
    "tool_output",
    "result_json",
    "sessionId",
];
const TEXTS: &[&str] = &[
    "PreToolUse",
    "PostToolUse",
    "UserPromptSubmit",
    "PermissionRequest",
    "BeforeTool",
    "AfterTool",
    "BeforeAgent",
    "beforeShellExecution",
    "beforeReadFile",
    "beforeSubmitPrompt",
    "preToolUse",
    "postToolUse",
    "Stop",
    "Bash",
    "Write",
    "git push --force",
    "rm -rf \"$(",
    "git commit -am '",
    "cat <<EOF\n",
    "((((((((",
    "${a${b",
    "`\\`",
    "{a,b}{c,d}",
    "*** Begin Patch\n*** Add File: x\n+y",
    "/work/app/x",
    "~",
    "A=$A$A; A=$A$A; $A",
    "psql -c 'DROP",
    "\u{0}\u{feff}",
    "\\ud800",
    "ä\u{10ffff}",
    "env -S 'env -S env'",
    "git -c alias.a=a a",
    "",
];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(TEXTS).prop_map(Value::from),
        (0..4u64).prop_map(|seed| Value::from(fake::github_pat(seed))),
        ".{0,40}".prop_map(Value::from),
        "[$(){}`'\";|&<>#a-z\\n -]{0,60}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        let key = prop_oneof![4 => prop::sample::select(NAMES).prop_map(str::to_owned), 1 => ".{0,8}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..7)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// An event of some agent with parts of any shape.
fn event() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(&TEXTS[..13]);
    (name, value(), value(), value(), any::<[bool; 4]>()).prop_map(|(name, input, output, prompt, has)| {
        let mut payload = json!({"hook_event_name": name, "tool_name": "Bash"});
        for (has, (key, value)) in has.into_iter().zip([
            ("tool_input", &input),
            ("tool_response", &output),
            ("prompt", &prompt),
            ("turn_id", &json!("t")),
        ]) {
            if has {
                payload[key] = value.clone();
            }
        }
        payload
    })
}

/// What becomes of the bytes on their way.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let whole = prop_oneof![3 => event(), 2 => value()].prop_map(|value| value.to_string().into_bytes());
    let cut = (whole.clone(), any::<prop::sample::Index>()).prop_map(|(mut bytes, at)| {
        bytes.truncate(at.index(bytes.len() + 1));
        bytes
    });
    let damaged =
        (whole.clone(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut bytes, at, byte)| {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes
        });
    prop_oneof![6 => whole, 2 => cut, 2 => damaged, 1 => prop::collection::vec(any::<u8>(), 0..200)]
}

/// One object, an exit code that agents know, a reason where it blocks, no secret.
fn check(bytes: &[u8], world: &World) -> Result<(), TestCaseError> {
    let answer = match payload::read(bytes) {
        Ok(event) => agents::answer(&event, &world.judge(&event)),
        Err(error) => agents::Answer::refusal(&error.to_string()),
    };
    prop_assert!(answer.stdout.is_object());
    prop_assert!(answer.code == 0 || answer.code == 2 && !answer.stderr.trim().is_empty());
    let said = format!("{}{}", answer.stdout, answer.stderr);
    for seed in 0..4 {
        prop_assert!(!said.contains(&fake::github_pat(seed)), "{said}");
    }
    Ok(())
}

#[test]
fn ten_thousand_hostile_payloads() {
    let mut runner =
        TestRunner::new(Config { cases: 10_000, failure_persistence: None, ..Config::default() });
    let world = World::default();
    let run = runner.run(&bytes(), |bytes| check(&bytes, &world));
    run.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn huge_and_deep_ones() {
    let world = World::default();
    let command = |text: String| {
        json!({"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": text}})
            .to_string()
    };
    let parts = [
        "(",
        "((",
        "$(",
        "${",
        "`",
        "'",
        "\"",
        "\\",
        "<<A ",
        "{a,",
        "a=$a$a;",
        "git add x;",
        "if ",
        "case x in ",
        "$((",
        "\n",
        "a|",
        "rm -rf a;",
        "x=$(y) ",
        "'a'\"b\"",
        "&>",
        "-c ",
        "eval ",
        "sudo ",
        "git -c a=b ",
    ];
    for part in parts {
        let text = command(part.repeat(200_000 / part.len()));
        check(text.as_bytes(), &world).unwrap();
    }
    let nested = format!("{{\"hook_event_name\": \"PreToolUse\", \"tool_input\": {}", "[".repeat(500_000));
    check(nested.as_bytes(), &world).unwrap();
    check(&vec![b'x'; payload::MAX_BYTES + 1], &world).unwrap();
    let long = json!({"hook_event_name": "UserPromptSubmit", "prompt": "word ".repeat(400_000)}).to_string();
    check(long.as_bytes(), &world).unwrap();
}
