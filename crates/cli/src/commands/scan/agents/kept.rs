//! The files that agents keep: by pattern, links followed, and what could not be listed.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use unleak_guard::policy::matches;

/// Files that fit, and what could not be looked into.
#[derive(Default)]
pub(super) struct Kept {
    /// By the name that fits and where the file really is.
    pub(super) files: BTreeSet<(String, PathBuf)>,
    pub(super) unread: Vec<(PathBuf, io::Error)>,
}

impl Kept {
    /// Regular files below `base` that fit a pattern. Links count as what they lead to: people keep these folders elsewhere.
    pub(super) fn below(base: &Path, patterns: &[String]) -> Self {
        let mut kept = Self::default();
        for pattern in patterns {
            let fixed = pattern.split('*').next().unwrap_or_default();
            // The home directory itself is never walked: every pattern names a folder first.
            let start = match fixed.rsplit_once('/') {
                Some((folder, _)) if pattern.contains('*') => folder,
                _ if pattern.contains('*') => "",
                _ => pattern,
            };
            kept.walk(base, start, pattern);
        }
        kept
    }

    fn walk(&mut self, base: &Path, start: &str, pattern: &str) {
        let mut seen = BTreeSet::new();
        let mut pending = vec![start.to_owned()];
        while let Some(name) = pending.pop() {
            match self.step(base, &name, pattern, &mut seen) {
                Ok(inside) => pending.extend(inside),
                // What is not there is not kept.
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
                Err(error) => self.unread.push((base.join(name), error)),
            }
        }
    }

    /// Takes up a file, or gives back the names in a folder.
    fn step(
        &mut self,
        base: &Path,
        name: &str,
        pattern: &str,
        seen: &mut BTreeSet<PathBuf>,
    ) -> io::Result<Vec<String>> {
        let real = base.join(name).canonicalize()?;
        let meta = fs::metadata(&real)?;
        if meta.is_file() && matches(pattern, name) {
            self.files.insert((name.to_owned(), real));
        } else if meta.is_dir() && pattern.contains('*') && seen.insert(real.clone()) {
            let is_flat = |inside: &str| name.is_empty() && !matches(pattern, inside);
            let mut inside = Vec::new();
            for entry in fs::read_dir(&real)? {
                let entry = entry?.file_name().to_string_lossy().into_owned();
                inside.push(if name.is_empty() { entry } else { format!("{name}/{entry}") });
            }
            inside.retain(|one| !is_flat(one));
            return Ok(inside);
        }
        Ok(Vec::new())
    }
}
