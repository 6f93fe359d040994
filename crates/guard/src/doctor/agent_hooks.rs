//! AGENT001 to AGENT004: are the hooks of agents alive? Read as the agent reads them.

use serde_json::Value;

use crate::doctor::remark::{Fix, Remark};
use crate::init::agents::{COMMAND, MARK, Settings, asks, command, handlers};

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
    let Ok(settings) = file.agent.parsed(&file.text) else { return Vec::new() };
    let mut found = Vec::new();
    for (event, group) in groups(&settings) {
        for handler in handlers(group) {
            if let Some(command) = command(handler) {
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

/// What there is to say. `used` are the agents that are used here.
pub fn check(files: &[SettingsFile], used: &[Settings]) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = used.iter().filter_map(|agent| unguarded(*agent, files)).collect();
    for file in files {
        match file.agent.parsed(&file.text) {
            Ok(settings) => {
                remarks.extend(dead(file, &settings));
                remarks.extend(past_rules(file, &settings));
            }
            Err(error) => {
                let text =
                    format!("{} cannot read it, so none of its hooks runs: {error}", file.agent.name());
                let remedy = format!("correct the JSON of {}", file.path);
                remarks.push(Remark::fail("AGENT002", text, remedy).at(&file.path));
            }
        }
    }
    remarks
}

/// The events at which no settings of the agent ask the guard.
fn unguarded(agent: Settings, files: &[SettingsFile]) -> Option<Remark> {
    let own = files.iter().filter(|file| file.agent == agent);
    let read: Vec<Value> = own.filter_map(|file| agent.parsed(&file.text).ok()).collect();
    let mut events = agent.unguarded(&Value::Null);
    let all = events.len();
    events.retain(|event| read.iter().all(|settings| agent.unguarded(settings).contains(event)));
    let text = match events.len() {
        0 => return None,
        count if count == all => {
            format!("{} is used here and none of its hooks asks the guard", agent.name())
        }
        _ => format!("no hook of {} asks the guard at every {}", agent.name(), events.join(", ")),
    };
    let remedy = format!("unleak init --agent {}", agent.name());
    Some(Remark::fail("AGENT001", text, remedy).at(agent.path()).fixed_by(Fix::Init))
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
            let command = command(handler).unwrap_or_default();
            if command.contains(MARK) && !asks(command) {
                say(
                    format!("'{command}' calls the guard, and whether its refusal counts cannot be told"),
                    &format!("\"command\": \"{COMMAND}\""),
                );
            }
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

/// Settings that switch hooks, or the agent's own rules, off.
fn past_rules(file: &SettingsFile, settings: &Value) -> Vec<Remark> {
    let at = |path: &str| settings.pointer(path);
    let is = |path: &str, value: &Value| at(path) == Some(value);
    let disabled = at("/hooksConfig/disabled").and_then(Value::as_array).into_iter().flatten();
    let is_disabled = disabled.filter_map(Value::as_str).any(|name| name == "unleak" || name.contains(MARK));
    let mut remarks = Vec::new();
    for (is_off, name) in [
        (is("/disableAllHooks", &Value::Bool(true)), "disableAllHooks"),
        (is("/hooksConfig/enabled", &Value::Bool(false)), "hooksConfig.enabled: false"),
        (is_disabled, "hooksConfig.disabled"),
    ] {
        if is_off {
            let text = format!("{name}: no hook runs, the guard's neither");
            remarks
                .push(Remark::fail("AGENT004", text, format!("remove it from {}", file.path)).at(&file.path));
        }
    }
    if is("/permissions/defaultMode", &Value::from("bypassPermissions")) {
        let text = "defaultMode is bypassPermissions: where the guard asks, nobody is asked";
        remarks.push(Remark::warn("AGENT004", text, "remove defaultMode").at(&file.path));
    }
    remarks
}

/// Codex's own switch, in the text of a `config.toml` at `path`.
pub fn codex_switch(path: &str, text: &str) -> Option<Remark> {
    let Ok(config) = text.parse::<toml::Table>() else {
        let remark = Remark::skip(
            "AGENT004",
            "it is no TOML, so whether hooks run cannot be told",
            format!("correct {path}"),
        );
        return Some(remark.at(path));
    };
    let features = config.get("features")?;
    let is_off =
        ["hooks", "codex_hooks"].iter().any(|name| features.get(name) == Some(&toml::Value::Boolean(false)));
    is_off.then(|| {
        Remark::fail(
            "AGENT004",
            "features.hooks = false: no hook runs, the guard's neither",
            format!("remove it from {path}"),
        )
        .at(path)
    })
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

    /// Settings of Claude Code in which every event asks by `command`, in a group with `more`.
    fn settings(command: &str, more: &str) -> SettingsFile {
        let group = format!(r#"[{{{more}"hooks": [{{"type": "command", "command": "{command}"}}]}}]"#);
        let text = format!(
            r#"{{"hooks": {{"UserPromptSubmit": {group}, "PreToolUse": {group}, "PostToolUse": {group}, "PostToolUseFailure": {group}}}}}"#
        );
        SettingsFile { agent: Settings::Claude, path: ".claude/settings.json".into(), text }
    }

    fn said(file: &SettingsFile) -> Vec<&'static str> {
        check(std::slice::from_ref(file), &[file.agent]).iter().map(|remark| remark.check).collect()
    }

    #[test]
    fn a_line_that_mentions_the_guard_is_not_yet_one_that_asks_it() {
        for command in
            ["unleak guard", "unleak guard || exit 2", "/usr/local/bin/unleak guard --policies x.toml"]
        {
            assert_eq!(said(&settings(command, "")), [""; 0], "{command}");
            assert_eq!(said(&settings(command, "\"matcher\": \"*\", ")), [""; 0], "{command}");
        }
        for command in
            ["unleak guard || true", "unleak guard; exit 0", "unleak guard > /dev/null", "echo unleak guard"]
        {
            let said = said(&settings(command, ""));
            assert!(said.contains(&"AGENT001") && said.contains(&"AGENT002"), "{command}: {said:?}");
        }
        // Narrowed to one tool.
        assert_eq!(said(&settings("unleak guard", "\"matcher\": \"Edit\", ")), ["AGENT001"]);
    }

    #[test]
    fn a_comment_or_one_event_of_several_is_no_guard() {
        let comment = r#"{"hooks": {"BeforeTool": [ /* unleak guard || exit 2 */ ]}}"#;
        let one =
            r#"{"hooks": {"PreToolUse": [{"hooks": [{"type": "command", "command": "unleak guard"}]}]}}"#;
        for (agent, text) in [(Settings::Gemini, comment), (Settings::Claude, one)] {
            let file = SettingsFile { agent, path: agent.path().into(), text: text.to_owned() };
            assert_eq!(said(&file), ["AGENT001"], "{text}");
            assert!(agent.step(Some(text)).unwrap().is_some(), "{text}");
        }
    }

    #[test]
    fn switches_that_no_hook_survives_are_found() {
        for (agent, more) in [
            (Settings::Claude, r#""disableAllHooks": true"#),
            (Settings::Gemini, r#""hooksConfig": {"enabled": false}"#),
            (Settings::Gemini, r#""hooksConfig": {"disabled": ["unleak"]}"#),
        ] {
            let text = agent.step(None).unwrap().unwrap().replacen('{', &format!("{{{more}, "), 1);
            assert_eq!(
                said(&SettingsFile { agent, path: agent.path().into(), text }),
                ["AGENT004"],
                "{more}"
            );
        }
        let switch = |text| codex_switch("config.toml", text).map(|remark| remark.check);
        assert_eq!(switch("[features]\nhooks = false\n"), Some("AGENT004"));
        assert_eq!(switch("[features]\nhooks = true\n"), None);
        assert_eq!(switch("model = "), Some("AGENT004"));
    }
}
