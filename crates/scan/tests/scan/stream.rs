//! What is too large to hold is scanned in parts, with the same result as the whole.

use std::fmt::Write as _;
use std::io::Read;

use unleak_findings::Finding;
use unleak_scan::{Outcome, Progress, Selection, SkipReason, scan_files, scan_reader};
use unleak_testkit::{Packing, Random, TestEnvironment, TestRepo, fake};

use crate::engine::{everything, findings, history, range, request, scan_above, skipped};

/// Text of about `length` bytes with secrets and long lines in it, also where parts of four mebibytes meet.
fn text(length: usize) -> String {
    let mut random = Random::new(3);
    let mut text = String::new();
    let mut seed = 0;
    while text.len() < length {
        let far = (text.len() | 0x3f_ffff) + 1;
        let filler =
            if random.one_in(4) { far - text.len() - random.below(60) } else { random.below(400_000) };
        let start = text.len();
        while text.len() < start + filler {
            text.push_str(if seed % 3 == 0 { "wörter ohne ende " } else { "words of one line\n" });
        }
        text.truncate(text.floor_char_boundary(start + filler));
        seed += 1;
        let _ = writeln!(text, " token = \"{}\" # here", fake::github_pat(seed));
        if random.one_in(3) {
            text.push_str(&fake::private_key_pem_of(seed));
        }
    }
    text
}

fn picture(outcome: &Outcome) -> Vec<String> {
    let place = |f: &Finding| {
        format!(
            "{} {} {} {:?} {:?} {:?}",
            f.rule_id, f.fingerprint, f.ordinal, f.place, f.span, f.allow_comment
        )
    };
    outcome.findings.iter().map(place).collect()
}

#[test]
fn a_stream_gives_what_the_file_gives() {
    let environment = TestEnvironment::new();
    let progress = Progress::default();
    let text = text(18 << 20);
    let file = environment.write("file", &text);
    let whole = scan_files(&request(1, &progress), &file);
    let streamed = scan_reader(&request(1, &progress), &mut text.as_bytes());
    assert!(whole.findings.len() > 10, "{}", whole.findings.len());
    assert_eq!(picture(&streamed), picture(&whole));
    assert_eq!(streamed.stats.bytes, text.len() as u64);
}

#[test]
fn a_large_file_is_streamed_and_says_what_was_left_out() {
    let environment = TestEnvironment::new();
    let progress = Progress::default();
    let secret = fake::github_pat(1);
    let file = environment.path(".env");
    let mut bytes = vec![b'\n'; (64 << 20) + 1];
    bytes.extend_from_slice(format!("TOKEN={secret}\n").as_bytes());
    environment.write(".env", &bytes);
    environment.write("plain", &bytes);
    let outcome = scan_files(&request(1, &progress), &file);
    assert_eq!(skipped(&outcome, SkipReason::TooLarge), 1);
    let plain = scan_files(&request(1, &progress), &environment.path("plain"));
    assert!(plain.coverage.is_complete());
    for outcome in [outcome, plain] {
        let lines: Vec<_> = outcome.findings.iter().map(|f| (f.place.start_line, f.span.start)).collect();
        assert_eq!(lines, [((64 << 20) + 2, (64 << 20) + 7)]);
    }
}

struct Failing<'t>(&'t [u8]);

impl Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.0.is_empty() { Err(std::io::Error::other("broken pipe")) } else { self.0.read(buffer) }
    }
}

#[test]
fn a_stream_that_breaks_keeps_what_came_before_and_is_not_complete() {
    let progress = Progress::default();
    let text = text(9 << 20);
    let outcome = scan_reader(&request(1, &progress), &mut Failing(text.as_bytes()));
    assert_eq!(skipped(&outcome, SkipReason::Unreadable), 1);
    assert!(!outcome.findings.is_empty());
}

/// Blobs of many sizes, in history and staged, no two of them alike.
fn repository_of_blobs<'env>(environment: &'env TestEnvironment, name: &str, seed: u64) -> TestRepo<'env> {
    let repo = TestRepo::init(environment, name);
    let mut random = Random::new(seed);
    for number in 0..6 {
        let mut text = String::new();
        for line in 0..random.below(1500) {
            let _ = writeln!(
                text,
                "{number} {line} {:x} wörter {:x}",
                random.below(1 << 30),
                random.below(1 << 30)
            );
            if random.one_in(150) {
                let _ = writeln!(
                    text,
                    "token = \"{}\" # unleak:allow why",
                    fake::github_pat(random.below(9) as u64)
                );
            }
        }
        repo.file(format!("{number}.txt"), &text);
        if number < 5 {
            repo.commit("more");
        }
    }
    repo
}

#[test]
fn blobs_in_parts_give_what_whole_blobs_give() {
    let environment = TestEnvironment::new();
    for (seed, packing) in [Packing::Loose, Packing::One, Packing::WithoutDeltas].into_iter().enumerate() {
        let repo = repository_of_blobs(&environment, &format!("{packing:?}"), seed as u64);
        repo.repack(packing);
        let staged = Selection { staged: true, ..Selection::default() };
        for selection in [everything(), history(), staged, range(&repo, &["HEAD"], &["HEAD~3"])] {
            let whole = scan_above(&repo, &selection, 1, u64::MAX);
            assert!(!whole.findings.is_empty());
            for (threads, above) in [(1, 0), (2, 100), (1, 4096), (2, 20_000)] {
                let parts = scan_above(&repo, &selection, threads, above);
                assert_eq!(findings(&parts), findings(&whole), "{packing:?}, above {above}");
                assert_eq!(parts.coverage, whole.coverage);
                assert_eq!(
                    (parts.stats.objects, parts.stats.bytes),
                    (whole.stats.objects, whole.stats.bytes)
                );
            }
        }
    }
}

#[test]
fn rules_for_whole_files_are_left_out_of_large_blobs_and_that_is_said() {
    let environment = TestEnvironment::new();
    let (repo, secret) = (TestRepo::init(&environment, "work"), fake::github_pat(1));
    repo.file(".env", format!("TOKEN={secret}\n")).commit("one");
    repo.file(".env", format!("# more\nTOKEN={secret}\n"));
    let staged = Selection { staged: true, ..Selection::default() };
    for (selection, count) in [(history(), 1), (staged, 1), (range(&repo, &["HEAD"], &[]), 1)] {
        assert_eq!(skipped(&scan_above(&repo, &selection, 1, 16), SkipReason::TooLarge), count);
        assert_eq!(skipped(&scan_above(&repo, &selection, 1, 1 << 20), SkipReason::TooLarge), 0);
    }
}

#[test]
fn a_damaged_blob_in_parts_is_named_and_nothing_of_it_counts() {
    let environment = TestEnvironment::new();
    let (repo, secret) = (TestRepo::init(&environment, "work"), fake::github_pat(1));
    let mut random = Random::new(4);
    let noise: String = (0..9000).map(|_| format!("{:x}\n", random.below(1 << 30))).collect();
    repo.file("a.txt", format!("{secret}\n{noise}")).commit("one");
    let id = repo.id("HEAD:a.txt");
    let file = repo.loose_object(&id);
    let length = std::fs::metadata(&file).unwrap().len();
    repo.truncate(&file, length / 2);
    for above in [100, 1 << 20] {
        let outcome = scan_above(&repo, &history(), 1, above);
        assert_eq!(skipped(&outcome, SkipReason::Corrupt), 1, "above {above}");
        assert_eq!(outcome.findings.len(), 0);
    }
}
