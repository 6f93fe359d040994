//! Sends a plan: one atomic push, each ref with a lease of its own; by a namespace of leases where they are too many for a
//! command line; without atomicity, the default branch last, where the remote knows none.

use std::io::Write as _;

use bstr::{BString, ByteSlice as _};
use gix_hash::ObjectId;
use unleak_objects::repository::Repository;

use super::advertised::{Advertised, Remote, at_remote};
use super::error::PushError;
use super::leases::{LEASES, WANTED, drop_leases, leases, set};
use super::plan::PushPlan;
use super::replies::{Refusal, Rejected, is_along, is_hidden, is_late, is_stale, rejected};
use crate::change::RefUpdate;
use crate::durable::fail;
use crate::git::Git;
use crate::journal::folder;
use crate::lock::RunLock;

/// Bytes of arguments up to which every lease stands on the command line. Systems allow from 32 KiB on.
const MAX_ARGUMENT_BYTES: usize = 24 << 10;
/// What the remote is called whose leases are in the namespace.
const LEASE_REMOTE: &str = "unleak-lease";

/// How a push ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The remote took everything; at once, or ref by ref because it knows no atomic push.
    Taken {
        /// At once.
        atomic: bool,
    },
    /// These refs were not what was expected (none: the remote found out late, and does not say which). With an atomic
    /// push nothing has changed.
    Moved(Vec<BString>),
    /// The remote shows these and lets nobody change them; nothing has changed.
    Hidden(Vec<BString>),
    /// The remote said no.
    Refused(Refusal),
}

/// A push as a command line, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushCommand {
    /// The words after `git`.
    pub words: Vec<String>,
}

/// The push of a plan as a command of its own: every lease and every ref spelled out.
pub fn push_command(remote: &Remote, plan: &PushPlan) -> PushCommand {
    let text = |bytes: &BString| bytes.to_str_lossy().into_owned();
    let mut words = ["push", "--atomic", "--no-follow-tags"].map(str::to_owned).to_vec();
    words.extend(plan.updates.iter().map(|update| text(&lease(update))));
    words.push(text(&remote.called()));
    words.extend(plan.updates.iter().map(|update| text(&refspec(update))));
    PushCommand { words }
}

fn hex(id: Option<ObjectId>) -> String {
    id.filter(|id| !id.is_null()).map_or_else(String::new, |id| id.to_string())
}

fn lease(update: &RefUpdate) -> BString {
    let value = hex(Some(update.old));
    [b"--force-with-lease=", update.name.as_slice(), b":", value.as_bytes()].concat().into()
}

fn refspec(update: &RefUpdate) -> BString {
    [hex(update.new).as_bytes(), b":", update.name.as_slice()].concat().into()
}

/// Sends the plan.
pub fn send(repo: &Repository, git: &Git, remote: &Remote, plan: &PushPlan) -> Result<Sent, PushError> {
    let pusher = Pusher { repo, git, remote };
    let all: Vec<&RefUpdate> = plan.updates.iter().collect();
    if let Some(sent) = pusher.push(&all, true)? {
        return Ok(sent);
    }
    // The default branch last: until then a clone that follows it sees the old history, whole.
    let (last, first): (Vec<_>, Vec<_>) =
        all.iter().partition(|update| Some(&update.name) == plan.head.as_ref());
    for part in [first, last].iter().filter(|part| !part.is_empty()) {
        match pusher.push(part, false)? {
            Some(Sent::Taken { .. }) | None => {}
            Some(sent) => return Ok(sent),
        }
    }
    Ok(Sent::Taken { atomic: false })
}

struct Pusher<'p> {
    repo: &'p Repository,
    git: &'p Git,
    remote: &'p Remote,
}

impl Pusher<'_> {
    /// `None`: the remote knows no atomic push.
    fn push(&self, updates: &[&RefUpdate], atomic: bool) -> Result<Option<Sent>, PushError> {
        let mut flags = vec!["push", "--porcelain", "--no-verify", "--recurse-submodules=no"];
        // Exactly these refs, and their leases decide alone: not what else the user has git push or check.
        flags.extend(["--no-follow-tags", "--no-force-if-includes"]);
        if atomic {
            flags.push("--atomic");
        }
        let bytes: usize = updates.iter().map(|update| lease(update).len() + refspec(update).len() + 2).sum();
        let call = at_remote(self.repo, self.git);
        let outcome = if bytes <= MAX_ARGUMENT_BYTES {
            let leases = updates.iter().map(|update| lease(update));
            let refspecs = updates.iter().map(|update| refspec(update));
            let words: Vec<BString> =
                leases.chain(["--".into(), self.remote.url.clone()]).chain(refspecs).collect();
            call.args(flags).args(words.iter().map(|word| word.to_os_str_lossy())).outcome()?
        } else {
            if let Some(moved) = self.hold(updates)? {
                return Ok(Some(moved));
            }
            let config = self
                .config(updates)
                .map_err(fail("written", &std::path::PathBuf::from("a temporary file")))?;
            let include = format!("include.path={}", config.path().display());
            call.settings([include]).args(flags).args(["--force-with-lease", "--", LEASE_REMOTE]).outcome()?
        };
        Ok(read(&outcome))
    }

    /// Puts what is expected into the namespace of leases, and what is wanted into another, since git matches a pattern
    /// with every ref once and a list of refs with every other; says which refs are no longer what was expected.
    fn hold(&self, updates: &[&RefUpdate]) -> Result<Option<Sent>, PushError> {
        let reader = self.repo.reader();
        let common = self.repo.common_dir();
        let (here, gone): (Vec<&RefUpdate>, Vec<&RefUpdate>) = updates
            .iter()
            .filter(|update| !update.old.is_null())
            .partition(|update| reader.contains(&update.old));
        let wanted = updates.iter().filter_map(|update| Some((&update.name, update.new?)));
        drop_leases(self.git, common, None)?;
        set(self.git, common, WANTED, wanted)?;
        set(self.git, common, LEASES, here.iter().map(|update| (&update.name, update.old)))?;
        if gone.is_empty() {
            return Ok(None);
        }
        // A ref must name something that is here, and a purge has removed what they name.
        super::arrivals::fetch(self.repo, self.git, self.remote, gone.iter().map(|update| &update.name))?;
        let held: std::collections::HashMap<BString, ObjectId> =
            leases(self.git, common)?.into_iter().collect();
        let moved: Vec<BString> = gone
            .iter()
            .filter(|update| held.get(&update.name) != Some(&update.old))
            .map(|update| update.name.clone())
            .collect();
        Ok((!moved.is_empty()).then_some(Sent::Moved(moved)))
    }

    /// A configuration with a remote whose tracking refs are the leases, and the refspecs.
    fn config(&self, updates: &[&RefUpdate]) -> std::io::Result<tempfile::NamedTempFile> {
        let mut file = tempfile::NamedTempFile::new()?;
        let mut text = format!("[remote \"{LEASE_REMOTE}\"]\n").into_bytes();
        let mut set = |key: &str, value: &[u8]| {
            text.extend_from_slice(key.as_bytes());
            text.extend_from_slice(b" = \"");
            text.extend_from_slice(&value.replace(b"\\", b"\\\\").replace(b"\"", b"\\\""));
            text.extend_from_slice(b"\"\n");
        };
        set("url", &self.remote.url);
        set("fetch", format!("+refs/*:{LEASES}*").as_bytes());
        set("push", format!("{WANTED}*:refs/*").as_bytes());
        for update in updates.iter().filter(|update| update.new.is_none()) {
            set("push", &refspec(update));
        }
        file.write_all(&text)?;
        file.flush()?;
        Ok(file)
    }
}

fn read((code, output, messages): &(Option<i32>, Vec<u8>, BString)) -> Option<Sent> {
    if messages.contains_str("does not support --atomic") {
        return None;
    }
    let of_interest = |rejected: &Rejected| !is_along(rejected.reason.as_ref());
    let refs: Vec<Rejected> = rejected(output).into_iter().filter(of_interest).collect();
    let with = |holds: fn(&bstr::BStr) -> bool| {
        let found = refs.iter().filter(|rejected| holds(rejected.reason.as_ref()));
        found.map(|rejected| rejected.name.clone()).collect::<Vec<_>>()
    };
    let (stale, hidden) = (with(is_stale), with(is_hidden));
    // A remote that finds out only as it changes refs may not tell which of them it was.
    let late = !with(is_late).is_empty() || (refs.is_empty() && is_late(messages.as_ref()));
    Some(match () {
        () if *code == Some(0) && refs.is_empty() => Sent::Taken { atomic: true },
        () if !stale.is_empty() => Sent::Moved(stale),
        () if !hidden.is_empty() && hidden.len() == refs.len() => Sent::Hidden(hidden),
        () if late => Sent::Moved(Vec::new()),
        () => Sent::Refused(Refusal { refs, messages: messages.clone() }),
    })
}

/// Removes the leases, and says which refs of a plan the remote does not have as planned.
pub fn finish_push(
    repo: &Repository,
    git: &Git,
    plan: &[RefUpdate],
    now: &Advertised,
) -> Result<Vec<BString>, PushError> {
    let lock = RunLock::take(&folder(repo.common_dir()))?;
    drop_leases(git, repo.common_dir(), Some(lock.file()))?;
    let differs = plan.iter().filter(|update| now.refs.get(&update.name) != update.new.as_ref());
    Ok(differs.map(|update| update.name.clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leases_and_refspecs_say_everything() {
        let id = |n: u8| ObjectId::from_bytes_or_panic(&[n; 20]);
        let update = RefUpdate { name: "refs/heads/a".into(), old: id(1), new: None };
        assert_eq!(refspec(&update), ":refs/heads/a");
        assert_eq!(lease(&update), format!("--force-with-lease=refs/heads/a:{}", id(1)));
        let new = RefUpdate {
            name: "refs/heads/a".into(),
            old: ObjectId::null(gix_hash::Kind::Sha1),
            new: Some(id(2)),
        };
        assert_eq!(lease(&new), "--force-with-lease=refs/heads/a:", "there must be none");
    }
}
