//! What the arguments of a tool mean, told by their shape: agents name their tools as they like, and ever anew.

use serde_json::{Map, Value};

use crate::event::Act;
use crate::leaves;
use crate::patch;

const COMMANDS: [&str; 4] = ["command", "cmd", "script", "commandLine"];
const PATHS: [&str; 9] = [
    "file_path",
    "filePath",
    "path",
    "notebook_path",
    "absolute_path",
    "target_file",
    "filename",
    "file",
    "uri",
];
const NEW: [&str; 12] = [
    "content",
    "contents",
    "new_string",
    "newString",
    "new_str",
    "newText",
    "new_source",
    "file_text",
    "insert_text",
    "code_edit",
    "replacement",
    "text",
];
/// Those that hold all of the file.
const WHOLE: [&str; 3] = ["content", "contents", "file_text"];
const OLD: [&str; 6] = ["old_string", "oldString", "old_str", "oldText", "old_source", "expected"];

/// What a call of `tool` with `input` does.
pub(crate) fn acts(tool: &str, input: &Value) -> Vec<Act> {
    let Value::Object(fields) = input else {
        return match input {
            Value::String(text) if patch::is_one(text) => patched(text),
            input => texts(input, &[]),
        };
    };
    let path = PATHS.iter().find_map(|key| Some((*key, fields.get(*key)?.as_str()?)));
    let text = gathered(input, &NEW);
    if let (Some((key, path)), Some(text)) = (path, &text) {
        let before = gathered(input, &OLD).unwrap_or_default();
        let whole = gathered(input, &WHOLE).is_some();
        let mut acts = vec![Act::Write { path: path.to_owned(), before, text: text.clone(), whole }];
        acts.extend(texts(input, &[&[key], &NEW[..], &OLD[..]].concat()));
        return acts;
    }
    if let Some((key, command)) =
        COMMANDS.iter().find_map(|key| Some((*key, command_line(fields.get(*key)?)?)))
    {
        let mut acts = if patch::is_one(&command) { patched(&command) } else { vec![Act::Command(command)] };
        acts.extend(texts(input, &[key]));
        return acts;
    }
    if let Some(text) =
        ["patch", "input"].iter().find_map(|key| fields.get(*key)?.as_str()).filter(|t| patch::is_one(t))
    {
        return patched(text);
    }
    let mut acts = texts(input, &path.map(|(key, _)| key).into_iter().collect::<Vec<_>>());
    if let Some((_, path)) = path.filter(|_| is_reader(tool, fields)) {
        acts.push(Act::Read { path: path.to_owned(), text: None });
    }
    acts
}

fn is_reader(tool: &str, fields: &Map<String, Value>) -> bool {
    let tool = tool.to_ascii_lowercase();
    let by_name =
        ["read", "view", "open", "cat", "fetch_file", "get_file"].iter().any(|word| tool.contains(word));
    by_name || fields.contains_key("offset")
}

fn patched(text: &str) -> Vec<Act> {
    patch::files(text)
        .into_iter()
        .map(|file| Act::Write { path: file.path, before: file.before, text: file.added, whole: file.whole })
        .collect()
}

/// All texts below the given keys, at any depth, a line each.
fn gathered(input: &Value, keys: &[&str]) -> Option<String> {
    let mut all: Option<String> = None;
    leaves::each(input, |key, text| {
        if key.is_some_and(|key| keys.contains(&key)) {
            let all = all.get_or_insert_default();
            if !all.is_empty() {
                all.push('\n');
            }
            all.push_str(text);
        }
    });
    all
}

/// Every other text of the arguments.
fn texts(input: &Value, except: &[&str]) -> Vec<Act> {
    let mut acts = Vec::new();
    leaves::each(input, |key, text| match key {
        Some(key) if except.contains(&key) => {}
        Some(key) => acts.push(Act::Named { name: key.to_owned(), value: text.to_owned() }),
        None => acts.push(Act::Text(text.to_owned())),
    });
    acts
}

/// A command line: as it is, or the words of one.
fn command_line(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(words) => {
            let words: Option<Vec<String>> = words.iter().map(|word| Some(quoted(word.as_str()?))).collect();
            words.map(|words| words.join(" "))
        }
        _ => None,
    }
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn arguments_are_told_by_their_shape() {
        let write = |path: &str, before: &str, text: &str, whole: bool| Act::Write {
            path: path.into(),
            before: before.into(),
            text: text.into(),
            whole,
        };
        for (tool, input, wanted) in [
            ("Bash", json!({"command": "ls -l"}), Act::Command("ls -l".into())),
            (
                "shell",
                json!({"command": ["bash", "-lc", "it's"]}),
                Act::Command(r"'bash' '-lc' 'it'\''s'".into()),
            ),
            ("Write", json!({"file_path": "/a", "content": "x"}), write("/a", "", "x", true)),
            (
                "Edit",
                json!({"file_path": "/a", "old_string": "o", "new_string": "n"}),
                write("/a", "o", "n", false),
            ),
            (
                "MultiEdit",
                json!({"file_path": "/a", "edits": [{"old_string": "o", "new_string": "n"}]}),
                write("/a", "o", "n", false),
            ),
            (
                "apply_patch",
                json!({"command": "*** Begin Patch\n*** Add File: a\n+x\n*** End Patch"}),
                write("a", "", "x\n", true),
            ),
            ("Read", json!({"file_path": "/a"}), Act::Read { path: "/a".into(), text: None }),
            ("Task", json!({"prompt": "p"}), Act::Named { name: "prompt".into(), value: "p".into() }),
        ] {
            assert_eq!(acts(tool, &input), [wanted], "{tool}");
        }
    }

    #[test]
    fn nothing_of_unknown_arguments_is_left_out() {
        let acts = acts("mcp__x__y", &json!({"a": {"b": ["c", 1, "d"]}, "path": 5}));
        assert_eq!(acts.len(), 2);
    }
}
