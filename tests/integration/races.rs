//! Colleagues push while history is replaced: whatever they pushed is there afterwards, every time.
//!
//! `UNLEAK_RACES` says how many races are run (100 for a release; a few otherwise).

use std::path::Path;
use std::thread;
use std::time::Duration;

use unleak_testkit::{TestRepo, fake};

use crate::pushing::{leaked, text_of_everything_reachable};
use crate::scanning::environment;

/// How many races, unless the environment says another number.
const RACES: u64 = 6;

fn races() -> u64 {
    #[allow(clippy::disallowed_methods, reason = "a test is told how long to try")]
    let wanted = std::env::var("UNLEAK_RACES");
    wanted.ok().and_then(|number| number.parse().ok()).unwrap_or(RACES)
}

/// A colleague pushes commits one after the other, as git lets them, onto whatever is there: their own branch, and `main`
/// as long as it is what they know. Returns what the server took.
fn colleague(clone: &TestRepo<'_>, seed: u64) -> Vec<String> {
    let mut taken = Vec::new();
    let mut chance = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for number in 0..4 {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        thread::sleep(Duration::from_millis(chance % 120));
        let name = format!("file-{seed}-{number}");
        clone.file(&name, &name).commit(&name);
        let target = if chance.is_multiple_of(3) { format!("own-{seed}") } else { "main".to_owned() };
        let push = ["push", "--quiet", "origin", &format!("HEAD:refs/heads/{target}")];
        if clone.environment().git_output(clone.path(), push, &[], b"").code == Some(0) {
            taken.push(name);
        }
    }
    taken
}

fn race(seed: u64) {
    let environment = environment();
    let (repo, server) = leaked(&environment, "race");
    let path = server.clone_to("other").path().to_owned();
    drop(repo.unleak(["rewrite", "--all-findings", "--apply", "--backup", "none"]).expect_code(0));
    let taken = thread::scope(|scope| {
        let other = scope.spawn(|| in_own_world(&path, seed));
        drop(repo.unleak(["push", "--yes"]).expect_code(0));
        other.join().expect("the colleague did not fail")
    });
    // Whoever was last may have pushed onto the old history once more: once again, and now nobody is at work.
    drop(repo.unleak(["push", "--yes"]).expect_code(0));
    let names = server.git(["log", "--all", "--format=%s"]);
    for name in &taken {
        assert!(
            names.lines().any(|line| line == name),
            "race {seed}: '{name}' is lost of {taken:?}\n{names}"
        );
        let commit =
            server.git(["log", "--all", "--format=%H", "--fixed-strings", &format!("--grep={name}")]);
        let commit = commit.lines().next().expect("its subject was seen");
        assert_eq!(server.git(["show", &format!("{commit}:{name}")]), *name, "race {seed}");
    }
    assert!(!text_of_everything_reachable(&server).contains(&fake::github_pat(3)), "race {seed}");
    server.git(["fsck", "--strict"]);
}

/// The colleague's world has a clock of its own.
fn in_own_world(clone: &Path, seed: u64) -> Vec<String> {
    let environment = environment();
    colleague(&TestRepo::open(&environment, clone), seed)
}

#[test]
fn what_colleagues_push_survives_every_race() {
    for seed in 1..=races() {
        race(seed);
    }
}
