//! Refs and reflogs against `git for-each-ref` and `git rev-list --reflog`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use bstr::{BString, ByteSlice as _};
use gix_hash::ObjectId;
use unleak_objects::repository::{OpenOptions, RefClass, RefTroubleKind, Repository, Tip};

use crate::git::{Scratch, id, ids};

const NOWHERE: &str = "0123456789012345678901234567890123456789";

fn tips_of(repo: &Repository) -> Vec<Tip> {
    let (tips, troubles) = repo.tips().unwrap();
    assert!(troubles.is_empty(), "{troubles:?}");
    tips
}

fn under_refs(tips: &[Tip]) -> BTreeMap<BString, ObjectId> {
    tips.iter()
        .filter(|tip| tip.name.starts_with(b"refs/"))
        .map(|tip| (tip.name.clone(), tip.target))
        .collect()
}

fn for_each_ref(scratch: &Scratch) -> BTreeMap<BString, ObjectId> {
    let text = scratch.git(&["for-each-ref", "--format=%(objectname) %(refname)"]);
    let line = |line: &[u8]| {
        let (hex, name) = line.split_once_str(" ").unwrap();
        (name.into(), id(hex))
    };
    text.lines().map(line).collect()
}

fn with_all_kinds_of_refs() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("file", "one");
    scratch.commit("one");
    scratch.git(&["tag", "light"]);
    scratch.git(&["tag", "-m", "m", "heavy"]);
    scratch.git(&["tag", "-m", "m", "nested", "heavy"]);
    scratch.git(&["tag", "-m", "m", "of-blob", "HEAD:file"]);
    scratch.git(&["branch", "topic/deep/er"]);
    scratch.git(&["notes", "add", "-m", "note"]);
    for name in ["refs/remotes/origin/main", "refs/pull/1/head", "refs/custom/x", "refs/bisect/bad"] {
        scratch.git(&["update-ref", name, "HEAD"]);
    }
    scratch.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    scratch.git(&["update-ref", "refs/of-tree", "HEAD^{tree}"]);
    scratch.write("file", "two");
    scratch.git(&["stash", "-q"]);
    scratch
}

#[test]
fn refs_that_may_lead_to_some_ends_are_all_but_those_known_to_lead_elsewhere() {
    let scratch = with_all_kinds_of_refs();
    let ends = [id(scratch.git(&["rev-parse", "of-blob^{}"]).trim())].into();
    let named = [BString::from("refs/pull/1/head"), BString::from("refs/tags/none")].into();
    let listed = |repo: &Repository| -> Vec<String> {
        let (tips, troubles) = repo.stored_tips_to(&ends, &named).unwrap();
        assert!(troubles.is_empty(), "{troubles:?}");
        let (all, _) = repo.stored_tips().unwrap();
        assert!(tips.iter().all(|tip| all.contains(tip)));
        tips.into_iter().map(|tip| tip.name.to_string()).collect()
    };
    let loose = listed(&scratch.open());
    assert!(loose.iter().any(|name| name == "refs/heads/topic/deep/er"), "{loose:?}");
    scratch.git(&["pack-refs", "--all"]);
    // Those it points to, one that is named, and what symbolic refs need to be followed.
    let packed = listed(&scratch.open());
    for name in
        ["HEAD", "refs/heads/main", "refs/pull/1/head", "refs/tags/of-blob", "refs/remotes/origin/main"]
    {
        assert!(packed.iter().any(|other| other == name), "{name}: {packed:?}");
    }
    for name in ["refs/heads/topic/deep/er", "refs/tags/light", "refs/tags/nested", "refs/custom/x"] {
        assert!(!packed.iter().any(|other| other == name), "{name}: {packed:?}");
    }
    // Of tags whose line does not say what they peel to, nothing is known.
    let path = scratch.git_dir().join("packed-refs");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace(" fully-peeled", "").replace('^', "# ")).unwrap();
    let unknown = listed(&scratch.open());
    assert!(unknown.iter().any(|name| name == "refs/tags/nested"), "{unknown:?}");
}

#[test]
fn lists_what_git_lists_loose_packed_and_both() {
    let scratch = with_all_kinds_of_refs();
    let expected = for_each_ref(&scratch);
    assert!(expected.len() > 12);
    assert_eq!(under_refs(&tips_of(&scratch.open())), expected, "loose");
    scratch.git(&["pack-refs", "--all"]);
    let packed = tips_of(&scratch.open());
    assert_eq!(under_refs(&packed), expected, "packed");
    let text = scratch.git(&["for-each-ref", "--format=%(*objectname) %(refname)", "refs/tags"]);
    for line in text.lines() {
        let (peeled, name) = line.split_once_str(" ").unwrap();
        let tip = packed.iter().find(|tip| tip.name == name).unwrap();
        let expected = if peeled.is_empty() { tip.target } else { id(peeled) };
        assert_eq!(tip.peeled, Some(expected), "{}", tip.name);
    }
    // Other programs write files that do not say it of every tag.
    let file = scratch.git_dir().join("packed-refs");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(" fully-peeled "), "{text}");
    fs::write(&file, text.replace(" fully-peeled", "")).unwrap();
    let light = tips_of(&scratch.open()).into_iter().find(|tip| tip.name == "refs/tags/light").unwrap();
    assert_eq!(light.peeled, None);
    fs::write(&file, text).unwrap();
    scratch.commit("two");
    scratch.git(&["update-ref", "-d", "refs/tags/light"]);
    scratch.git(&["tag", "-f", "heavy"]);
    let mixed = tips_of(&scratch.open());
    assert_eq!(under_refs(&mixed), for_each_ref(&scratch), "loose before packed");
    let heavy = mixed.iter().find(|tip| tip.name == "refs/tags/heavy").unwrap();
    assert_eq!(heavy.peeled, None, "that was of the packed one");
}

#[test]
fn tips_have_a_class_and_symbolic_ones_a_name() {
    let scratch = with_all_kinds_of_refs();
    let tips = tips_of(&scratch.open());
    let tip = |name: &str| tips.iter().find(|tip| tip.name == name).unwrap();
    assert_eq!(tip("HEAD").class, RefClass::Head);
    assert_eq!(tip("HEAD").symbolic, Some("refs/heads/main".into()));
    assert_eq!(tip("refs/remotes/origin/HEAD").symbolic, Some("refs/remotes/origin/main".into()));
    assert_eq!(tip("refs/stash").class, RefClass::Stash);
    assert_eq!(tip("ORIG_HEAD").class, RefClass::Pseudo);
    scratch.git(&["checkout", "-q", "--detach"]);
    let tips = tips_of(&scratch.open());
    let head = tips.iter().find(|tip| tip.name == "HEAD").unwrap();
    assert_eq!((head.symbolic.clone(), head.target), (None, scratch.id("HEAD")));
}

#[test]
fn an_unborn_head_is_no_trouble() {
    assert_eq!(tips_of(&Scratch::new().open()), []);
}

#[test]
fn heads_and_own_refs_of_all_worktrees_are_seen_from_each() {
    let scratch = Scratch::new();
    let one = scratch.commit("one");
    scratch.git(&["worktree", "add", "-q", "--detach", "../linked"]);
    let linked = scratch.outside().join("linked");
    scratch.git_in(&linked, &["commit", "-q", "--allow-empty", "-m", "only here"]);
    let two = id(&scratch.git_in(&linked, &["rev-parse", "HEAD"]));
    scratch.git_in(&linked, &["update-ref", "refs/bisect/bad", "HEAD"]);
    scratch.git(&["update-ref", "refs/worktree/mine", "HEAD"]);

    let seen = |repo: &Repository| -> BTreeMap<BString, ObjectId> {
        tips_of(repo).into_iter().map(|tip| (tip.name, tip.target)).collect()
    };
    let expected = |pairs: &[(&str, ObjectId)]| -> BTreeMap<BString, ObjectId> {
        pairs.iter().map(|(name, id)| (BString::from(*name), *id)).collect()
    };
    let from_main = [
        ("HEAD", one),
        ("refs/heads/main", one),
        ("refs/worktree/mine", one),
        ("worktrees/linked/HEAD", two),
        ("worktrees/linked/ORIG_HEAD", one),
        ("worktrees/linked/refs/bisect/bad", two),
    ];
    assert_eq!(seen(&scratch.open()), expected(&from_main));
    let from_linked = [
        ("HEAD", two),
        ("ORIG_HEAD", one),
        ("refs/bisect/bad", two),
        ("refs/heads/main", one),
        ("main-worktree/HEAD", one),
        ("main-worktree/refs/worktree/mine", one),
    ];
    let repo = Repository::open(&linked, OpenOptions::default()).unwrap();
    assert_eq!(seen(&repo), expected(&from_linked));
    let (entries, troubles) = repo.reflogs().unwrap();
    assert!(troubles.is_empty());
    let names: BTreeSet<_> = entries.iter().map(|entry| entry.name.to_string()).collect();
    let logs = ["HEAD", "main-worktree/HEAD", "refs/heads/main"].map(String::from);
    assert_eq!(names, BTreeSet::from(logs));
}

#[test]
fn what_operations_leave_behind_is_listed_line_by_line() {
    let scratch = Scratch::new();
    scratch.write("file", "one");
    let one = scratch.commit("one");
    scratch.git(&["checkout", "-q", "-b", "side"]);
    scratch.write("file", "two");
    let two = scratch.commit("two");
    scratch.git(&["clone", "-q", "--bare", ".", "../upstream"]);
    scratch.git(&["fetch", "-q", "../upstream", "main", "side"]);
    scratch.git(&["checkout", "-q", "main"]);
    scratch.write("file", "three");
    scratch.commit("three");
    assert!(!scratch.try_git(&scratch.top, &["merge", "side"], &[]).status.success());
    let tips = tips_of(&scratch.open());
    let targets = |name: &str| -> BTreeSet<_> {
        tips.iter().filter(|tip| tip.name == name).map(|tip| tip.target).collect()
    };
    assert_eq!(targets("FETCH_HEAD"), BTreeSet::from([one, two]));
    assert_eq!(targets("MERGE_HEAD"), BTreeSet::from([two]));
    assert!(
        tips.iter().filter(|tip| !tip.name.starts_with(b"refs/")).all(|tip| tip.class != RefClass::Other)
    );
}

#[test]
fn a_rebase_in_progress_holds_on_to_its_stash() {
    let scratch = Scratch::new();
    scratch.write("file", "one");
    scratch.write("other", "one");
    scratch.commit("one");
    scratch.git(&["checkout", "-q", "-b", "side"]);
    scratch.write("file", "two");
    let side = scratch.commit("two");
    scratch.git(&["checkout", "-q", "main"]);
    scratch.write("file", "three");
    scratch.commit("three");
    scratch.git(&["checkout", "-q", "side"]);
    scratch.write("other", "only stashed");
    assert!(!scratch.try_git(&scratch.top, &["rebase", "--autostash", "main"], &[]).status.success());
    let tips = tips_of(&scratch.open());
    let target = |name: &str| tips.iter().find(|tip| tip.name == name).unwrap().target;
    assert_eq!(target("rebase-merge/orig-head"), side);
    assert_eq!(target("REBASE_HEAD"), side);
    let other = scratch.id(&format!("{}:other", target("rebase-merge/autostash")));
    assert_eq!(scratch.open().read_blob(&other).unwrap(), b"only stashed");
}

#[test]
fn broken_refs_are_named_and_hide_no_others() {
    let scratch = Scratch::new();
    let one = scratch.commit("one");
    scratch.git(&["branch", "packed"]);
    scratch.git(&["branch", "fine"]);
    scratch.git(&["pack-refs", "--all"]);
    let git_dir = scratch.git_dir();
    let put = |name: &str, content: &str| fs::write(git_dir.join(name), content).unwrap();
    put("refs/heads/garbage", "garbage\n");
    put("refs/heads/empty", "");
    put("refs/heads/packed", "hides the packed one");
    put("refs/heads/gone", &format!("{NOWHERE}\n"));
    put("refs/heads/dangling", "ref: refs/heads/nothing\n");
    put("refs/heads/a", "ref: refs/heads/b\n");
    put("refs/heads/b", "ref: refs/heads/a\n");
    put("refs/heads/x.lock", "a lock file");
    put("refs/heads/.hidden", "not a ref");
    put("FETCH_HEAD", &format!("{one}\tnot-for-merge\tx\nnonsense\n"));
    let packed = fs::read_to_string(git_dir.join("packed-refs")).unwrap();
    put("packed-refs", &format!("{packed}broken line\n"));

    let (tips, troubles) = scratch.open().tips().unwrap();
    let names: Vec<_> = tips.iter().map(|tip| tip.name.to_string()).collect();
    assert_eq!(names, ["FETCH_HEAD", "HEAD", "refs/heads/fine", "refs/heads/main"]);
    let text: Vec<_> = troubles.iter().map(ToString::to_string).collect();
    let expected = [
        "FETCH_HEAD has broken content".to_owned(),
        "packed-refs line 5 is broken".to_owned(),
        "refs/heads/a never arrives at an object".to_owned(),
        "refs/heads/b never arrives at an object".to_owned(),
        "refs/heads/dangling points to refs/heads/nothing, which does not exist".to_owned(),
        "refs/heads/empty has broken content".to_owned(),
        "refs/heads/garbage has broken content".to_owned(),
        format!("refs/heads/gone points to object {NOWHERE}, which is missing"),
        "refs/heads/packed has broken content".to_owned(),
    ];
    assert_eq!(text, expected);
}

#[test]
fn a_corrupt_head_is_a_trouble_and_an_error_where_it_is_needed() {
    let scratch = Scratch::new();
    scratch.commit("one");
    fs::write(scratch.git_dir().join("HEAD"), "nonsense").unwrap();
    let repo = scratch.open();
    let (tips, troubles) = repo.tips().unwrap();
    assert_eq!(tips.len(), 1);
    assert!(matches!(troubles[0].kind, RefTroubleKind::BadContent) && troubles[0].name == "HEAD");
    assert_eq!(repo.head_tree().unwrap_err().to_string(), "ref HEAD is broken");
}

#[cfg(unix)]
#[test]
fn a_link_is_a_symbolic_ref_and_a_pipe_is_not_waited_for() {
    use std::os::unix::fs::symlink;
    let scratch = Scratch::new();
    let one = scratch.commit("one");
    let git_dir = scratch.git_dir();
    fs::remove_file(git_dir.join("HEAD")).unwrap();
    symlink("refs/heads/main", git_dir.join("HEAD")).unwrap();
    symlink("/dev/zero", git_dir.join("refs/heads/endless")).unwrap();
    let (tips, troubles) = scratch.open().tips().unwrap();
    assert_eq!((tips[0].name.as_bstr(), tips[0].target), ("HEAD".into(), one));
    assert_eq!(tips[0].symbolic, Some("refs/heads/main".into()));
    assert_eq!(troubles[0].to_string(), "refs/heads/endless cannot be read: not a regular file");
}

#[cfg(target_os = "linux")]
#[test]
fn names_are_bytes() {
    let scratch = Scratch::new();
    let one = scratch.commit("one");
    let name = <[u8]>::to_path(b"refs/heads/caf\xe9").unwrap();
    fs::write(scratch.git_dir().join(name), format!("{one}\n")).unwrap();
    assert!(tips_of(&scratch.open()).iter().any(|tip| tip.name == b"refs/heads/caf\xe9".as_bstr()));
}

#[test]
fn reflogs_hold_what_no_ref_holds() {
    let scratch = Scratch::new();
    scratch.write("file", "one");
    scratch.commit("one");
    for content in ["two", "three"] {
        scratch.write("file", content);
        scratch.git(&["stash", "-q"]);
    }
    let lost = scratch.commit("lost");
    scratch.git(&["reset", "-q", "--hard", "HEAD^"]);
    scratch.git(&["branch", "-m", "main", "renamed"]);
    let (entries, troubles) = scratch.open().reflogs().unwrap();
    assert!(troubles.is_empty());
    let found: BTreeSet<_> = entries.iter().map(|entry| entry.id).collect();
    let listed = ids(&scratch.git(&["rev-list", "--no-walk", "--reflog"]));
    let expected: BTreeSet<_> = listed.into_iter().collect();
    assert_eq!(found, expected);
    assert!(found.contains(&lost));
    let stashes = entries.iter().filter(|entry| entry.name == "refs/stash").count();
    assert_eq!(stashes, 2);
}

#[test]
fn a_broken_reflog_line_is_named_and_hides_no_others() {
    let scratch = Scratch::new();
    let one = scratch.commit("one");
    let log = scratch.git_dir().join("logs/refs/heads/main");
    let mut text = fs::read_to_string(&log).unwrap();
    text.insert_str(0, "broken\n");
    fs::write(&log, text).unwrap();
    let (entries, troubles) = scratch.open().reflogs().unwrap();
    assert!(entries.iter().any(|entry| entry.name == "refs/heads/main" && entry.id == one));
    assert_eq!(troubles.len(), 1);
    assert_eq!(troubles[0].to_string(), "refs/heads/main line 1 is broken");
}
