//! The settings of agents: a call of `unleak guard` at every event that matters, put in without disturbing the rest.
//!
//! What is there is kept as it is, comments too, but for what is added. What the agent itself cannot read is refused.

use jsonc_parser::cst::{CstArray, CstInputValue, CstObject, CstRootNode};
use jsonc_parser::{CollectOptions, ParseOptions};
use serde_json::{Value, json};

/// What the hooks run. A guard that is missing or fails blocks too: agents take exit code 2 for a refusal, and other ones
/// for "go on".
pub const COMMAND: &str = "unleak guard || exit 2";
/// What tells our hooks from others.
pub const MARK: &str = "unleak guard";

/// Whether a hook's command asks the guard, and its answer counts: whatever else the line does may hide it.
pub fn asks(command: &str) -> bool {
    let command = command.trim();
    let command = command.strip_suffix("|| exit 2").unwrap_or(command);
    let mut words = command.split_whitespace();
    let program = words.next().unwrap_or_default().rsplit(['/', '\\']).next();
    let is_ours = matches!(program, Some("unleak" | "unleak.exe")) && words.next() == Some("guard");
    is_ours && !command.contains([';', '|', '&', '<', '>', '`', '(', '\n'])
}

/// The commands of a handler, one for each kind of system.
pub(crate) fn command(handler: &Value) -> Option<&str> {
    ["command", "bash"].iter().find_map(|key| handler.get(*key)?.as_str())
}

/// The handlers of a group; where the agent knows no groups it is one itself.
pub(crate) fn handlers(group: &Value) -> Vec<&Value> {
    match group.get("hooks").and_then(Value::as_array) {
        Some(list) => list.iter().collect(),
        None => vec![group],
    }
}

/// Whether it is called at every use of a tool, and waited for.
fn is_for_everything(group: &Value, handler: &Value) -> bool {
    let all = |one: &Value| {
        one.get("matcher").is_none_or(|matcher| matches!(matcher.as_str(), Some("" | "*" | ".*")))
    };
    let runs = handler.get("type").is_none_or(|kind| kind == "command");
    all(group)
        && all(handler)
        && runs
        && handler.get("if").is_none()
        && handler.get("async").is_none_or(|it| it == false)
}

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
    /// They are no JSON of the kind that the agent reads.
    #[error("it is not what the agent reads as JSON: {0}")]
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
            Self::Claude => of(
                &["UserPromptSubmit", "PreToolUse", "PostToolUse", "PostToolUseFailure"],
                json!({ "hooks": [handler] }),
            ),
            Self::Codex => {
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

    /// The events at which these settings do not ask the guard, whatever the tool.
    pub fn unguarded(self, settings: &Value) -> Vec<&'static str> {
        let is_guarded = |event: &str| {
            let groups = settings.get("hooks").and_then(|hooks| hooks.get(event)).and_then(Value::as_array);
            groups.into_iter().flatten().any(|group| {
                handlers(group)
                    .into_iter()
                    .any(|handler| command(handler).is_some_and(asks) && is_for_everything(group, handler))
            })
        };
        self.hooks().into_iter().map(|(event, _)| event).filter(|event| !is_guarded(event)).collect()
    }

    /// The text without a byte order mark, where the agent reads a file with one.
    fn body(self, text: &str) -> &str {
        text.strip_prefix('\u{feff}').filter(|_| self == Self::Claude).unwrap_or(text)
    }

    /// Settings as the agent reads them; each was tried with the agent itself. Only Gemini CLI takes comments. To the others
    /// a file with comments, and to all of them one with a comma at the end, is no file at all.
    ///
    /// # Errors
    /// When the agent would not: then none of its hooks runs.
    pub fn parsed(self, text: &str) -> Result<Value, SettingsError> {
        let body = self.body(text);
        if self != Self::Gemini {
            let said = |error| format!("{error}; it takes neither comments nor a comma at the end");
            return serde_json::from_str(body).map_err(|error| SettingsError::Syntax(said(error)));
        }
        let value = jsonc_parser::parse_to_ast(body, &CollectOptions::default(), &OPTIONS);
        let value = value.map_err(|error| SettingsError::Syntax(error.to_string()))?.value;
        value.map(Value::from).ok_or_else(|| SettingsError::Shape("the file".to_owned()))
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
        let body = self.body(&plain);
        let mark = &plain[..plain.len() - body.len()];
        let body = if body.trim().is_empty() { "{}\n" } else { body };
        let missing = self.unguarded(&self.parsed(body)?);
        let root =
            CstRootNode::parse(body, &OPTIONS).map_err(|error| SettingsError::Syntax(error.to_string()))?;
        let object = root.object_value().ok_or_else(|| SettingsError::Shape("the file".to_owned()))?;
        let lacks_version = matches!(self, Self::Cursor | Self::Copilot) && object.get("version").is_none();
        if missing.is_empty() && !lacks_version {
            return Ok(None);
        }
        if lacks_version {
            object.append("version", CstInputValue::from(1usize));
        }
        let hooks = child_object(&object, "hooks")?;
        for (event, hook) in self.hooks().into_iter().filter(|(event, _)| missing.contains(event)) {
            let list = child_array(&hooks, event)?;
            list.append(input(&hook));
            list.ensure_multiline();
        }
        let new = root.to_string();
        // Of a name that stands twice the agent reads the other one.
        if let Some(event) = self.unguarded(&self.parsed(&new)?).first() {
            return Err(SettingsError::Shape(format!("hooks.{event}")));
        }
        let new = [mark, &new].concat();
        Ok(Some(if is_windows { new.replace('\n', "\r\n") } else { new }))
    }
}

/// JSON with comments, and nothing else.
const OPTIONS: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: false,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_is_once_and_nothing_is_disturbed() {
        let commented = "// ours\n{\n  // models\n  \"model\": \"x\", /* y */\n  \"hooks\": {\n    \"PreToolUse\": [\n      { \"matcher\": \"Bash\", \"hooks\": [{ \"type\": \"command\", \"command\": \"lint\" }] } // last\n    ]\n  },\n  \"zeta\": [1,2,   3],\n  \"alpha\": {}\n}\n";
        let windows = commented.replace('\n', "\r\n");
        for settings in ALL {
            for text in
                [None, Some(""), Some("{}"), Some("{\n    \"a\": 1\n}"), Some(commented), Some(&windows[..])]
            {
                if text.is_some_and(|text| text.contains("//")) && settings != Settings::Gemini {
                    assert!(settings.step(text).is_err(), "{settings:?}");
                    continue;
                }
                let once = settings.step(text).unwrap().unwrap();
                assert_eq!(settings.step(Some(&once)).unwrap(), None, "{settings:?} {text:?}\n{once}");
                let value = settings.parsed(&once).unwrap();
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
    fn what_the_agent_cannot_read_is_refused() {
        for text in [
            "{",
            "[]",
            "5",
            "{\"hooks\": []}",
            "hooks: {}",
            "{hooks: {}}",
            "{'hooks': {}}",
            "{\"a\": 1 \"b\": 2}",
            "{\"a\": 0x1}",
            "{} {}",
            "{\"hooks\": null}",
            "{\"hooks\": {}, \"hooks\": {}}",
        ] {
            for settings in ALL {
                assert!(settings.step(Some(text)).is_err(), "{settings:?} {text}");
            }
        }
        for settings in ALL {
            let event = settings.hooks()[0].0;
            assert!(
                settings.step(Some(&format!("{{\"hooks\": {{\"{event}\": {{}}}}}}"))).is_err(),
                "{settings:?}"
            );
        }
        for settings in ALL {
            assert!(settings.step(Some("{\"a\": [1,]}")).is_err(), "{settings:?}");
            assert_eq!(settings.step(Some("\u{feff}{}")).is_ok(), settings == Settings::Claude);
            assert_eq!(settings.step(Some("{ /* ours */ }")).is_ok(), settings == Settings::Gemini);
        }
        let deep = "[".repeat(100_000);
        for settings in ALL {
            assert!(settings.step(Some(&format!("{{\"a\": {deep}"))).is_err(), "{settings:?}");
        }
    }
}
