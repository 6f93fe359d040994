//! Only what must change changes: on generated histories, in every packing, on any number of threads.

use std::collections::BTreeMap;

use unleak_testkit::{Packing, RandomHistory, TestEnvironment, TestRepo, random_history};

use crate::setup::{REMOVED, install, map, proof, secrets, work_out};

/// Everything in a tree: mode and id by path.
fn files(repo: &TestRepo<'_>, commit: &str) -> BTreeMap<String, (String, String)> {
    let list = repo.git(["ls-tree", "-r", "-z", commit]);
    let entry = |line: &str| {
        let (meta, path) = line.split_once('\t').unwrap();
        let mut meta = meta.split(' ');
        let (mode, _, id) = (meta.next().unwrap(), meta.next(), meta.next().unwrap());
        (path.to_owned(), (mode.to_owned(), id.to_owned()))
    };
    list.split('\0').filter(|line| !line.is_empty()).map(entry).collect()
}

fn lines<'t>(text: &'t str, key: &str) -> Vec<&'t str> {
    text.lines().take_while(|line| !line.is_empty()).filter(|line| line.starts_with(key)).collect()
}

/// Every commit differs from what it was where it held a secret, and nowhere else.
fn check_commits(history: &RandomHistory<'_>, map: &BTreeMap<String, String>) -> usize {
    let repo = &history.repo;
    let replaced = |text: &str| {
        history.planted.iter().fold(text.to_owned(), |text, planted| text.replace(&planted.secret, REMOVED))
    };
    let mut changed = 0;
    for (old, new) in map {
        let (old_text, new_text) = (repo.git(["cat-file", "-p", old]), repo.git(["cat-file", "-p", new]));
        let must = replaced(&old_text) != old_text
            || lines(&old_text, "parent ").iter().any(|parent| {
                let parent = &parent["parent ".len()..];
                map[parent] != parent
            })
            || files(repo, old).values().any(|(_, id)| {
                let text = repo.git(["cat-file", "-p", id]);
                replaced(&text) != text
            });
        assert_eq!(must, old != new, "{old} {new}");
        if old == new {
            continue;
        }
        changed += 1;
        for key in ["author ", "committer "] {
            assert_eq!(lines(&old_text, key), lines(&new_text, key));
        }
        let parents: Vec<String> = lines(&old_text, "parent ")
            .iter()
            .map(|line| format!("parent {}", map[&line["parent ".len()..]]))
            .collect();
        assert_eq!(lines(&new_text, "parent "), parents);
        let (before, after) = (files(repo, old), files(repo, new));
        assert!(before.keys().eq(after.keys()));
        for (path, (mode, id)) in &before {
            let (new_mode, new_id) = &after[path];
            assert_eq!(mode, new_mode);
            let text = repo.git(["cat-file", "-p", id]);
            assert_eq!(repo.git(["cat-file", "-p", new_id]), replaced(&text), "{path}");
            assert_eq!(id == new_id, replaced(&text) == text, "{path}");
        }
    }
    changed
}

#[test]
fn generated_histories_lose_their_secrets_and_nothing_else() {
    let environment = TestEnvironment::new();
    let mut changed = 0;
    for seed in 0..4 {
        let history = random_history(&environment, &format!("plain{seed}"), seed, 40);
        history.repo.git(["reflog", "expire", "--expire=all", "--all"]);
        history.repo.git(["reset", "--quiet", "--soft", "HEAD"]);
        let forget = secrets(history.planted.iter().map(|planted| planted.secret.as_str()));
        let rewritten = work_out(&history.repo, &forget, 2, true);
        install(&history.repo, &rewritten);
        history.repo.git(["fsck", "--strict", "--no-dangling"]);
        changed += check_commits(&history, &map(&rewritten));
        history.repo.git(["reset", "--quiet", "--hard"]);
        history.repo.git(["reflog", "expire", "--expire=all", "--all"]);
        std::fs::remove_file(history.repo.git_dir().join("ORIG_HEAD")).unwrap_or_default();
        let proof = proof(&history.repo, &forget);
        assert!(proof.holds(), "{:?} {:?} {:?}", proof.leftovers, proof.missing, proof.troubles);
        assert!(proof.unreachable > 0);
    }
    assert!(changed > 40, "{changed}");
}

#[test]
fn neither_packing_nor_threads_nor_writing_matter() {
    let environment = TestEnvironment::new();
    for seed in 10..13 {
        let history = random_history(&environment, &format!("packed{seed}"), seed, 60);
        let forget = secrets(history.planted.iter().map(|planted| planted.secret.as_str()));
        // Packing drops what nothing leads to, so that goes first.
        history.repo.gc();
        let expected = work_out(&history.repo, &forget, 1, false).change;
        assert!(expected.commits.iter().any(|(old, new)| Some(*old) != *new));
        for packing in [
            Packing::One,
            Packing::WithoutDeltas,
            Packing::DeltasById,
            Packing::DeepDeltas,
            Packing::Loose,
            Packing::MultiPackIndex,
        ] {
            history.repo.repack(packing);
            for (threads, write) in [(1, true), (3, true), (2, false)] {
                let got = work_out(&history.repo, &forget, threads, write).change;
                assert_eq!(got.refs, expected.refs, "{packing:?} {threads}");
                assert_eq!(got.commits, expected.commits, "{packing:?} {threads}");
                assert_eq!(got.objects, expected.objects, "{packing:?} {threads}");
                if let Some(pack) = got.pack {
                    let (pack_file, index) =
                        (pack.target.with_extension("pack"), pack.target.with_extension("idx"));
                    std::fs::rename(&pack.pack, &pack_file).unwrap();
                    std::fs::rename(&pack.index, &index).unwrap();
                    history.repo.git(["verify-pack", index.to_str().unwrap()]);
                    std::fs::remove_file(index).unwrap();
                    std::fs::remove_file(pack_file).unwrap();
                }
            }
        }
    }
}

#[test]
fn a_secret_that_is_not_there_changes_nothing() {
    let environment = TestEnvironment::new();
    let history = random_history(&environment, "clean", 5, 30);
    let rewritten = work_out(&history.repo, &secrets(["no such value anywhere"]), 2, true);
    assert_eq!(rewritten.change.refs, []);
    assert!(rewritten.change.objects.is_empty() && rewritten.change.pack.is_none());
    assert!(rewritten.change.commits.iter().all(|(old, new)| Some(*old) == *new));
}
