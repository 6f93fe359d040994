//! What git-filter-repo has rewritten once, it and we rewrite alike: every ref, every commit, whatever is pruned.
//!
//! Needs git-filter-repo (2.47): `UNLEAK_TEST_FILTER_REPO` names it. Skipped where it is not. How many histories are made
//! up: `UNLEAK_TEST_HISTORIES`.

use std::collections::{BTreeMap, HashSet};
use std::process::Command;

use gix_hash::ObjectId;
use unleak_remediate::{
    Dialect, Forget, Mailmap, Manner, PathOptions, PathRule, PathRules, Prune, Replacer, Ways,
};
use unleak_testkit::{Random, TestEnvironment, TestRepo, random_history};

use crate::graphs::{PATHS, WORD, odd_history};
use crate::setup::{install, map, work_out};

fn filter_repo(repo: &TestRepo<'_>, args: &[String]) -> Option<()> {
    let program = std::env::var_os("UNLEAK_TEST_FILTER_REPO")?;
    let output = Command::new(program)
        .current_dir(repo.path())
        .args(["--force", "--quiet"])
        .args(args)
        .output()
        .unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(())
}

fn refs(repo: &TestRepo<'_>) -> String {
    repo.git(["for-each-ref", "--format=%(refname) %(objectname)"])
}

/// What to forget, for both.
#[derive(Default)]
struct Asked {
    forget: Forget,
    ways: Ways,
    args: Vec<String>,
}

impl Asked {
    fn arg(&mut self, arg: impl Into<String>) {
        self.args.push(arg.into());
    }

    /// Something of everything there is to ask for, by chance.
    fn random(environment: &TestEnvironment, random: &mut Random, seed: u64, blobs: &[ObjectId]) -> Self {
        let mut asked = Self::default();
        if random.one_in(2) {
            asked.paths(random);
        }
        if random.one_in(2) || asked.args.is_empty() {
            let rules = *random.pick(&[
                "hunter2\n",
                "hunter2==>two\nregex:pass(w)ord==>\\1\n",
                "regex:(?m)^two$==>one\n",
                "glob:pass*d\nliteral:one==>two\n",
                "password hunter2\n==>==>\n",
            ]);
            asked.arg("--replace-text");
            asked.arg(file(environment, &format!("text{seed}"), rules));
            asked.forget.text =
                Some(Replacer::parse_expressions(rules.as_bytes(), Dialect::FilterRepo).unwrap());
        } else if random.one_in(3) {
            // With --replace-text it would let large files come back where a merge is told anew.
            asked.arg("--strip-blobs-bigger-than");
            asked.arg("60");
            asked.forget.larger_than = Some(60);
        }
        if random.one_in(4) {
            let id = *random.pick(blobs);
            asked.arg("--strip-blobs-with-ids");
            asked.arg(file(environment, &format!("ids{seed}"), &format!("{id}\n")));
            asked.forget.blobs = HashSet::from([id]);
        }
        if random.one_in(4) {
            let rules = "hunter2==>nothing\nregex:change (\\d)==>did \\1\n";
            asked.arg("--replace-message");
            asked.arg(file(environment, &format!("messages{seed}"), rules));
            asked.forget.messages =
                Some(Replacer::parse_expressions(rules.as_bytes(), Dialect::FilterRepo).unwrap());
        }
        if random.one_in(5) {
            let people = "New <new@project.test> <A@project.test>\n";
            asked.arg("--mailmap");
            asked.arg(file(environment, &format!("people{seed}"), people));
            asked.forget.mailmap = Some(Mailmap::parse(people.as_bytes(), Dialect::FilterRepo).unwrap());
        }
        asked.ways(random);
        asked
    }

    fn paths(&mut self, random: &mut Random) {
        let mut rules = Vec::new();
        for _ in 0..=random.below(2) {
            let (option, value, rule) = match random.below(8) {
                0 => ("--path-glob", "*e*", PathRule::Glob("*e*".into())),
                1 => ("--path-glob", "keep/*", PathRule::Glob("keep/*".into())),
                2 => ("--path-regex", "^a.*b", PathRule::Regex("^a.*b".into())),
                3 => ("--path", "keep", PathRule::Exact("keep".into())),
                4 => ("--path", "a", PathRule::Exact("a".into())),
                _ => {
                    let all: Vec<&str> =
                        PATHS.iter().filter_map(|path| std::str::from_utf8(path).ok()).collect();
                    let path = *random.pick(&all);
                    ("--path", path, PathRule::Exact(path.into()))
                }
            };
            self.args.extend([option.into(), value.into()]);
            rules.push(rule);
        }
        let keep = random.one_in(2);
        if !keep {
            self.arg("--invert-paths");
        }
        let use_base_name = random.one_in(6);
        if use_base_name {
            self.arg("--use-base-name");
        }
        let options = PathOptions { keep, use_base_name, dialect: Dialect::FilterRepo };
        self.forget.paths = Some(PathRules::new(rules, options).unwrap());
    }

    fn ways(&mut self, random: &mut Random) {
        let prune = |random: &mut Random| match random.below(6) {
            0 => (Prune::Always, "always"),
            1 => (Prune::Never, "never"),
            _ => (Prune::Auto, "auto"),
        };
        let ((empty, empty_word), (degenerate, degenerate_word)) = (prune(random), prune(random));
        self.args.extend(["--prune-empty".into(), empty_word.into()]);
        self.args.extend(["--prune-degenerate".into(), degenerate_word.into()]);
        let (no_ff, keep_ids) = (random.one_in(4), random.one_in(4));
        self.args.extend(no_ff.then(|| "--no-ff".into()));
        self.args.extend(keep_ids.then(|| "--preserve-commit-hashes".into()));
        self.ways = Ways { prune_empty: empty, prune_degenerate: degenerate, no_ff, keep_ids };
    }
}

fn file(environment: &TestEnvironment, name: &str, content: &str) -> String {
    let path = environment.path(name);
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// `commit-map` of git-filter-repo, without the zeros of what was pruned.
fn their_map(repo: &TestRepo<'_>) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(repo.git_dir().join("filter-repo/commit-map")).unwrap();
    let pair = |line: &str| line.split_once(' ').map(|(old, new)| (old.to_owned(), new.to_owned())).unwrap();
    let named =
        |(old, new): (String, String)| (old, if new.starts_with("00000000") { String::new() } else { new });
    text.lines().skip(1).map(pair).map(named).collect()
}

/// Holds one rewrite against the other.
fn compare(ours: &TestRepo<'_>, theirs: &TestRepo<'_>, mut asked: Asked, what: &str) -> Option<bool> {
    filter_repo(theirs, &asked.args)?;
    asked.forget.manner = Manner::FilterRepo(asked.ways);
    let rewritten = work_out(ours, &asked.forget, 2, true);
    install(ours, &rewritten);
    let (ours_now, theirs_now) = (refs(ours), refs(theirs));
    let only =
        |a: &str, b: &str| a.lines().filter(|line| !b.contains(line)).map(str::to_owned).collect::<Vec<_>>();
    let (ours_only, mut theirs_only) = (only(&ours_now, &theirs_now), only(&theirs_now, &ours_now));
    // It leaves a blob that is to go on a tag.
    theirs_only.retain(|line| asked.forget.blobs.is_empty() || !line.starts_with("refs/tags/blob "));
    assert_eq!(ours_only, theirs_only, "{what}: {:?}", asked.args);
    let (ours, theirs) = (map(&rewritten), their_map(theirs));
    assert_eq!(ours, theirs, "{what}: {:?}", asked.args);
    Some(ours.iter().any(|(old, new)| old != new))
}

#[test]
fn odd_histories_become_the_same() {
    let count = std::env::var("UNLEAK_TEST_HISTORIES").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let first = std::env::var("UNLEAK_TEST_FIRST").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let (mut changed, mut pruned) = (0_u64, 0_u64);
    for seed in first..first + count {
        let environment = TestEnvironment::new();
        let ours = TestRepo::init_bare(&environment, "ours");
        let mut random = Random::new(seed + 1_000_000);
        let blobs = odd_history(&ours, seed, 10 + random.below(50));
        ours.git(["fsck", "--strict", "--no-dangling"]);
        let theirs = ours.clone_bare("theirs");
        let asked = Asked::random(&environment, &mut random, seed, &blobs);
        let Some(any) = compare(&ours, &theirs, asked, &format!("seed {seed}")) else { return };
        changed += u64::from(any);
        pruned += u64::from(their_map(&theirs).values().any(String::is_empty));
    }
    assert!(changed * 2 > count && pruned * 4 > count, "{changed} changed, {pruned} pruned");
}

#[test]
fn same_ids_as_filter_repo_for_literals() {
    let environment = TestEnvironment::new();
    for seed in 100..110u32 {
        let ours =
            random_history(&environment, &format!("ours{seed}"), u64::from(seed), 25 + seed as usize % 40);
        let theirs = ours.repo.clone_bare(&format!("theirs{seed}"));
        let rules: String = ours
            .planted
            .iter()
            .enumerate()
            .map(|(n, planted)| format!("{}==>[{n}]\n", planted.secret))
            .collect();
        let file = file(&environment, &format!("rules{seed}"), &rules);
        let text = Replacer::parse_expressions(rules.as_bytes(), Dialect::FilterRepo).unwrap();
        let forget = Forget { text: Some(text), ..Forget::default() };
        let asked = Asked { forget, args: vec!["--replace-text".into(), file], ..Asked::default() };
        if compare(&ours.repo, &theirs, asked, &format!("seed {seed}")).is_none() {
            return;
        }
    }
    assert_eq!(WORD.len(), 7);
}
