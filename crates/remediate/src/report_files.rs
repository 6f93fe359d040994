//! The reports on disk, beside the repository's objects: worked out beforehand, put in place, taken away again.

use std::fs;
use std::path::Path;

use bstr::{BString, ByteSlice as _};
use gix_hash::ObjectId;
use unleak_objects::repository::{RefsError, Repository};

use crate::change::Change;
use crate::durable::{FileError, Mode, make_folder, read, remove, replace};
use crate::reports::{NAMES, Reports};

/// Where git-filter-repo keeps them.
const FOLDER: &str = "filter-repo";

/// Works out the reports and keeps them, with those of before, in the folder of a run.
pub(crate) fn prepare(repo: &Repository, change: &Change, run_folder: &Path) -> Result<(), PrepareError> {
    let folder = repo.common_dir().join(FOLDER);
    let (after, before) = (run_folder.join("reports"), run_folder.join("reports-before"));
    make_folder(&after, Mode::Private)?;
    make_folder(&before, Mode::Private)?;
    let mut earlier = Vec::new();
    for name in NAMES {
        let bytes = read(&folder.join(name))?;
        if let Some(bytes) = &bytes {
            replace(&before.join(name), bytes, Mode::Private)?;
        }
        earlier.push(bytes.unwrap_or_default());
    }
    let refs =
        repo.tips()?.0.into_iter().filter(|tip| tip.symbolic.is_none() && tip.name.starts_with_str("refs/"));
    let refs: Vec<(BString, ObjectId)> = refs.map(|tip| (tip.name, tip.target)).collect();
    let reports = Reports::parse(&earlier[0], &earlier[1], &earlier[3]).then(change, &refs, repo.hash_kind());
    for (name, bytes) in reports.files() {
        replace(&after.join(name), &bytes, Mode::Private)?;
    }
    Ok(())
}

/// Why the reports cannot be worked out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrepareError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Refs(#[from] RefsError),
}

/// Puts the reports of a run in place.
pub(crate) fn install(common_dir: &Path, run_folder: &Path) -> Result<(), FileError> {
    let folder = common_dir.join(FOLDER);
    make_folder(&folder, Mode::Usual)?;
    for name in NAMES {
        if let Some(bytes) = read(&run_folder.join("reports").join(name))? {
            replace(&folder.join(name), &bytes, Mode::Usual)?;
        }
    }
    Ok(())
}

/// Puts those of before back, where nobody has written others since.
pub(crate) fn take_back(common_dir: &Path, run_folder: &Path) -> Result<(), FileError> {
    let folder = common_dir.join(FOLDER);
    for name in NAMES {
        let path = folder.join(name);
        let now = read(&path)?;
        if now.is_none() || now != read(&run_folder.join("reports").join(name))? {
            continue;
        }
        match read(&run_folder.join("reports-before").join(name))? {
            Some(bytes) => replace(&path, &bytes, Mode::Usual)?,
            None => remove(&path)?,
        }
    }
    // It goes if it is empty.
    drop(fs::remove_dir(&folder));
    Ok(())
}
