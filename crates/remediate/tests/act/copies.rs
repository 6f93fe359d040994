//! A repository with a change worked out, copies of it, and both ends of what may become of one.

use std::fs;
use std::path::{Path, PathBuf};

use bstr::BString;
use gix_hash::ObjectId;
use unleak_remediate::{Change, NewPack, ObjectMap, Recovered, RefUpdate};
use unleak_testkit::{TestEnvironment, TestRepo};

use crate::bench::{apply, backup_of, fill, options, recover, undo};
use crate::recover::copy_tree;
use crate::rewriting::{Forget, SECRET, change, mentions_secret};

/// What a copy of a repository shares with the original: everything but times and numbers of files.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen(pub(crate) Vec<(&'static str, String)>, pub(crate) Vec<(PathBuf, Vec<u8>)>);

pub(crate) fn seen(repo: &TestRepo<'_>) -> Seen {
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
pub(crate) fn write_change(change: &Change, path: &Path) {
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

pub(crate) fn read_change(repo: &Path) -> Change {
    let text = fs::read_to_string(repo.join(".git/change")).unwrap();
    let id = |hex: &str| ObjectId::from_hex(hex.as_bytes()).unwrap();
    let option = |hex: &str| (hex != "-").then(|| id(hex));
    let mut change = Change {
        refs: vec![],
        commits: vec![],
        parents: vec![],
        objects: ObjectMap::default(),
        deleted: vec![],
        pack: None,
    };
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
pub(crate) fn template(environment: &TestEnvironment) -> TestRepo<'_> {
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

pub(crate) fn copy<'e>(template: &TestRepo<'e>, name: &str) -> TestRepo<'e> {
    let path = template.environment().path(name);
    fs::remove_dir_all(&path).ok();
    copy_tree(template.path(), &path);
    let copied = TestRepo::open(template.environment(), path);
    fs::remove_dir_all(backup_of(&copied)).ok();
    copied.git(["update-index", "-q", "--refresh"]);
    copied
}

/// Both ends of a run, to compare with.
pub(crate) struct Ends {
    pub(crate) before: Seen,
    pub(crate) after: Seen,
}

impl Ends {
    pub(crate) fn new(template: &TestRepo<'_>) -> Self {
        let repo = copy(template, "ends");
        let before = seen(&repo);
        apply(&repo, &read_change(repo.path()), &options(&repo));
        Self { before, after: seen(&repo) }
    }

    /// Recovers, and holds the repository against both ends; from the new one it may go back to the old.
    pub(crate) fn check(&self, repo: &TestRepo<'_>, what: &str, and_back: bool) -> Recovered {
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
