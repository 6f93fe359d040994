//! What nobody else has, rewritten by itself: as in the rewrite of everything, but that the rest is not looked at.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use gix_hash::ObjectId;
use unleak_objects::{ObjectStore, Progress};
use unleak_remediate::{Forget, RewriteError, RewriteOptions, Rewritten, Starts, rewrite_unpushed};
use unleak_testkit::{TestEnvironment, TestRepo, random_history};

use crate::graphs::{WORD, odd_history};
use crate::setup::{install, open, secrets, work_out};

fn narrow(repo: &TestRepo<'_>, forget: &Forget, commits: &[String]) -> Option<Rewritten> {
    let repository = open(repo);
    let store = ObjectStore::open(repository.objects_dir(), repository.hash_kind()).unwrap();
    let (starts, _) = Starts::read(&repository).unwrap();
    let interrupt = AtomicBool::new(false);
    let options = RewriteOptions { threads: 1, interrupt: &interrupt, progress: None, write: true };
    let id = |hex: &String| ObjectId::from_hex(hex.as_bytes()).unwrap();
    let commits: Vec<_> = commits.iter().map(id).collect();
    rewrite_unpushed(&store, &starts, forget, &commits, options).unwrap()
}

fn refs(repo: &TestRepo<'_>) -> String {
    // A tag of a blob leads to no commit.
    repo.git(["for-each-ref", "--format=%(refname) %(objectname)", "--exclude=refs/tags/blob"])
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

#[test]
fn all_of_an_odd_history_at_once() {
    let environment = TestEnvironment::new();
    for seed in 0..60 {
        let whole = TestRepo::init_bare(&environment, &format!("whole{seed}"));
        odd_history(&whole, seed, 40);
        let alone = whole.clone_bare(&format!("alone{seed}"));
        let forget = secrets([WORD]);
        install(&whole, &work_out(&whole, &forget, 2, true));
        let commits = lines(&alone.git(["rev-list", "--all"]));
        let rewritten = narrow(&alone, &forget, &commits).unwrap();
        install(&alone, &rewritten);
        assert_eq!(refs(&alone), refs(&whole), "seed {seed}");
        assert!(!rewritten.change.refs.is_empty());
    }
}

#[test]
fn what_was_not_pushed_of_a_history() {
    let environment = TestEnvironment::new();
    let mut changed = 0;
    for seed in 0..40u32 {
        let made = random_history(&environment, &format!("whole{seed}"), u64::from(seed), 50);
        let whole = made.repo;
        // Half is pushed, and only what came later is to be forgotten.
        let order = lines(&whole.git(["rev-list", "--topo-order", "--reverse", "main"]));
        let pushed = &order[order.len() / 2];
        whole.git(["update-ref", "refs/remotes/origin/main", pushed]);
        let later = lines(&whole.git(["rev-list", "--all", "--not", "--remotes"]));
        let planted = made.planted.iter().filter(|planted| later.contains(&planted.commit));
        let forget = secrets(planted.map(|planted| planted.secret.as_str()));
        let alone = whole.clone_bare(&format!("alone{seed}"));
        alone.git(["update-ref", "refs/remotes/origin/main", pushed]);
        install(&whole, &work_out(&whole, &forget, 2, true));
        let rewritten = narrow(&alone, &forget, &later).unwrap();
        install(&alone, &rewritten);
        assert_eq!(refs(&alone), refs(&whole), "seed {seed}");
        changed += usize::from(!rewritten.change.refs.is_empty());
        assert!(alone.git(["fsck", "--strict", "--no-dangling"]).is_empty(), "seed {seed}");
    }
    assert!(changed > 20, "{changed}");
}

#[test]
fn what_takes_more_than_texts_of_files_is_left_to_the_other() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "names");
    repo.file("a", WORD).commit("one");
    let commits = |repo: &TestRepo<'_>| lines(&repo.git(["rev-list", "HEAD"]));
    assert!(narrow(&repo, &secrets([WORD]), &commits(&repo)).is_some());
    repo.note("HEAD", "noted");
    assert!(narrow(&repo, &secrets([WORD]), &commits(&repo)).is_none());
    repo.git(["update-ref", "-d", "refs/notes/commits"]);
    repo.file(format!("of-{WORD}"), "").commit("two");
    assert!(narrow(&repo, &secrets([WORD]), &commits(&repo)).is_none());
}

#[test]
fn it_ends_when_it_is_told_to() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "told");
    repo.file("a", WORD).commit("one");
    let repository = open(&repo);
    let store = ObjectStore::open(repository.objects_dir(), repository.hash_kind()).unwrap();
    let (starts, _) = Starts::read(&repository).unwrap();
    let commits = [ObjectId::from_hex(repo.id("HEAD").as_bytes()).unwrap()];
    let interrupt = AtomicBool::new(true);
    let progress = Progress::default();
    let options =
        RewriteOptions { threads: 2, interrupt: &interrupt, progress: Some(&progress), write: true };
    let forget = secrets([WORD]);
    let told = rewrite_unpushed(&store, &starts, &forget, &commits, options);
    assert!(matches!(told, Err(RewriteError::Interrupted)));
    let pack = repo.objects_dir().join("pack");
    assert_eq!(std::fs::read_dir(pack).unwrap().count(), 0, "nothing is left behind");
    interrupt.store(false, Relaxed);
    assert!(rewrite_unpushed(&store, &starts, &forget, &commits, options).unwrap().is_some());
    assert_eq!(progress.objects.load(Relaxed), 1);
}
