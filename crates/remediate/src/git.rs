//! The one place that runs git: a closed environment and bytes in, bytes out. No hooks, no prompts, no housekeeping.
//!
//! Git is asked wherever its own rules decide: a transaction of refs, an index in any of its formats, filters of
//! content on the way to the disk, repacking. Which program that is and what it may see of the environment is said by
//! whoever makes a [`Git`]; nothing is read from the environment here.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use bstr::{BString, ByteSlice as _};

/// Settings of every call, before which the repository's and the user's own give way.
const SETTINGS: [&str; 11] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.ignoreStat=false",
    "core.quotePath=true",
    "core.fsync=all",
    "core.logAllRefUpdates=false",
    "core.useReplaceRefs=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "advice.graftFileDeprecated=false",
    "submodule.recurse=false",
];
/// Settings that give way again where a remote is talked to: which protocols may be used is then up to the user.
const LOCAL_ONLY: [&str; 1] = ["protocol.allow=never"];
/// Variables by which users say how a remote is reached. They have no effect on what stays in the repository.
const REMOTE_VARIABLES: [&[u8]; 9] = [
    b"GIT_SSH",
    b"GIT_SSH_COMMAND",
    b"GIT_SSH_VARIANT",
    b"GIT_ASKPASS",
    b"GIT_PROXY_COMMAND",
    b"GIT_SSL_NO_VERIFY",
    b"GIT_SSL_CAINFO",
    b"GIT_SSL_CERT",
    b"GIT_SSL_KEY",
];
/// Longest error text that is kept.
const MAX_ERROR_BYTES: usize = 16 << 10;

/// The git program and the environment it runs in.
#[derive(Debug, Clone)]
pub struct Git {
    program: PathBuf,
    environment: Vec<(OsString, OsString)>,
}

/// Why git did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GitError {
    /// The program cannot be started, its streams break, or what it wrote cannot be brought to the disk.
    #[error("git cannot be worked with: {}", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It ran and failed.
    #[error("git {command} failed: {message}")]
    Failed {
        /// The first word of the command.
        command: String,
        /// What it said, without the last line end.
        message: BString,
    },
}

impl Git {
    /// Takes the program to run, best a full path, and every variable it may see. Variables that begin with `GIT_` are
    /// left out, since they could lead git elsewhere, but for those that say which configuration of the user counts and
    /// how a remote is reached.
    pub fn new(
        program: impl Into<PathBuf>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Self {
        let passes = |name: &OsStr| {
            let name = name.as_encoded_bytes();
            !name.starts_with(b"GIT_")
                || name.starts_with(b"GIT_CONFIG_")
                || name == b"GIT_EXEC_PATH"
                || REMOTE_VARIABLES.contains(&name)
        };
        let environment = environment.into_iter().filter(|(name, _)| passes(name)).collect();
        Self { program: program.into(), environment }
    }

    /// The program.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// A command in the repository whose git directory this is. It reaches no other repository.
    pub(crate) fn at(&self, git_dir: &Path) -> Call<'_> {
        self.call(git_dir).settings(LOCAL_ONLY).variable("GIT_TERMINAL_PROMPT", "0")
    }

    /// A command in the repository that talks to another one, in whatever way the user has git do that; git may ask for a
    /// password on the terminal. Addresses that are relative paths are so from `directory`.
    pub(crate) fn remotely(&self, git_dir: &Path, directory: &Path) -> Call<'_> {
        Call { directory: directory.to_owned(), ..self.call(git_dir) }
    }

    fn call(&self, git_dir: &Path) -> Call<'_> {
        let fixed = [
            ("GIT_DIR", git_dir.as_os_str()),
            ("GIT_OPTIONAL_LOCKS", OsStr::new("0")),
            ("GIT_NO_REPLACE_OBJECTS", OsStr::new("1")),
            ("GIT_NO_LAZY_FETCH", OsStr::new("1")),
            ("GIT_LITERAL_PATHSPECS", OsStr::new("1")),
            ("GIT_PAGER", OsStr::new("cat")),
            ("LC_ALL", OsStr::new("C")),
            // Whoever has no name may clean up all the same: what is recorded under it is dropped again.
            ("GIT_COMMITTER_NAME", OsStr::new("unleak")),
            ("GIT_COMMITTER_EMAIL", OsStr::new("unleak@localhost")),
        ];
        let variables = fixed.map(|(name, value)| (name.into(), value.to_owned())).to_vec();
        Call {
            git: self,
            directory: git_dir.to_owned(),
            variables,
            settings: SETTINGS.iter().map(|setting| (*setting).to_owned()).collect(),
            args: Vec::new(),
            stdin: Vec::new(),
            rest: None,
            hold: None,
        }
    }
}

/// A command that has not been run yet.
#[must_use = "nothing has been run yet"]
pub(crate) struct Call<'g> {
    git: &'g Git,
    directory: PathBuf,
    variables: Vec<(OsString, OsString)>,
    settings: Vec<String>,
    args: Vec<OsString>,
    stdin: Vec<u8>,
    rest: Option<Rest<'g>>,
    hold: Option<&'g File>,
}

/// What git is told only once it has said something, and what is done in between.
struct Rest<'g> {
    answer: &'static str,
    meanwhile: Box<dyn FnOnce() -> io::Result<()> + 'g>,
    stdin: Vec<u8>,
}

impl<'g> Call<'g> {
    /// The working tree the command is about, which is also where it runs.
    pub(crate) fn worktree(mut self, top: &Path) -> Self {
        top.clone_into(&mut self.directory);
        self.variable("GIT_WORK_TREE", top)
    }

    pub(crate) fn variable(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.variables.push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// Settings of this call, `key=value`; later ones count more.
    pub(crate) fn settings(mut self, settings: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.settings.extend(settings.into_iter().map(Into::into));
        self
    }

    pub(crate) fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// What standard input ends with: given when git has answered this line to what came before, and after something has
    /// been done that must not fail. If it does, or if git answers otherwise, the rest is never given.
    pub(crate) fn then(
        mut self,
        answer: &'static str,
        meanwhile: impl FnOnce() -> io::Result<()> + 'g,
        stdin: impl Into<Vec<u8>>,
    ) -> Self {
        self.rest = Some(Rest { answer, meanwhile: Box::new(meanwhile), stdin: stdin.into() });
        self
    }

    /// Lets git hold on to an open, locked file until it ends: if this program is killed meanwhile, whoever comes next
    /// still finds the lock taken, and does not act beside a git that is at work.
    pub(crate) fn holding(mut self, lock: &'g File) -> Self {
        self.hold = Some(lock);
        self
    }

    /// Runs the command and returns its standard output. Anything but exit code 0 is an error.
    pub(crate) fn run(self) -> Result<Vec<u8>, GitError> {
        let command = self.args.first().map(|word| word.display().to_string()).unwrap_or_default();
        let (code, output, message) = self.finish()?;
        if code == Some(0) { Ok(output) } else { Err(GitError::Failed { command, message }) }
    }

    /// Runs a command that says no by exit code 1: `Some` output for 0, `None` for 1.
    pub(crate) fn ask(self) -> Result<Option<Vec<u8>>, GitError> {
        let command = self.args.first().map(|word| word.display().to_string()).unwrap_or_default();
        match self.finish()? {
            (Some(0), output, _) => Ok(Some(output)),
            (Some(1), ..) => Ok(None),
            (_, _, message) => Err(GitError::Failed { command, message }),
        }
    }

    /// Runs a command whose exit code, output and messages all have something to say.
    pub(crate) fn outcome(self) -> Result<(Option<i32>, Vec<u8>, BString), GitError> {
        self.finish()
    }

    fn finish(self) -> Result<(Option<i32>, Vec<u8>, BString), GitError> {
        let program = self.git.program.clone();
        self.talk().map_err(|source| GitError::Start { program, source })
    }

    #[allow(clippy::disallowed_methods, reason = "git is run from this file only")]
    fn talk(self) -> io::Result<(Option<i32>, Vec<u8>, BString)> {
        let mut command = Command::new(&self.git.program);
        command.current_dir(&self.directory).env_clear();
        command.envs(self.git.environment.iter().map(|(name, value)| (name, value)));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        // Standard error is a file, so that it can never fill up and stop git; the lock is one already.
        let errors = match self.hold {
            Some(lock) => {
                lock.set_len(0)?;
                let mut lock = lock.try_clone()?;
                lock.rewind()?;
                lock
            }
            None => tempfile::tempfile()?,
        };
        command.args(&self.args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors.try_clone()?);
        let child = command.spawn()?;
        drop(command);
        let (code, output) = match self.rest {
            None => feed(child, self.stdin)?,
            Some(rest) => converse(child, &self.stdin, rest)?,
        };
        Ok((code, output, start_of(&errors)?.trim_end().into()))
    }
}

/// What was written to `errors`. The place in the file is left alone, for it is the writers' too: a process that git left
/// behind may still be at it, and would write over the start.
fn start_of(errors: &File) -> io::Result<Vec<u8>> {
    let (mut message, mut length) = (vec![0; MAX_ERROR_BYTES], 0);
    loop {
        match read_at(errors, &mut message[length..], length as u64)? {
            0 => break,
            more => length += more,
        }
    }
    message.truncate(length);
    Ok(message)
}

#[cfg(unix)]
fn read_at(file: &File, out: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, out, at)
}

#[cfg(windows)]
fn read_at(file: &File, out: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, out, at)
}

/// Gives git its standard input while taking what it prints. One that closes its input early says why by its exit code.
fn feed(mut child: Child, stdin: Vec<u8>) -> io::Result<(Option<i32>, Vec<u8>)> {
    let mut pipe = child.stdin.take();
    // A thread, because git may fill its output before it has read everything.
    let feeding = std::thread::spawn(move || pipe.as_mut().map(|pipe| pipe.write_all(&stdin)));
    let output = child.wait_with_output();
    drop(feeding.join());
    let output = output?;
    Ok((output.status.code(), output.stdout))
}

/// The same in two parts. Of what git answers to the first it must be a few lines, so that nobody waits for nobody.
fn converse(mut child: Child, stdin: &[u8], rest: Rest<'_>) -> io::Result<(Option<i32>, Vec<u8>)> {
    let (mut pipe, mut said) = (child.stdin.take(), Vec::new());
    let mut answers = child.stdout.take().map(BufReader::new);
    let mut go_on =
        pipe.as_mut().is_some_and(|pipe| pipe.write_all(stdin).and_then(|()| pipe.flush()).is_ok());
    while go_on {
        let start = said.len();
        let read = answers.as_mut().map_or(Ok(0), |answers| answers.read_until(b'\n', &mut said))?;
        if said[start..].trim_end() == rest.answer.as_bytes() {
            break;
        }
        go_on = read > 0;
    }
    let done = if go_on { (rest.meanwhile)() } else { Ok(()) };
    if go_on && done.is_ok() {
        drop(pipe.as_mut().map(|pipe| pipe.write_all(&rest.stdin)));
    }
    drop(pipe);
    answers.map_or(Ok(0), |mut answers| answers.read_to_end(&mut said))?;
    let code = child.wait()?.code();
    done.map(|()| (code, said))
}
