//! Hooks as scripts in the hooks directory, for every git. A script that is not ours is never changed: it stays, or with
//! `--chain` it is kept beside ours and runs first.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use unleak_gates::{Chained, Hook, Manager, is_ours, recognise, script};

use super::place::{Place, Placed};
use crate::error::CliError;
use crate::git_program::GitProgram;
use crate::output;

/// What a hook that is kept is called.
const KEPT: &str = ".unleak-prev";

/// Where hooks lie.
struct Directory {
    path: PathBuf,
    /// Whether `core.hooksPath` says so.
    is_configured: bool,
}

/// What the directory has under a hook's name.
enum There {
    Nothing,
    Ours,
    Theirs(Vec<u8>),
}

impl Directory {
    fn find(git: &GitProgram) -> Result<Self, CliError> {
        let path = git.need(["rev-parse", "--path-format=absolute", "--git-path", "hooks"])?;
        let is_configured =
            git.ask(["config", "--get", "core.hooksPath"])?.is_some_and(|path| !path.is_empty());
        Ok(Self { path: PathBuf::from(path), is_configured })
    }

    fn file(&self, hook: Hook) -> PathBuf {
        self.path.join(hook.name())
    }

    fn there(&self, hook: Hook) -> Result<There, CliError> {
        let file = self.file(hook);
        match fs::read(&file) {
            Ok(text) if is_ours(&text) => Ok(There::Ours),
            Ok(text) => Ok(There::Theirs(text)),
            // A link that leads nowhere is somebody's all the same.
            Err(error) if error.kind() == io::ErrorKind::NotFound && file.symlink_metadata().is_err() => {
                Ok(There::Nothing)
            }
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(CliError::new(format!(
                "core.hooksPath leads to '{}', which is no folder: git calls no hook here",
                self.path.display()
            ))
            .hint("git config --show-origin --get core.hooksPath, and take that line out")),
            Err(error) => Err(failed("read", &file, error)),
        }
    }
}

/// Puts `hooks` into the hooks directory.
pub(super) fn install(place: &Place<'_>, hooks: &[Hook]) -> Result<Vec<Placed>, CliError> {
    let directory = Directory::find(place.git)?;
    hooks.iter().map(|&hook| one(place, &directory, hook)).collect()
}

fn one(place: &Place<'_>, directory: &Directory, hook: Hook) -> Result<Placed, CliError> {
    let there = directory.there(hook)?;
    let (file, text) =
        (directory.file(hook), if let There::Theirs(text) = &there { Some(&**text) } else { None });
    let manager = match there {
        // Even where somebody manages the directory: this one was put there with --chain.
        There::Ours => None,
        _ => recognise(text, &directory.path.to_string_lossy(), directory.is_configured),
    };
    if let Some(manager) = manager
        && !(place.chain && manager.can_be_chained())
    {
        return Ok(Placed {
            hook,
            what: String::new(),
            refusal: Some(refusal(manager, hook, &file, place.chain)),
        });
    }
    let kept = kept(&file);
    if text.is_some() {
        if kept.symlink_metadata().is_ok() {
            return Err(CliError::new(format!(
                "'{}' is there already: two hooks cannot be kept",
                kept.display()
            ))
            .hint(format!("look at both, and move one away: {}", file.display())));
        }
        fs::rename(&file, &kept).map_err(|error| failed("kept", &file, error))?;
    }
    let chained = if kept.symlink_metadata().is_ok() { Chained::Yes } else { Chained::No };
    let wanted = script(hook, &place.program, &(place.flags)(hook), chained);
    let is_same = fs::read(&file).is_ok_and(|found| found == wanted.as_bytes());
    let done = if is_same { "installed already" } else { "installed" };
    let written =
        fs::create_dir_all(&directory.path).and_then(|()| output::program(&file, wanted.as_bytes()));
    if let Err(error) = written {
        if text.is_some() {
            // The hook that was there works again; that it does not is in the error that follows.
            drop(fs::rename(&kept, &file));
        }
        return Err(failed("written", &file, error));
    }
    let first = if chained == Chained::Yes { ", after the hook that was there" } else { "" };
    Ok(Placed { hook, what: format!("{done} ({}{first})", file.display()), refusal: None })
}

fn refusal(manager: Manager, hook: Hook, file: &Path, chain: bool) -> CliError {
    let file = file.display().to_string();
    let error = match manager {
        Manager::Script => {
            CliError::new(format!("{}: there is a hook already, which is left alone", hook.name()))
        }
        Manager::HooksPath => {
            CliError::new(format!("{}: core.hooksPath says that hooks lie elsewhere: {file}", hook.name()))
        }
        manager => CliError::new(format!("{}: {} manages this hook", hook.name(), manager.name())),
    };
    let error = error.hint(format!("add {}", manager.line_to_add(hook, &file)));
    match (manager.can_be_chained(), chain) {
        (true, _) => error.hint("or keep it and run it first: unleak install --chain"),
        (false, true) => error.caused_by(format!("{} would write its script anew", manager.name())),
        (false, false) => error,
    }
}

/// Removes the scripts of ours, and puts back what was kept.
pub(super) fn uninstall(git: &GitProgram) -> Result<Vec<Placed>, CliError> {
    let directory = Directory::find(git)?;
    let mut placed = Vec::new();
    for hook in Hook::ALL.into_iter().filter(|_| directory.path.is_dir()) {
        if let Some(what) = remove(&directory, hook)? {
            placed.push(Placed { hook, what, refusal: None });
        }
    }
    Ok(placed)
}

/// Removes those of `hooks` that are scripts of ours and keep no other hook.
pub(super) fn remove_ours(git: &GitProgram, hooks: &[Hook]) -> Result<(), CliError> {
    let directory = Directory::find(git)?;
    for &hook in hooks.iter().filter(|_| directory.path.is_dir()) {
        remove(&directory, hook)?;
    }
    Ok(())
}

fn remove(directory: &Directory, hook: Hook) -> Result<Option<String>, CliError> {
    if !matches!(directory.there(hook)?, There::Ours) {
        return Ok(None);
    }
    let file = directory.file(hook);
    let kept = kept(&file);
    if kept.symlink_metadata().is_ok() {
        fs::rename(&kept, &file).map_err(|error| failed("put back", &kept, error))?;
        return Ok(Some(format!("removed, and the hook from before put back ({})", file.display())));
    }
    fs::remove_file(&file).map_err(|error| failed("removed", &file, error))?;
    Ok(Some(format!("removed ({})", file.display())))
}

fn kept(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(KEPT);
    file.with_file_name(name)
}

fn failed(what: &str, file: &Path, error: io::Error) -> CliError {
    CliError::new(format!("the hook '{}' cannot be {what}", file.display()))
        .caused_by(error)
        .hint("git rev-parse --git-path hooks, and look at its permissions")
}
