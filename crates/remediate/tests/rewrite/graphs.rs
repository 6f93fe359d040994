//! Histories made from a seed that are as odd as git allows and that git-filter-repo leaves alone: octopus merges, several
//! roots, commits that change nothing, merges that lie, files that become folders, odd names, submodules, links, tags of
//! tags, ids in messages. Contents are few, so that things often become the same.

use std::collections::BTreeMap;

use unleak_objects::{Kind, NewEntry, PackWriter, object_id};
use unleak_testkit::{Random, TestRepo};

use gix_hash::ObjectId;

/// What is looked for in texts.
pub(crate) const WORD: &str = "hunter2";

/// Names of files; some stand in the way of others.
pub(crate) const PATHS: [&[u8]; 18] = [
    b"a",
    b"a/b",
    b"a/b/c",
    b"a-b",
    b"a0",
    b"keep/me",
    b"keep/too",
    b"keep/sub/deep",
    b"drop/one",
    b"drop/two",
    b"drop/sub/one",
    b"with space",
    b"dir with space/x y",
    b"tab\tname",
    b"quote\"d",
    b"new\nline",
    "ünï".as_bytes(),
    b"\xff\xfe",
];

const CONTENTS: [&[u8]; 10] = [
    b"",
    b"one\n",
    b"two\n",
    b"password hunter2\n",
    b"password ***REMOVED***\n",
    b"two hunter2 and hunter2",
    b"bin\0ary hunter2\n",
    b"a longer text that is stripped for its size, and more of it, and more\n",
    b"a longer text with hunter2 that is stripped for its size, and more of it\n",
    b"../keep/me",
];

type Files = BTreeMap<Vec<u8>, (u32, ObjectId)>;

/// Writes such a history into a bare repository; the ids of its blobs.
pub(crate) fn odd_history(repo: &TestRepo<'_>, seed: u64, commits: usize) -> Vec<ObjectId> {
    let mut maker = Maker {
        random: Random::new(seed),
        pack: PackWriter::create(&repo.git_dir().join("objects/pack"), gix_hash::Kind::Sha1).unwrap(),
        made: Vec::new(),
        time: 1_700_000_000,
    };
    let blobs: Vec<ObjectId> = CONTENTS.iter().map(|content| maker.object(Kind::Blob, content)).collect();
    for number in 0..commits {
        maker.commit(number, &blobs);
    }
    let mut refs = maker.refs();
    refs += &maker.tags(&blobs);
    let finished = maker.pack.finish().unwrap().unwrap();
    std::fs::rename(&finished.pack, finished.target.with_extension("pack")).unwrap();
    std::fs::rename(&finished.index, finished.target.with_extension("idx")).unwrap();
    repo.git_with_input(["update-ref", "--stdin"], refs);
    repo.git(["symbolic-ref", "HEAD", "refs/heads/main"]);
    blobs
}

struct Maker {
    random: Random,
    pack: PackWriter,
    /// Commits and their files.
    made: Vec<(ObjectId, Files)>,
    time: u64,
}

impl Maker {
    fn object(&mut self, kind: Kind, bytes: &[u8]) -> ObjectId {
        let id = object_id(gix_hash::Kind::Sha1, kind, bytes).unwrap();
        if !self.pack.contains(&id) {
            self.pack.add(&NewEntry::whole_with(id, kind, bytes)).unwrap();
        }
        id
    }

    fn commit(&mut self, number: usize, blobs: &[ObjectId]) {
        let parents = self.parents();
        let mut files = parents.first().map(|parent| self.made[*parent].1.clone()).unwrap_or_default();
        match self.random.below(8) {
            // Nothing changes: an empty commit, or a merge that takes nothing.
            0 => {}
            // A merge takes what is new to it; nothing more in half of them.
            1..=4 if parents.len() > 1 => {
                for parent in &parents[1..] {
                    for (path, file) in self.made[*parent].1.clone() {
                        put_if_free(&mut files, path, file);
                    }
                }
                if self.random.one_in(2) {
                    self.change(&mut files, blobs);
                }
            }
            // Back to what some commit had.
            5 if !self.made.is_empty() && self.random.one_in(2) => {
                files = self.made[self.random.below(self.made.len())].1.clone();
            }
            _ => {
                for _ in 0..=self.random.below(3) {
                    self.change(&mut files, blobs);
                }
            }
        }
        let tree = self.tree(&files);
        if !self.random.one_in(4) {
            self.time += self.random.below(50) as u64;
        }
        let mut text = format!("tree {tree}\n");
        for parent in &parents {
            text += &format!("parent {}\n", self.made[*parent].0);
        }
        let who = *self.random.pick(&["A <a@project.test>", "B C <b@project.test>", "Ünï <u@project.test>"]);
        text += &format!("author {who} {0} +0100\ncommitter {who} {0} -0330\n\n", self.time);
        text += &self.message(number);
        let id = self.object(Kind::Commit, text.as_bytes());
        self.made.push((id, files));
    }

    fn parents(&mut self) -> Vec<usize> {
        if self.made.is_empty() || self.random.one_in(15) {
            return Vec::new();
        }
        let count = *self.random.pick(&[1, 1, 1, 1, 2, 2, 2, 3, 4]);
        let mut parents: Vec<usize> = Vec::new();
        for _ in 0..count {
            // Mostly recent ones.
            let reach = self.made.len().min(6);
            let recent = self.made.len() - 1 - self.random.below(reach);
            let parent = if self.random.one_in(5) { self.random.below(self.made.len()) } else { recent };
            if !parents.contains(&parent) {
                parents.push(parent);
            }
        }
        parents
    }

    fn change(&mut self, files: &mut Files, blobs: &[ObjectId]) {
        let path = self.random.pick(&PATHS).to_vec();
        if self.random.one_in(4) {
            files.remove(&path);
            return;
        }
        let in_the_way = |other: &Vec<u8>| {
            other.starts_with(&[path.as_slice(), b"/"].concat())
                || path.starts_with(&[other.as_slice(), b"/"].concat())
        };
        files.retain(|other, _| !in_the_way(other));
        let file = match self.random.below(12) {
            0 => (0o160_000, ObjectId::from_hex(&[b'1'; 40]).unwrap()),
            1 => (0o120_000, blobs[9]),
            2 => (0o100_755, *self.random.pick(blobs)),
            _ => (0o100_644, *self.random.pick(blobs)),
        };
        files.insert(path, file);
    }

    fn message(&mut self, number: usize) -> String {
        let mut text = format!("change {number}\n");
        if self.random.one_in(3) && !self.made.is_empty() {
            let (id, _) = &self.made[self.random.below(self.made.len())];
            let length = *self.random.pick(&[6, 7, 10, 40]);
            text += &format!("\nreverts {}, not {WORD}", id.to_hex_with_len(length));
        }
        text
    }

    /// Writes the folders of these files.
    fn tree(&mut self, files: &Files) -> ObjectId {
        // By folder, its name with a slash at the end; entries by the key they are sorted by.
        let mut folders: BTreeMap<Vec<u8>, Files> = BTreeMap::from([(Vec::new(), Files::new())]);
        for (path, file) in files {
            let (folder, name) = split(path);
            folders.entry(folder.to_vec()).or_default().insert(name.to_vec(), *file);
        }
        loop {
            let deepest = folders.keys().max_by_key(|path| path.split(|byte| *byte == b'/').count());
            let path = deepest.unwrap().clone();
            let mut bytes = Vec::new();
            for (name, (mode, id)) in folders.remove(&path).unwrap() {
                let name = name.strip_suffix(b"/").unwrap_or(&name);
                bytes.extend([format!("{mode:o} ").as_bytes(), name, b"\0", id.as_slice()].concat());
            }
            let id = self.object(Kind::Tree, &bytes);
            let Some(inner) = path.strip_suffix(b"/") else { return id };
            let (above, name) = split(inner);
            let name = [name, b"/"].concat();
            folders.entry(above.to_vec()).or_default().insert(name, (0o040_000, id));
        }
    }

    /// Branches at the last commits and at some others, a note.
    fn refs(&mut self) -> String {
        let last = self.made.len() - 1;
        let mut text = format!("create refs/heads/main {}\n", self.made[last].0);
        for name in ["a-side", "side/deep", "z-side", "zz"] {
            let (id, _) = &self.made[last - self.random.below(last.min(12) + 1)];
            text += &format!("create refs/heads/{name} {id}\n");
        }
        let (id, _) = &self.made[self.random.below(last + 1)];
        text + &format!("create refs/tags/light {id}\n")
    }

    fn tags(&mut self, blobs: &[ObjectId]) -> String {
        let mut text = String::new();
        let (commit, _) = self.made[self.random.below(self.made.len())];
        // Tags of one ref have its name: git-filter-repo renames the inner ones.
        for (name, depth) in [("v1", 1), ("v2", 2), ("v3", 3)] {
            let mut target = (commit, "commit");
            for level in 0..depth {
                let (id, kind) = target;
                let tag = format!(
                    "object {id}\ntype {kind}\ntag {name}\ntagger A <a@project.test> {level} +0000\n\nsay {WORD} {commit}\n",
                );
                target = (self.object(Kind::Tag, tag.as_bytes()), "tag");
            }
            text += &format!("create refs/tags/{name} {}\n", target.0);
        }
        let blob = format!(
            "object {}\ntype blob\ntag blob\ntagger A <a@project.test> 1 +0000\n\nkey\n",
            self.random.pick(&blobs[1..5])
        );
        let id = self.object(Kind::Tag, blob.as_bytes());
        text + &format!("create refs/tags/blob {id}\n")
    }
}

/// The folder with its slash, and the name.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    path.split_at(path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1))
}

/// Puts a file where neither it nor what stands in its way is.
fn put_if_free(files: &mut Files, path: Vec<u8>, file: (u32, ObjectId)) {
    let is_near = |other: &Vec<u8>| {
        *other == path
            || other.starts_with(&[path.as_slice(), b"/"].concat())
            || path.starts_with(&[other.as_slice(), b"/"].concat())
    };
    if !files.keys().any(is_near) {
        files.insert(path, file);
    }
}
