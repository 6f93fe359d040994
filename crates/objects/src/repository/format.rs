//! Decides from a repository's own configuration whether its format is one we read.
//!
//! Source: git's `Documentation/technical/repository-version.txt` and `Documentation/config/extensions.txt`.

use std::{error::Error, io::ErrorKind, path::Path};

/// Extensions of format version 1 that do not change how objects, files-based refs and the index are read,
/// besides `objectformat` and `refstorage`, whose values are checked.
const READABLE: [&str; 6] =
    ["noop", "noop-v1", "preciousobjects", "partialclone", "worktreeconfig", "relativeworktrees"];

/// Why a format is not read; the text completes "repository `PATH` uses ...".
pub(super) fn unsupported(config: &gix::config::File) -> Option<String> {
    let version = config.integer("core.repositoryformatversion").ok().flatten().unwrap_or(0);
    if !(0..=1).contains(&version) {
        return Some(format!("format version {version}"));
    }
    for section in config.sections_by_name("extensions").into_iter().flatten() {
        for name in section.value_names() {
            let name = name.to_ascii_lowercase();
            let value = section.value(&name).map(|value| value.to_string().to_ascii_lowercase());
            let known = match name.as_str() {
                "objectformat" | "compatobjectformat" => {
                    value.as_deref().is_some_and(|kind| ["sha1", "sha256"].contains(&kind))
                }
                "refstorage" => value.as_deref().is_some_and(|kind| kind == "files"),
                other => version == 0 || READABLE.contains(&other),
            };
            if !known {
                return Some(format!("extension {name} = {}", value.unwrap_or_default()));
            }
        }
    }
    None
}

/// Parses `<common_dir>/config` alone: no includes, nothing of the user or the system.
/// A repository without the file is fine for git, and has format version 0.
pub(super) fn read_config(common_dir: &Path) -> Result<gix::config::File, Box<dyn Error + Send + Sync>> {
    let bytes = match std::fs::read(common_dir.join("config")) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let meta = gix::config::file::Metadata::from(gix::config::Source::Local);
    Ok(gix::config::File::from_bytes_no_includes(&bytes, meta, gix::config::file::init::Options::default())?)
}
