//! `--branch`, `--since` and `--path`: what part of a repository is asked for, and what that is called in the report.

use std::collections::BTreeSet;
use std::path::Path;

use bstr::BString;
use jiff::civil::DateTime;
use jiff::{Timestamp, Zoned};
use unleak_objects::repository::{Pathspec, PathspecError, Repository, ref_matches};
use unleak_report::Scope;
use unleak_scan::Restriction;

use crate::environment::Environment;
use crate::error::CliError;

/// Restrictions.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Only a part of it")]
pub(super) struct Part {
    /// Of history, only what this branch, tag or other ref reaches; may be given several times
    ///
    /// A name as git takes it (`main`, `v1.0`, `origin/main`, `refs/pull/7/head`), or a glob over such names whose `*`
    /// includes slashes (`release/*`). Where a tag and a branch have one name, both are meant. Commits, files, messages,
    /// annotated tags on the way and the names of these refs are scanned; reflogs, other refs and unreachable objects
    /// are not. What else reaches a secret is still said.
    #[arg(long, value_name = "REF")]
    pub(super) branch: Vec<String>,
    /// Of history, only what commits of this date and later added (committer date)
    ///
    /// A date (its midnight here), a time, or `2 weeks ago`. Of each such commit its message, and secrets in its files
    /// that none of its parents has at the same path, as with --range: one that was there before is counted, not
    /// reported. Annotated tags go by the tagger's date. What has no date is scanned: names of refs, blobs that refs
    /// name, and with --all-objects blobs that no commit holds.
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub(super) since: Option<String>,
    /// Only files at these paths, wherever they are looked for; may be given several times
    ///
    /// A pathspec of git without attributes (`src`, `*.env`, `:!vendor`, `:(icase)readme`), relative to PATH. What stands
    /// at no path is left out: messages, notes, names of refs, annotated tags, blobs that no tree and no index holds.
    #[arg(long = "path", value_name = "PATHSPEC", allow_hyphen_values = true)]
    pub(super) paths: Vec<String>,
}

impl Part {
    /// Whether part of history is asked for.
    pub(super) fn is_of_history(&self) -> bool {
        !self.branch.is_empty() || self.since.is_some()
    }

    /// The restriction of a scan of `repository`, found from `folder`, and what it is called.
    pub(super) fn resolve(
        &self,
        repository: &Repository,
        folder: &Path,
    ) -> Result<(Restriction, Scope), CliError> {
        let mut restriction = Restriction::default();
        let mut scope = Scope { branches: self.branch.clone(), since: None, paths: self.paths.clone() };
        if !self.branch.is_empty() {
            restriction.refs = Some(refs(repository, &self.branch)?);
        }
        if let Some(since) = &self.since {
            restriction.since = Some(instant(since, &Environment::now()).ok_or_else(|| {
                CliError::new(format!("'{since}' is no date"))
                    .hint("--since 2026-01-31, --since '2026-01-31 17:00', --since '2 weeks ago'")
            })?);
            scope.since = restriction.since;
        }
        if !self.paths.is_empty() {
            restriction.paths = Some(paths(repository, folder, &self.paths)?);
        }
        Ok((restriction, scope))
    }
}

/// Full names of the refs that `patterns` mean. Each must mean one.
fn refs(repository: &Repository, patterns: &[String]) -> Result<BTreeSet<BString>, CliError> {
    let fail = |error| CliError::new("the refs cannot be listed").caused_by(error).hint("git fsck");
    let (tips, troubles) = repository.tips().map_err(fail)?;
    let mut found = BTreeSet::new();
    for pattern in patterns {
        let names = tips.iter().map(|tip| &tip.name).chain(troubles.iter().map(|trouble| &trouble.name));
        let mut meant = names.filter(|name| ref_matches(pattern.as_str().into(), name.as_ref())).peekable();
        if meant.peek().is_none() {
            let hint = if repository.resolve(pattern).is_ok() {
                format!("a commit is no ref; to scan what it brings: unleak scan --range {pattern}")
            } else {
                "git for-each-ref lists them; git fetch --all --tags may bring it".to_owned()
            };
            return Err(CliError::new(format!("no ref is called '{pattern}'")).hint(hint));
        }
        found.extend(meant.cloned());
    }
    Ok(found)
}

/// The pathspecs, relative to `folder` where that lies in the working tree.
fn paths(repository: &Repository, folder: &Path, pathspecs: &[String]) -> Result<Pathspec, CliError> {
    let top = repository.work_dir().unwrap_or(repository.git_dir());
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let (top, folder) = (real(top), real(folder));
    // A bare repository has no folders, and neither has what lies in `.git`.
    let below = folder.strip_prefix(&top).ok().filter(|_| repository.work_dir().is_some());
    Pathspec::new(pathspecs, below.unwrap_or(Path::new("")), &top).map_err(|error| {
        let hint = match &error {
            PathspecError::Outside(_) => "paths are relative to where you are; `:/` is the top",
            _ => "git help glossary explains pathspecs",
        };
        CliError::new("--path means no file of this repository").caused_by(error).hint(hint)
    })
}

/// When that is, in seconds since 1970.
fn instant(text: &str, now: &Zoned) -> Option<i64> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.as_second());
    }
    if let Ok(time) = text.parse::<DateTime>() {
        return Some(time.to_zoned(now.time_zone().clone()).ok()?.timestamp().as_second());
    }
    gix_date::parse(text, Some(now.clone())).ok().map(|time| time.seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        let now: Zoned = "2026-03-10T12:00:00+02:00[+02:00]".parse().unwrap();
        let second = |text: &str| text.parse::<Timestamp>().unwrap().as_second();
        for (text, meant) in [
            ("2026-01-31", "2026-01-31T00:00:00+02:00"),
            ("2026-01-31 17:00", "2026-01-31T17:00:00+02:00"),
            ("2026-01-31T17:00:00", "2026-01-31T17:00:00+02:00"),
            ("2026-01-31T17:00:00Z", "2026-01-31T17:00:00Z"),
            ("2026-01-31 17:00:00 +0100", "2026-01-31T17:00:00+01:00"),
            ("@1700000000", "2023-11-14T22:13:20Z"),
            ("yesterday", "2026-03-09T12:00:00+02:00"),
            ("2 weeks ago", "2026-02-24T12:00:00+02:00"),
            ("2.weeks.ago", "2026-02-24T12:00:00+02:00"),
        ] {
            assert_eq!(instant(text, &now), Some(second(meant)), "{text}");
        }
        for text in ["", "soon", "main", "2026-13-01", "99999999999999999999"] {
            assert_eq!(instant(text, &now), None, "{text}");
        }
    }
}
