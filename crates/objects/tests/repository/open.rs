//! Where a repository is found, and what is refused.

use std::{fs, path::Path};

use unleak_objects::repository::{OpenError, OpenOptions, Repository};

use crate::git::Scratch;

fn options(change: impl FnOnce(&mut OpenOptions)) -> OpenOptions {
    let mut options = OpenOptions::default();
    change(&mut options);
    options
}

fn discover(path: &Path) -> Result<Repository, OpenError> {
    Repository::discover(path, OpenOptions::default())
}

#[test]
fn a_repository_is_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Repository>();
}

#[test]
fn finds_the_repository_from_everywhere_in_it() {
    let scratch = Scratch::new();
    scratch.write("a/b/file", "x");
    for start in ["", "a", "a/b", ".git", ".git/refs/heads"] {
        let repo = discover(&scratch.top.join(start)).unwrap();
        assert_eq!(repo.git_dir(), scratch.git_dir(), "{start}");
        assert_eq!(repo.common_dir(), scratch.git_dir(), "{start}");
        assert_eq!(repo.work_dir(), Some(scratch.top.as_path()), "{start}");
        assert_eq!(repo.objects_dir(), scratch.git_dir().join("objects"), "{start}");
        assert!(!repo.is_bare() && !repo.is_shallow() && !repo.is_partial());
    }
}

#[test]
fn opens_a_repository_without_searching() {
    let scratch = Scratch::new();
    scratch.write("a/file", "x");
    for path in [scratch.top.clone(), scratch.git_dir()] {
        assert_eq!(Repository::open(&path, OpenOptions::default()).unwrap().git_dir(), scratch.git_dir());
    }
    let error = Repository::open(&scratch.top.join("a"), OpenOptions::default()).unwrap_err();
    assert!(matches!(error, OpenError::NotARepository { .. }), "{error}");
}

#[test]
fn a_bare_repository_has_no_worktree() {
    let scratch = Scratch::new();
    scratch.commit("one");
    scratch.git(&["clone", "-q", "--bare", ".", "../bare.git"]);
    let bare = scratch.outside().join("bare.git");
    for start in [bare.clone(), bare.join("objects")] {
        let repo = discover(&start).unwrap();
        assert_eq!((repo.git_dir(), repo.work_dir(), repo.is_bare()), (bare.as_path(), None, true));
        assert_eq!(repo.head_commit().unwrap(), Some(scratch.id("HEAD")));
    }
}

#[test]
fn a_linked_worktree_shares_objects_and_refs() {
    let scratch = Scratch::new();
    scratch.commit("one");
    scratch.git(&["worktree", "add", "-q", "../linked", "-b", "side"]);
    let linked = scratch.outside().join("linked");
    fs::create_dir(linked.join("sub")).unwrap();
    let admin = scratch.git_dir().join("worktrees/linked");
    for start in [linked.clone(), linked.join("sub"), linked.join(".git")] {
        let repo = discover(&start).unwrap();
        assert_eq!(fs::canonicalize(repo.git_dir()).unwrap(), admin, "{}", start.display());
        assert_eq!(repo.common_dir(), scratch.git_dir());
        assert_eq!(repo.objects_dir().canonicalize().unwrap(), scratch.git_dir().join("objects"));
        assert_eq!(repo.work_dir(), Some(linked.as_path()));
    }
    let hook = options(|options| options.git_dir = Some(admin.clone()));
    let repo = Repository::discover(&linked, hook).unwrap();
    assert_eq!(repo.work_dir(), Some(linked.as_path()));
}

#[test]
fn a_worktree_whose_repository_is_gone_is_broken_and_never_the_repository_around_it() {
    let scratch = Scratch::new();
    scratch.commit("one");
    scratch.git(&["worktree", "add", "-q", "inner", "-b", "side"]);
    fs::remove_dir_all(scratch.git_dir().join("worktrees/inner")).unwrap();
    let error = discover(&scratch.top.join("inner")).unwrap_err();
    assert!(matches!(&error, OpenError::Broken { path, .. } if path.ends_with("inner/.git")), "{error}");
    // As for git, a `.git` directory that is none does not end the search.
    fs::create_dir_all(scratch.top.join("other/.git")).unwrap();
    assert_eq!(discover(&scratch.top.join("other")).unwrap().git_dir(), scratch.git_dir());
}

#[test]
fn says_where_there_is_no_repository() {
    let scratch = Scratch::new();
    let error = discover(&scratch.outside()).unwrap_err();
    assert!(matches!(&error, OpenError::NotARepository { path } if *path == scratch.outside()), "{error}");
    let error = discover(&scratch.top.join("nowhere")).unwrap_err();
    assert!(matches!(error, OpenError::NotARepository { .. }), "{error}");
    fs::remove_file(scratch.git_dir().join("HEAD")).unwrap();
    assert!(matches!(discover(&scratch.top).unwrap_err(), OpenError::Broken { .. }));
}

#[test]
fn the_search_ends_below_a_ceiling() {
    let scratch = Scratch::new();
    scratch.write("a/b/file", "x");
    let below = |ceiling: &str| options(|options| options.ceilings.push(scratch.top.join(ceiling)));
    let search = |ceiling| Repository::discover(&scratch.top.join("a/b"), below(ceiling));
    assert!(matches!(search("a"), Err(OpenError::NotARepository { .. })));
    assert!(search("a/b").is_ok(), "the start itself is no limit");
    assert!(search("x").is_ok());
}

#[test]
fn directories_that_are_named_go_before_what_is_found() {
    let scratch = Scratch::new();
    let other = Scratch::new();
    let git_dir = options(|options| options.git_dir = Some(scratch.git_dir()));
    let repo = Repository::discover(&other.top, git_dir).unwrap();
    assert_eq!((repo.git_dir(), repo.work_dir()), (scratch.git_dir().as_path(), Some(scratch.top.as_path())));
    let both = options(|options| {
        options.git_dir = Some(scratch.git_dir());
        options.work_tree = Some(other.top.clone());
    });
    let repo = Repository::discover(&other.top, both).unwrap();
    assert_eq!((repo.git_dir(), repo.work_dir()), (scratch.git_dir().as_path(), Some(other.top.as_path())));
    let wrong = options(|options| options.git_dir = Some(scratch.outside()));
    let error = Repository::discover(&other.top, wrong).unwrap_err();
    assert!(matches!(error, OpenError::NotARepository { .. }), "{error}");
}

#[test]
fn a_git_directory_of_another_name_takes_the_start_as_its_worktree() {
    let scratch = Scratch::new();
    let moved = scratch.outside().join("elsewhere");
    fs::rename(scratch.git_dir(), &moved).unwrap();
    let git_dir = options(|options| options.git_dir = Some(moved.clone()));
    let repo = Repository::discover(&scratch.top, git_dir).unwrap();
    assert_eq!(repo.work_dir(), Some(scratch.top.as_path()));
}

#[test]
fn core_worktree_is_honoured() {
    let scratch = Scratch::new();
    let other = Scratch::new();
    scratch.git(&["config", "core.worktree", other.top.to_str().unwrap()]);
    assert_eq!(scratch.open().work_dir(), Some(other.top.as_path()));
}

#[test]
fn formats_that_are_not_read_are_refused() {
    let reftable = Scratch::init(&["--ref-format=reftable"]);
    let error = discover(&reftable.top).unwrap_err();
    assert!(matches!(&error, OpenError::Unsupported { what, .. } if what.contains("reftable")), "{error}");
    for (key, value) in [
        ("core.repositoryFormatVersion", "2"),
        ("extensions.fromTheFuture", "true"),
        ("extensions.objectFormat", "md5"),
    ] {
        let scratch = Scratch::new();
        scratch.git(&["config", "core.repositoryFormatVersion", "1"]);
        scratch.git(&["config", key, value]);
        let error = discover(&scratch.top).unwrap_err();
        assert!(matches!(error, OpenError::Unsupported { .. }), "{key}: {error}");
    }
    let readable = Scratch::new();
    readable.git(&["config", "core.repositoryFormatVersion", "1"]);
    for key in ["extensions.worktreeConfig", "extensions.preciousObjects"] {
        readable.git(&["config", key, "true"]);
    }
    assert!(discover(&readable.top).is_ok());
}

#[test]
fn a_broken_configuration_is_named() {
    let scratch = Scratch::new();
    fs::write(scratch.git_dir().join("config"), "[core\nbare = ").unwrap();
    let error = discover(&scratch.top).unwrap_err();
    assert!(matches!(&error, OpenError::Broken { path, .. } if path.ends_with(".git/config")), "{error}");
    fs::remove_file(scratch.git_dir().join("config")).unwrap();
    assert!(discover(&scratch.top).is_ok(), "a repository needs none");
}

#[test]
fn sha256_is_read() {
    let scratch = Scratch::init(&["--object-format=sha256"]);
    scratch.write("file", "content");
    let commit = scratch.commit("one");
    let repo = scratch.open();
    assert_eq!(repo.hash_kind(), gix_hash::Kind::Sha256);
    assert_eq!(repo.head_commit().unwrap(), Some(commit));
    assert_eq!(repo.read_blob(&scratch.id("HEAD:file")).unwrap(), b"content");
    assert_eq!(repo.tips().unwrap().0.len(), 2);
}

#[test]
fn remotes_are_named_without_their_addresses() {
    let scratch = Scratch::new();
    let address = ["https://user:", "secret", "@example.org/x"].concat();
    for name in ["zed", "origin"] {
        scratch.git(&["remote", "add", name, &address]);
    }
    let repo = scratch.open();
    assert_eq!(repo.remotes(), ["origin", "zed"]);
    assert!(!format!("{repo:?}").contains("secret"));
}

#[test]
fn replace_refs_hide_nothing() {
    let scratch = Scratch::new();
    scratch.write("file", "secret");
    scratch.write("other", "harmless");
    scratch.commit("one");
    let (file, other) = (scratch.id("HEAD:file"), scratch.id("HEAD:other"));
    scratch.git(&["replace", &file.to_string(), &other.to_string()]);
    assert_eq!(scratch.git(&["cat-file", "-p", &file.to_string()]), "harmless");
    assert_eq!(scratch.open().read_blob(&file).unwrap(), b"secret");
}

#[test]
fn a_partial_clone_says_so_and_fetches_nothing() {
    let scratch = Scratch::new();
    scratch.git(&["config", "uploadpack.allowFilter", "true"]);
    scratch.write("file", "content");
    scratch.commit("one");
    let url = format!("file://{}", scratch.top.display());
    scratch.git(&["clone", "-q", "--bare", "--filter=blob:none", &url, "../partial"]);
    let repo = discover(&scratch.outside().join("partial")).unwrap();
    assert!(repo.is_partial() && !repo.is_shallow());
    let blob = scratch.id("HEAD:file");
    let error = repo.read_blob(&blob).unwrap_err();
    assert_eq!(error.to_string(), format!("object {blob} is missing"));
}

#[test]
fn objects_of_a_push_are_read_where_the_hook_finds_them() {
    let scratch = Scratch::new();
    scratch.write("file", "one");
    let one = scratch.commit("one");
    scratch.git(&["clone", "-q", "--bare", ".", "../bare"]);
    scratch.write("file", "two");
    let two = scratch.commit("two");
    let bare = scratch.outside().join("bare");
    let pushed =
        |options: OpenOptions| Repository::open(&bare, options).unwrap().commits_in_range(&[two], &[one]);
    assert!(pushed(OpenOptions::default()).is_err());
    let quarantine = scratch.git_dir().join("objects");
    let with = || options(|options| options.object_dirs.push(quarantine.clone()));
    assert_eq!(pushed(with()).unwrap().commits, [two]);
    let repo = Repository::open(&bare, with()).unwrap();
    let changes = repo.changed_blobs(&two).unwrap();
    assert_eq!(repo.read_blob(&changes.files[0].id).unwrap(), b"two");
    let reader = repo.reader();
    assert_eq!(reader.header(&two).unwrap().0, unleak_objects::Kind::Commit);
    assert!(reader.contains(&one) && reader.contains(&two));
    assert!(!reader.contains(&repo.empty_tree()), "and nothing else");
    let missing = options(|options| options.object_dirs.push(scratch.outside().join("none")));
    assert!(matches!(Repository::open(&bare, missing), Err(OpenError::Broken { .. })));
}
