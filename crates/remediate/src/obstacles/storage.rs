//! Objects that are not here, or not here alone: shallow and partial clones, alternates.

use bstr::ByteSlice as _;
use unleak_objects::repository::Repository;

use super::obstacle::Obstacle;
use crate::durable::read;

/// What the object store lacks or shares.
pub(super) fn incomplete(repo: &Repository) -> Vec<Obstacle> {
    let mut found = Vec::new();
    if repo.is_shallow() {
        found.push(Obstacle::new(
            "shallow",
            "history is cut off in this clone; the rest would be lost to whoever gets the rewritten one",
            "fetch it with `git fetch --unshallow`",
        ));
    }
    if repo.is_partial() {
        let remedy = "clone everything, or fetch what is missing with `git fetch --refetch --no-filter`";
        found.push(
            Obstacle::new(
                "partial",
                "this is a partial clone: objects that are not here cannot be rewritten",
                remedy,
            )
            .allowed(),
        );
    }
    let alternates =
        read(&repo.objects_dir().join("info").join("alternates")).ok().flatten().unwrap_or_default();
    if let Some(line) = alternates.lines().find(|line| !line.is_empty() && line[0] != b'#') {
        let message = format!(
            "objects are borrowed from {}, which is not changed and keeps what is to be forgotten",
            line.to_str_lossy()
        );
        let remedy =
            "copy them with `git repack -a -d` and remove objects/info/alternates, and clean up there too";
        found.push(Obstacle::new("alternates", message, remedy).allowed());
    }
    found
}
