//! What a forced push takes away.

use unleak_gates::{Erased, erased};
use unleak_testkit::{TestEnvironment, TestRepo};

use crate::pushed::{id, open, update};

#[test]
fn what_is_lost_is_known_or_said_to_be_unknown() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    let base = repo.file("a", "0\n").commit("base");
    let theirs = repo.file("a", "1\n").commit("theirs");
    repo.git(["reset", "-q", "--hard", &base]);
    let mine = repo.file("a", "2\n").commit("mine");
    let nobody = "1".repeat(40);
    let one = |tracking: Option<&str>, old: Option<&str>, new: Option<&str>| {
        match tracking {
            Some(tracking) => repo.git(["update-ref", "refs/remotes/origin/main", tracking]),
            None => repo.git(["update-ref", "-d", "refs/remotes/origin/main"]),
        };
        let repository = open(&repo);
        let (tips, _) = repository.tips().expect("refs");
        let found =
            erased(&repository, &tips, b"origin", &[update("refs/heads/main", old, new)]).expect("known");
        found.into_iter().next().map(|erasure| erasure.erased)
    };
    let commits = vec![id(&theirs)];
    assert_eq!(one(None, Some(&nobody), Some(&mine)), Some(Erased::Unseen));
    assert_eq!(
        one(Some(&base), Some(&theirs), Some(&mine)),
        Some(Erased::Moved { fetched: id(&base), commits: commits.clone() })
    );
    assert_eq!(
        one(Some(&theirs), Some(&theirs), Some(&mine)),
        Some(Erased::Seen { commits: commits.clone() })
    );
    assert_eq!(one(None, Some(&theirs), Some(&mine)), Some(Erased::Seen { commits }));
    for (old, new) in
        [(Some(&base), Some(&mine)), (None, Some(&mine)), (Some(&theirs), None), (Some(&mine), Some(&mine))]
    {
        assert_eq!(one(Some(&base), old.map(String::as_str), new.map(String::as_str)), None);
    }
    // A branch that becomes a blob loses its commit.
    let blob = repo.id("HEAD:a");
    assert_eq!(one(None, Some(&theirs), Some(&blob)), Some(Erased::Seen { commits: vec![id(&theirs)] }));
}
