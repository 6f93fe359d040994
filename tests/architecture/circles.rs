//! No circle of files inside a crate: if one uses another, the other does not, by whatever way, use the one.
//!
//! The unit is the file. A `mod.rs` or `lib.rs` that declares and re-exports its children does not use them; one with
//! code of its own that calls them does, and then they may not use that code.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::crates::{root, source_folders};
use crate::tree::{ModulePath, Tree};

type Graph = BTreeMap<ModulePath, Vec<ModulePath>>;

/// Groups of modules each of which leads to each other.
fn circles(graph: &Graph) -> Vec<Vec<ModulePath>> {
    let reached: BTreeMap<&ModulePath, Vec<&ModulePath>> =
        graph.keys().map(|module| (module, reachable(graph, module))).collect();
    let mut circles: Vec<Vec<ModulePath>> = graph
        .keys()
        .map(|module| {
            let back = |other: &&&ModulePath| reached[**other].contains(&module);
            reached[module].iter().filter(back).map(|other| (*other).clone()).collect()
        })
        .filter(|circle: &Vec<ModulePath>| !circle.is_empty())
        .collect();
    circles.sort();
    circles.dedup();
    circles
}

/// Sorted; holds `from` only if a way leads back to it.
fn reachable<'g>(graph: &'g Graph, from: &ModulePath) -> Vec<&'g ModulePath> {
    let mut found: Vec<&ModulePath> = Vec::new();
    let mut pending: Vec<&ModulePath> = graph[from].iter().collect();
    while let Some(module) = pending.pop() {
        if !found.contains(&module) {
            found.push(module);
            pending.extend(&graph[module]);
        }
    }
    found.sort();
    found
}

fn graph(tree: &Tree) -> Graph {
    tree.modules.keys().map(|module| (module.clone(), tree.uses(module))).collect()
}

/// A circle with every use that keeps it closed.
fn describe(tree: &Tree, graph: &Graph, circle: &[ModulePath]) -> String {
    let file = |module: &ModulePath| tree.modules[module].file.display().to_string();
    let mut lines = vec!["a circle:".to_owned()];
    for module in circle {
        let inside = graph[module].iter().filter(|used| circle.contains(used));
        lines.extend(inside.map(|used| format!("  {} uses {}", file(module), file(used))));
    }
    lines.join("\n")
}

#[test]
fn no_crate_has_a_circle_of_files() {
    let mut found = Vec::new();
    let (mut files, mut uses) = (0, 0);
    for folder in source_folders() {
        let tree = Tree::read(&root(), &folder);
        let graph = graph(&tree);
        files += graph.len();
        uses += graph.values().map(Vec::len).sum::<usize>();
        found.extend(circles(&graph).iter().map(|circle| describe(&tree, &graph, circle)));
    }
    assert!(uses > files, "only {uses} uses among {files} files: the sources are not read rightly");
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// Writes the files of a crate into a folder of its own and returns its circles, as file names.
fn circles_of(files: &[(&str, &str)]) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }
    let tree = Tree::read(folder.path(), folder.path());
    let name = |module: &ModulePath| tree.modules[module].file.display().to_string();
    circles(&graph(&tree)).iter().map(|circle| circle.iter().map(name).collect()).collect()
}

#[test]
fn a_circle_is_found_however_it_is_written() {
    let lib = ("lib.rs", "mod a; mod b; pub use a::A; pub use b::B;");
    for (a, b) in [
        ("use crate::b::B; pub struct A;", "use crate::a::A; pub struct B;"),
        ("pub struct A(crate::b::B);", "pub fn b() -> super::a::A {}"),
        ("use super::b; fn a() { b::b() }", "use crate::{a as other}; fn b() { other::a() }"),
        ("use crate::B; pub struct A;", "use crate::A; pub struct B;"),
    ] {
        assert_eq!(circles_of(&[lib, ("a.rs", a), ("b.rs", b)]), [["a.rs", "b.rs"]], "{a} / {b}");
    }
    let parent = [
        ("lib.rs", "mod a;"),
        ("a/mod.rs", "mod child; pub struct Own; pub fn run() { child::go() }"),
        ("a/child.rs", "use super::Own; pub fn go() {}"),
    ];
    assert_eq!(circles_of(&parent), [["a/mod.rs", "a/child.rs"]]);
}

#[test]
fn what_is_no_circle_is_left_alone() {
    for files in [
        // Re-exports, and siblings through them.
        &[
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod one; mod two; pub use one::One; pub use two::Two;"),
            ("a/one.rs", "use super::Two; pub struct One;"),
            ("a/two.rs", "pub struct Two;"),
        ][..],
        // Only tests look back.
        &[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "use crate::b::B; pub struct A;"),
            ("b.rs", "pub struct B; #[cfg(test)] mod tests { use crate::a::A; }"),
        ],
        // The name of another crate is not that of a module elsewhere.
        &[
            ("lib.rs", "mod regex; mod a { }"),
            ("regex.rs", "use crate::b::B;"),
            ("b.rs", "use ::serde::regex; use std::fmt; fn b() { fmt::x() }"),
        ],
    ] {
        assert_eq!(circles_of(files), Vec::<Vec<String>>::new(), "{files:?}");
    }
}
