//! What a remote has: which one it is, its refs and its default branch, as it tells them itself.

use std::collections::BTreeMap;

use bstr::{BStr, BString, ByteSlice as _};
use gix_hash::ObjectId;
use unleak_objects::repository::Repository;

use super::error::PushError;
use crate::git::{Call, Git, GitError};

/// A remote to push to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// As it is called here, or its address if it has no name.
    pub name: BString,
    /// Where pushes go. It may hold a password: show [`shown`](Self::shown).
    pub url: BString,
    /// How many addresses a push by name would go to.
    pub addresses: usize,
}

impl Remote {
    /// The address without user and password.
    pub fn shown(&self) -> BString {
        without_password(self.url.as_ref())
    }

    /// What to call it in a command that is shown: by name, else by its address.
    pub fn called(&self) -> BString {
        if self.name == self.url { self.shown() } else { self.name.clone() }
    }
}

fn without_password(url: &BStr) -> BString {
    let Some(scheme) = url.find("://") else { return url.to_owned() };
    let (scheme, rest) = url.split_at(scheme + 3);
    let end = rest.find_byte(b'/').unwrap_or(rest.len());
    // The user of an SSH address is part of the way, not a secret; a password is one anywhere.
    match rest[..end].rfind_byte(b'@') {
        Some(at) if scheme.starts_with(b"ssh") && !rest[..at].contains(&b':') => url.to_owned(),
        Some(at) => [scheme, &rest[at + 1..]].concat().into(),
        None => url.to_owned(),
    }
}

/// The names of the remotes, sorted.
pub fn remotes(repo: &Repository, git: &Git) -> Result<Vec<BString>, GitError> {
    let output = git.at(repo.common_dir()).args(["remote"]).run()?;
    Ok(output.lines().map(BString::from).collect())
}

/// What a remote is called that exists only to ask git what it makes of an address.
const ASKED: &str = "unleak-asked";

/// The remote of this name; anything else is taken for an address.
pub fn remote_named(repo: &Repository, git: &Git, name: &BStr) -> Result<Remote, GitError> {
    if !remotes(repo, git)?.iter().any(|known| known == name) {
        let [_, url] = as_git_reads(repo, git, name)?;
        return Ok(Remote { name: url.clone(), url, addresses: 1 });
    }
    let args = ["remote", "get-url", "--push", "--all"];
    let output = git.at(repo.common_dir()).args(args).args([name.to_os_str_lossy()]).run()?;
    let urls: Vec<&[u8]> = output.lines().collect();
    let url = urls.first().copied().unwrap_or_default().into();
    Ok(Remote { name: name.to_owned(), url, addresses: urls.len() })
}

/// Where git would go instead if it was given the address of `remote`, by `url.….insteadOf` and `pushInsteadOf`.
/// `None`: nowhere else, so that asking that address and pushing to it means one place.
pub fn led_elsewhere(repo: &Repository, git: &Git, remote: &Remote) -> Result<Option<BString>, GitError> {
    let read = as_git_reads(repo, git, remote.url.as_ref())?;
    let other = read.into_iter().find(|url| *url != remote.url);
    Ok(other.map(|url| without_password(url.as_ref())))
}

/// Where git goes with this address: to fetch, and to push.
fn as_git_reads(repo: &Repository, git: &Git, url: &BStr) -> Result<[BString; 2], GitError> {
    let setting = format!("remote.{ASKED}.url={}", url.to_str_lossy());
    let output = git.at(repo.common_dir()).settings([setting]).args(["remote", "-v"]).run()?;
    let (prefix, unread): (String, &[u8]) = (format!("{ASKED}\t"), url);
    let to = |end: &str| {
        let lines = output.lines().filter_map(|line| line.strip_prefix(prefix.as_bytes()));
        let mut urls = lines.filter_map(|line| line.strip_suffix(end.as_bytes()));
        BString::from(urls.next().unwrap_or(unread))
    };
    Ok([to(" (fetch)"), to(" (push)")])
}

/// A command that talks to a remote of `repo`.
pub(super) fn at_remote<'g>(repo: &Repository, git: &'g Git) -> Call<'g> {
    git.remotely(repo.common_dir(), repo.work_dir().unwrap_or_else(|| repo.common_dir()))
}

/// The refs that a remote shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Advertised {
    /// By name, without `HEAD`.
    pub refs: BTreeMap<BString, ObjectId>,
    /// The default branch, if it says which.
    pub head: Option<BString>,
}

/// Asks a remote for its refs.
pub fn advertised(repo: &Repository, git: &Git, remote: &Remote) -> Result<Advertised, PushError> {
    let args = ["ls-remote", "--symref", "--"];
    let output = at_remote(repo, git).args(args).args([remote.url.to_os_str_lossy()]).run()?;
    parse(&output).map_err(|line| PushError::Answer(line.to_str_lossy().into_owned()))
}

fn parse(output: &[u8]) -> Result<Advertised, &[u8]> {
    let mut found = Advertised::default();
    for line in output.lines() {
        let (value, name) = line.split_once_str("\t").ok_or(line)?;
        if let Some(target) = value.strip_prefix(b"ref: ") {
            if name == b"HEAD" {
                found.head = Some(target.into());
            }
        } else if name != b"HEAD" && !name.ends_with(b"^{}") {
            found.refs.insert(name.into(), ObjectId::from_hex(value).map_err(|_| line)?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_of_addresses_are_not_shown() {
        for (url, shown) in [
            ("https://github.com/o/r", "https://github.com/o/r"),
            ("https://user@github.com/o/r", "https://github.com/o/r"),
            ("https://u:pa@ss@host:8443/o/r@2", "https://host:8443/o/r@2"),
            ("ssh://git@host/o/r", "ssh://git@host/o/r"),
            ("ssh://git:pw@host/o/r", "ssh://host/o/r"),
            ("git@github.com:o/r.git", "git@github.com:o/r.git"),
            ("/srv/git/r.git", "/srv/git/r.git"),
        ] {
            assert_eq!(without_password(url.into()), shown, "{url}");
        }
    }

    #[test]
    fn refs_head_and_peeled_tags_are_told_apart() {
        let id = "1".repeat(40);
        let text = format!(
            "ref: refs/heads/main\tHEAD\n{id}\tHEAD\n{id}\trefs/heads/main\n{id}\trefs/tags/v1\n{id}\trefs/tags/v1^{{}}\n"
        );
        let found = parse(text.as_bytes()).unwrap();
        assert_eq!(found.head, Some("refs/heads/main".into()));
        assert_eq!(found.refs.keys().collect::<Vec<_>>(), ["refs/heads/main", "refs/tags/v1"]);
        assert!(parse(b"nonsense\n").is_err());
    }
}
