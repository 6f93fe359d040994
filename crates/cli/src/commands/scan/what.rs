//! What `unleak scan` is asked to scan, and what that is in a repository.

use std::path::Path;

use unleak_objects::repository::{Repository, ResolveError};
use unleak_report::Scope;
use unleak_scan::{CommitsToScan, Selection};

use crate::commands::scan::part::Part;
use crate::environment::Environment;
use crate::error::CliError;
use crate::trusted::Trusted;

/// What to scan.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What to scan")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(super) struct What {
    /// What is staged: what the next commit would add
    #[arg(long)]
    pub(super) staged: bool,
    /// The working tree: tracked files, and untracked ones that are not ignored
    #[arg(long)]
    worktree: bool,
    /// Everything that refs and reflogs reach, with messages, tags and notes
    #[arg(long)]
    history: bool,
    /// What commits of a range introduce, such as `main..topic`; may be given several times
    #[arg(long, value_name = "A..B")]
    pub(super) range: Vec<String>,
    /// Leave out of --range what this revision reaches; may be given several times
    #[arg(long, value_name = "REV", requires = "range")]
    not: Vec<String>,
    /// Standard input
    #[arg(long, conflicts_with_all = ["staged", "worktree", "history", "range", "no_git"])]
    pub(super) stdin: bool,
    /// Plain files, even inside a repository
    #[arg(long, conflicts_with_all = ["staged", "worktree", "history", "range"])]
    pub(super) no_git: bool,
    /// What coding agents keep, here and in the home directory: prompts, transcripts, tool results, pasted text
    #[arg(long, conflicts_with_all = ["staged", "worktree", "history", "range", "stdin", "no_git", "all_objects", "no_ignore"])]
    pub(super) agents: bool,
    /// With --agents: put `[REDACTED:rule]` in place of the secrets, in files that nobody uses
    #[arg(long, requires = "agents")]
    pub(super) redact: bool,
    /// With history: also what nothing reaches any more and git has not yet thrown away
    #[arg(long)]
    all_objects: bool,
    /// With the working tree: also files that git ignores
    #[arg(long)]
    no_ignore: bool,
    #[command(flatten)]
    part: Part,
}

impl What {
    pub(super) fn needs_repository(&self) -> bool {
        self.names_sources() || !self.part.paths.is_empty()
    }

    fn names_sources(&self) -> bool {
        let history = self.history || self.all_objects || self.part.is_of_history();
        self.staged || self.worktree || history || !self.range.is_empty()
    }

    pub(super) fn is_everything(&self) -> bool {
        !self.needs_repository()
    }

    /// Refuses what cannot be asked for at once.
    pub(super) fn check(&self) -> Result<(), CliError> {
        let part = match &self.part {
            part if !part.branch.is_empty() => "--branch",
            part if part.since.is_some() => "--since",
            part if !part.paths.is_empty() => "--path",
            _ => return Ok(()),
        };
        if self.stdin || self.no_git {
            let source = if self.stdin { "--stdin" } else { "--no-git" };
            return Err(CliError::new(format!("{part} is about a repository, and {source} is none"))
                .hint("unleak scan PATH scans the files below one path"));
        }
        if !self.part.is_of_history() {
            return Ok(());
        }
        let sources =
            [("--staged", self.staged), ("--worktree", self.worktree), ("--range", !self.range.is_empty())];
        if let Some((source, _)) = sources.iter().find(|(_, is_asked_for)| *is_asked_for) {
            return Err(CliError::new(format!("{part} restricts --history, and not {source}"))
                .hint(format!("two scans: unleak scan {source}, and unleak scan --history {part} …")));
        }
        if !self.part.branch.is_empty() && self.all_objects {
            return Err(CliError::new("no ref reaches what --all-objects adds, so --branch leaves it out")
                .hint("unleak scan --history --all-objects, or --branch without it"));
        }
        Ok(())
    }

    /// The revision that a range starts from.
    pub(super) fn base(&self) -> Option<&str> {
        let from = self.range.first().and_then(|range| range.split_once(".."));
        from.map(|(from, _)| if from.is_empty() { "HEAD" } else { from })
            .or(self.not.first().map(String::as_str))
    }

    /// Where files that accept findings or choose rules are read from.
    pub(super) fn trusted<'r>(&self, repository: &'r Repository) -> Result<Trusted<'r>, CliError> {
        if self.range.is_empty() {
            return Ok(Trusted::top(repository));
        }
        Trusted::revision(repository, self.base())
    }

    pub(super) fn selection(
        &self,
        repository: &Repository,
        folder: &Path,
        environment: &Environment,
    ) -> Result<(Selection, Scope), CliError> {
        let has_index = repository.work_dir().is_some() || environment.index_file.is_some();
        if (self.staged && !has_index) || (self.worktree && repository.work_dir().is_none()) {
            let what = if self.staged { "index" } else { "working tree" };
            let message =
                format!("'{}' is a bare repository: it has no {what}", repository.git_dir().display());
            return Err(CliError::new(message).hint("unleak scan --history"));
        }
        let all = !self.names_sources();
        let (restriction, scope) = self.part.resolve(repository, folder)?;
        let range =
            (!self.range.is_empty()).then(|| resolve(repository, &self.range, &self.not)).transpose()?;
        let selection = Selection {
            staged: self.staged || (all && has_index),
            merged: Vec::new(),
            index_file: environment.index_file.clone(),
            worktree: self.worktree || (all && repository.work_dir().is_some()),
            ignored: self.no_ignore,
            history: self.history || self.all_objects || self.part.is_of_history() || all,
            all_objects: self.all_objects,
            range,
            restriction,
        };
        Ok((selection, scope))
    }
}

/// The commits that ranges as git writes them stand for.
fn resolve(repository: &Repository, ranges: &[String], not: &[String]) -> Result<CommitsToScan, CliError> {
    let mut commits = CommitsToScan { name: ranges.join(" "), ..CommitsToScan::default() };
    let resolve = |revision: &str| {
        let revision = if revision.is_empty() { "HEAD" } else { revision };
        repository.resolve(revision).map_err(|error| {
            let hint = match &error {
                ResolveError::Ambiguous { .. } => {
                    "name the one that is meant in full: refs/remotes/origin/main"
                }
                _ if repository.is_shallow() => "git fetch --unshallow",
                _ => "git fetch --all --tags",
            };
            CliError::new(format!("the revision '{revision}' is not known here")).caused_by(error).hint(hint)
        })
    };
    for range in ranges {
        if range.contains("...") {
            return Err(CliError::new(format!(
                "'{range}' has three dots: they mean a symmetric difference, not a range"
            ))
            .hint(format!("unleak scan --range {}", range.replace("...", ".."))));
        }
        if let Some((from, to)) = range.split_once("..") {
            commits.exclude.push(resolve(from)?);
            commits.include.push(resolve(to)?);
            commits.tips.push(if to.is_empty() { "HEAD" } else { to }.to_owned());
        } else {
            commits.include.push(resolve(range)?);
            commits.tips.push(range.clone());
        }
    }
    for revision in not {
        commits.exclude.push(resolve(revision)?);
    }
    Ok(commits)
}
