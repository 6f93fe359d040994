//! One direction between the crates: rules -> findings -> {objects} -> scan -> report -> cli.

use std::fs;
use std::path::{Path, PathBuf};

/// Which of the project's crates each may use. A crate that is missing here has no place in the plan yet.
const MAY_USE: [(&str, &[&str]); 10] = [
    ("rules", &[]),
    ("objects", &[]),
    ("findings", &["rules"]),
    ("gates", &["objects"]),
    ("scan", &["rules", "findings", "objects"]),
    ("remediate", &["objects"]),
    ("report", &["rules", "findings", "scan"]),
    ("runbook", &["rules", "findings"]),
    ("guard", &["rules", "findings"]),
    ("testkit", &[]),
];

/// Folders of sources that are no package of their own: the root package's.
const ROOT_SOURCES: &str = "cli";

/// The top of the repository.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The crates' folders, sorted.
fn crates() -> Vec<String> {
    let entries = fs::read_dir(root().join("crates")).expect("crates/ can be listed");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("crates/ can be listed").file_name().to_string_lossy().into_owned())
        .filter(|name| root().join("crates").join(name).join("src").is_dir())
        .collect();
    names.sort();
    names
}

/// The folders of sources, one a crate.
pub(crate) fn source_folders() -> Vec<PathBuf> {
    let folders: Vec<PathBuf> =
        crates().iter().map(|name| root().join("crates").join(name).join("src")).collect();
    assert!(folders.len() > MAY_USE.len(), "the crates are not where this test looks: {folders:?}");
    folders
}

/// The project's crates that a manifest names in sections for which `wanted` holds.
fn dependencies(manifest: &Path, wanted: fn(&str) -> bool) -> Vec<String> {
    let text = fs::read_to_string(manifest).expect("a manifest can be read");
    let mut section = String::new();
    let mut names = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            line.trim_matches(['[', ']']).clone_into(&mut section);
            // `[dependencies.unleak-x]`
            if let Some((section, name)) = section.rsplit_once('.').filter(|(section, _)| wanted(section)) {
                assert!(!section.is_empty());
                names.extend(name.strip_prefix("unleak-").map(str::to_owned));
            }
        } else if wanted(&section)
            && let Some(name) = line.strip_prefix("unleak-")
        {
            names.push(name.split(['.', ' ', '=']).next().unwrap_or_default().to_owned());
        }
    }
    names
}

fn is_build(section: &str) -> bool {
    section.ends_with("dependencies")
        && !section.ends_with("dev-dependencies")
        && !section.starts_with("workspace")
}

fn is_dev(section: &str) -> bool {
    section.ends_with("dev-dependencies")
}

#[test]
fn crates_use_only_what_lies_before_them() {
    for name in crates().iter().filter(|name| *name != ROOT_SOURCES) {
        let manifest = root().join("crates").join(name).join("Cargo.toml");
        let allowed = MAY_USE.iter().find(|(known, _)| known == name).map(|(_, allowed)| *allowed);
        let allowed =
            allowed.unwrap_or_else(|| panic!("crates/{name} has no place in the plan: see MAY_USE"));
        for used in dependencies(&manifest, is_build) {
            assert!(allowed.contains(&used.as_str()), "crates/{name} may not use {used}");
        }
        for used in dependencies(&manifest, is_dev) {
            let fine = used == "testkit" || allowed.contains(&used.as_str());
            assert!(fine, "the tests of crates/{name} may not use {used}");
        }
    }
}

#[test]
fn the_program_ships_nothing_of_the_test_kit() {
    let used = dependencies(&root().join("Cargo.toml"), is_build);
    assert!(used.len() >= 5, "the manifest is not read rightly: {used:?}");
    assert!(!used.iter().any(|name| name == "testkit"), "testkit is for tests only");
}

#[test]
fn forbidden_uses_would_be_seen() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let manifest = folder.path().join("Cargo.toml");
    let text = "[package]\nname = \"unleak-x\"\n[dependencies]\nunleak-scan.workspace = true\nbstr = \"1\"\n\
                [dependencies.unleak-report]\npath = \"..\"\n[dev-dependencies]\nunleak-testkit = { path = \"..\" }\n";
    fs::write(&manifest, text).expect("a file can be written");
    assert_eq!(dependencies(&manifest, is_build), ["scan", "report"]);
    assert_eq!(dependencies(&manifest, is_dev), ["testkit"]);
}
