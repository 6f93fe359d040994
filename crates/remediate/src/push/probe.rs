//! What a remote still gives to whoever asks for it by id. Read-only, by git's own protocol, into a folder that is thrown
//! away: nothing that is asked for comes back into the repository.

use bstr::{BString, ByteSlice as _};
use gix_hash::ObjectId;
use unleak_objects::repository::Repository;

use super::advertised::Remote;
use super::error::PushError;
use crate::durable::fail;
use crate::git::{Git, GitError};

/// Settings of a stranger: whatever protocol the user has set, the one that gives the most is asked for.
const AS_ANYONE_WOULD: [&str; 2] = ["protocol.version=2", "core.fsync=none"];

/// What a remote says to being asked for an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It gives it.
    Given,
    /// It has no such object.
    Gone,
    /// It gives nothing by id on this way; whether it has it is not known.
    Withheld,
}

/// Asks a remote for objects.
#[derive(Debug)]
pub struct Prober<'r> {
    repo: &'r Repository,
    git: &'r Git,
    remote: &'r Remote,
    scratch: tempfile::TempDir,
}

impl<'r> Prober<'r> {
    /// Makes the folder to throw away.
    pub fn new(repo: &'r Repository, git: &'r Git, remote: &'r Remote) -> Result<Self, PushError> {
        let scratch = tempfile::Builder::new().prefix("unleak-probe-").tempdir();
        let scratch = scratch.map_err(fail("made", std::path::Path::new("a temporary folder")))?;
        let format = format!("--object-format={}", repo.hash_kind());
        git.at(scratch.path()).args(["init", "--quiet", "--bare", &format]).run()?;
        Ok(Self { repo, git, remote, scratch })
    }

    /// Asks for one object.
    pub fn ask(&self, id: &ObjectId) -> Result<Answer, PushError> {
        let top = self.repo.work_dir().unwrap_or_else(|| self.repo.common_dir());
        // How the remote is reached may stand in the repository's own configuration.
        let config = format!("include.path={}", self.repo.common_dir().join("config").display());
        let flags =
            ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--depth=1", "--filter=tree:0"];
        let call = self.git.remotely(self.scratch.path(), top).settings([config]).settings(AS_ANYONE_WOULD);
        let call =
            call.args(flags).args(["--recurse-submodules=no", "--no-auto-maintenance", "--refmap=", "--"]);
        let call = call.args([self.remote.url.to_os_str_lossy()]).args([id.to_string()]);
        let (code, _, messages) = call.outcome()?;
        match code {
            Some(0) => Ok(Answer::Given),
            _ if says(&messages, &GONE) => Ok(Answer::Gone),
            _ if says(&messages, &WITHHELD) => Ok(Answer::Withheld),
            _ => Err(GitError::Failed { command: "fetch".to_owned(), message: messages }.into()),
        }
    }
}

/// What servers of git and of `JGit` say of an object that they do not have.
const GONE: [&str; 3] = ["not our ref", "couldn't find remote ref", "no such remote ref"];
/// What they say if they give only what a ref names or leads to.
const WITHHELD: [&str; 2] = ["unadvertised object", "not valid"];

fn says(messages: &BString, words: &[&str]) -> bool {
    words.iter().any(|text| messages.contains_str(text))
}
