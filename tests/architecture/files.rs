//! The shape of a file: one reason to exist, said in its first line; short; no drawer for odds and ends.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::crates::{root, source_folders};

/// No source file is longer. Test modules at its end do not count.
const LONGEST: usize = 400;
/// Half of the files are no longer than this.
const MEDIAN: usize = 200;
/// Names that say nothing about what is inside.
const DRAWERS: [&str; 8] = ["utils", "util", "helpers", "helper", "common", "misc", "types", "shared"];
/// Who may ask a secret for its bytes: where it is hashed, searched for, or shown because the user asked.
const EXPOSE: [&str; 10] = [
    "crates/cli/src/commands/rewrite/what.rs",
    "crates/cli/src/commands/runbook/key_ids.rs",
    "crates/findings/src/fingerprint.rs",
    "crates/findings/src/secret.rs",
    "crates/report/src/csv.rs",
    "crates/report/src/gitlab.rs",
    "crates/report/src/gitleaks.rs",
    "crates/report/src/human/block.rs",
    "crates/report/src/scrub.rs",
    "crates/report/src/shapes.rs",
];

/// Every `*.rs` below `folder`, sorted.
pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let (mut files, mut pending) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of sources can be listed") {
            let path = entry.expect("a folder of sources can be listed").path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Whether a file of sources is compiled for tests only: its parent declares it under `#[cfg(test)]`.
pub(crate) fn is_test(file: &Path) -> bool {
    let Some((folder, stem)) = file.parent().zip(file.file_stem()) else { return false };
    let declaration = format!("#[cfg(test)]mod {};", stem.to_string_lossy());
    let beside = folder.with_extension("rs");
    [folder.join("mod.rs"), folder.join("lib.rs"), folder.join("main.rs"), beside].iter().any(|parent| {
        let text = fs::read_to_string(parent).unwrap_or_default();
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        lines.windows(2).any(|pair| pair.concat() == declaration)
    })
}

fn sources() -> Vec<(String, String)> {
    let files = source_folders().into_iter().flat_map(|folder| rust_files(&folder));
    files.filter(|file| !is_test(file)).map(|file| named(&file)).collect()
}

/// Sources that are no crate's: tests and benchmarks.
fn outer_sources() -> impl Iterator<Item = (String, String)> {
    ["tests", "benches"]
        .into_iter()
        .flat_map(|folder| rust_files(&root().join(folder)))
        .map(|file| named(&file))
}

/// A file's name from the top of the repository, and its text.
fn named(file: &Path) -> (String, String) {
    let text = fs::read_to_string(file).expect("a source file can be read");
    (file.strip_prefix(root()).unwrap_or(file).display().to_string(), text)
}

/// Lines before the test module.
fn length(text: &str) -> usize {
    text.lines().take_while(|line| *line != "#[cfg(test)]").count()
}

fn assert_none(what: &str, found: impl IntoIterator<Item = String>) {
    let found: Vec<String> = found.into_iter().collect();
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

#[test]
fn every_file_says_first_what_it_is_for() {
    let silent = sources().into_iter().chain(outer_sources()).filter(|(_, text)| {
        let said = text.lines().next().and_then(|line| line.strip_prefix("//! "));
        said.is_none_or(|said| said.trim().len() < 10)
    });
    assert_none("files without a first line `//! what it is for`", silent.map(|(file, _)| file));
}

#[test]
fn no_file_is_too_long() {
    let mut lengths: Vec<(usize, String)> =
        sources().into_iter().map(|(file, text)| (length(&text), file)).collect();
    lengths.sort();
    let long = lengths.iter().filter(|(lines, _)| *lines > LONGEST);
    assert_none("files of more than 400 lines", long.map(|(lines, file)| format!("{file}: {lines}")));
    let median = lengths[lengths.len() / 2].0;
    assert!(median <= MEDIAN, "the median is {median} lines");
}

#[test]
fn no_file_is_a_drawer() {
    let drawers = sources().into_iter().chain(outer_sources()).map(|(file, _)| file).filter(|file| {
        Path::new(file).iter().any(|part| {
            DRAWERS.iter().any(|drawer| part.to_string_lossy().trim_end_matches(".rs") == *drawer)
        })
    });
    assert_none("files with a name that says nothing", drawers);
}

#[test]
fn secrets_are_asked_for_their_bytes_in_few_places() {
    let code =
        |text: &str| text.lines().take(length(text)).filter(|line| line.contains(".expose()")).count() > 0;
    let asking: BTreeSet<String> = sources()
        .into_iter()
        .filter(|(_, text)| code(text))
        .map(|(file, _)| file.replace('\\', "/"))
        .collect();
    let new = asking.iter().filter(|file| !EXPOSE.contains(&file.as_str())).cloned();
    assert_none("files that read a secret's bytes and are not on the list", new);
}
