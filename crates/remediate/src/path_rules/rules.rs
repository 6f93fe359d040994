//! Which paths are deleted, asked while a tree is walked from the top.

use bstr::{BStr, ByteSlice};

use super::automaton::Automaton;
use super::directories::Directories;
use super::prefixes::{IN, OUT, Prefixes};
use super::rule::{Matcher, PathOptions, PathRule, PathRulesError, read};

/// Which paths are deleted.
///
/// Rules are asked directory by directory, from [`PathRules::start`] by [`PathRules::enter`]. Directories of the same
/// state are alike to the rules: what becomes of a tree depends on the tree and the state alone.
///
/// ```
/// use unleak_remediate::{PathOptions, PathRule, PathRules};
///
/// let rules = PathRules::new([PathRule::Glob("config/*.env".into())], PathOptions::default()).unwrap();
/// let config = rules.enter(rules.start(), "config".into());
/// assert!(rules.file(config, "prod.env".into()));
/// assert!(!rules.file(config, "prod.toml".into()));
/// assert!(rules.is_settled(rules.enter(rules.start(), "src".into())));
/// ```
#[derive(Debug)]
pub struct PathRules {
    matchers: Vec<Matcher>,
    options: PathOptions,
    prefixes: Prefixes,
    patterns: Patterns,
}

/// The rules that are no plain paths.
#[derive(Debug)]
enum Patterns {
    None,
    Automaton(Automaton),
    /// Rules that no automaton can express, or only one that is too large.
    Whole(Directories),
}

/// What a directory is to the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathState {
    exact: u32,
    pattern: u32,
}

impl PathRules {
    /// Reads rules. Without any, nothing is deleted.
    pub fn new(
        rules: impl IntoIterator<Item = PathRule>,
        options: PathOptions,
    ) -> Result<Self, PathRulesError> {
        let mut matchers = Vec::new();
        for rule in rules {
            matchers.extend(read(&rule, options.dialect)?);
        }
        let exact = matchers.iter().filter_map(|matcher| match matcher {
            Matcher::Exact(path) => Some(path),
            Matcher::Pattern { .. } => None,
        });
        let prefixes = Prefixes::new(exact);
        let patterns = Patterns::new(&matchers);
        Ok(Self { matchers, options, prefixes, patterns })
    }

    /// The top of a tree.
    pub fn start(&self) -> PathState {
        let pattern = match &self.patterns {
            Patterns::Automaton(automaton) => automaton.start(),
            Patterns::None | Patterns::Whole(_) => 0,
        };
        PathState { exact: self.prefixes.start(), pattern }
    }

    /// Into the directory `name`.
    #[must_use]
    pub fn enter(&self, state: PathState, name: &BStr) -> PathState {
        if self.options.use_base_name {
            return state;
        }
        let pattern = match &self.patterns {
            Patterns::None => 0,
            Patterns::Automaton(automaton) => automaton.enter(state.pattern, name),
            Patterns::Whole(directories) => directories.enter(state.pattern, name),
        };
        PathState { exact: self.prefixes.enter(state.exact, name), pattern }
    }

    /// Whether `name` in this directory, whatever is no directory, is deleted.
    pub fn file(&self, state: PathState, name: &BStr) -> bool {
        let matches = self.prefixes.file(state.exact, name)
            || match &self.patterns {
                Patterns::None => false,
                Patterns::Automaton(automaton) => automaton.file(state.pattern, name),
                Patterns::Whole(directories) => self.pattern_matches(&directories.path(state.pattern, name)),
            };
        self.deleted(matches)
    }

    /// Whether nothing below can be deleted any more: the directory stays as it is. (Where this is false it may yet.)
    pub fn is_settled(&self, state: PathState) -> bool {
        if self.options.keep && !self.matchers.is_empty() { self.all(state) } else { self.none(state) }
    }

    /// Whether everything below is deleted: nothing stays of the directory. (Where this is false it may yet be so.)
    pub fn is_all_deleted(&self, state: PathState) -> bool {
        if self.options.keep && !self.matchers.is_empty() { self.none(state) } else { self.all(state) }
    }

    /// Whether nothing below matches.
    fn none(&self, state: PathState) -> bool {
        state.exact == OUT
            && match &self.patterns {
                Patterns::None => true,
                Patterns::Automaton(automaton) => automaton.never(state.pattern),
                Patterns::Whole(_) => false,
            }
    }

    /// Whether everything below matches.
    fn all(&self, state: PathState) -> bool {
        state.exact == IN
            || match &self.patterns {
                Patterns::Automaton(automaton) => automaton.always(state.pattern),
                Patterns::None | Patterns::Whole(_) => false,
            }
    }

    /// Whether an entry `name`, a file or a directory, may be where a deletion begins: of every path that is deleted,
    /// it or one of its directories has a name for which this is true.
    pub fn may_end_with(&self, name: &BStr) -> bool {
        if self.matchers.is_empty() {
            return false;
        }
        self.options.keep
            || self.prefixes.ends_with(name)
            || match &self.patterns {
                Patterns::None => false,
                Patterns::Automaton(automaton) => automaton.may_end_with(name),
                Patterns::Whole(_) => true,
            }
    }

    /// How many folders down from the top deletions begin at most, where the rules say: they name paths in full.
    pub(crate) fn depth(&self) -> Option<usize> {
        let named =
            matches!(self.patterns, Patterns::None) && !self.options.keep && !self.options.use_base_name;
        if named { self.prefixes.depth() } else { None }
    }

    /// Whether what [is deleted](Self::depth) may have `name` on its way.
    pub(crate) fn names(&self, name: &BStr) -> bool {
        self.prefixes.has(name)
    }

    /// Whether the file at `path`, from the top, is deleted.
    pub fn deletes(&self, path: &BStr) -> bool {
        let asked = match path.rsplit_once_str("/") {
            Some((_, name)) if self.options.use_base_name => name,
            _ => path,
        };
        self.deleted(self.matchers.iter().any(|matcher| matcher.matches(asked)))
    }

    fn pattern_matches(&self, path: &[u8]) -> bool {
        let patterns = self.matchers.iter().filter(|matcher| matches!(matcher, Matcher::Pattern { .. }));
        patterns.into_iter().any(|matcher| matcher.matches(path))
    }

    fn deleted(&self, matches: bool) -> bool {
        !self.matchers.is_empty() && matches != self.options.keep
    }
}

impl Patterns {
    fn new(matchers: &[Matcher]) -> Self {
        let (mut wholes, mut all) = (Vec::new(), true);
        for matcher in matchers {
            if let Matcher::Pattern { whole, .. } = matcher {
                wholes.extend(whole.as_deref());
                all &= whole.is_some();
            }
        }
        if wholes.is_empty() && all {
            return Self::None;
        }
        let automaton = if all { Automaton::new(&wholes) } else { None };
        match automaton {
            Some(automaton) => Self::Automaton(automaton),
            None => Self::Whole(Directories::new()),
        }
    }
}
