//! Hooks that git's configuration names (git 2.54 and newer): they run beside whatever else there is, and no file of
//! anybody is touched. One section a hook, since git does not tell the command which hook it is.

use unleak_gates::{Hook, command_line};

use super::directory;
use super::place::{Place, Placed};
use crate::error::CliError;
use crate::git_program::GitProgram;

/// Puts `hooks` into the configuration of the repository or of the user.
pub(super) fn install(place: &Place<'_>, hooks: &[Hook]) -> Result<Vec<Placed>, CliError> {
    let scope = scope(place.global);
    let mut placed = Vec::new();
    for &hook in hooks {
        let section = section(hook);
        let wanted = [
            (format!("{section}.command"), command_line(hook, &place.program, &(place.flags)(hook))),
            (format!("{section}.event"), hook.name().to_owned()),
        ];
        let mut changed = false;
        for (key, value) in &wanted {
            let there = place.git.ask(["config", scope, "--get-all", key])?;
            if there.as_ref() != Some(value) {
                changed = true;
                place.git.need(["config", scope, "--replace-all", key, value])?;
            }
        }
        if let Some(refusal) = switched_off(place, &section)? {
            placed.push(Placed { hook, what: String::new(), refusal: Some(refusal) });
            continue;
        }
        let what = format!(
            "{} ({scope} configuration, {section})",
            if changed { "installed" } else { "installed already" },
            scope = scope.trim_start_matches('-')
        );
        placed.push(Placed { hook, what, refusal: None });
    }
    if !place.global {
        // A script of ours from the time of an older git would run a second time.
        directory::remove_ours(place.git, hooks)?;
    }
    Ok(placed)
}

/// Somebody said that this one must not run, here or for all repositories: that is theirs to take back.
fn switched_off(place: &Place<'_>, section: &str) -> Result<Option<CliError>, CliError> {
    let key = format!("{section}.enabled");
    let said = place.git.ask(["config", "--type=bool", "--get", &key])?;
    Ok((said.as_deref() == Some("false")).then(|| {
        CliError::new(format!("{key} is false: git does not call it"))
            .hint(format!("git config --show-origin --get {key}, and take that line out"))
    }))
}

/// Takes every section of ours out of the configuration.
pub(super) fn uninstall(git: &GitProgram, global: bool) -> Result<Vec<Placed>, CliError> {
    let scope = scope(global);
    let mut placed = Vec::new();
    for hook in Hook::ALL {
        let section = section(hook);
        let is_there = git.ask(["config", scope, "--get-all", &format!("{section}.event")])?.is_some()
            || git.ask(["config", scope, "--get-all", &format!("{section}.command")])?.is_some();
        if is_there {
            git.need(["config", scope, "--remove-section", &section])?;
            placed.push(Placed { hook, what: format!("removed ({section})"), refusal: None });
        }
    }
    Ok(placed)
}

fn scope(global: bool) -> &'static str {
    if global { "--global" } else { "--local" }
}

/// Not the name of the hook itself: git refuses that.
fn section(hook: Hook) -> String {
    format!("hook.unleak-{}", hook.name())
}
