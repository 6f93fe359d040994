//! Refs that nobody else fetches or moves, in which a push keeps what it expects a remote to have.

use std::fs::File;
use std::path::Path;

use bstr::{BStr, BString, ByteSlice as _};
use gix_hash::ObjectId;

use crate::git::{Git, GitError};

/// The folder of everything of ours.
const OURS: &str = "refs/unleak/";
/// The folder in place of the remote's `refs/` for what it is expected to have.
pub(super) const LEASES: &str = "refs/unleak/lease/";
/// The same for what it shall have.
pub(super) const WANTED: &str = "refs/unleak/push/";

/// Where what the remote has under this name is kept.
pub(super) fn lease_of(name: &BStr) -> BString {
    below(LEASES, name)
}

fn below(folder: &str, name: &BStr) -> BString {
    let rest = name.strip_prefix(b"refs/").unwrap_or(name);
    [folder.as_bytes(), rest].concat().into()
}

/// What the remote calls it.
fn name_of(lease: &[u8]) -> Option<BString> {
    Some([b"refs/", lease.strip_prefix(LEASES.as_bytes())?].concat().into())
}

/// All leases, by the remote's names.
pub(super) fn leases(git: &Git, common_dir: &Path) -> Result<Vec<(BString, ObjectId)>, GitError> {
    let args = ["for-each-ref", "--format=%(objectname) %(refname)", LEASES];
    let output = git.at(common_dir).args(args).run()?;
    let line = |line: &[u8]| {
        let (id, name) = line.split_once_str(" ")?;
        Some((name_of(name)?, ObjectId::from_hex(id).ok()?))
    };
    Ok(output.lines().filter_map(line).collect())
}

/// Sets refs in one of the folders, by the remote's names.
pub(super) fn set<'a>(
    git: &Git,
    common_dir: &Path,
    folder: &str,
    values: impl IntoIterator<Item = (&'a BString, ObjectId)>,
) -> Result<(), GitError> {
    let mut lines = Vec::new();
    for (name, id) in values {
        lines.extend_from_slice(b"update ");
        lines.extend_from_slice(&below(folder, name.as_ref()));
        lines.extend_from_slice(format!("\0{id}\0\0").as_bytes());
    }
    let args = ["update-ref", "--stdin", "-z"];
    // What is lost in a crash is fetched again.
    git.at(common_dir).settings(["core.fsync=none"]).args(args).stdin(lines).run().map(drop)
}

/// Removes all refs of ours.
pub(crate) fn drop_leases(git: &Git, common_dir: &Path, lock: Option<&File>) -> Result<(), GitError> {
    let names = git.at(common_dir).args(["for-each-ref", "--format=%(refname)", OURS]).run()?;
    if names.is_empty() {
        return Ok(());
    }
    let mut lines = Vec::new();
    for name in names.lines() {
        lines.extend_from_slice(b"delete ");
        lines.extend_from_slice(name);
        lines.extend_from_slice(b"\0\0");
    }
    let args = ["update-ref", "--stdin", "-z"];
    let call = git.at(common_dir).settings(["core.fsync=none"]).args(args).stdin(lines);
    match lock {
        Some(lock) => call.holding(lock).run().map(drop),
        None => call.run().map(drop),
    }
}
