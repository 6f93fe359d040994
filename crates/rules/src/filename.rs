//! Which files a rule is about, judged by their names alone.
//!
//! Histories hold a hundred million tree entries, so the common answer "no" takes two table look-ups.

use std::collections::BTreeMap;
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
        // Most names are refused before anything is compiled.
        if !self.names.iter().any(|pattern| fits_ends(pattern.as_bytes(), file_name(path))) {
            return false;
        }
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

/// Whether the name starts and ends with what the pattern starts and ends with; never wrongly negative.
fn fits_ends(pattern: &[u8], name: &[u8]) -> bool {
    let (head, tail) = literal_ends(pattern);
    let from = name.len().checked_sub(tail.len());
    name.get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head))
        && from.is_some_and(|from| name[from..].eq_ignore_ascii_case(tail))
}

/// What a pattern says literally at its start and at its end.
fn literal_ends(pattern: &[u8]) -> (&[u8], &[u8]) {
    let is_special = |b: &u8| b"*?[]{}\\".contains(b);
    let head = pattern.iter().position(is_special).unwrap_or(pattern.len());
    let tail = pattern.iter().rposition(is_special).map_or(0, |at| at + 1);
    (&pattern[..head], &pattern[tail..])
}

/// The last component of a path.
pub fn file_name(path: &[u8]) -> &[u8] {
    path.iter().rposition(|&b| b == b'/').map_or(path, |at| &path[at + 1..])
}

/// A quick, never wrongly negative test over the patterns of many rules at once: a rule is one of the candidates for a
/// name only if the name starts or ends with what one of its patterns starts or ends with. Most names are refused by
/// their first two and last two bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct NameFilter {
    starts: Ends,
    ends: Ends,
    /// Rules with a pattern that neither starts nor ends with two bytes.
    always: Vec<usize>,
}

impl NameFilter {
    /// Builds the filter for the patterns of rules, each with the number it goes by.
    pub(crate) fn new<'a>(patterns: impl IntoIterator<Item = (usize, &'a FilePatterns)>) -> Self {
        let mut filter = Self::default();
        for (rule, patterns) in patterns {
            patterns.names().iter().for_each(|name| filter.add(rule, name));
        }
        filter
    }

    fn add(&mut self, rule: usize, pattern: &str) {
        let name = pattern.to_ascii_lowercase().into_bytes();
        let (head, tail) = literal_ends(&name);
        let whole = head.len() == name.len();
        match (head, tail) {
            ([a, b, ..], _) => self.starts.add([*a, *b], Literal { text: head.into(), whole, rule }),
            (_, [.., a, b]) => self.ends.add([*a, *b], Literal { text: tail.into(), whole: false, rule }),
            _ => self.always.push(rule),
        }
    }

    /// Whether any pattern might match `name`, one path component.
    #[cfg(test)]
    pub(crate) fn possible(&self, name: &[u8]) -> bool {
        let mut any = false;
        self.each_candidate(name, &mut |_| any = true);
        any
    }

    /// Calls `each` with every rule that might have a pattern for `name`, one path component; some more than once.
    pub(crate) fn each_candidate(&self, name: &[u8], each: &mut impl FnMut(usize)) {
        self.always.iter().copied().for_each(&mut *each);
        let (Some(&first), Some(&last)) = (name.first_chunk(), name.last_chunk()) else {
            // Too short to be looked up by two bytes, and rare.
            return self.starts.all().chain(self.ends.all()).for_each(each);
        };
        for literal in self.starts.of(first) {
            let start = name.get(..literal.text.len());
            if (!literal.whole || literal.text.len() == name.len())
                && start.is_some_and(|start| start.eq_ignore_ascii_case(&literal.text))
            {
                each(literal.rule);
            }
        }
        for literal in self.ends.of(last) {
            let from = name.len().checked_sub(literal.text.len());
            if from.is_some_and(|from| name[from..].eq_ignore_ascii_case(&literal.text)) {
                each(literal.rule);
            }
        }
    }
}

/// What a pattern starts or ends with, in lower case.
#[derive(Clone, Debug)]
struct Literal {
    text: Box<[u8]>,
    /// Whether it is the whole pattern.
    whole: bool,
    rule: usize,
}

/// Literals by two of their bytes, and a bit for every pair of bytes that has any.
#[derive(Clone, Debug)]
struct Ends {
    pairs: Box<[u64; 1024]>,
    literals: BTreeMap<[u8; 2], Vec<Literal>>,
}

impl Default for Ends {
    fn default() -> Self {
        Self { pairs: Box::new([0; 1024]), literals: BTreeMap::new() }
    }
}

impl Ends {
    fn add(&mut self, pair: [u8; 2], literal: Literal) {
        let (word, bit) = slot(pair);
        self.pairs[word] |= bit;
        self.literals.entry(pair).or_default().push(literal);
    }

    fn of(&self, pair: [u8; 2]) -> &[Literal] {
        let (word, bit) = slot(pair);
        if self.pairs[word] & bit == 0 {
            return &[];
        }
        self.literals.get(&pair.map(|byte| byte.to_ascii_lowercase())).map_or(&[], Vec::as_slice)
    }

    fn all(&self) -> impl Iterator<Item = usize> {
        self.literals.values().flatten().map(|literal| literal.rule)
    }
}

fn slot([a, b]: [u8; 2]) -> (usize, u64) {
    let pair = usize::from(a.to_ascii_lowercase()) << 8 | usize::from(b.to_ascii_lowercase());
    (pair / 64, 1 << (pair % 64))
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
        let (patterns, filter) = (patterns(), NameFilter::new([(0, &patterns())]));
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
            "service-accountant.JSON",
        ] {
            assert!(filter.possible(name.as_bytes()) || !patterns.matches(name.as_bytes()), "{name}");
        }
        for name in ["main.c", ".envrc", "x.epem", "..env", "service-account"] {
            assert!(!filter.possible(name.as_bytes()), "{name}");
        }
    }
}
