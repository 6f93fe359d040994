//! Paths named in full, for which only the trees on their way are read, against the same rules as expressions, for which all
//! are.

use std::sync::atomic::AtomicBool;

use bstr::ByteSlice as _;
use unleak_objects::ObjectStore;
use unleak_remediate::{
    Forget, PathOptions, PathRule, PathRules, RewriteError, RewriteOptions, Starts, rewrite,
};
use unleak_testkit::{Packing, Random, TestEnvironment, TestRepo};

use crate::graphs::odd_history;
use crate::setup::{map, open, work_out};

fn rules(rules: impl IntoIterator<Item = PathRule>) -> Forget {
    Forget { paths: Some(PathRules::new(rules, PathOptions::default()).unwrap()), ..Forget::default() }
}

/// The path and what is below it, as an expression.
fn as_expression(path: &[u8]) -> PathRule {
    let letter = |byte: &u8| format!(r"\x{byte:02x}").into_bytes();
    let path: Vec<u8> = path.iter().flat_map(letter).collect();
    PathRule::Regex([b"\\A".as_slice(), &path, b"(?:/|\\Z)"].concat().into())
}

/// Paths of files and folders, and some that are not there.
fn paths(repo: &TestRepo<'_>) -> Vec<Vec<u8>> {
    let mut paths: Vec<Vec<u8>> = ["nowhere", "a/b/nowhere", "keep/keep", "a/a/a"].map(Vec::from).to_vec();
    let listed = repo.environment().git_output(repo.path(), ["rev-list", "--objects", "--all"], &[], b"");
    let after_id = |line: &[u8]| line.find_byte(b' ').map(|at| line[at + 1..].to_vec());
    paths.extend(listed.stdout.lines().filter_map(after_id).filter(|path| !path.is_empty()));
    paths.sort();
    paths.dedup();
    paths
}

#[test]
fn only_the_trees_on_the_way_are_read_and_all_is_found() {
    let environment = TestEnvironment::new();
    let (mut changed, mut deep) = (0, 0);
    for seed in 0..60 {
        let mut random = Random::new(seed);
        let repo = TestRepo::init_bare(&environment, &format!("repo{seed}"));
        odd_history(&repo, seed, 15);
        if random.one_in(2) {
            repo.repack(Packing::DeepDeltas);
        }
        let all = paths(&repo);
        let asked: Vec<Vec<u8>> = (0..=random.below(3)).map(|_| random.pick(&all).clone()).collect();
        let named = rules(asked.iter().map(|path| PathRule::Exact(path.as_slice().into())));
        let expressed = rules(asked.iter().map(|path| as_expression(path)));
        let (narrow, whole) = (work_out(&repo, &named, 2, false), work_out(&repo, &expressed, 1, false));
        let shown: Vec<_> = asked.iter().map(|path| path.as_bstr()).collect();
        assert_eq!(narrow.change.refs, whole.change.refs, "seed {seed} {shown:?}");
        assert_eq!(map(&narrow), map(&whole), "seed {seed} {shown:?}");
        assert_eq!(narrow.change.objects, whole.change.objects, "seed {seed} {shown:?}");
        assert_eq!(narrow.effects.trees_changed, whole.effects.trees_changed, "seed {seed} {shown:?}");
        changed += usize::from(!narrow.change.refs.is_empty());
        deep += usize::from(asked.iter().any(|path| path.contains(&b'/')) && !narrow.change.refs.is_empty());
    }
    assert!(changed > 30 && deep > 10, "{changed} {deep}");
}

#[test]
fn a_tree_that_is_not_there_counts_where_something_may_be_deleted_in_it() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "missing");
    repo.file("a/b/c", "c").file("d/e", "e").commit("one");
    let missing = repo.id("HEAD:a/b");
    repo.remove_loose_object(&missing);
    let plan = |path: &str| {
        let repository = open(&repo);
        let store = ObjectStore::open(repository.objects_dir(), repository.hash_kind()).unwrap();
        let (starts, _) = Starts::read(&repository).unwrap();
        let interrupt = AtomicBool::new(false);
        let options = RewriteOptions { threads: 1, interrupt: &interrupt, progress: None, write: false };
        rewrite(&store, &starts, &rules([PathRule::Exact(path.into())]), options)
    };
    assert!(matches!(plan("a/b/c"), Err(RewriteError::MissingTrees)));
    // What is deleted as a whole must be known, since it must not come back.
    assert!(plan("a").is_err());
    assert_eq!(plan("d/e").unwrap().change.refs.len(), 1);
}
