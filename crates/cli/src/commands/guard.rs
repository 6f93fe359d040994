//! `unleak guard`: reads an event of a coding agent on standard input and answers in that agent's protocol.
//!
//! Whatever goes wrong, there is an answer: a refusal with the reason.

mod files;
pub(crate) mod folders;
mod located;
pub(crate) mod policy_files;
pub(crate) mod world;

use std::io::{self, Read, Write};
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;

use unleak_guard::agents::{self, Answer};
use unleak_guard::payload::{self, MAX_BYTES};
use unleak_guard::{Judge, Moment, Scanner, Verdict};
use unleak_rules::builtin;

use crate::commands::guard::world::World;
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::output;

/// Judge what a coding agent is about to do: an event on standard input, an answer on standard output
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Called by the agent's hooks, which `unleak init` sets up. Claude Code, Codex, Cursor, Gemini CLI and Copilot are\ntold by what they send.\n\nPolicies: the built-in ones; then ~/.config/unleak/guard.toml, which may change and disable them;\nthen .unleak-guard.toml at the top of the working tree, which may only add.\n\nTry it:\n  echo '{\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"Bash\",\"tool_input\":{\"command\":\"git push -f\"}}' | unleak guard"
)]
pub(crate) struct GuardArgs {
    /// A file with more policies, of your own; may be given several times
    #[arg(long, value_name = "FILE")]
    policies: Vec<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// When standard output cannot be written.
pub(crate) fn run(args: &GuardArgs, environment: &Environment) -> Result<ExitStatus, CliError> {
    // A panic's message may quote what is judged.
    panic::set_hook(Box::new(|_| {}));
    let judged = panic::catch_unwind(AssertUnwindSafe(|| {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes);
        match read {
            Ok(_) => answer(&bytes, args, environment),
            Err(error) => Answer::refusal(&format!("standard input cannot be read: {error}")),
        }
    }));
    let answer =
        judged.unwrap_or_else(|_| Answer::refusal("there is a mistake in unleak itself; please report it"));
    output::print(|out| writeln!(out, "{}", answer.stdout))?;
    // Standard error is part of the protocols: no heading, no colour.
    if !answer.stderr.is_empty() {
        drop(writeln!(io::stderr().lock(), "{}", answer.stderr));
    }
    Ok(if answer.code == 0 { ExitStatus::Clean } else { ExitStatus::Error })
}

fn answer(bytes: &[u8], args: &GuardArgs, environment: &Environment) -> Answer {
    let event = match payload::read(bytes) {
        Ok(event) => event,
        Err(error) => return Answer::refusal(&error.to_string()),
    };
    if event.moment == Moment::Other || event.acts.is_empty() {
        return agents::answer(&event, &Verdict::default());
    }
    let world = World::new(environment);
    let folder = event.folder.as_ref().map_or_else(|| environment.current_dir.clone(), PathBuf::from);
    let policies = match policy_files::read(&args.policies, &folder, environment) {
        Ok(policies) => policies,
        Err(error) => return agents::answer(&event, &Verdict::failed(&error)),
    };
    let scanner = Scanner::new(builtin::rule_set());
    let verdict = Judge { scanner: &scanner, policies: &policies, facts: &world }
        .verdict(&event, &environment.current_dir);
    // The process ends here; freeing a thousand rules one by one would take it a millisecond.
    std::mem::forget(scanner);
    agents::answer(&event, &verdict)
}
