//! Repositories built by the real git, which knows nothing of the user's configuration.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;
use unleak_objects::{Kind, ObjectId};

use crate::seen::Objects;

/// A bare repository in a temporary folder.
pub(crate) struct Git {
    _root: TempDir,
    pub(crate) dir: PathBuf,
    pub(crate) hash: gix_hash::Kind,
}

impl Git {
    pub(crate) fn init(hash: gix_hash::Kind) -> Self {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("repo.git");
        let git = Self { _root: root, dir, hash };
        std::fs::create_dir(&git.dir).unwrap();
        git.run(&[
            "init",
            "--quiet",
            "--bare",
            &format!("--object-format={hash}"),
            "--initial-branch=main",
            ".",
        ]);
        git
    }

    /// A bare clone inside of this repository that borrows its objects.
    pub(crate) fn borrower(&self) -> Self {
        self.run(&["clone", "--quiet", "--bare", "--shared", ".", "inner.git"]);
        Self { _root: tempfile::tempdir().unwrap(), dir: self.dir.join("inner.git"), hash: self.hash }
    }

    /// A repository with `commits` commits as loose objects.
    pub(crate) fn with_history(hash: gix_hash::Kind, commits: usize) -> Self {
        let git = Self::init(hash);
        git.import("main", 0..commits);
        git
    }

    /// Adds commits to `branch`, as loose objects, and a tag on the last one.
    pub(crate) fn import(&self, branch: &str, commits: std::ops::Range<usize>) {
        let (mut stream, end) = (String::new(), commits.end);
        for i in commits.clone() {
            let time = 1_700_000_000 + i * 60;
            stream += &["commit refs/heads/", branch, "\nmark :1\n"].concat();
            stream += &["committer A U Thor <a@example.com> ", &time.to_string(), " +0100\n"].concat();
            stream += &data(&format!("change {i} on {branch}\n"));
            if i > 0 && i == commits.start {
                stream += &["from refs/heads/", branch, "^0\n"].concat();
            }
            for (path, lines) in [("README", 3), ("src/deep/main.c", 120), ("src/big.txt", 400)] {
                let text: String = (0..lines).map(|line| sentence(line, i)).collect();
                stream += &["M 100644 inline ", path, "\n", &data(&text)].concat();
            }
            let text = format!("{branch} {i}\n");
            stream += &["M 100755 inline new/", text.trim_end(), "\n", &data(&text)].concat();
        }
        let tag = format!("tag {branch}-{end}\nfrom :1\ntagger T <t@example.com> 1700000000 -0800\n");
        stream += &[tag, data("a tag\n")].concat();
        self.run_with(&["-c", "fastimport.unpackLimit=1000000", "fast-import", "--quiet"], stream.as_bytes());
    }

    pub(crate) fn objects(&self) -> PathBuf {
        self.dir.join("objects")
    }

    /// The files in the pack folder with this extension, sorted.
    pub(crate) fn pack_files(&self, extension: &str) -> Vec<PathBuf> {
        let folder = std::fs::read_dir(self.objects().join("pack")).unwrap();
        let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
        files.retain(|path| path.extension().is_some_and(|e| e == extension));
        files.sort();
        files
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Vec<u8> {
        self.run_with(arguments, b"")
    }

    /// Runs git and returns its standard output.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        #[allow(clippy::disallowed_methods, reason = "these tests compare with git itself")]
        let mut child = Command::new("git")
            .args(arguments)
            .current_dir(&self.dir)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_DATE", "1700000000 +0000")
            .env_remove("GIT_DIR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(move || stdin.write_all(input).unwrap());
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "git {arguments:?} failed");
            output.stdout
        })
    }

    /// Everything git finds in the store.
    pub(crate) fn all_objects(&self) -> Objects {
        let text = self.run(&["cat-file", "--batch-all-objects", "--batch", "--buffer"]);
        let mut objects = Objects::new();
        let mut rest = text.as_slice();
        while !rest.is_empty() {
            let end = rest.iter().position(|byte| *byte == b'\n').unwrap();
            let line: Vec<_> = std::str::from_utf8(&rest[..end]).unwrap().split(' ').collect();
            let size: usize = line[2].parse().unwrap();
            let bytes = rest[end + 1..][..size].to_vec();
            let id = ObjectId::from_hex(line[0].as_bytes()).unwrap();
            objects.insert(id, (Kind::from_name(line[1].as_bytes()).unwrap(), bytes));
            rest = &rest[end + 1 + size + 1..];
        }
        objects
    }
}

fn data(text: &str) -> String {
    format!("data {}\n{text}\n", text.len())
}

/// A line that changes now and then, so that versions differ a little and deltas form.
fn sentence(line: usize, version: usize) -> String {
    let generation = if (line + version).is_multiple_of(17) { version } else { line % 5 };
    format!("line {line} of generation {generation}, {:x}\n", (line * 2_654_435_761 + generation) % 65_521)
}
