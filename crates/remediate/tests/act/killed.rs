//! Killed at any instant or out of space: the refs are all old or all new, no object is lost, and the next command goes on.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use unleak_remediate::{Recovered, State};
use unleak_testkit::{Random, TestEnvironment, TestRepo};

use crate::bench::{git, go, options};
use crate::copies::{Ends, copy, read_change, template};
use crate::rewriting::open;

/// How many instants; another number may be asked for in this variable.
const INSTANTS: u64 = 40;
const INSTANTS_VARIABLE: &str = "UNLEAK_KILLS";
const REPO_VARIABLE: &str = "UNLEAK_TEST_REPO";

/// Not a test of its own: what the others start, to be killed.
#[test]
#[ignore = "started by other tests"]
#[allow(clippy::disallowed_methods, reason = "one process tells the other where to work")]
fn applies_in_a_process_of_its_own() {
    let Some(path) = std::env::var_os(REPO_VARIABLE) else { return };
    let environment = TestEnvironment::new();
    let repo = TestRepo::open(&environment, path);
    let change = read_change(repo.path());
    let stop_at = fs::read_to_string(repo.path().join(".git/stop-at")).unwrap_or_default();
    let mut watch = |state: State| {
        if format!("{state:?}") == stop_at {
            Command::new("kill").args(["-KILL", &std::process::id().to_string()]).status().unwrap();
            sleep(Duration::from_mins(1));
        }
        go(state)
    };
    fs::write(repo.path().join(".git/ready"), "").unwrap();
    let result =
        unleak_remediate::apply(&open(&repo), &git(), &change, &options(&repo), &mut || Ok(()), &mut watch);
    result.unwrap();
}

/// Starts it, in a process group of its own, through a shell that may set limits first.
#[allow(clippy::disallowed_methods, reason = "the process to be killed is this test program itself")]
fn start(repo: &TestRepo<'_>, limits: &str) -> Child {
    let test = std::env::current_exe().unwrap();
    let script =
        format!("{limits} exec \"$0\" --exact killed::applies_in_a_process_of_its_own --ignored --nocapture");
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(test).env(REPO_VARIABLE, repo.path()).process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

#[allow(clippy::disallowed_methods, reason = "the `kill` command keeps the tests free of unsafe code")]
fn kill(child: &mut Child, with_group: bool) {
    let id = child.id();
    let target = if with_group { format!("-{id}") } else { id.to_string() };
    // It may have ended already.
    Command::new("kill").args(["-KILL", "--", &target]).stderr(Stdio::null()).status().unwrap();
    child.wait().unwrap();
}

fn wait_until_ready(repo: &TestRepo<'_>) {
    let begun = Instant::now();
    while !repo.path().join(".git/ready").exists() {
        assert!(begun.elapsed() < Duration::from_mins(1), "the other process does not begin");
        sleep(Duration::from_millis(1));
    }
}

#[test]
fn killed_at_every_state() {
    let environment = TestEnvironment::new();
    let template = template(&environment);
    let ends = Ends::new(&template);
    let states = ["Init", "Snapshot", "Backup", "Objects", "Proof", "Refs", "Worktrees", "Meta", "Done"];
    for (at, state) in states.iter().enumerate() {
        let repo = copy(&template, "copy");
        repo.write(".git/stop-at", state);
        let mut child = start(&repo, "");
        assert!(!child.wait().unwrap().success(), "{state}");
        // As a git leaves it that is killed while it reads a copy of the index.
        if repo.path().join(".git/unleak/run-1").is_dir() {
            repo.write(".git/unleak/run-1/probe.lock", "");
        }
        let recovered = ends.check(&repo, state, true);
        match at {
            0..=4 => assert_eq!(recovered, Recovered::RolledBack, "{state}"),
            5..=7 => assert!(matches!(recovered, Recovered::Finished(_)), "{state}"),
            _ => assert_eq!(recovered, Recovered::Nothing, "{state}"),
        }
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "whoever wants more instants asks for them")]
fn killed_at_random_instants() {
    let wanted = std::env::var(INSTANTS_VARIABLE).ok().and_then(|text| text.parse().ok());
    let environment = TestEnvironment::new();
    let template = template(&environment);
    let ends = Ends::new(&template);
    let repo = copy(&template, "copy");
    let mut child = start(&repo, "");
    wait_until_ready(&repo);
    let begun = Instant::now();
    assert!(child.wait().unwrap().success());
    let whole = begun.elapsed();
    let mut random = Random::new(7);
    let (mut back, mut forth) = (0, 0);
    for round in 0..wanted.unwrap_or(INSTANTS) {
        let repo = copy(&template, "copy");
        let mut child = start(&repo, "");
        wait_until_ready(&repo);
        let share = random.below(1000);
        sleep(whole * u32::try_from(share).unwrap() / 1000);
        kill(&mut child, round % 2 == 0);
        let what = format!("round {round}, at {share}/1000 of {whole:?}");
        match ends.check(&repo, &what, round % 4 == 0) {
            Recovered::RolledBack => back += 1,
            Recovered::Finished(_) => forth += 1,
            _ => {}
        }
    }
    assert!(
        back > 0 && forth > 0,
        "{back} were taken back and {forth} finished: not the instants that count"
    );
}

#[test]
fn out_of_space_at_any_size() {
    let environment = TestEnvironment::new();
    let template = template(&environment);
    let ends = Ends::new(&template);
    let mut outcomes = Vec::new();
    // Blocks of 512 bytes, as shells count.
    for blocks in [0, 1, 2, 3, 4, 6, 8, 12, 100_000] {
        let repo = copy(&template, "copy");
        let mut child = start(&repo, &format!("trap '' XFSZ; ulimit -f {blocks};"));
        let success = child.wait().unwrap().success();
        ends.check(&repo, &format!("{blocks} blocks"), true);
        outcomes.push(success);
    }
    assert_eq!((outcomes.first(), outcomes.last()), (Some(&false), Some(&true)), "{outcomes:?}");
}
