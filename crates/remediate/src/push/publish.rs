//! The map of a rewrite at the remote, for the clones of others: one blob under a ref of its own.

use bstr::{BString, ByteSlice as _};
use gix_hash::ObjectId;
use unleak_objects::repository::Repository;

use super::advertised::{Advertised, Remote, at_remote};
use super::error::PushError;
use super::replies::{Refusal, rejected};
use crate::git::Git;

/// The ref.
pub const MAP_REF: &str = "refs/unleak/map";

/// Pushes a map, in the place of the one that `remote` was seen to have. `Some`: it was refused.
pub fn publish_map(
    repo: &Repository,
    git: &Git,
    (remote, seen): (&Remote, &Advertised),
    map: &[u8],
) -> Result<Option<Refusal>, PushError> {
    let blob = hashed(repo, git, map, &["-w"])?;
    let old = seen.refs.get(&BString::from(MAP_REF));
    if old == Some(&blob) {
        return Ok(None);
    }
    let old = old.map(ToString::to_string).unwrap_or_default();
    let flags = ["push", "--porcelain", "--no-verify", "--recurse-submodules=no", "--no-follow-tags"];
    let lease = format!("--force-with-lease={MAP_REF}:{old}");
    let call = at_remote(repo, git).args(flags).args([lease.as_str(), "--"]);
    let call = call.args([remote.url.to_os_str_lossy()]).args([format!("{blob}:{MAP_REF}")]);
    let (code, output, messages) = call.outcome()?;
    Ok((code != Some(0)).then(|| Refusal { refs: rejected(&output), messages }))
}

/// The id of a map: that of the blob it is. Whoever was told the id by somebody they trust can tell the map by it.
pub fn map_id(repo: &Repository, git: &Git, map: &[u8]) -> Result<ObjectId, PushError> {
    hashed(repo, git, map, &[])
}

fn hashed(repo: &Repository, git: &Git, map: &[u8], flags: &[&str]) -> Result<ObjectId, PushError> {
    let args = ["hash-object", "--stdin", "--no-filters"];
    let output = git.at(repo.common_dir()).args(args).args(flags).stdin(map).run()?;
    ObjectId::from_hex(output.trim_end()).map_err(|_| PushError::Answer(output.to_str_lossy().into_owned()))
}

/// The map that a remote has; `None` if it has none.
pub fn fetch_map(
    repo: &Repository,
    git: &Git,
    remote: &Remote,
    seen: &Advertised,
) -> Result<Option<Vec<u8>>, PushError> {
    let Some(id) = seen.refs.get(&BString::from(MAP_REF)) else { return Ok(None) };
    let id: &ObjectId = id;
    let flags = ["fetch", "--quiet", "--no-write-fetch-head", "--no-tags", "--refmap="];
    let call = at_remote(repo, git).args(flags).args(["--recurse-submodules=no", "--"]);
    let call = call.args([remote.url.to_os_str_lossy()]);
    // Into no ref: what is read once needs none.
    call.args([MAP_REF]).run()?;
    Ok(Some(git.at(repo.common_dir()).args(["cat-file", "blob", &id.to_string()]).run()?))
}
