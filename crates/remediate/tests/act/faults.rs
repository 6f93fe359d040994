//! Killed at any instant, out of space, locked out or outrun: the refs are all old or all new, no object is lost, and
//! the next command goes on.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bstr::{BString, ByteSlice as _};
use gix_hash::ObjectId;
use unleak_remediate::{ActError, Change, NewPack, ObjectMap, Recovered, RefUpdate, State};
use unleak_testkit::{Random, RepoState, TestEnvironment, TestRepo};

use crate::bench::{apply, backup_of, fill, git, go, options, recover, try_apply, undo};
use crate::recover::copy_tree;
use crate::rewriting::{Forget, SECRET, change, mentions_secret, open};

/// How many instants; another number may be asked for in this variable.
const INSTANTS: u64 = 40;
const INSTANTS_VARIABLE: &str = "UNLEAK_KILLS";
const REPO_VARIABLE: &str = "UNLEAK_TEST_REPO";

/// What a copy of a repository shares with the original: everything but times and numbers of files.
#[derive(Debug, PartialEq, Eq)]
struct Seen(Vec<(&'static str, String)>, Vec<(PathBuf, Vec<u8>)>);

fn seen(repo: &TestRepo<'_>) -> Seen {
    let commands = [
        ("refs", &["for-each-ref", "--format=%(refname) %(objectname) %(symref)"][..]),
        ("index", &["ls-files", "--stage", "-v"]),
        ("status", &["status", "--porcelain=v2", "--untracked-files=all"]),
    ];
    let answers = commands.map(|(name, args)| (name, repo.git(args))).to_vec();
    let (mut files, mut pending) = (Vec::new(), vec![repo.path().to_owned()]);
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let relative = path.strip_prefix(repo.path()).unwrap().to_owned();
            let skipped = relative.starts_with(".git")
                && !relative.starts_with(".git/logs")
                && relative != Path::new(".git");
            if entry.file_type().unwrap().is_dir() {
                if !skipped {
                    pending.push(path);
                }
            } else if !skipped || relative == Path::new(".git/HEAD") {
                files.push((relative, fs::read(path).unwrap()));
            }
        }
    }
    files.sort();
    Seen(answers, files)
}

/// A change as text, for another process.
fn write_change(change: &Change, path: &Path) {
    let option = |id: Option<ObjectId>| id.map_or("-".to_owned(), |id| id.to_string());
    let mut text = String::new();
    for update in &change.refs {
        text.push_str(&format!("ref {} {} {}\n", update.old, option(update.new), update.name));
    }
    for ((old, new), parents) in change.commits.iter().zip(&change.parents) {
        let parents: Vec<String> = parents.iter().map(ToString::to_string).collect();
        text.push_str(&format!("commit {old} {} {}\n", option(*new), parents.join(" ")));
    }
    for (old, new) in change.objects.sorted() {
        text.push_str(&format!("object {old} {}\n", option(new)));
    }
    let pack = change.pack.as_ref().unwrap();
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    text.push_str(&format!("pack {} {} {}\n", name(&pack.pack), name(&pack.index), name(&pack.target)));
    fs::write(path, text).unwrap();
}

fn read_change(repo: &Path) -> Change {
    let text = fs::read_to_string(repo.join(".git/change")).unwrap();
    let id = |hex: &str| ObjectId::from_hex(hex.as_bytes()).unwrap();
    let option = |hex: &str| (hex != "-").then(|| id(hex));
    let mut change =
        Change { refs: vec![], commits: vec![], parents: vec![], objects: ObjectMap::default(), pack: None };
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words[0] {
            "ref" => {
                let name = BString::from(words[3]);
                change.refs.push(RefUpdate { name, old: id(words[1]), new: option(words[2]) });
            }
            "commit" => {
                change.commits.push((id(words[1]), option(words[2])));
                change
                    .parents
                    .push(words[3..].iter().filter(|word| !word.is_empty()).map(|hex| id(hex)).collect());
            }
            "object" => change.objects.insert(id(words[1]), option(words[2])),
            _ => {
                let [pack, index, target] =
                    [1, 2, 3].map(|at| repo.join(".git/objects/pack").join(words[at]));
                change.pack = Some(NewPack { pack, index, target, objects: 0 });
            }
        }
    }
    change
}

/// A repository with a change worked out, to be copied.
fn template(environment: &TestEnvironment) -> TestRepo<'_> {
    let repo = TestRepo::init(environment, "template");
    fill(&repo);
    // So many that they are brought to the disk together.
    for number in 0..40 {
        repo.git(["update-ref", &format!("refs/heads/many/{number}"), "HEAD"]);
    }
    repo.git(["pack-refs", "--all"]);
    repo.git(["tag", "-d", "light"]);
    let gone = repo.file("gone", SECRET).commit("goes");
    repo.tag("at-gone", "HEAD");
    repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    let change = change(&repo, Forget { commits: &[gone], ..Forget::default() });
    write_change(&change, &repo.git_dir().join("change"));
    repo
}

fn copy<'e>(template: &TestRepo<'e>, name: &str) -> TestRepo<'e> {
    let path = template.environment().path(name);
    fs::remove_dir_all(&path).ok();
    copy_tree(template.path(), &path);
    let copied = TestRepo::open(template.environment(), path);
    fs::remove_dir_all(backup_of(&copied)).ok();
    copied.git(["update-index", "-q", "--refresh"]);
    copied
}

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
        format!("{limits} exec \"$0\" --exact faults::applies_in_a_process_of_its_own --ignored --nocapture");
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

/// Both ends of a run, to compare with.
struct Ends {
    before: Seen,
    after: Seen,
}

impl Ends {
    fn new(template: &TestRepo<'_>) -> Self {
        let repo = copy(template, "ends");
        let before = seen(&repo);
        apply(&repo, &read_change(repo.path()), &options(&repo));
        Self { before, after: seen(&repo) }
    }

    /// Recovers, and holds the repository against both ends; from the new one it may go back to the old.
    fn check(&self, repo: &TestRepo<'_>, what: &str, and_back: bool) -> Recovered {
        let refs = |seen: &Seen| seen.0[0].1.clone();
        let recovered = recover(repo);
        let now = seen(repo);
        let new = match &recovered {
            Recovered::RolledBack => false,
            Recovered::Finished(_) => true,
            // It had ended before the blow, or not begun.
            _ => refs(&now) == refs(&self.after),
        };
        assert_eq!(now, *(if new { &self.after } else { &self.before }), "{what}: {recovered:?}");
        repo.git(["fsck", "--strict", "--no-dangling", "--no-reflogs"]);
        repo.git(["rev-list", "--objects", "--all", "--reflog", "--indexed-objects", "--quiet"]);
        if new {
            assert_eq!(mentions_secret(repo), [""; 0], "{what}");
        }
        if new && and_back {
            undo(repo);
            assert_eq!(seen(repo), self.before, "{what}: undone");
        }
        assert_eq!(recover(repo), Recovered::Nothing, "{what}");
        recovered
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

#[test]
fn objects_that_cannot_be_placed_leave_everything() {
    let environment = TestEnvironment::new();
    let template = template(&environment);
    let repo = copy(&template, "copy");
    let change = read_change(repo.path());
    let before = seen(&repo);
    // A folder in its place refuses the pack whoever one is; a folder that cannot be written to refuses most.
    let pack = change.pack.as_ref().unwrap().target.with_extension("pack");
    fs::create_dir_all(pack.join("in the way")).unwrap();
    let error = try_apply(&repo, &change, &options(&repo)).unwrap_err();
    assert!(matches!(error, ActError::Objects(_)), "{error:?}");
    fs::remove_dir_all(&pack).unwrap();
    assert_eq!(seen(&repo), before);
    assert!(!backup_of(&repo).exists());
    assert_eq!(recover(&repo), Recovered::Nothing);
    // The pack is still where the caller had put it.
    apply(&repo, &change, &options(&repo));
}

#[test]
fn a_ref_that_moved_stops_the_whole() {
    let environment = TestEnvironment::new();
    let template = template(&environment);
    let repo = copy(&template, "copy");
    let change = read_change(repo.path());
    repo.git(["update-ref", "refs/heads/topic", "main"]);
    let before = RepoState::capture(&repo);
    let error = try_apply(&repo, &change, &options(&repo)).unwrap_err();
    assert!(matches!(&error, ActError::Moved { refs } if *refs == ["refs/heads/topic"]), "{error:?}");
    assert_eq!(error.to_string(), "a ref has moved since: refs/heads/topic");
    before.expect_same(&RepoState::capture(&repo));

    // Later than that: while the proof is being made.
    let repo = copy(&template, "copy");
    let mut prove = || {
        repo.git(["update-ref", "refs/heads/topic", "main"]);
        Ok(())
    };
    let before = seen(&repo);
    let error = unleak_remediate::apply(&open(&repo), &git(), &change, &options(&repo), &mut prove, &mut go)
        .unwrap_err();
    assert!(matches!(error, ActError::Refs(_)), "{error:?}");
    let topic = change.refs.iter().find(|update| update.name == "refs/heads/topic").unwrap().old.to_string();
    repo.git(["update-ref", "refs/heads/topic", &topic]);
    assert_eq!(seen(&repo).0, before.0);
    assert_eq!(recover(&repo), Recovered::Nothing);
}

#[test]
fn locks_of_git_are_respected() {
    let environment = TestEnvironment::new();
    let template = template(&environment);
    let ends = Ends::new(&template);
    let repo = copy(&template, "copy");
    let lock = repo.git_dir().join("refs/heads/main.lock");
    fs::create_dir_all(lock.parent().unwrap()).unwrap();
    fs::write(&lock, "").unwrap();
    let error = try_apply(&repo, &read_change(repo.path()), &options(&repo)).unwrap_err();
    assert!(matches!(error, ActError::Refs(_)), "{error:?}");
    assert!(lock.exists());
    fs::remove_file(&lock).unwrap();
    assert_eq!(seen(&repo), ends.before);

    // Once the refs have moved there is no way back, and the rest waits.
    let repo = copy(&template, "copy");
    let lock = repo.git_dir().join("index.lock");
    fs::write(&lock, "").unwrap();
    let error = try_apply(&repo, &read_change(repo.path()), &options(&repo)).unwrap_err();
    assert!(matches!(error, ActError::Worktree(_)), "{error:?}");
    assert!(
        unleak_remediate::recover(&open(&repo), &git(), &mut go).is_err(),
        "the lock is not ours to remove"
    );
    assert!(lock.exists());
    fs::remove_file(&lock).unwrap();
    assert!(matches!(ends.check(&repo, "after the lock", true), Recovered::Finished(_)));
}

#[test]
fn two_at_once_take_turns() {
    let environment = TestEnvironment::new();
    let template = template(&environment);
    let ends = Ends::new(&template);
    let repo = copy(&template, "copy");
    let change = read_change(repo.path());
    let mut inner = None;
    let mut prove = || {
        inner = Some(try_apply(&repo, &change, &options(&repo)));
        Ok(())
    };
    unleak_remediate::apply(&open(&repo), &git(), &change, &options(&repo), &mut prove, &mut go).unwrap();
    let refused = inner.unwrap().unwrap_err();
    assert!(matches!(refused, ActError::Lock(unleak_remediate::LockError::Taken)), "{refused:?}");
    assert_eq!(seen(&repo), ends.after);
    let late = try_apply(&repo, &change, &options(&repo)).unwrap_err();
    assert!(matches!(late, ActError::Moved { .. }), "{late:?}");
    assert!(seen(&repo).1.iter().all(|(_, bytes)| !bytes.contains_str(SECRET)));
}
