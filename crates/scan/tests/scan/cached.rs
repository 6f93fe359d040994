//! Scans with what an earlier scan left behind: they say what a scan without says, to the last byte.

use std::sync::atomic::Ordering;

use sha2::{Digest as _, Sha256};
use unleak_objects::Limits;
use unleak_rules::{Confidence, Detector, RuleSet, gitleaks};
use unleak_scan::{
    Cache, CacheUse, Outcome, Progress, Request, Selection, Threshold, scan_repository,
    scan_repository_cached,
};
use unleak_testkit::{Packing, TestEnvironment, TestRepo, fake, random_history};

use crate::engine::{ALL, DETECTOR, everything, history, open, picture, request};

/// Much hides behind it.
const FEW: Threshold = Threshold { confidence: Confidence::High, invalid: false };

/// Where the file lies.
const HERE: &[u8] = b"here";

/// A scan and the file that it keeps.
struct Kept<'r> {
    repo: &'r TestRepo<'r>,
    selection: Selection,
    threshold: Threshold,
    limits: Limits,
    file: Vec<u8>,
}

impl<'r> Kept<'r> {
    fn new(repo: &'r TestRepo<'r>, selection: Selection, threshold: Threshold) -> Self {
        Self { repo, selection, threshold, limits: Limits::default(), file: Vec::new() }
    }

    fn cache(&self) -> Cache {
        Cache::new(&DETECTOR, self.threshold, self.limits, b"test").unwrap()
    }

    fn request<'p>(&self, threads: usize, progress: &'p Progress) -> Request<'p> {
        Request { threshold: self.threshold, limits: self.limits, ..request(threads, progress) }
    }

    fn plain(&self) -> Outcome {
        let progress = Progress::default();
        scan_repository(&self.request(1, &progress), &open(self.repo.path()), &self.selection).0
    }

    fn scan(&self, cache: &mut Cache, threads: usize) -> Outcome {
        let (progress, repository) = (Progress::default(), open(self.repo.path()));
        let request = self.request(threads, &progress);
        scan_repository_cached(&request, &repository, &self.selection, Some(cache)).0
    }

    /// Scans with and without, compares, and keeps what is to be kept.
    #[track_caller]
    fn check(&mut self, threads: usize) -> CacheUse {
        let mut cache = self.cache();
        if !self.file.is_empty() {
            cache.load(&self.file, HERE);
        }
        let with = picture(self.scan(&mut cache, threads));
        assert!(!cache.is_refused());
        assert_eq!(with, picture(self.plain()));
        if let Some(fresh) = cache.take_fresh(HERE) {
            self.file = fresh;
        }
        cache.use_made()
    }

    /// The same twice: the second time there is nothing new.
    #[track_caller]
    fn check_twice(&mut self) -> CacheUse {
        let first = self.check(2);
        assert_eq!(self.check(1), CacheUse::Everything);
        first
    }
}

fn all_objects() -> Selection {
    Selection { all_objects: true, ..everything() }
}

fn line(secret: &str) -> String {
    format!("token = \"{secret}\"\npassword = \"{}\"\n", fake::password(7))
}

/// Adds secrets wherever scans of history look for them.
fn crowd(repo: &TestRepo<'_>, seed: u64) {
    let mut fresh = (seed..).map(fake::github_pat);
    let mut next = || fresh.next().unwrap();
    repo.write(format!("stashed-{seed}.txt"), line(&next())).stash(&format!("wip {}", next()));
    repo.annotated_tag(&format!("noted-{seed}"), "HEAD", &next());
    repo.git(["notes", "add", "-f", "-m", &next(), "HEAD"]);
    repo.commit_as(&next(), &format!("subject {}\n\nbody {}", next(), next()));
    repo.git(["branch", &format!("b-{}", next())]);
    repo.file(format!("deploy/{seed}/.env"), format!("DB_PASSWORD={}\n", fake::password(seed)));
    repo.file(".npmrc", format!("//registry.example.test/:_authToken={}\n", fake::npm(seed))).commit("names");
    let blob = repo.blob(line(&next()));
    repo.git(["tag", &format!("bare-{seed}"), &blob]);
    repo.blob(line(&next()));
    repo.stage_only("only-staged.txt", line(&next()));
}

fn step(repo: &TestRepo<'_>, number: usize) {
    match number {
        0 => {}
        1 => drop(repo.file("new.txt", line(&fake::github_pat(501))).commit("more")),
        2 => drop(repo.repack(Packing::OneMore)),
        3 => crowd(repo, 600),
        4 => drop(repo.git(["pack-refs", "--all"])),
        5 => drop(repo.file("new.txt", "gone\n").commit("less")),
        6 => drop(repo.git(["reset", "--quiet", "--hard", "HEAD~2"])),
        7 => drop(repo.git(["branch", "-D", "side"])),
        8 => drop(repo.repack(Packing::MultiPackIndex)),
        9 => drop(repo.git(["reflog", "expire", "--all", "--expire=now"])),
        10 => drop(repo.git(["prune", "--expire=now"])),
        11 => drop(repo.repack(Packing::One)),
        12 => crowd(repo, 700),
        13 => drop(repo.gc()),
        14 => drop(repo.repack(Packing::Loose)),
        _ => drop(repo.repack(Packing::WithoutDeltas)),
    }
}

#[test]
fn what_was_kept_changes_nothing_whatever_happens_to_the_repository() {
    let environment = TestEnvironment::new();
    let made = random_history(&environment, "r", 11, 50);
    crowd(&made.repo, 900);
    let mut ways: Vec<_> = [ALL, FEW]
        .into_iter()
        .flat_map(|threshold| {
            [history(), all_objects()].map(|selection| Kept::new(&made.repo, selection, threshold))
        })
        .collect();
    let mut uses = Vec::new();
    for number in 0..16 {
        step(&made.repo, number);
        for kept in &mut ways {
            uses.push((number, kept.check(1 + number % 3)));
            kept.check(1);
        }
    }
    let served = |number, wanted| uses.contains(&(number, wanted));
    assert!(served(0, CacheUse::Nothing) && served(1, CacheUse::Objects) && served(4, CacheUse::Everything));
}

#[test]
fn nothing_is_scanned_where_nothing_changed_and_little_where_little_did() {
    let environment = TestEnvironment::new();
    let made = random_history(&environment, "r", 12, 50);
    for threshold in [ALL, FEW] {
        let mut kept = Kept::new(&made.repo, history(), threshold);
        made.repo.repack(Packing::One);
        assert_eq!(kept.check_twice(), CacheUse::Nothing);
        made.repo.file("a.txt", line(&fake::github_pat(3))).commit("one");
        assert_eq!(kept.check_twice(), CacheUse::Objects);
        made.repo.file("a.txt", line(&fake::github_pat(4))).commit("two");
        assert_eq!(kept.check_twice(), CacheUse::Objects);
        made.repo.repack(Packing::OneMore);
        assert_eq!(kept.check_twice(), CacheUse::Objects);
        made.repo.git(["reset", "--quiet", "--hard", "HEAD~1"]);
        assert_eq!(kept.check_twice(), CacheUse::Objects);
        made.repo.repack(Packing::WithoutDeltas);
        assert_eq!(kept.check_twice(), CacheUse::Nothing);
        made.repo.git(["reset", "--quiet", "--hard", "HEAD~3"]);
    }
}

#[test]
fn many_pushes_are_remembered() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    repo.file("README", "harmless\n").commit("start");
    let mut kept = Kept::new(&repo, history(), FEW);
    for push in 0..24 {
        repo.file(format!("{push}.txt"), format!("{push}\n{}", line(&fake::github_pat(push)))).commit("push");
        if push % 3 != 0 {
            repo.repack(Packing::OneMore);
        }
        let use_made = kept.check(2);
        assert_eq!(use_made, if push == 0 { CacheUse::Nothing } else { CacheUse::Objects });
    }
    assert_eq!(kept.check(2), CacheUse::Everything);
}

#[test]
fn clones_and_other_hashes_and_other_limits() {
    let environment = TestEnvironment::new();
    let made = random_history(&environment, "r", 13, 40);
    let new = TestRepo::init_sha256(&environment, "new");
    new.file("a.txt", line(&fake::github_pat(1))).commit("one");
    crowd(&new, 800);
    for repo in [
        &new,
        &made.repo.clone_shallow("shallow", 5),
        &made.repo.clone_partial("partial"),
        &made.repo.clone_borrowing("borrowing"),
        &made.repo.clone_bare("bare.git"),
    ] {
        assert_eq!(Kept::new(repo, history(), FEW).check_twice(), CacheUse::Nothing);
        let mut in_parts = Kept::new(repo, history(), ALL);
        in_parts.limits.stream_above = 300;
        in_parts.check(2);
        in_parts.check(2);
    }
}

#[test]
fn a_file_that_was_damaged_or_belongs_to_others_is_refused() {
    let environment = TestEnvironment::new();
    let made = random_history(&environment, "r", 14, 20);
    let mut kept = Kept::new(&made.repo, history(), FEW);
    kept.check(1);
    let refuses = |file: &[u8]| {
        let mut cache = kept.cache();
        cache.load(file, HERE);
        cache.is_refused()
    };
    assert!(!refuses(&kept.file));
    for at in 0..kept.file.len() {
        let mut file = kept.file.clone();
        file[at] = !file[at];
        assert!(refuses(&file), "byte {at}");
        assert!(refuses(&kept.file[..at]), "{at} bytes");
    }
    let others = [
        Cache::new(&DETECTOR, FEW, kept.limits, b"other").unwrap(),
        Cache::new(&DETECTOR, ALL, kept.limits, b"test").unwrap(),
        Cache::new(&DETECTOR, FEW, Limits { stream_above: 5, ..kept.limits }, b"test").unwrap(),
    ];
    let mut elsewhere = kept.cache();
    elsewhere.load(&kept.file, b"elsewhere");
    assert!(elsewhere.is_refused());
    for mut other in others {
        assert_ne!(other.name(), kept.cache().name());
        other.load(&kept.file, HERE);
        assert!(other.is_refused());
        let request_of = Kept { threshold: FEW, ..Kept::new(&made.repo, history(), FEW) };
        assert_eq!(picture(request_of.scan(&mut other, 2)), picture(kept.plain()));
        assert_eq!(other.use_made(), CacheUse::Nothing);
        assert!(other.is_outdated());
    }
}

#[test]
fn a_file_that_lies_under_a_good_seal_never_panics() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    repo.file("a.txt", line(&fake::github_pat(1))).commit("one");
    repo.file(".env", "DB_PASSWORD=kW7vQz2LmX9rT4\n").commit("two");
    let mut kept = Kept::new(&repo, history(), FEW);
    kept.check(1);
    let sealed = kept.file.len() - 32;
    for at in 48..sealed {
        for value in [!kept.file[at], 0, 0xff] {
            let mut file = kept.file.clone();
            file[at] = value;
            let seal = Sha256::new().chain_update(&file[..sealed]).chain_update(HERE).finalize();
            file[sealed..].copy_from_slice(&seal);
            let mut cache = kept.cache();
            cache.load(&file, HERE);
            kept.scan(&mut cache, 1);
        }
    }
}

#[test]
fn what_another_repository_left_is_of_no_use_and_does_no_harm() {
    let environment = TestEnvironment::new();
    let (one, two) = (random_history(&environment, "a", 15, 30), random_history(&environment, "b", 16, 30));
    let mut first = Kept::new(&one.repo, history(), FEW);
    first.check(2);
    let mut second = Kept::new(&two.repo, history(), FEW);
    second.file.clone_from(&first.file);
    assert_eq!(second.check_twice(), CacheUse::Nothing);
    // A clone has the same objects in another pack.
    let clone = one.repo.clone_bare("clone.git");
    let mut third = Kept { file: first.file.clone(), ..Kept::new(&clone, history(), FEW) };
    third.check(2);
}

#[test]
fn no_secret_is_kept_in_any_form() {
    let environment = TestEnvironment::new();
    let made = random_history(&environment, "r", 17, 40);
    let mut secrets: Vec<String> = made.planted.iter().map(|planted| planted.secret.clone()).collect();
    secrets.extend((900..920).map(fake::github_pat));
    secrets.extend([fake::password(7), fake::password(900), fake::npm(900)]);
    crowd(&made.repo, 900);
    // A name that nobody takes for a secret, and one that everybody does.
    let (plain, token) = (fake::password(31), fake::github_pat(919));
    made.repo.file(format!("named-{plain}.txt"), format!("password = \"{plain}\"\n")).commit("name");
    made.repo.file(format!("named-{token}.txt"), "harmless\n").commit("name");
    made.repo.file("Config.toml", format!("token = \"{token}\"\npassword = \"{plain}\"\n")).commit("both");
    secrets.push(plain);
    for (threshold, selection) in [(ALL, history()), (FEW, history()), (ALL, all_objects())] {
        let mut kept = Kept::new(&made.repo, selection, threshold);
        kept.check(2);
        assert!(kept.file.len() > 100);
        for secret in &secrets {
            let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
            let hash = Sha256::digest(secret.as_bytes());
            for form in [secret.as_bytes(), hex.as_bytes(), &hash[..8], &base64(secret)] {
                assert!(!kept.file.windows(form.len()).any(|window| window == form), "{secret}");
            }
        }
        for finding in kept.plain().findings {
            let digits = &finding.fingerprint.as_str().as_bytes()[3..];
            assert!(!kept.file.windows(digits.len()).any(|window| window == digits));
        }
    }
}

/// Whole groups of it, so that the padding does not matter.
fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |bytes: &[u8]| {
        let bits = bytes.iter().fold(0usize, |bits, byte| bits << 8 | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| DIGITS[bits >> shift & 63])
    };
    text.as_bytes().chunks_exact(3).flat_map(group).collect()
}

#[test]
fn what_could_not_be_read_to_its_end_is_not_kept() {
    let environment = TestEnvironment::new();
    let made = random_history(&environment, "r", 18, 30);
    let kept = Kept::new(&made.repo, history(), FEW);
    let (progress, mut cache) = (Progress::default(), kept.cache());
    progress.stop.store(true, Ordering::Relaxed);
    let repository = open(made.repo.path());
    scan_repository_cached(&kept.request(1, &progress), &repository, &history(), Some(&mut cache));
    assert!(!cache.is_outdated());
    let blob = made.repo.blob("a loose blob");
    made.repo.damage(&made.repo.loose_object(&blob), 4, 4);
    let mut cache = kept.cache();
    assert!(!kept.scan(&mut cache, 1).coverage.is_complete());
    assert!(!cache.is_outdated());
}

#[test]
fn a_pack_that_was_cut_short_later_is_told() {
    let environment = TestEnvironment::new();
    let made = random_history(&environment, "r", 19, 30);
    made.repo.repack(Packing::One);
    let mut kept = Kept::new(&made.repo, history(), FEW);
    kept.check(1);
    let pack = made.repo.packs().pop().unwrap();
    let size = std::fs::metadata(&pack).unwrap().len();
    made.repo.truncate(&pack, size - 40);
    assert_eq!(kept.check(1), CacheUse::Nothing);
}

#[test]
fn imported_rules_keep_nothing() {
    let text = "[[rules]]\nid = \"x\"\ndescription = \"x\"\nregex = \'\'\'made-[0-9]+\'\'\'\n";
    let imported = gitleaks::import("x.toml", text, RuleSet::default, &mut |_| Err(String::new())).unwrap();
    assert!(Cache::new(&Detector::new(imported.rules), ALL, Limits::default(), b"").is_none());
}
