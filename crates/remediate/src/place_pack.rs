//! The new objects appear in the store: a finished pack gets its name, and then its index does.

use std::fs;
use std::path::{Path, PathBuf};

use crate::change::NewPack;
use crate::durable::{FileError, fail, remove, sync_folder_of};

fn with_ending(target: &Path, ending: &str) -> PathBuf {
    let mut path = target.as_os_str().to_owned();
    path.push(ending);
    path.into()
}

/// Gives the pack its name. A crash at any point leaves a store as it was, and at most a file that git takes for
/// rubbish; done a second time, it does nothing.
pub(crate) fn place(pack: &NewPack) -> Result<(), FileError> {
    // The index last: a pack without one is not looked at.
    for (from, ending) in [(&pack.pack, ".pack"), (&pack.index, ".idx")] {
        let to = with_ending(&pack.target, ending);
        if to.is_file() {
            // Its name says what is in it.
            remove(from)?;
            continue;
        }
        let file = fs::File::open(from).map_err(fail("opened", from))?;
        file.sync_all().map_err(fail("synced", from))?;
        read_only(from)?;
        fs::rename(from, &to).map_err(fail("renamed", from))?;
        sync_folder_of(&to)?;
    }
    Ok(())
}

/// Takes the pack of that name out of the store again.
pub(crate) fn remove_named(objects_dir: &Path, name: &str) -> Result<(), FileError> {
    let target = objects_dir.join("pack").join(name);
    // The index first, for the same reason.
    let paths = [".idx", ".pack"].map(|ending| with_ending(&target, ending));
    // Whatever else has that name is not a pack.
    paths.iter().filter(|path| path.is_file()).try_for_each(|path| remove(path))
}

/// As git leaves its packs.
fn read_only(path: &Path) -> Result<(), FileError> {
    let mut permissions = fs::metadata(path).map_err(fail("read", path))?.permissions();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        permissions.set_mode(0o444);
    }
    #[cfg(not(unix))]
    permissions.set_readonly(true);
    fs::set_permissions(path, permissions).map_err(fail("made read-only", path))
}
