//! An event to a verdict: secrets in what it says, policies on what it does.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::agents::takes_redacted_output;
use crate::checks::{self, Around};
use crate::event::{Act, Event, Moment};
use crate::facts::{Facts, Standing};
use crate::git_call;
use crate::leaves;
use crate::places::{absolute, from_top};
use crate::policy::{Policies, applies};
use crate::scanner::{Hit, Scanner};
use crate::shell::invocations;
use crate::verdict::{Decision, Verdict};

/// Everything a verdict depends on besides the event.
#[derive(Clone, Copy)]
pub struct Judge<'j> {
    /// Finds secrets.
    pub scanner: &'j Scanner,
    /// What may not be done.
    pub policies: &'j Policies,
    /// The world.
    pub facts: &'j dyn Facts,
}

impl std::fmt::Debug for Judge<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Judge").finish_non_exhaustive()
    }
}

impl Judge<'_> {
    /// Judges an event. `here` is the current directory of the process, for agents that do not say theirs.
    pub fn verdict(&self, event: &Event, here: &Path) -> Verdict {
        let folder = event.folder.as_ref().map(PathBuf::from).filter(|folder| folder.is_absolute());
        let folder = folder.unwrap_or_else(|| here.to_owned());
        let mut verdict = Verdict::default();
        for act in &event.acts {
            if let Err(why) = self.act(act, event, &folder, &mut verdict) {
                let failed = Verdict::failed(&why);
                verdict.decision = verdict.decision.max(failed.decision);
                verdict.reasons.extend(failed.reasons);
            }
        }
        // A path or a name may be a secret itself.
        for reason in &mut verdict.reasons {
            let hits = self.scanner.text(reason.text.as_bytes());
            if let Some(redacted) = Scanner::redacted(&reason.text, &hits) {
                reason.text = redacted;
            }
        }
        verdict
    }

    fn act(&self, act: &Act, event: &Event, folder: &Path, verdict: &mut Verdict) -> Result<(), String> {
        match act {
            Act::Text(text) => {
                let what =
                    if event.moment == Moment::Prompt { "the prompt" } else { "what goes to the model" };
                self.said(&self.scanner.text(text.as_bytes()), what, verdict);
            }
            Act::Named { name, value } => {
                let what = format!("the argument '{}'", name.chars().take(40).collect::<String>());
                self.said(&self.scanner.named(Some(name), value), &what, verdict);
            }
            Act::Command(command) => self.command(command, folder, verdict)?,
            Act::Write { path, before, text, whole } => {
                let full = absolute(folder, path, self.facts).unwrap_or_else(|| folder.join(path));
                self.ungated(&full, before, text, *whole, verdict);
                self.written(&full, before, text, verdict)?;
            }
            Act::Read { path, text } => self.read(path, text.as_deref(), event, folder, verdict),
            Act::Output(output) => self.output(output, event, verdict),
        }
        Ok(())
    }

    /// A secret in what goes to a model or into a command line.
    fn said(&self, hits: &[Hit], what: &str, verdict: &mut Verdict) {
        for hit in hits.iter().filter(|hit| !self.facts.accepts(&hit.fingerprint)) {
            let name = variable(hit);
            verdict.add(
                Decision::Deny,
                "secret",
                format!(
                    "There is a secret in {what} ({}). Put it into a file that git ignores, such as .env, and say the name of an \
                     environment variable instead: ${name}. Wherever it has been typed, it has to be revoked.",
                    hit.rule
                ),
            );
        }
    }

    fn command(&self, command: &str, folder: &Path, verdict: &mut Verdict) -> Result<(), String> {
        self.said(&self.scanner.text(command.as_bytes()), "the command", verdict);
        let found = invocations(command, &self.policies.wrappers).map_err(|error| error.to_string())?;
        let calls =
            git_call::calls(found, self.policies, folder, self.facts).map_err(|error| error.to_string())?;
        let world = Around { policies: self.policies, scanner: self.scanner, facts: self.facts };
        for call in &calls {
            let inside = call.invocation.folder.as_deref();
            let place = inside.and_then(|inside| match inside {
                "" => Some(folder.to_owned()),
                inside => absolute(folder, inside, self.facts),
            });
            for policy in self.policies.iter().filter(|policy| applies(self.policies, policy, call)) {
                let details = match policy.check {
                    None => String::new(),
                    Some(check) => match checks::ask(check, policy, call, place.as_deref(), &world)? {
                        None => continue,
                        Some(details) => format!(" ({details})"),
                    },
                };
                let instead = if policy.instead.is_empty() {
                    String::new()
                } else {
                    format!(" Instead: {}.", policy.instead)
                };
                let message = policy.message.trim_end_matches('.');
                verdict.add(policy.decision(), &policy.id, format!("{message}{details}.{instead}"));
            }
        }
        Ok(())
    }

    /// The gates themselves are taken out of a file, by another tool than the shell.
    fn ungated(&self, full: &Path, before: &str, text: &str, whole: bool, verdict: &mut Verdict) {
        let old = if whole { self.facts.read(full) } else { Some(before.as_bytes().to_vec()) };
        let old = old.unwrap_or_default();
        if checks::takes_out(full, &String::from_utf8_lossy(&old), text) {
            self.by_name("hook-files", &format!(" (file: {})", full.display()), verdict);
        }
    }

    /// What the policy of that name says, if the user has not disabled it.
    fn by_name(&self, id: &str, details: &str, verdict: &mut Verdict) {
        if let Some(policy) = self.policies.iter().find(|policy| policy.id == id) {
            let message = policy.message.trim_end_matches('.');
            let text = format!("{message}{details}. Instead: {}.", policy.instead);
            verdict.add(policy.decision(), &policy.id, text);
        }
    }

    /// A file is written: a secret may only go where git does not look.
    fn written(&self, full: &Path, before: &str, text: &str, verdict: &mut Verdict) -> Result<(), String> {
        let top = full.parent().and_then(|parent| self.facts.top(parent));
        let name = from_top(full, top.as_deref());
        let found = self.scanner.file(&name, text.as_bytes());
        if found.is_empty() {
            return Ok(());
        }
        let old = if before.is_empty() { Vec::new() } else { self.scanner.file(&name, before.as_bytes()) };
        let old: HashSet<_> = old.into_iter().map(|hit| hit.fingerprint).collect();
        let is_new = |hit: &&Hit| !old.contains(&hit.fingerprint) && !self.facts.accepts(&hit.fingerprint);
        let Some(hit) = found.iter().find(is_new) else { return Ok(()) };
        let seen = match self.facts.standing(full)? {
            Standing::Ignored | Standing::Outside => return Ok(()),
            Standing::Tracked => "git tracks it",
            Standing::Trackable => "the next git add may take it",
        };
        verdict.add(
            Decision::Deny,
            "secret",
            format!(
                "There is a secret in the text for {name} ({}), and {seen}. Put it into a file that git ignores, such as .env, and \
                 read it from an environment variable: ${}.",
                hit.rule,
                variable(hit)
            ),
        );
        Ok(())
    }

    fn read(&self, path: &str, text: Option<&str>, event: &Event, folder: &Path, verdict: &mut Verdict) {
        let world = Around { policies: self.policies, scanner: self.scanner, facts: self.facts };
        if checks::is_store(path, Some(folder), &world) {
            return self.by_name("credential-store", "", verdict);
        }
        // What a reader gives can be redacted afterwards, by most agents; where not, this is the last moment.
        if takes_redacted_output(event) {
            return;
        }
        let Some(text) = text else { return };
        let hits =
            self.scanner.file(&from_top(Path::new(path), self.facts.top(folder).as_deref()), text.as_bytes());
        if let Some(hit) = hits.iter().find(|hit| !self.facts.accepts(&hit.fingerprint)) {
            let text = format!(
                "There is a secret in {path} ({}), and {} cannot be shown the rest without it. Ask for the names of the variables \
                 instead of the file.",
                hit.rule,
                event.agent.name()
            );
            verdict.add(Decision::Deny, "secret", text);
        }
    }

    /// What a tool gave: without its secrets.
    fn output(&self, output: &Value, event: &Event, verdict: &mut Verdict) {
        let mut redacted = output.clone();
        let mut rules = Vec::new();
        leaves::replace(&mut redacted, |key, text| {
            let mut hits = self.scanner.named(key, text);
            hits.retain(|hit| !self.facts.accepts(&hit.fingerprint));
            rules.extend(hits.iter().map(|hit| hit.rule.clone()));
            Scanner::redacted(text, &hits)
        });
        if rules.is_empty() {
            return;
        }
        let count = rules.len();
        rules.sort_unstable();
        rules.dedup();
        let found = format!("{count} in what the tool gave ({})", rules.join(", "));
        let (decision, text) = if takes_redacted_output(event) {
            (
                Decision::None,
                format!(
                    "Secrets were taken out: {found}. Do not try to see them; use them by the names of variables."
                ),
            )
        } else {
            let text = format!(
                "There are secrets: {found}. {} does not let them be taken out: they are in the transcript. Do not repeat them, and \
                 tell the user to revoke them.",
                event.agent.name()
            );
            (Decision::Deny, text)
        };
        verdict.add(decision, "secret", text);
        verdict.redacted = Some(redacted);
    }
}

/// A name for the variable that holds such a secret.
fn variable(hit: &Hit) -> String {
    let vendor = hit.family.to_ascii_uppercase().replace('-', "_");
    match vendor.as_str() {
        "GENERIC" | "FILES" | "PRIVATE_KEY" | "CONNECTION_URI" | "JWT" => "APP_SECRET".to_owned(),
        vendor => format!("{vendor}_TOKEN"),
    }
}
