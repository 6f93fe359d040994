//! One rule about paths, asked about a whole path at once.

use bstr::{BString, ByteSlice};

use crate::dialect::Dialect;
use crate::python::{For, Pattern, PatternError, Syntax, emit, translate};

/// A rule about paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathRule {
    /// The path itself and everything below it; with a slash at its end, what is below it only.
    Exact(BString),
    /// A glob of Python's `fnmatch` for the whole path, in which `*` crosses slashes; and everything below what it
    /// matches.
    Glob(BString),
    /// An expression of Python's `re` that occurs in the path.
    Regex(BString),
}

/// How rules about paths are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PathOptions {
    /// The rules are about the last component alone.
    pub use_base_name: bool,
    /// What matches is kept, everything else is deleted.
    pub keep: bool,
    /// With [`Dialect::Ours`] an empty path or glob is an error; git-filter-repo takes it for every path.
    pub dialect: Dialect,
}

/// A rule that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the path rule {rule:?}: {what}")]
pub struct PathRulesError {
    /// The rule.
    pub rule: BString,
    /// What is wrong with it.
    pub what: String,
}

/// What a rule is once it was read. Globs become expressions.
#[derive(Debug)]
pub(super) enum Matcher {
    Exact(BString),
    Pattern {
        /// For a whole path.
        pattern: Pattern,
        /// For the automaton, in the syntax of `regex`, the whole path; none if that cannot express it.
        whole: Option<String>,
    },
}

impl Matcher {
    /// Whether a path, or what is asked about instead of it, matches.
    pub(super) fn matches(&self, path: &[u8]) -> bool {
        match self {
            Self::Exact(exact) if exact.is_empty() => true,
            Self::Exact(exact) => path
                .strip_prefix(exact.as_slice())
                .is_some_and(|rest| exact.ends_with(b"/") || rest.is_empty() || rest.starts_with(b"/")),
            Self::Pattern { pattern, .. } => pattern.is_match(path),
        }
    }
}

/// Reads a rule; a glob becomes two.
pub(super) fn read(rule: &PathRule, dialect: Dialect) -> Result<Vec<Matcher>, PathRulesError> {
    let (PathRule::Exact(text) | PathRule::Glob(text) | PathRule::Regex(text)) = rule;
    let wrong = |what: &str| PathRulesError { rule: text.clone(), what: what.to_owned() };
    if !matches!(rule, PathRule::Regex(_)) {
        if text.starts_with(b"/") {
            return Err(wrong("paths begin at the top of the repository, without a slash"));
        }
        if text.split_str("/").any(|component| component == b"." || component == b"..") {
            return Err(wrong("no path of a repository has `.` or `..` in it"));
        }
        if text.is_empty() && dialect == Dialect::Ours {
            return Err(wrong("an empty path would be every path"));
        }
    }
    let named = |error: PatternError| wrong(&error.0);
    match rule {
        PathRule::Exact(text) => Ok(vec![Matcher::Exact(text.clone())]),
        PathRule::Regex(text) => Ok(vec![regex(text).map_err(named)?]),
        PathRule::Glob(text) if text.ends_with(b"*") => Ok(vec![glob(text).map_err(named)?]),
        PathRule::Glob(text) => {
            let below: &[u8] = if text.ends_with(b"/") { b"*" } else { b"/*" };
            let below = [text.as_slice(), below].concat();
            Ok(vec![glob(text).map_err(named)?, glob(&below).map_err(named)?])
        }
    }
}

/// `fnmatch` of bytes reads them as Latin-1, one character a byte.
fn glob(text: &[u8]) -> Result<Matcher, PatternError> {
    let letters: Vec<char> = text.iter().copied().map(char::from).collect();
    let source = |atomic: bool| -> Vec<u8> {
        let inside = translate(&letters, atomic);
        // Every character comes from a byte.
        let latin1 = inside.chars().filter_map(|letter| u8::try_from(u32::from(letter)).ok()).collect();
        [br"\A(?s:".to_vec(), latin1, br")\Z".to_vec()].concat()
    };
    let whole = emitted(Pattern::new(&source(false))?.syntax(), "", "");
    Ok(Matcher::Pattern { pattern: Pattern::new(&source(true))?, whole })
}

fn regex(text: &[u8]) -> Result<Matcher, PatternError> {
    let pattern = Pattern::new(text)?;
    let any = r"(?s-u:.*)";
    let whole = emitted(pattern.syntax(), any, any);
    Ok(Matcher::Pattern { pattern, whole })
}

fn emitted(syntax: &Syntax, before: &str, after: &str) -> Option<String> {
    emit(syntax, For::Existence).map(|text| format!("{before}(?:{text}){after}"))
}
