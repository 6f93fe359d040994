//! Which files a rule is about, judged by their names alone.
//!
//! Histories hold a hundred million tree entries, so the common answer "no" takes two table look-ups.

use std::sync::OnceLock;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// File name patterns with exceptions. Patterns are globs matched against the last path component, without regard to
/// case. They are compiled when a name is first matched.
#[derive(Clone, Debug)]
pub struct FilePatterns {
    names: Vec<String>,
    except: Vec<String>,
    sets: OnceLock<Option<[GlobSet; 2]>>,
}

impl FilePatterns {
    /// Checks the patterns.
    ///
    /// # Errors
    /// When one of them is not a valid glob; the error names it.
    pub fn new(names: Vec<String>, except: Vec<String>) -> Result<Self, globset::Error> {
        compile(&names)?;
        compile(&except)?;
        Ok(Self::checked(names, except))
    }

    /// Takes patterns that [`Self::new`] has accepted before.
    pub(crate) fn checked(names: Vec<String>, except: Vec<String>) -> Self {
        Self { names, except, sets: OnceLock::new() }
    }

    /// The patterns as written.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The exceptions as written.
    pub fn except(&self) -> &[String] {
        &self.except
    }

    /// Whether `path`, a full path or a file name, is meant.
    pub fn matches(&self, path: &[u8]) -> bool {
        let sets = self.sets.get_or_init(|| Some([compile(&self.names).ok()?, compile(&self.except).ok()?]));
        let name = String::from_utf8_lossy(file_name(path));
        sets.as_ref()
            .is_some_and(|[names, except]| names.is_match(name.as_ref()) && !except.is_match(name.as_ref()))
    }
}

fn compile(patterns: &[String]) -> Result<GlobSet, globset::Error> {
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        builder.add(GlobBuilder::new(pattern).case_insensitive(true).build()?);
    }
    builder.build()
}

/// The last component of a path.
pub fn file_name(path: &[u8]) -> &[u8] {
    path.iter().rposition(|&b| b == b'/').map_or(path, |at| &path[at + 1..])
}

/// A quick, never wrongly negative test over many patterns at once: a name is possible only if its first two bytes
/// begin a pattern or its last two end one.
#[derive(Clone, Debug)]
pub(crate) struct NameFilter {
    starts: Box<[u64; 1024]>,
    ends: Box<[u64; 1024]>,
    always: bool,
}

impl NameFilter {
    /// Builds the filter for all of `patterns`.
    pub(crate) fn new<'a>(patterns: impl IntoIterator<Item = &'a FilePatterns>) -> Self {
        let mut filter = Self { starts: Box::new([0; 1024]), ends: Box::new([0; 1024]), always: false };
        for name in patterns.into_iter().flat_map(FilePatterns::names) {
            let name = name.as_bytes();
            let head = name.iter().position(|b| b"*?[{\\".contains(b)).unwrap_or(name.len());
            let tail = name.len() - name.iter().rposition(|b| b"*?]}\\".contains(b)).map_or(0, |at| at + 1);
            match (head, tail) {
                (2.., _) => set(&mut filter.starts, name[0], name[1]),
                (_, 2..) => set(&mut filter.ends, name[name.len() - 2], name[name.len() - 1]),
                _ => filter.always = true,
            }
        }
        filter
    }

    /// Whether any pattern might match `name`, one path component.
    pub(crate) fn possible(&self, name: &[u8]) -> bool {
        self.always
            || match name {
                [a, b, ..] => {
                    get(&self.starts, *a, *b) || get(&self.ends, name[name.len() - 2], name[name.len() - 1])
                }
                _ => true,
            }
    }
}

fn slot(a: u8, b: u8) -> (usize, u64) {
    let pair = usize::from(a.to_ascii_lowercase()) << 8 | usize::from(b.to_ascii_lowercase());
    (pair / 64, 1 << (pair % 64))
}

fn set(table: &mut [u64; 1024], a: u8, b: u8) {
    let (word, bit) = slot(a, b);
    table[word] |= bit;
}

fn get(table: &[u64; 1024], a: u8, b: u8) -> bool {
    let (word, bit) = slot(a, b);
    table[word] & bit != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns() -> FilePatterns {
        let owned = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        FilePatterns::new(
            owned(&[".env", ".env.*", "*.pem", "*service-account*.json"]),
            owned(&["*.example"]),
        )
        .unwrap()
    }

    #[test]
    fn names_match_by_their_last_component_without_case() {
        for path in ["a/b/.env", ".ENV.production", "x/KEY.PEM", "my-service-account-1.json"] {
            assert!(patterns().matches(path.as_bytes()), "{path}");
        }
        for path in [".env.example", ".env/x", "environment", "pem", "service-account.yaml"] {
            assert!(!patterns().matches(path.as_bytes()), "{path}");
        }
    }

    #[test]
    fn the_quick_filter_is_never_wrongly_negative() {
        let (patterns, filter) = (patterns(), NameFilter::new([&patterns()]));
        for name in [
            ".env",
            ".Env.local",
            "a.pem",
            "service-account.json",
            "main.c",
            "e",
            "",
            "x.PEM",
            ".environment",
        ] {
            assert!(filter.possible(name.as_bytes()) || !patterns.matches(name.as_bytes()), "{name}");
        }
        assert!(!filter.possible(b"main.c"));
    }
}
