//! A change made by hand, object by object, with git's plumbing: a second opinion on what the rewriter makes.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;

use bstr::{BString, ByteSlice as _};
use gix_hash::ObjectId;
use unleak_objects::repository::{OpenOptions, Repository};
use unleak_remediate::{Change, NewPack, ObjectMap, RefUpdate};
use unleak_testkit::TestRepo;

/// What is forgotten in all tests, and what stands in its place.
pub(crate) const SECRET: &str = "hunter2-hunter2";
pub(crate) const REMOVED: &str = "***REMOVED***";

/// Opens the repository of a test.
pub(crate) fn open(repo: &TestRepo<'_>) -> Repository {
    Repository::open(repo.path(), OpenOptions::default()).unwrap()
}

/// What to forget besides the secret.
#[derive(Default)]
pub(crate) struct Forget<'f> {
    /// Names in any tree that are deleted.
    pub(crate) names: &'f [&'f str],
    /// Commits that are pruned.
    pub(crate) commits: &'f [String],
}

/// Every object of a repository, rewritten.
struct Rewriter<'r> {
    repo: &'r TestRepo<'r>,
    kind: gix_hash::Kind,
    forget: Forget<'r>,
    objects: BTreeMap<ObjectId, (String, Vec<u8>)>,
    done: RefCell<HashMap<ObjectId, Option<ObjectId>>>,
    new: RefCell<BTreeMap<ObjectId, (String, Vec<u8>)>>,
}

/// Works out what becomes of the repository without the secret, with the new objects in a pack of a temporary name.
pub(crate) fn change(repo: &TestRepo<'_>, forget: Forget<'_>) -> Change {
    let opened = open(repo);
    let rewriter = Rewriter {
        repo,
        kind: opened.hash_kind(),
        forget,
        objects: all_objects(repo),
        done: RefCell::default(),
        new: RefCell::default(),
    };
    let mut objects = ObjectMap::default();
    let (mut commits, mut parents) = (Vec::new(), Vec::new());
    for (id, (kind, bytes)) in &rewriter.objects {
        let new = rewriter.rewrite(id);
        objects.insert(*id, new);
        if kind == "commit" {
            commits.push((*id, new));
            parents.push(headers(bytes, "parent"));
        }
    }
    let refs = opened.tips().unwrap().0.into_iter().filter(|tip| tip.symbolic.is_none());
    let refs = refs.filter_map(|tip| {
        let new = rewriter.rewrite(&tip.target);
        (new != Some(tip.target)).then_some(RefUpdate { name: tip.name, old: tip.target, new })
    });
    Change { refs: refs.collect(), commits, parents, objects, deleted: vec![], pack: rewriter.pack() }
}

/// Kind and content of everything in the store.
fn all_objects(repo: &TestRepo<'_>) -> BTreeMap<ObjectId, (String, Vec<u8>)> {
    let args = ["cat-file", "--batch-all-objects", "--batch"];
    let output = repo.environment().git_output(repo.path(), args, &[], b"").expect_code(0).stdout;
    let (mut objects, mut rest) = (BTreeMap::new(), output.as_slice());
    while let Some((line, after)) = rest.split_once_str("\n") {
        let words: Vec<&str> = line.to_str().unwrap().split(' ').collect();
        let size: usize = words[2].parse().unwrap();
        let id = ObjectId::from_hex(words[0].as_bytes()).unwrap();
        objects.insert(id, (words[1].to_owned(), after[..size].to_vec()));
        rest = &after[size + 1..];
    }
    objects
}

/// The ids of all headers of that name.
fn headers(bytes: &[u8], name: &str) -> Vec<ObjectId> {
    let head = bytes.split_once_str("\n\n").map_or(bytes, |(head, _)| head);
    let values = head.lines().filter_map(|line| line.strip_prefix(name.as_bytes())?.strip_prefix(b" "));
    values.map(|hex| ObjectId::from_hex(hex).unwrap()).collect()
}

impl Rewriter<'_> {
    fn rewrite(&self, id: &ObjectId) -> Option<ObjectId> {
        if let Some(new) = self.done.borrow().get(id) {
            return *new;
        }
        let Some((kind, bytes)) = self.objects.get(id) else { return Some(*id) };
        let new = match kind.as_str() {
            "blob" => Some(self.keep("blob", bytes.replace(SECRET, REMOVED))),
            "tree" => Some(self.tree(bytes)),
            _ if self.forget.commits.contains(&id.to_string()) => {
                headers(bytes, "parent").first().and_then(|parent| self.rewrite(parent)).filter(|_| false)
            }
            kind => self.text(kind, bytes),
        };
        self.done.borrow_mut().insert(*id, new);
        new
    }

    /// Notes an object and returns its id.
    fn keep(&self, kind: &str, bytes: Vec<u8>) -> ObjectId {
        let name = match kind {
            "blob" => unleak_objects::Kind::Blob,
            "tree" => unleak_objects::Kind::Tree,
            "commit" => unleak_objects::Kind::Commit,
            _ => unleak_objects::Kind::Tag,
        };
        let id = unleak_objects::object_id(self.kind, name, &bytes).unwrap();
        if !self.objects.contains_key(&id) {
            self.new.borrow_mut().insert(id, (kind.to_owned(), bytes));
        }
        id
    }

    fn tree(&self, bytes: &[u8]) -> ObjectId {
        let (mut tree, mut rest) = (Vec::new(), bytes);
        while let Some((head, after)) = rest.split_once_str("\0") {
            let (id, after) = after.split_at(self.kind.len_in_bytes());
            rest = after;
            let name = head.split_once_str(" ").unwrap().1;
            if self.forget.names.iter().any(|gone| gone.as_bytes() == name) {
                continue;
            }
            let new = self.rewrite(&ObjectId::from_bytes_or_panic(id)).unwrap();
            tree.extend_from_slice(head);
            tree.push(0);
            tree.extend_from_slice(new.as_bytes());
        }
        self.keep("tree", tree)
    }

    /// A commit or a tag: ids in its headers, the secret anywhere. Pruned parents are bridged.
    fn text(&self, kind: &str, bytes: &[u8]) -> Option<ObjectId> {
        let (head, body) = bytes.split_once_str("\n\n").unwrap();
        let mut new = Vec::new();
        for line in head.lines() {
            let (name, value) = line.split_once_str(" ").unwrap_or((line, b""));
            let id = [&b"tree"[..], b"parent", b"object"]
                .contains(&name)
                .then(|| ObjectId::from_hex(value).unwrap());
            let ids = match id {
                Some(id) if name == b"parent" => self.surviving(&id),
                Some(id) => vec![self.rewrite(&id)?],
                None => {
                    new.extend_from_slice(line);
                    new.push(b'\n');
                    continue;
                }
            };
            for id in ids {
                new.extend_from_slice(name);
                new.extend_from_slice(format!(" {id}\n").as_bytes());
            }
        }
        new.push(b'\n');
        new.extend_from_slice(body);
        Some(self.keep(kind, new.replace(SECRET, REMOVED)))
    }

    fn surviving(&self, id: &ObjectId) -> Vec<ObjectId> {
        match self.rewrite(id) {
            Some(new) => vec![new],
            None => headers(&self.objects[id].1, "parent").iter().flat_map(|id| self.surviving(id)).collect(),
        }
    }

    /// Packs what is new.
    fn pack(&self) -> Option<NewPack> {
        let new = self.new.borrow();
        if new.is_empty() {
            return None;
        }
        let objects = self.repo.objects_dir();
        let scratch = tempfile::tempdir().unwrap();
        let variables: [(&str, &OsStr); 2] = [
            ("GIT_OBJECT_DIRECTORY", scratch.path().as_os_str()),
            ("GIT_ALTERNATE_OBJECT_DIRECTORIES", objects.as_os_str()),
        ];
        let run = |args: &[&str], stdin: &[u8]| {
            let output =
                self.repo.environment().git_output(self.repo.path(), args, &variables, stdin).expect_code(0);
            output.stdout_text().trim_end().to_owned()
        };
        let (mut ids, content) = (String::new(), scratch.path().join("content"));
        fs::create_dir(&content).unwrap();
        for kind in ["blob", "tree", "commit", "tag"] {
            let mut paths = String::new();
            for (id, (_, bytes)) in new.iter().filter(|(_, (of, _))| of == kind) {
                let path = content.join(id.to_string());
                fs::write(&path, bytes).unwrap();
                paths.push_str(&format!("{}\n", path.display()));
                ids.push_str(&format!("{id}\n"));
            }
            let args = ["hash-object", "-w", "-t", kind, "--literally", "--no-filters", "--stdin-paths"];
            run(&args, paths.as_bytes());
        }
        fs::create_dir_all(objects.join("pack")).unwrap();
        let base = objects.join("pack/tmp_made");
        let hash = run(&["pack-objects", "-q", base.to_str().unwrap()], ids.as_bytes());
        let made = |end: &str| PathBuf::from(format!("{}-{hash}.{end}", base.display()));
        let temporary = |what: &str| objects.join("pack").join(format!("tmp_{what}_{hash}"));
        fs::rename(made("pack"), temporary("pack")).unwrap();
        fs::rename(made("idx"), temporary("idx")).unwrap();
        drop(fs::remove_file(made("rev")));
        Some(NewPack {
            pack: temporary("pack"),
            index: temporary("idx"),
            target: objects.join("pack").join(format!("pack-{hash}")),
            objects: u32::try_from(new.len()).unwrap(),
        })
    }
}

/// Whether any version of any file, message, reflog or index that git still shows in this worktree has the secret.
pub(crate) fn mentions_secret(repo: &TestRepo<'_>) -> Vec<String> {
    let listed = repo.git(["rev-list", "--objects", "--all", "--reflog", "--indexed-objects"]);
    let ids: Vec<&str> = listed.lines().map(|line| line.split(' ').next().unwrap()).collect();
    let stdin = ids.iter().map(|id| format!("{id}\n")).collect::<String>();
    let args = ["cat-file", "--batch"];
    let output =
        repo.environment().git_output(repo.path(), args, &[], stdin.as_bytes()).expect_code(0).stdout;
    let found = output.find(SECRET).map(|at| BString::from(&output[at.saturating_sub(200)..at]).to_string());
    found.into_iter().collect()
}
