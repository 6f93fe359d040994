//! Stopping: what was found by then is kept, and the ledger says that it is not all.

use std::io::Read;
use std::sync::atomic::Ordering;

use unleak_scan::{Outcome, Progress, Selection, SkipReason, scan_files, scan_reader, scan_repository};
use unleak_testkit::{TestEnvironment, TestRepo, fake};

use crate::engine::{everything, open, range, request, skipped};

fn stopped() -> Progress {
    let progress = Progress::default();
    progress.stop.store(true, Ordering::Relaxed);
    progress
}

fn assert_interrupted(outcome: &Outcome) {
    assert!(outcome.coverage.is_interrupted() && !outcome.coverage.is_complete(), "{:?}", outcome.coverage);
}

#[test]
fn a_scan_stopped_before_it_began_says_so_of_every_source() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    repo.file("f", fake::github_pat(1)).commit("one");
    repo.file("g", fake::github_pat(2));
    let (progress, all) = (stopped(), range(&repo, &["HEAD"], &[]));
    let one =
        |selection: &Selection| scan_repository(&request(2, &progress), &open(repo.path()), selection).0;
    assert_interrupted(&one(&Selection { staged: true, ..Selection::default() }));
    assert_interrupted(&one(&Selection { worktree: true, ..Selection::default() }));
    assert_interrupted(&one(&Selection { history: true, ..Selection::default() }));
    assert_interrupted(&one(&all));
    let outcome = one(&Selection { range: all.range, ..everything() });
    assert_eq!(skipped(&outcome, SkipReason::Interrupted), 4);
    assert!(outcome.findings.is_empty());
    assert!(
        outcome
            .coverage
            .scanned
            .iter()
            .flat_map(|source| &source.counts)
            .all(|(what, n)| *n == 0 || what.contains("ref"))
    );
    assert_interrupted(&scan_files(&request(2, &progress), repo.path()));
    assert_interrupted(&scan_reader(&request(2, &progress), &mut &b"text"[..]));
}

#[test]
fn what_history_gave_before_the_stop_is_kept() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    let mut stream = String::from("commit refs/heads/main\ncommitter C <c@t> 1700000000 +0000\ndata 0\n");
    for n in 0..3_000 {
        let text = format!("{}\n", fake::github_pat(n)).repeat(20);
        stream += &format!("M 100644 inline f{n}\ndata {}\n{text}\n", text.len());
    }
    repo.fast_import(stream.as_bytes());
    let mut interrupted = 0;
    for threads in [1, 2] {
        let progress = Progress::default();
        let outcome = std::thread::scope(|scope| {
            scope.spawn(|| {
                while progress.matches.load(Ordering::Relaxed) == 0 {
                    std::thread::yield_now();
                }
                progress.stop.store(true, Ordering::Relaxed);
            });
            let history = Selection { history: true, ..Selection::default() };
            scan_repository(&request(threads, &progress), &open(repo.path()), &history).0
        });
        assert_interrupted(&outcome);
        assert!(!outcome.findings.is_empty(), "{threads} threads lost what they had found");
        interrupted += usize::from(outcome.findings.len() < 3_000 * 20);
    }
    assert!(interrupted > 0);
}

/// Never ends; sets the wish to stop after six megabytes, more than the scan reads at once.
struct Endless<'p> {
    progress: &'p Progress,
    given: usize,
}

impl Read for Endless<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let secret = fake::github_pat(1);
        for byte in &mut *buffer {
            // A secret at the start of every megabyte.
            *byte = secret.as_bytes().get(self.given % (1 << 20)).copied().unwrap_or(b'\n');
            self.given += 1;
        }
        if self.given > 6 << 20 {
            self.progress.stop.store(true, Ordering::Relaxed);
        }
        Ok(buffer.len())
    }
}

#[test]
fn an_endless_stream_can_be_stopped() {
    let progress = Progress::default();
    let outcome = scan_reader(&request(1, &progress), &mut Endless { progress: &progress, given: 0 });
    assert_interrupted(&outcome);
    assert!(outcome.findings.len() > 2, "{}", outcome.findings.len());
}
