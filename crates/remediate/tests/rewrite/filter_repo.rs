//! Where git-filter-repo changes only what must change, and nothing is pruned, its ids and ours are equal.
//!
//! Needs git-filter-repo (2.47): `UNLEAK_TEST_FILTER_REPO` names it. Skipped where it is not.

use std::process::Command;

use unleak_remediate::{Dialect, Forget, Manner, Replacer};
use unleak_testkit::{TestEnvironment, TestRepo, random_history};

use crate::setup::{install, work_out};

fn filter_repo(repo: &TestRepo<'_>, args: &[&str]) -> Option<()> {
    let program = std::env::var_os("UNLEAK_TEST_FILTER_REPO")?;
    let output = Command::new(program)
        .current_dir(repo.path())
        .args([
            "--force",
            "--quiet",
            "--prune-empty=never",
            "--prune-degenerate=never",
            "--preserve-commit-hashes",
        ])
        .args(args)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(())
}

fn refs(repo: &TestRepo<'_>) -> String {
    repo.git(["for-each-ref", "--format=%(refname) %(objectname)"])
}

#[test]
fn same_ids_as_filter_repo_for_literals() {
    let environment = TestEnvironment::new();
    for seed in 100..130u32 {
        let ours =
            random_history(&environment, &format!("ours{seed}"), u64::from(seed), 25 + seed as usize % 40);
        // A fixed point of filter-repo: a second run without rules changes nothing.
        if filter_repo(&ours.repo, &["--proceed"]).is_none() {
            return;
        }
        let theirs = ours.repo.clone_bare(&format!("theirs{seed}"));
        let rules: String = ours
            .planted
            .iter()
            .enumerate()
            .map(|(n, planted)| format!("{}==>[{n}]\n", planted.secret))
            .collect();
        let file = environment.path(format!("rules{seed}"));
        std::fs::write(&file, &rules).unwrap();
        filter_repo(&theirs, &["--replace-text", file.to_str().unwrap()]).unwrap();
        let text = Replacer::parse_expressions(rules.as_bytes(), Dialect::FilterRepo).unwrap();
        let forget = Forget { text: Some(text), manner: Manner::FilterRepo, ..Forget::default() };
        install(&ours.repo, &work_out(&ours.repo, &forget, 2, true));
        assert_eq!(refs(&ours.repo), refs(&theirs), "seed {seed}");
    }
}
