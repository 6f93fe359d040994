//! The modules of one crate: which file holds which, and what file a path leads to.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::imports::{Named, named};
use crate::lexer::tokens;

/// A module's place in the crate: `["history", "graph"]`; the root is empty.
pub(crate) type ModulePath = Vec<String>;

/// One file of a crate.
#[derive(Debug)]
pub(crate) struct Module {
    /// From the top of the repository.
    pub(crate) file: PathBuf,
    /// What it names.
    pub(crate) named: Named,
}

/// All files of a crate by module.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) modules: BTreeMap<ModulePath, Module>,
}

/// Imports that lead to imports, at most; more can only be a circle of aliases.
const MAX_HOPS: usize = 16;

impl Tree {
    /// Reads the crate whose sources lie in `folder`. Files that only tests use are left out.
    pub(crate) fn read(root: &Path, folder: &Path) -> Self {
        let mut modules = BTreeMap::new();
        for file in super::files::rust_files(folder) {
            let path = module_path(folder, &file);
            if super::files::is_test(&file) {
                continue;
            }
            let source = fs::read_to_string(&file).expect("a source file can be read");
            let file = file.strip_prefix(root).unwrap_or(&file).to_owned();
            modules.insert(path, Module { file, named: named(&tokens(&source)) });
        }
        Self { modules }
    }

    /// The modules whose items `from` uses, itself left out. A module that re-exports what its own children hold does
    /// not use them by that, and who imports from there uses the child.
    pub(crate) fn uses(&self, from: &ModulePath) -> Vec<ModulePath> {
        let named = &self.modules[from].named;
        let imports = named.imports.iter().filter_map(|import| {
            let target = self.item(from, &import.path, 0)?;
            let re_export = import.public && target.starts_with(from);
            (!re_export).then_some(target)
        });
        let paths = named.paths.iter().filter_map(|path| self.item(from, path, 0));
        let mut used: Vec<ModulePath> = imports.chain(paths).filter(|target| target != from).collect();
        used.sort();
        used.dedup();
        used
    }

    /// The module that holds the item which `path` means in module `from`. `None` when it means a module, or something
    /// of another crate.
    fn item(&self, from: &ModulePath, path: &[String], hops: usize) -> Option<ModulePath> {
        let (mut module, rest) = self.start(from, path, hops)?;
        for (at, word) in rest.iter().enumerate() {
            let mut child = module.clone();
            child.push(word.clone());
            if self.modules.contains_key(&child) {
                module = child;
                continue;
            }
            if hops < MAX_HOPS
                && let Some(alias) = self.alias(&module, word)
            {
                let full: Vec<String> = alias.iter().chain(&rest[at + 1..]).cloned().collect();
                // What another crate gave the module its name for is not an item of this one.
                return self.item(&module, &full, hops + 1);
            }
            return Some(module);
        }
        None
    }

    /// The module at which `path` starts, and what is left of it.
    fn start<'p>(
        &self,
        from: &ModulePath,
        path: &'p [String],
        hops: usize,
    ) -> Option<(ModulePath, &'p [String])> {
        let mut module = from.clone();
        let mut rest = path;
        match rest.first()?.as_str() {
            "crate" => Some((Vec::new(), &rest[1..])),
            "self" => Some((module, &rest[1..])),
            "super" => {
                while rest.first().is_some_and(|word| word == "super") {
                    module.pop();
                    rest = &rest[1..];
                }
                Some((module, rest))
            }
            first => {
                let mut child = module.clone();
                child.push(first.to_owned());
                let known = self.modules.contains_key(&child);
                // An import under its own first name (`use regex::Regex as regex`) would lead to itself.
                let alias =
                    self.alias(from, first).filter(|alias| alias.first() != path.first() || alias.len() > 1);
                (known || (hops < MAX_HOPS && alias.is_some() && self.is_inside(from, alias?)))
                    .then_some((module, rest))
            }
        }
    }

    /// Whether an imported path is one of this crate.
    fn is_inside(&self, from: &ModulePath, path: &[String]) -> bool {
        path.first().is_some_and(|first| {
            let mut child = from.clone();
            child.push(first.clone());
            matches!(first.as_str(), "crate" | "self" | "super") || self.modules.contains_key(&child)
        })
    }

    fn alias(&self, module: &ModulePath, name: &str) -> Option<&[String]> {
        let imports = &self.modules.get(module)?.named.imports;
        imports.iter().find(|import| import.name == name).map(|import| import.path.as_slice())
    }
}

/// `src/a/b.rs` and `src/a/b/mod.rs` are `["a", "b"]`, `lib.rs` and `main.rs` the root.
fn module_path(folder: &Path, file: &Path) -> ModulePath {
    let relative = file.strip_prefix(folder).expect("the file lies in the folder").with_extension("");
    let mut path: ModulePath = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if path.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        path.pop();
    }
    path
}
