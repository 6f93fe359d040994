//! Which blobs stood at deleted paths and nowhere else: as git lists them, in both manners.

use std::collections::BTreeSet;

use unleak_remediate::{Forget, Manner, PathOptions, PathRule, PathRules, Prune, Ways};
use unleak_testkit::{TestEnvironment, TestRepo};

use crate::graphs::odd_history;
use crate::setup::work_out;

/// Every file of every commit: its path and blob.
fn files(repo: &TestRepo<'_>) -> BTreeSet<(Vec<u8>, String)> {
    let mut files = BTreeSet::new();
    for commit in repo.git(["rev-list", "--all"]).lines() {
        let listed = repo.environment().git_output(repo.path(), ["ls-tree", "-r", "-z", commit], &[], b"");
        for line in listed.stdout.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
            let tab = line.iter().position(|byte| *byte == b'\t').unwrap();
            let words = String::from_utf8(line[..tab].to_vec()).unwrap();
            let words: Vec<&str> = words.split(' ').collect();
            if words[1] == "blob" {
                files.insert((line[tab + 1..].to_vec(), words[2].to_owned()));
            }
        }
    }
    files
}

#[test]
fn is_what_git_says() {
    let environment = TestEnvironment::new();
    let mut some = 0;
    for seed in 0..30 {
        let repo = TestRepo::init_bare(&environment, &format!("repo{seed}"));
        odd_history(&repo, seed, 12);
        // What a tag alone names stands at no path.
        repo.git(["update-ref", "-d", "refs/tags/blob"]);
        for rules in [vec![PathRule::Exact("keep".into())], vec![PathRule::Glob("*o*".into())]] {
            let paths = || Some(PathRules::new(rules.clone(), PathOptions::default()).unwrap());
            let asked = paths().unwrap();
            let (gone, kept): (Vec<_>, Vec<_>) =
                files(&repo).into_iter().partition(|(path, _)| asked.deletes(path.as_slice().into()));
            let kept: BTreeSet<String> = kept.into_iter().map(|(_, id)| id).collect();
            let empty = repo.git(["hash-object", "-t", "blob", "--stdin"]);
            let wanted: BTreeSet<String> = gone.into_iter().map(|(_, id)| id).collect();
            let wanted: Vec<String> = wanted.difference(&kept).filter(|id| **id != empty).cloned().collect();
            let ways = Ways { prune_empty: Prune::Never, ..Ways::default() };
            for manner in [Manner::Faithful, Manner::FilterRepo(ways)] {
                let forget = Forget { paths: paths(), manner, ..Forget::default() };
                let rewritten = work_out(&repo, &forget, 2, true);
                let deleted: Vec<String> = rewritten.change.deleted.iter().map(ToString::to_string).collect();
                assert_eq!(deleted, wanted, "seed {seed}, {rules:?}, {manner:?}");
            }
            some += usize::from(!wanted.is_empty());
        }
    }
    assert!(some > 10, "{some}");
}
