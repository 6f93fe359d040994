//! Paths as people name them to git (gitglossary(7), "pathspec"): folders, globs, `:(icase)`, `:!excluded`.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bstr::BStr;
use gix_pathspec::{Defaults, Pattern, Search};

/// Which paths are meant.
#[derive(Clone, Debug)]
pub struct Pathspec {
    // The search keeps what attributes said, so it wants to be changed; none are asked for here.
    search: Arc<Mutex<Search>>,
}

/// Why a pathspec means nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PathspecError {
    /// It is no pathspec.
    #[error("'{pathspec}' is not a pathspec")]
    Malformed {
        /// As it was given.
        pathspec: String,
        /// What is wrong.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It asks for attributes, which each version of a tree may give otherwise.
    #[error("'{pathspec}' asks for attributes, which history has none of")]
    Attributes {
        /// As it was given.
        pathspec: String,
    },
    /// It leads out of the repository.
    #[error("a pathspec leads out of the repository")]
    Outside(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Pathspec {
    /// Reads pathspecs that are relative to `folder` below the top of the working tree at `top`, as git does there. A path
    /// is meant if one of them says so and none that excludes does.
    pub fn new(pathspecs: &[impl AsRef<str>], folder: &Path, top: &Path) -> Result<Self, PathspecError> {
        let mut patterns = Vec::with_capacity(pathspecs.len());
        for pathspec in pathspecs {
            let pathspec = pathspec.as_ref();
            let pattern = Pattern::from_bytes(pathspec.as_bytes(), Defaults::default()).map_err(|error| {
                PathspecError::Malformed { pathspec: pathspec.to_owned(), source: error.into() }
            })?;
            if !pattern.attributes.is_empty() {
                return Err(PathspecError::Attributes { pathspec: pathspec.to_owned() });
            }
            patterns.push(pattern);
        }
        let search = Search::from_specs(patterns, Some(folder), top)
            .map_err(|error| PathspecError::Outside(error.into()))?;
        Ok(Self { search: Arc::new(Mutex::new(search)) })
    }

    /// Whether the file at `path`, from the top of the tree, is meant.
    pub fn matches(&self, path: &BStr) -> bool {
        let mut search = self.search.lock().unwrap_or_else(PoisonError::into_inner);
        search
            .pattern_matching_relative_path(path, Some(false), &mut |_, _, _, _| false)
            .is_some_and(|found| !found.is_excluded())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(specs: &[&str], folder: &str, path: &str) -> bool {
        Pathspec::new(specs, Path::new(folder), Path::new("/top")).unwrap().matches(path.into())
    }

    #[test]
    fn attributes_and_what_lies_outside_are_refused() {
        let new = |spec: &str| Pathspec::new(&[spec], Path::new("a"), Path::new("/top"));
        assert!(matches!(new(":(attr:text)x"), Err(PathspecError::Attributes { .. })));
        assert!(matches!(new(":(nonsense)x"), Err(PathspecError::Malformed { .. })));
        assert!(matches!(new("../../x"), Err(PathspecError::Outside(_))));
        assert!(new("../x").is_ok());
    }

    #[test]
    fn folders_are_relative_to_where_one_stands() {
        assert!(matches(&["b"], "a", "a/b/c"));
        assert!(!matches(&["b"], "a", "b/c"));
        assert!(matches(&[":/b"], "a", "b/c"));
        assert!(matches(&["*.env"], "", "x/y/.env") && !matches(&["*.env"], "a", "b/.env"));
        assert!(matches(&[":!a"], "", "b") && !matches(&[":!a"], "", "a/b"));
    }
}
