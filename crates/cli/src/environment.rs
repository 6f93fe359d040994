//! What the process finds around itself: environment variables, the current directory, the date.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the one home of the environment and the current directory"
)]

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::Date;
use unleak_remediate::Git;

/// The surroundings, read once at the start.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    pub(crate) git_dir: Option<PathBuf>,
    pub(crate) work_tree: Option<PathBuf>,
    pub(crate) index_file: Option<PathBuf>,
    /// Where objects are besides the repository's own place: the quarantine of a push, and what it stands before.
    pub(crate) object_dirs: Vec<PathBuf>,
    pub(crate) ceilings: Vec<PathBuf>,
    pub(crate) home: Option<PathBuf>,
    pub(crate) config_home: Option<PathBuf>,
    pub(crate) no_color: bool,
    pub(crate) force_color: bool,
    pub(crate) dumb_terminal: bool,
    pub(crate) user: Option<String>,
    pub(crate) current_dir: PathBuf,
}

impl Environment {
    /// Reads everything that counts.
    pub(crate) fn read() -> Self {
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        let path = |name: &str| set(name).map(PathBuf::from);
        let current_dir = env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
        let absolute = |path: PathBuf| current_dir.join(path);
        let home = path("HOME").or_else(|| path("USERPROFILE"));
        Self {
            git_dir: path("GIT_DIR").map(absolute),
            work_tree: path("GIT_WORK_TREE").map(absolute),
            index_file: path("GIT_INDEX_FILE").map(absolute),
            object_dirs: object_dirs(&current_dir, set),
            ceilings: set("GIT_CEILING_DIRECTORIES").map(|list| split(&list)).unwrap_or_default(),
            config_home: path("XDG_CONFIG_HOME").or_else(|| home.as_ref().map(|home| home.join(".config"))),
            home,
            no_color: set("NO_COLOR").is_some(),
            force_color: set("CLICOLOR_FORCE").is_some_and(|value| value != "0"),
            dumb_terminal: set("TERM").is_some_and(|term| term == "dumb"),
            user: set("GIT_AUTHOR_NAME").or_else(|| set("USER")).and_then(|name| name.into_string().ok()),
            current_dir,
        }
    }

    /// A variable that is set to something readable: what hooks and CI platforms are told, and what an agent's command names.
    #[expect(clippy::unused_self, reason = "read here, handed down like the rest")]
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let is_name = !name.is_empty() && !name.contains(['=', '\0']);
        is_name
            .then(|| env::var_os(name))
            .flatten()
            .and_then(|value| value.into_string().ok())
            .filter(|value| !value.is_empty())
    }

    /// The commits that a merge brings in, which git tells its hooks before it writes `MERGE_HEAD` (`GITHEAD_<id>`).
    #[expect(clippy::unused_self, reason = "read here, handed down like the rest")]
    pub(crate) fn merged(&self) -> Vec<String> {
        let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        let mut ids: Vec<_> =
            names.filter_map(|name| name.strip_prefix("GITHEAD_").map(str::to_owned)).collect();
        ids.sort();
        ids
    }

    /// Every variable.
    #[expect(clippy::unused_self, reason = "read here, handed down like the rest")]
    pub(crate) fn variables(&self) -> Vec<(OsString, OsString)> {
        env::vars_os().collect()
    }

    /// Where this program's own file is.
    pub(crate) fn program() -> Option<PathBuf> {
        env::current_exe().ok()
    }

    /// The git program, as the user has it.
    #[expect(clippy::unused_self, reason = "read here, handed down like the rest")]
    pub(crate) fn git(&self) -> Git {
        Git::new("git", env::vars_os())
    }

    /// What tells this build of the program from others that call themselves by the same version: size and date of its
    /// file.
    pub(crate) fn build() -> Vec<u8> {
        let meta = env::current_exe().and_then(std::fs::metadata).ok();
        let size = meta.as_ref().map_or(0, std::fs::Metadata::len);
        let date = meta.and_then(|meta| meta.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok());
        [&size.to_le_bytes()[..], &date.unwrap_or_default().as_nanos().to_le_bytes()].concat()
    }

    /// When it was `elapsed` ago, in seconds since 1970.
    pub(crate) fn seconds_ago(elapsed: Duration) -> i64 {
        let elapsed = i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX);
        jiff::Timestamp::now().as_second().saturating_sub(elapsed)
    }

    /// What the clock says, in the local time zone, or in UTC where that is not known.
    pub(crate) fn now() -> jiff::Zoned {
        jiff::Zoned::now()
    }

    /// Today's date in the local time zone, or in UTC where that is not known.
    pub(crate) fn today() -> Date {
        Self::now().date()
    }
}

/// `GIT_OBJECT_DIRECTORY` and `GIT_ALTERNATE_OBJECT_DIRECTORIES`, those that are there. What a missing one holds is missed
/// where it is read.
fn object_dirs(current_dir: &Path, set: impl Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let own = set("GIT_OBJECT_DIRECTORY").map(PathBuf::from);
    let others: Option<Vec<PathBuf>> =
        set("GIT_ALTERNATE_OBJECT_DIRECTORIES").map(|list| env::split_paths(&list).collect());
    let all = own.into_iter().chain(others.unwrap_or_default());
    all.map(|path| current_dir.join(path)).filter(|path| path.is_dir()).collect()
}

fn split(list: &OsString) -> Vec<PathBuf> {
    env::split_paths(list).filter(|path| path.is_absolute()).collect()
}
