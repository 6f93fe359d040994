//! Versions of files scanned by what is new in them, against each version scanned whole, however git stores them.

use unleak_objects::Limits;
use unleak_scan::{Outcome, Progress, Request, Selection, Versions, scan_repository};
use unleak_testkit::{Packing, Random, TestEnvironment, TestRepo, fake, random_history};

use crate::engine::{findings, history, open, request};

/// A scan one way or the other.
fn scan(repo: &TestRepo<'_>, versions: Versions, threads: usize, limits: Limits) -> Outcome {
    let progress = Progress::default();
    let request = Request { versions, limits, ..request(threads, &progress) };
    let all = Selection { all_objects: true, ..history() };
    let (outcome, failures) = scan_repository(&request, &open(repo.path()), &all);
    assert!(failures.is_empty(), "{failures:?}");
    outcome
}

/// Both ways come to the same; gives the number of findings.
fn compare(repo: &TestRepo<'_>, what: &str) -> usize {
    let plain = scan(repo, Versions::Whole, 2, Limits::default());
    let limits = |live_bytes, stream_above| Limits { live_bytes, stream_above, ..Limits::default() };
    for (threads, limits) in [(1, Limits::default()), (3, limits(0, 64 << 20)), (2, limits(1 << 16, 3000))] {
        let outcome = scan(repo, Versions::ByChange, threads, limits);
        // Not with assert_eq, which would print megabytes.
        assert!(findings(&outcome) == findings(&plain), "{what}: other findings");
        assert_eq!(format!("{:?}", outcome.coverage), format!("{:?}", plain.coverage), "{what}");
        assert_eq!(outcome.stats.hidden, plain.stats.hidden, "{what}");
        assert_eq!(outcome.stats.objects, plain.stats.objects, "{what}");
        assert_eq!(outcome.stats.bytes, plain.stats.bytes, "{what}");
    }
    plain.findings.len()
}

/// Each takes what the one before it left; the first, all that is unreachable, too.
const PACKINGS: [Packing; 6] = [
    Packing::Cruft,
    Packing::Loose,
    Packing::One,
    Packing::WithoutDeltas,
    Packing::DeltasById,
    Packing::DeepDeltas,
];

/// Whether there is a file with that ending beside the packs.
fn has_file(repo: &TestRepo<'_>, ending: &str) -> bool {
    repo.packs().iter().any(|pack| pack.with_extension(ending).exists())
}

/// Leaves versions of a file behind that nothing reaches.
fn drop_some(repo: &TestRepo<'_>) {
    for number in 0..3 {
        let text = format!("lost = \"{}\"\n{}", fake::github_pat(5000 + number), "filling\n".repeat(200));
        repo.file("lost.txt", text).commit("lost");
    }
    repo.git(["reset", "--quiet", "--hard", "HEAD~3"]);
    repo.git(["reflog", "expire", "--all", "--expire=now"]);
}

#[test]
fn random_histories_in_every_packing() {
    let environment = TestEnvironment::new();
    for seed in 31..34 {
        let made = random_history(&environment, &format!("r{seed}"), seed, 60);
        drop_some(&made.repo);
        for packing in PACKINGS {
            made.repo.repack(packing);
            assert_eq!(packing == Packing::Cruft, has_file(&made.repo, "mtimes"));
            assert!(compare(&made.repo, &format!("{packing:?}")) >= made.planted.len());
        }
    }
}

/// One line of a file: mostly prose, sometimes a secret, a part of one, or something that goes over lines.
fn text(random: &mut Random, number: u64) -> String {
    match random.below(12) {
        0 => format!("token = \"{}\"", fake::github_pat(number)),
        1 => format!("password: {}", fake::password(number)),
        2 => fake::github_pat(number)[..20].to_owned(),
        3 => format!("{} {}", "long".repeat(600), fake::github_pat(number)),
        4 => "-----BEGIN RSA PRIVATE KEY-----".to_owned(),
        5 => "-----END RSA PRIVATE KEY-----".to_owned(),
        6 => format!("{{\"kty\":\"oct\",\"k\":\"{}\"}}", random.text(b"abcXYZ019", 40)),
        7 => "kind: Secret\nstringData:\n  a: s3cr3tV4lue9\n---".to_owned(),
        8 => String::new(),
        _ => random.text(b"abcdefghij klm\t", 60),
    }
}

/// A file that changes in every way a file can, over many versions.
#[test]
fn one_file_edited_over_and_over() {
    let environment = TestEnvironment::new();
    for seed in 1..3 {
        let mut random = Random::new(seed);
        let repo = TestRepo::init(&environment, &format!("edits{seed}"));
        let mut lines: Vec<String> = (0..80).map(|number| text(&mut random, number)).collect();
        for version in 0..60 {
            for _ in 0..=random.below(4) {
                let at = random.below(lines.len());
                match random.below(5) {
                    0 => drop(lines.remove(at)),
                    1 => lines.insert(at, text(&mut random, 1000 + version)),
                    2 => lines[at] = text(&mut random, 2000 + version),
                    3 => {
                        // A cut inside a line: what stood there is joined with what follows.
                        let keep = lines[at].len() / 2;
                        if lines[at].is_char_boundary(keep) {
                            lines[at].truncate(keep);
                        }
                    }
                    _ => {
                        let (from, length) = (random.below(lines.len()), random.below(12));
                        let moved: Vec<String> = lines.iter().skip(from).take(length).cloned().collect();
                        lines.splice(at..at, moved);
                    }
                }
                lines.truncate(160);
                if lines.is_empty() {
                    lines.push(text(&mut random, version));
                }
            }
            let end = if random.one_in(3) { "" } else { "\n" };
            repo.file("notes.txt", lines.join("\n") + end)
                .file("copy/of.txt", lines[lines.len() / 2..].join("\n"));
            repo.commit(&format!("version {version}"));
        }
        for packing in PACKINGS {
            repo.repack(packing);
            assert!(compare(&repo, &format!("seed {seed}, {packing:?}")) > 20);
        }
        repo.git(["repack", "-a", "-d", "-f", "--window=250", "--depth=4000", "--quiet"]);
        compare(&repo, "the deepest chains");
    }
}

/// Deltas whose base lies in another pack, and bases that another pack holds, too.
#[test]
fn several_packs_and_duplicates() {
    let environment = TestEnvironment::new();
    let mut random = Random::new(77);
    let repo = TestRepo::init(&environment, "packs");
    let mut lines: Vec<String> = (0..60).map(|number| text(&mut random, number)).collect();
    for version in 0..40u64 {
        let at = random.below(lines.len());
        lines[at] = text(&mut random, 3000 + version);
        repo.file("a.txt", lines.join("\n")).commit("more");
        if version % 8 == 5 {
            repo.repack(Packing::OneMore);
        }
    }
    assert!(compare(&repo, "several packs") > 5);
    repo.git_with_input(["pack-objects", "--all", "--quiet", ".git/objects/pack/pack"], "");
    assert!(compare(&repo, "the same objects twice") > 5);
    repo.repack(Packing::MultiPackIndex);
    assert!(compare(&repo, "a multi-pack-index") > 5);
    // A pack that git is told to keep, and others made over it.
    std::fs::write(repo.packs()[0].with_extension("keep"), "").unwrap();
    repo.file("a.txt", lines[1..].join("\n")).commit("more");
    repo.repack(Packing::One);
    assert!(repo.packs().len() > 1);
    assert!(compare(&repo, "a pack that is kept") > 5);
}

/// Clones that borrow objects, have some of them only, or got them with a promise of more.
#[test]
fn clones_of_every_kind() {
    let environment = TestEnvironment::new();
    let made = random_history(&environment, "origin", 34, 60);
    made.repo.repack(Packing::DeepDeltas);
    let borrowing = made.repo.clone_borrowing("borrowing");
    assert!(borrowing.packs().is_empty());
    assert!(compare(&borrowing, "borrowed objects") >= made.planted.len());
    // What is new here rests on what is borrowed.
    borrowing.file("new.txt", format!("token = \"{}\"\n", fake::github_pat(6000))).commit("new");
    for packing in [Packing::OneMore, Packing::MultiPackIndex, Packing::Loose] {
        borrowing.repack(packing);
        assert!(compare(&borrowing, &format!("borrowed objects and {packing:?}")) > made.planted.len());
    }
    let partial = made.repo.clone_partial("partial");
    assert!(has_file(&partial, "promisor"));
    compare(&partial, "a partial clone");
    partial.file("new.txt", format!("token = \"{}\"\n", fake::github_pat(6001))).commit("new");
    partial.repack(Packing::OneMore);
    assert!(compare(&partial, "a partial clone with commits of its own") > 0);
    assert!(compare(&made.repo.clone_shallow("shallow", 5), "a shallow clone") > 0);
}
