//! The slow way: every file of every version, listed by git, read by the detector under its path.

use std::collections::{BTreeSet, HashMap};

use unleak_findings::Secret;
use unleak_rules::Scratch;
use unleak_testkit::TestRepo;

use crate::engine::{DETECTOR, FINGERPRINTER};

/// Path and fingerprint.
pub(crate) type Pairs = BTreeSet<(String, String)>;

/// Reads blobs once.
pub(crate) struct Brute<'r, 'e> {
    pub(crate) repo: &'r TestRepo<'e>,
    known: HashMap<(String, String), BTreeSet<String>>,
    scratch: Scratch,
}

impl<'r, 'e> Brute<'r, 'e> {
    pub(crate) fn new(repo: &'r TestRepo<'e>) -> Self {
        Self { repo, known: HashMap::new(), scratch: Scratch::default() }
    }

    /// The fingerprints in a blob as a file of that path.
    pub(crate) fn blob(&mut self, blob: &str, path: &str) -> BTreeSet<String> {
        let name = path.rsplit('/').next().unwrap().to_owned();
        let (repo, scratch) = (self.repo, &mut self.scratch);
        let scan = || {
            let output = repo.environment().git_output(repo.path(), ["cat-file", "blob", blob], &[], b"");
            let text = output.expect_code(0).stdout;
            let found = DETECTOR.scan_file(path.as_bytes(), &text, scratch);
            let fingerprint = |found: unleak_rules::Match| {
                let family = &DETECTOR.rules()[found.rule].family;
                FINGERPRINTER.of(family, &Secret::new(found.secret.of(&text))).to_string()
            };
            found.into_iter().map(fingerprint).collect()
        };
        self.known.entry((blob.to_owned(), name)).or_insert_with(scan).clone()
    }

    /// The files of a tree: path and blob.
    pub(crate) fn files(&self, tree: &str) -> Vec<(String, String)> {
        let listed = self.repo.git(["ls-tree", "-r", "-z", tree]);
        let entry = |line: &str| {
            let (entry, path) = line.split_once('\t').unwrap();
            (path.to_owned(), entry.split(' ').nth(2).unwrap().to_owned())
        };
        listed.split_terminator('\0').map(entry).collect()
    }

    pub(crate) fn pairs(&mut self, files: impl IntoIterator<Item = (String, String)>) -> Pairs {
        let mut pairs = Pairs::new();
        for (path, blob) in files {
            pairs.extend(self.blob(&blob, &path).into_iter().map(|found| (path.clone(), found)));
        }
        pairs
    }

    /// Everything in any commit that refs reach.
    pub(crate) fn history(&mut self) -> Pairs {
        let commits = self.repo.log(&["--all"]);
        let files: BTreeSet<_> = commits.iter().flat_map(|commit| self.files(commit)).collect();
        self.pairs(files)
    }

    /// What `commits` bring that no parent has at the same path.
    pub(crate) fn introduced(&mut self, commits: &[String]) -> Pairs {
        let mut pairs = Pairs::new();
        for commit in commits {
            let parents = self.repo.git(["log", "-1", "--format=%P", commit]);
            let parents: Vec<HashMap<_, _>> =
                parents.split_whitespace().map(|parent| self.files(parent).into_iter().collect()).collect();
            for (path, blob) in self.files(commit) {
                if parents.iter().any(|files| files.get(&path) == Some(&blob)) {
                    continue;
                }
                let mut found = self.blob(&blob, &path);
                for old in parents.iter().filter_map(|files| files.get(&path)) {
                    found = &found - &self.blob(old, &path);
                }
                pairs.extend(found.into_iter().map(|found| (path.clone(), found)));
            }
        }
        pairs
    }
}
