//! AGENT001 to AGENT004: are the hooks of agents alive? Read as the agent reads them.

use serde_json::Value;

use crate::doctor::remark::{Fix, Remark};
use crate::init::agents::{MARK, Settings, parsed};

/// A file with settings of an agent.
#[derive(Clone, Debug)]
pub struct SettingsFile {
    /// Whose.
    pub agent: Settings,
    /// From the top, or from the home directory with `~/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// A command that a hook runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookCommand {
    /// The agent.
    pub agent: &'static str,
    /// The file.
    pub path: String,
    /// The event.
    pub event: String,
    /// The command.
    pub command: String,
}

/// The commands of all hooks in a file.
pub fn commands(file: &SettingsFile) -> Vec<HookCommand> {
    let Some(settings) = parsed(&file.text) else { return Vec::new() };
    let mut found = Vec::new();
    for (event, group) in groups(&settings) {
        for handler in handlers(group) {
            let command = ["command", "bash"].iter().find_map(|key| handler.get(*key)?.as_str());
            if let Some(command) = command {
                let (path, command) = (file.path.clone(), command.to_owned());
                found.push(HookCommand { agent: file.agent.name(), path, event: event.to_owned(), command });
            }
        }
    }
    found
}

fn groups(settings: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let events = settings.get("hooks").and_then(Value::as_object).into_iter().flatten();
    events.flat_map(|(event, list)| {
        list.as_array().into_iter().flatten().map(move |group| (event.as_str(), group))
    })
}

/// A group's handlers; where the agent knows no groups it is one itself.
fn handlers(group: &Value) -> Vec<&Value> {
    match group.get("hooks").and_then(Value::as_array) {
        Some(list) => list.iter().collect(),
        None => vec![group],
    }
}

/// What there is to say. `used` are the agents that are used here.
pub fn check(files: &[SettingsFile], used: &[Settings]) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for agent in used {
        let own: Vec<&SettingsFile> = files.iter().filter(|file| file.agent == *agent).collect();
        let asks = own.iter().flat_map(|file| commands(file)).any(|hook| hook.command.contains(MARK));
        if !asks {
            let text = format!("{} is used here and none of its hooks asks the guard", agent.name());
            let remedy = format!("unleak init --agent {}", agent.name());
            remarks.push(Remark::fail("AGENT001", text, remedy).at(agent.path()).fixed_by(Fix::Init));
        }
    }
    for file in files {
        let Some(settings) = parsed(&file.text) else {
            let text = format!("{} cannot read it, so none of its hooks runs", file.agent.name());
            remarks.push(
                Remark::fail("AGENT002", text, format!("correct the JSON of {}", file.path)).at(&file.path),
            );
            continue;
        };
        remarks.extend(dead(file, &settings));
        remarks.extend(past_rules(file, &settings));
    }
    remarks
}

/// Hooks that look alive and are not, with the reason.
fn dead(file: &SettingsFile, settings: &Value) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let mut say = |text: String, remedy: &str| {
        let line = |needle: &str| file.text.lines().position(|line| line.contains(needle)).map(|at| at + 1);
        let remark = Remark::fail("AGENT002", text.clone(), remedy).at(&file.path);
        let needle = text.split('\'').nth(1).unwrap_or_default().to_owned();
        remarks.push(match line(&needle).filter(|_| !needle.is_empty()) {
            Some(line) => remark.on(line),
            None => remark,
        });
    };
    for (event, group) in groups(settings) {
        if let Some(matcher) =
            group.get("matcher").and_then(Value::as_str).filter(|matcher| matcher.contains('('))
        {
            say(
                format!(
                    "the matcher '{matcher}' never matches: it is compared with the tool's name, and none has a parenthesis"
                ),
                "\"matcher\": \"Bash\", and the narrowing in the handler: \"if\": \"Bash(git add *)\"",
            );
        }
        for handler in handlers(group) {
            let command =
                ["command", "bash"].iter().find_map(|key| handler.get(*key)?.as_str()).unwrap_or_default();
            let blocks = ["PreToolUse", "UserPromptSubmit", "BeforeTool", "BeforeAgent", "preToolUse"]
                .contains(&event);
            let is_json = command.contains("permissionDecision") || command.contains("decision");
            let fails_closed = handler.get("onFailure").is_some_and(|value| value == "block")
                || handler.get("failClosed") == Some(&Value::Bool(true));
            if blocks
                && command.contains("exit 1")
                && !command.contains("exit 2")
                && !is_json
                && !fails_closed
            {
                say(
                    format!("'exit 1' in a hook of {event} blocks nothing: the agent goes on"),
                    "exit 2, with the reason on standard error",
                );
            }
            if command.contains("git diff --cached")
                && matches!(group.get("matcher").and_then(Value::as_str), Some(m) if m.contains("git add"))
            {
                say(
                    "'git diff --cached' before git add does not list what is about to be staged".to_owned(),
                    "unleak guard, which looks at what the command would stage",
                );
            }
        }
    }
    let denied = settings.get("permissions").and_then(|rules| rules.get("deny")).and_then(Value::as_array);
    for rule in
        denied.into_iter().flatten().filter_map(Value::as_str).filter(|rule| rule.starts_with("Write("))
    {
        say(
            format!(
                "the rule '{rule}' is accepted and ignored: paths are only looked at in Read(…) and Edit(…)"
            ),
            "write Edit(…) in place of Write(…)",
        );
    }
    remarks
}

/// Settings that switch the agent's own rules off.
fn past_rules(file: &SettingsFile, settings: &Value) -> Vec<Remark> {
    let mut remarks = Vec::new();
    if settings.get("disableAllHooks") == Some(&Value::Bool(true)) {
        remarks.push(
            Remark::fail(
                "AGENT004",
                "disableAllHooks: no hook runs, the guard's neither",
                "remove disableAllHooks",
            )
            .at(&file.path),
        );
    }
    let mode = settings.get("permissions").and_then(|rules| rules.get("defaultMode"));
    if mode.is_some_and(|mode| mode == "bypassPermissions") {
        remarks.push(
            Remark::warn(
                "AGENT004",
                "defaultMode is bypassPermissions: where the guard asks, nobody is asked",
                "remove defaultMode",
            )
            .at(&file.path),
        );
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hook_that_everybody_copies_is_dead_three_times() {
        let text = r#"{"hooks": {"PreToolUse": [{"matcher": "Bash(git add*)", "hooks": [{"type": "command",
            "command": "git diff --cached --name-only | grep -q '\\.env' && echo blocked && exit 1 || exit 0"}]}]},
            "permissions": {"deny": ["Write(.env)"]}}"#;
        let file =
            SettingsFile { agent: Settings::Claude, path: ".claude/settings.json".into(), text: text.into() };
        let remarks = check(&[file], &[Settings::Claude]);
        let dead: Vec<&str> = remarks.iter().filter(|r| r.check == "AGENT002").map(|r| &r.text[..]).collect();
        assert_eq!(dead.len(), 4, "{dead:#?}");
        assert!(remarks.iter().any(|remark| remark.check == "AGENT001"));
    }

    #[test]
    fn our_own_hooks_are_alive() {
        for agent in crate::init::agents::ALL {
            let text = agent.step(None).unwrap().unwrap();
            let file = SettingsFile { agent, path: agent.path().into(), text };
            assert!(!commands(&file).is_empty());
            assert_eq!(check(&[file], &[agent]), []);
        }
    }
}
