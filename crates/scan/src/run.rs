//! A scan from its request to its outcome.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use unleak_findings::{Fingerprinter, ObjectId};
use unleak_objects::repository::{
    HeadError, Index, IndexError, ObjectError, RangeError, RefsError, Repository, WorktreeError,
};
use unleak_objects::{Limits, OpenStoreError};
use unleak_rules::Detector;

use crate::cache::Cache;
use crate::draft::joined;
use crate::fixture;
use crate::outcome::{Outcome, SkipReason, Stats};
use crate::part::{Context, Part};
use crate::progress::Progress;
use crate::restriction::{EVERYTHING, Restriction};
use crate::scanner::{Scanner, Threshold};
use crate::sources::commits::CommitsToScan;
use crate::sources::history::{self, HistoryError, StagedBlobs, Starts};
use crate::sources::{message, plain, range, staged, stdin, worktree};
use crate::versions::Versions;

/// How to scan.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// What finds secrets.
    pub detector: &'a Detector,
    /// What names them.
    pub fingerprinter: &'a Fingerprinter,
    /// Which of them are reported.
    pub threshold: Threshold,
    /// How many threads may work; the result does not depend on it.
    pub threads: usize,
    /// How versions of a file are scanned; the result does not depend on it.
    pub versions: Versions,
    /// How much memory huge texts may take: blobs, files and streams above `stream_above` bytes are read in parts.
    pub limits: Limits,
    /// Told how far the scan has come; may stop it.
    pub progress: &'a Progress,
}

/// What of a repository to scan.
#[allow(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// What is staged.
    pub staged: bool,
    /// With it, commits that a merge brings in: what one of them holds at the same path is no news either.
    pub merged: Vec<ObjectId>,
    /// Another index file (`GIT_INDEX_FILE`).
    pub index_file: Option<PathBuf>,
    /// The working tree.
    pub worktree: bool,
    /// With it, files that git ignores.
    pub ignored: bool,
    /// Everything that refs and reflogs reach.
    pub history: bool,
    /// With it, what nothing reaches any more.
    pub all_objects: bool,
    /// Some commits.
    pub range: Option<CommitsToScan>,
    /// What of all that is asked for.
    pub restriction: Restriction,
}

/// Why one source could not be scanned. The others were.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScanError {
    /// The index cannot be read.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// HEAD cannot be read.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// HEAD's tree cannot be read.
    #[error("the index cannot be compared with HEAD")]
    Staged(#[source] ObjectError),
    /// The working tree cannot be listed.
    #[error(transparent)]
    Worktree(#[from] WorktreeError),
    /// The object folder cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenStoreError),
    /// History cannot be walked.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// Refs cannot be listed.
    #[error(transparent)]
    Refs(#[from] RefsError),
    /// The commits of the range are not known.
    #[error("the range {name} cannot be scanned")]
    Range {
        /// The range.
        name: String,
        /// Why.
        #[source]
        source: RangeError,
    },
    /// A shallow clone cuts the range off.
    #[error("the range {name} is cut off by a shallow clone: {} of its commits have no parents here", commits.len())]
    ShallowRange {
        /// The range.
        name: String,
        /// Where.
        commits: Vec<ObjectId>,
    },
}

/// What becomes of secrets below test paths.
#[derive(Clone, Copy)]
enum TestPaths {
    /// They are marked.
    Marked,
    /// Paths say nothing: they count like others.
    Nothing,
}

impl Request<'_> {
    fn context(&self) -> Context<'_> {
        let part = usize::try_from(self.limits.stream_above).unwrap_or(usize::MAX).min(Scanner::PART);
        let (detector, fingerprinter, threshold) = (self.detector, self.fingerprinter, self.threshold);
        let scanner = Scanner { detector, fingerprinter, threshold, part };
        let (limits, threads) = (self.limits, self.threads.max(1));
        Context {
            scanner,
            limits,
            threads,
            progress: self.progress,
            versions: self.versions,
            restriction: &EVERYTHING,
        }
    }

    fn outcome(&self, part: Part, paths: TestPaths) -> Outcome {
        let hidden = part.hidden_besides_reported();
        let mut findings = joined(part.drafts, self.detector);
        if matches!(paths, TestPaths::Marked) {
            fixture::mark(&mut findings, self.detector.rules());
        }
        let stats = Stats {
            objects: part.objects,
            bytes: part.bytes,
            hidden,
            unchanged: part.unchanged,
            rules: self.detector.rules().len() as u64,
            threads: self.threads.max(1) as u64,
            elapsed: Duration::ZERO,
        };
        Outcome { findings, coverage: part.coverage, stats }
    }
}

/// Scans what is selected of a repository. A source that fails does not keep the others from being scanned.
pub fn scan_repository(
    request: &Request<'_>,
    repository: &Repository,
    selection: &Selection,
) -> (Outcome, Vec<ScanError>) {
    scan_repository_cached(request, repository, selection, None)
}

/// The same with what an earlier scan of the same repository left behind, which saves work and changes nothing. The cache
/// must have been made for what the request has.
pub fn scan_repository_cached(
    request: &Request<'_>,
    repository: &Repository,
    selection: &Selection,
    cache: Option<&mut Cache>,
) -> (Outcome, Vec<ScanError>) {
    let context = Context { restriction: &selection.restriction, ..request.context() };
    let mut part = Part::default();
    let mut failures = Vec::new();
    let mut take = |source: &str, result: Result<Part, ScanError>| match result {
        Ok(scanned) => part.merge(scanned),
        Err(error) => {
            part.coverage.skip(SkipReason::Unreadable, source, error.to_string());
            failures.push(error);
        }
    };
    if selection.staged || selection.worktree {
        match repository.index(selection.index_file.as_deref()) {
            Err(error) => take("index", Err(error.into())),
            Ok(index) => {
                if selection.staged {
                    take("index", scan_staged(&context, repository, &index, &selection.merged));
                }
                if selection.worktree && repository.work_dir().is_some() {
                    take("working tree", scan_worktree(&context, repository, &index, selection.ignored));
                }
            }
        }
    }
    if selection.history {
        take("history", scan_history(&context, repository, selection, cache));
    }
    if let Some(range) = &selection.range {
        take("range", scan_range(&context, repository, range));
        failures.extend(cut_off(repository, range));
    }
    (request.outcome(part, TestPaths::Marked), failures)
}

fn scan_staged(
    context: &Context<'_>,
    repository: &Repository,
    index: &Index,
    merged: &[ObjectId],
) -> Result<Part, ScanError> {
    let head = repository.head_tree()?;
    let merged = merged.iter().map(|commit| repository.commit_tree(commit)).collect::<Result<Vec<_>, _>>();
    staged::scan(context, repository, index, head, &merged.map_err(ScanError::Staged)?)
        .map_err(ScanError::Staged)
}

fn scan_worktree(
    context: &Context<'_>,
    repository: &Repository,
    index: &Index,
    ignored: bool,
) -> Result<Part, ScanError> {
    Ok(worktree::scan(context, repository, index, ignored)?)
}

fn scan_history(
    context: &Context<'_>,
    repository: &Repository,
    selection: &Selection,
    cache: Option<&mut Cache>,
) -> Result<Part, ScanError> {
    let starts = Starts::read(repository)?;
    let store = context.store(repository)?;
    let staged = if selection.all_objects {
        // One that cannot be read is the index's trouble; history goes without.
        let index = repository.index(selection.index_file.as_deref());
        index.map(|index| StagedBlobs::of(&index)).unwrap_or_default()
    } else {
        StagedBlobs::default()
    };
    let everything = selection.all_objects.then_some(&staged);
    Ok(history::scan(context, repository, &starts, &store, everything, cache))
}

fn scan_range(
    context: &Context<'_>,
    repository: &Repository,
    range: &CommitsToScan,
) -> Result<Part, ScanError> {
    let store = context.store(repository)?;
    range::scan(context, repository, &store, range).map_err(|error| match error {
        range::Unscanned::Range(source) => ScanError::Range { name: range.name.clone(), source },
        range::Unscanned::Refs(error) => ScanError::Refs(error),
    })
}

fn cut_off(repository: &Repository, range: &CommitsToScan) -> Option<ScanError> {
    // The range need not be walked a second time where nothing can cut it off.
    if repository.shallow_commits().is_ok_and(|commits| commits.is_empty()) {
        return None;
    }
    let commits = repository.commits_in_range(&range.include, &range.exclude).ok()?.shallow_cut;
    (!commits.is_empty()).then(|| ScanError::ShallowRange { name: range.name.clone(), commits })
}

/// Scans a file or folder without regard to git.
pub fn scan_files(request: &Request<'_>, root: &Path) -> Outcome {
    // One file by its name is meant, wherever it lies.
    let keys = if root.is_dir() { TestPaths::Marked } else { TestPaths::Nothing };
    request.outcome(plain::scan(&request.context(), root), keys)
}

/// Scans the message of a commit that is about to be made.
pub fn scan_message(request: &Request<'_>, text: &[u8]) -> Outcome {
    request.outcome(message::scan(&request.context(), text), TestPaths::Nothing)
}

/// Scans what `input` gives.
pub fn scan_reader(request: &Request<'_>, input: &mut dyn Read) -> Outcome {
    request.outcome(stdin::scan(&request.context(), input), TestPaths::Nothing)
}
