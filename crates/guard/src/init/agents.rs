//! The settings of agents: a call of `unleak guard` at every event that matters, put in without disturbing the rest.
//!
//! JSON with comments is kept as it is, but for what is added. What cannot be parsed is refused.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstArray, CstInputValue, CstNode, CstObject, CstRootNode};
use serde_json::{Value, json};

/// What the hooks run. A guard that is missing or fails blocks too: agents take exit code 2 for a refusal, and other ones
/// for "go on".
pub const COMMAND: &str = "unleak guard || exit 2";
/// What tells our hooks from others.
pub const MARK: &str = "unleak guard";

/// An agent whose settings are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settings {
    /// Claude Code.
    Claude,
    /// Codex.
    Codex,
    /// Cursor.
    Cursor,
    /// Gemini CLI.
    Gemini,
    /// Copilot.
    Copilot,
}

/// All of them.
pub const ALL: [Settings; 5] =
    [Settings::Claude, Settings::Codex, Settings::Cursor, Settings::Gemini, Settings::Copilot];

/// Why settings were left alone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// They are no JSON, with or without comments.
    #[error("it is no JSON: {0}")]
    Syntax(String),
    /// Something has another shape than the agent reads.
    #[error("'{0}' is not what the agent reads there")]
    Shape(String),
}

impl Settings {
    /// The agent's name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::Codex => "codex",
            Self::Cursor => "cursor",
            Self::Gemini => "gemini",
            Self::Copilot => "copilot",
        }
    }

    /// The settings that a project shares, from its top.
    pub fn path(self) -> &'static str {
        match self {
            Self::Claude => ".claude/settings.json",
            Self::Codex => ".codex/hooks.json",
            Self::Cursor => ".cursor/hooks.json",
            Self::Gemini => ".gemini/settings.json",
            Self::Copilot => ".github/hooks/unleak.json",
        }
    }

    /// What shows that a project, or a home directory, knows the agent.
    pub fn traces(self) -> &'static [&'static str] {
        match self {
            Self::Claude => &[".claude", "CLAUDE.md", ".mcp.json"],
            Self::Codex => &[".codex"],
            Self::Cursor => &[".cursor", ".cursorrules"],
            Self::Gemini => &[".gemini", "GEMINI.md"],
            Self::Copilot => &[".github/copilot-instructions.md", ".github/hooks", ".copilot"],
        }
    }

    /// Events, and what stands there.
    fn hooks(self) -> Vec<(&'static str, Value)> {
        let of = |events: &[&'static str], hook: Value| {
            events.iter().map(|event| (*event, hook.clone())).collect()
        };
        let handler = json!({ "type": "command", "command": COMMAND, "timeout": 30 });
        match self {
            Self::Claude | Self::Codex => {
                of(&["UserPromptSubmit", "PreToolUse", "PostToolUse"], json!({ "hooks": [handler] }))
            }
            Self::Gemini => {
                let handler =
                    json!({ "type": "command", "name": "unleak", "command": COMMAND, "timeout": 30000 });
                let mut hooks = vec![("BeforeAgent", json!({ "hooks": [handler] }))];
                hooks.extend(
                    ["BeforeTool", "AfterTool"]
                        .map(|event| (event, json!({ "matcher": ".*", "hooks": [handler] }))),
                );
                hooks
            }
            Self::Cursor => of(
                &[
                    "beforeSubmitPrompt",
                    "beforeShellExecution",
                    "beforeMCPExecution",
                    "beforeReadFile",
                    "preToolUse",
                    "postToolUse",
                ],
                json!({ "command": COMMAND, "failClosed": true, "timeout": 30 }),
            ),
            Self::Copilot => of(
                &["userPromptSubmitted", "preToolUse", "postToolUse"],
                json!({ "type": "command", "bash": COMMAND, "powershell": "unleak guard; exit $LASTEXITCODE", "timeoutSec": 30 }),
            ),
        }
    }

    /// The settings with our hooks; `None` if all of them are there.
    ///
    /// # Errors
    /// When they cannot be read as what the agent reads: they are not touched then.
    pub fn step(self, existing: Option<&str>) -> Result<Option<String>, SettingsError> {
        let text = existing.unwrap_or_default();
        // Line ends are put back afterwards, so that what is added has them too.
        let is_windows = text.contains("\r\n") && text.matches('\n').count() == text.matches("\r\n").count();
        let plain = if is_windows { text.replace("\r\n", "\n") } else { text.to_owned() };
        let (mark, body) = match plain.strip_prefix('\u{feff}') {
            Some(body) => ("\u{feff}", body),
            None => ("", &plain[..]),
        };
        let body = if body.trim().is_empty() { "{}\n" } else { body };
        let root =
            CstRootNode::parse(body, &options()).map_err(|error| SettingsError::Syntax(error.to_string()))?;
        let object = root.object_value().ok_or_else(|| SettingsError::Shape("the file".to_owned()))?;
        let mut changed = false;
        if matches!(self, Self::Cursor | Self::Copilot) && object.get("version").is_none() {
            object.append("version", CstInputValue::from(1usize));
            changed = true;
        }
        let hooks = child_object(&object, "hooks")?;
        for (event, hook) in self.hooks() {
            let list = child_array(&hooks, event)?;
            if !list.to_string().contains(MARK) {
                list.append(input(&hook));
                list.ensure_multiline();
                changed = true;
            }
        }
        if !changed {
            return Ok(None);
        }
        let new = [mark, &root.to_string()].concat();
        Ok(Some(if is_windows { new.replace('\n', "\r\n") } else { new }))
    }
}

fn options() -> ParseOptions {
    ParseOptions { allow_comments: true, allow_trailing_commas: true, ..ParseOptions::default() }
}

fn child_object(parent: &CstObject, name: &str) -> Result<CstObject, SettingsError> {
    parent.object_value_or_create(name).ok_or_else(|| SettingsError::Shape(name.to_owned()))
}

fn child_array(parent: &CstObject, name: &str) -> Result<CstArray, SettingsError> {
    parent.array_value_or_create(name).ok_or_else(|| SettingsError::Shape(format!("hooks.{name}")))
}

/// A value of ours, which is never deep.
fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(value) => CstInputValue::Bool(*value),
        Value::Number(value) => CstInputValue::Number(value.to_string()),
        Value::String(value) => CstInputValue::String(value.clone()),
        Value::Array(items) => CstInputValue::Array(items.iter().map(input).collect()),
        Value::Object(fields) => {
            CstInputValue::Object(fields.iter().map(|(key, value)| (key.clone(), input(value))).collect())
        }
    }
}

/// Settings as plain JSON; `None` if they are none.
pub fn parsed(text: &str) -> Option<Value> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let root = CstRootNode::parse(text, &options()).ok()?;
    root.value().as_ref().and_then(CstNode::to_serde_value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_is_once_and_nothing_is_disturbed() {
        let commented = "// ours\n{\n  // models\n  \"model\": \"x\", /* y */\n  \"hooks\": {\n    \"PreToolUse\": [\n      { \"matcher\": \"Bash\", \"hooks\": [{ \"type\": \"command\", \"command\": \"lint\" }] }, // last\n    ],\n  },\n  \"zeta\": [1,2,   3],\n  \"alpha\": {}\n}\n";
        let windows = commented.replace('\n', "\r\n");
        for settings in ALL {
            for text in
                [None, Some(""), Some("{}"), Some("{\n    \"a\": 1\n}"), Some(commented), Some(&windows[..])]
            {
                let once = settings.step(text).unwrap().unwrap();
                assert_eq!(settings.step(Some(&once)).unwrap(), None, "{settings:?} {text:?}\n{once}");
                let value = parsed(&once).unwrap();
                assert!(value["hooks"].as_object().unwrap().len() >= 3);
                if text.is_some_and(|text| text.len() > 100) {
                    for kept in ["// ours", "// models", "/* y */", "// last", "[1,2,   3]", "\"lint\""] {
                        assert!(once.contains(kept), "{settings:?}: {kept} in\n{once}");
                    }
                    assert!(once.find("zeta") < once.find("alpha"));
                }
                let lines = once.matches('\n').count();
                let wanted = if text == Some(&windows[..]) { lines } else { 0 };
                assert_eq!(once.matches("\r\n").count(), wanted);
            }
        }
    }

    #[test]
    fn what_cannot_be_parsed_is_refused() {
        for text in ["{", "[]", "5", "{\"hooks\": []}", "{\"hooks\": {\"PreToolUse\": {}}}", "hooks: {}"] {
            assert!(Settings::Claude.step(Some(text)).is_err(), "{text}");
        }
    }
}
