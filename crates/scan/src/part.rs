//! What every source is given and what it gives back.

use std::collections::HashSet;
use std::io::{self, Read};
use std::sync::atomic::Ordering;

use unleak_findings::Fingerprint;
use unleak_objects::repository::Repository;
use unleak_objects::{Content, Limits, ObjectStore, OpenStoreError, Visited, lfs};
use unleak_rules::Rule;

use crate::draft::Draft;
use crate::outcome::{Coverage, SkipReason};
use crate::progress::Progress;
use crate::restriction::Restriction;
use crate::scanner::{Bench, Scanner, Sighting};
use crate::versions::Versions;

/// What a source works with.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) scanner: Scanner<'a>,
    pub(crate) limits: Limits,
    pub(crate) threads: usize,
    pub(crate) progress: &'a Progress,
    pub(crate) versions: Versions,
    /// What is asked for.
    pub(crate) restriction: &'a Restriction,
}

/// What a source found and looked at.
#[derive(Default)]
pub(crate) struct Part {
    pub(crate) drafts: Vec<Draft>,
    pub(crate) coverage: Coverage,
    pub(crate) objects: u64,
    pub(crate) bytes: u64,
    /// Secrets below the threshold.
    pub(crate) hidden: HashSet<Fingerprint>,
    pub(crate) unchanged: u64,
}

/// What came of one blob.
pub(crate) struct Looked {
    pub(crate) sightings: Vec<Sighting>,
    pub(crate) bytes: u64,
    /// Whether it only points to content that Git LFS keeps.
    pub(crate) lfs: bool,
    pub(crate) left_out: Option<(SkipReason, String)>,
}

impl<'a> Context<'a> {
    pub(crate) fn rules(&self) -> &'a [Rule] {
        self.scanner.detector.rules()
    }

    /// `input`, which ends with an error when the scan is stopped.
    pub(crate) fn until_stopped<'r>(&self, input: &'r mut dyn Read) -> impl Read + use<'a, 'r> {
        UntilStopped { input, progress: self.progress }
    }

    /// The object store of `repository`.
    pub(crate) fn store(&self, repository: &Repository) -> Result<ObjectStore, OpenStoreError> {
        ObjectStore::open_all(&repository.all_objects_dirs(), repository.hash_kind(), self.limits)
    }

    /// Scans a blob as a file of that name. If its parts cannot be read to their end, the store says so, and nothing that
    /// comes back counts.
    pub(crate) fn blob(&self, path: &[u8], content: Content<'_>, bench: &mut Bench) -> Looked {
        let bytes = content.size();
        match content {
            Content::Whole(text) => Looked {
                sightings: self.scanner.file(path, text, bench),
                bytes,
                lfs: lfs::is_pointer(text),
                left_out: None,
            },
            Content::Parts { reader, .. } => Looked {
                sightings: self.scanner.stream(path, &mut self.until_stopped(reader), bench).0,
                bytes,
                lfs: false,
                left_out: self.left_out(path),
            },
        }
    }

    /// The same for a blob of which one name is known and its paths are not.
    pub(crate) fn named_blob(&self, name: &[u8], content: Content<'_>, bench: &mut Bench) -> Looked {
        match content {
            Content::Whole(text) => Looked {
                sightings: self.scanner.named(name, text, bench),
                bytes: content.size(),
                lfs: lfs::is_pointer(text),
                left_out: None,
            },
            parts @ Content::Parts { .. } => self.blob(name, parts, bench),
        }
    }

    /// What is left out when the file of that name is read in parts.
    pub(crate) fn left_out(&self, path: &[u8]) -> Option<(SkipReason, String)> {
        let (above, unit) = match self.limits.stream_above {
            bytes if bytes >> 20 == 0 => (bytes, "bytes"),
            bytes => (bytes >> 20, "MiB"),
        };
        let why = || format!("over {above} {unit}: its rules for whole files were left out");
        let name = unleak_rules::file_name(path);
        let by_name = self.scanner.detector.asks_for_name(name) || self.scanner.detector.asks_for_path(name);
        by_name.then(|| (SkipReason::TooLarge, why()))
    }

    /// Shows in the progress that something of `bytes` bytes was looked at.
    pub(crate) fn looked_at(&self, bytes: u64, sightings: &[Sighting]) {
        self.progress.advance(1, bytes);
        if !sightings.is_empty() {
            self.progress.matches.fetch_add(sightings.len() as u64, Ordering::Relaxed);
        }
    }
}

impl Part {
    /// Joins another part to this one.
    pub(crate) fn merge(&mut self, other: Self) {
        self.drafts.extend(other.drafts);
        self.coverage.merge(other.coverage);
        self.objects += other.objects;
        self.bytes += other.bytes;
        self.hidden.extend(other.hidden);
        self.unchanged += other.unchanged;
    }

    /// Takes over what threads that have finished did not report.
    pub(crate) fn benches(&mut self, benches: impl IntoIterator<Item = Bench>) {
        self.hidden.extend(benches.into_iter().flat_map(|bench| bench.hidden));
    }

    /// How many secrets are below the threshold wherever they were seen.
    pub(crate) fn hidden_besides_reported(&self) -> u64 {
        let reported: HashSet<_> = self.drafts.iter().map(|draft| &draft.finding.fingerprint).collect();
        self.hidden.iter().filter(|hidden| !reported.contains(hidden)).count() as u64
    }

    /// Notes in the ledger that the scan was stopped, if it was.
    pub(crate) fn note_stop(&mut self, context: &Context<'_>, what: &str) {
        if context.progress.stopped() {
            self.coverage.skip(SkipReason::Interrupted, what, "interrupted before its end");
        }
    }
}

struct UntilStopped<'a, 'r> {
    input: &'r mut dyn Read,
    progress: &'a Progress,
}

impl Read for UntilStopped<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Not `Interrupted`: that one asks for another try.
        if self.progress.stopped() { Err(io::Error::other("stopped")) } else { self.input.read(buffer) }
    }
}

impl Part {
    /// Enters how much of history was read.
    pub(crate) fn history_read(&mut self, visited: &Visited, refs: usize) {
        self.objects += visited.objects();
        self.bytes += visited.bytes;
        let counts = vec![
            ("commits", visited.commits),
            ("trees", visited.trees),
            ("blobs", visited.blobs),
            ("tags", visited.tags),
            ("refs", refs as u64),
        ];
        self.coverage.scanned("history", counts);
    }
}
