//! Files that say what text is replaced, in the format of git-filter-repo's `--replace-text`.
//!
//! One rule a line: `FIND==>PUT`, or `FIND` alone, which puts `***REMOVED***`. `FIND` is a literal, or after `literal:`
//! one, after `regex:` an expression of Python's `re` over bytes, after `glob:` a glob of Python's `fnmatch`. The last
//! `==>` of a line counts; no line is a comment; blanks matter.

use zeroize::Zeroizing;

use crate::dialect::Dialect;
use crate::python::{Pattern, PatternError, Template, translate};

/// What is put where a rule names nothing else.
pub(crate) const REMOVED: &[u8] = b"***REMOVED***";

/// A rule file that cannot be used. Rules are secrets: a message never quotes one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExpressionError {
    /// Nothing is to be replaced.
    #[error("the file of replacements holds no rule")]
    Empty,
    /// A line cannot be used.
    #[error("line {line} of the replacements: {what}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// The construct that cannot be used.
        what: String,
    },
    /// What a rule puts holds what it, or a rule before it, takes away.
    #[error("line {line} of the replacements: what is put there holds what line {again} takes away")]
    Recreates {
        /// The rule that puts it, counted from 1.
        line: usize,
        /// The rule that takes it away.
        again: usize,
    },
}

/// A literal and what takes its place.
pub(crate) struct LiteralRule {
    pub(crate) line: usize,
    pub(crate) find: Zeroizing<Vec<u8>>,
    pub(crate) put: Vec<u8>,
}

/// An expression and what takes its place.
pub(crate) struct PatternRule {
    pub(crate) line: usize,
    pub(crate) pattern: Pattern,
    pub(crate) template: Template,
    /// The rule as written: expression and template.
    pub(crate) source: (Zeroizing<Vec<u8>>, Vec<u8>),
}

/// The rules of a file, each kind in its order; the literals come first.
pub(crate) struct Expressions {
    pub(crate) literals: Vec<LiteralRule>,
    pub(crate) patterns: Vec<PatternRule>,
}

/// Reads a file of rules.
pub(crate) fn parse(file: &[u8], dialect: Dialect) -> Result<Expressions, ExpressionError> {
    let file = match (dialect, file.strip_prefix(b"\xef\xbb\xbf")) {
        (Dialect::Ours, Some(rest)) => rest,
        _ => file,
    };
    let mut rules = Expressions { literals: Vec::new(), patterns: Vec::new() };
    for (index, line) in file.split(|byte| *byte == b'\n').enumerate() {
        let named = |error: PatternError| ExpressionError::Line { line: index + 1, what: error.0 };
        add(&mut rules, index + 1, line).map_err(named)?;
    }
    if dialect == Dialect::Ours {
        if rules.literals.is_empty() && rules.patterns.is_empty() {
            return Err(ExpressionError::Empty);
        }
        refuse_recreating(&rules.literals)?;
    }
    Ok(rules)
}

fn add(rules: &mut Expressions, number: usize, line: &[u8]) -> Result<(), PatternError> {
    let end = line.iter().rposition(|byte| *byte != b'\r').map_or(0, |last| last + 1);
    let line = &line[..end];
    let arrow = memchr::memmem::rfind(line, b"==>");
    let (find, put) = arrow.map_or((line, REMOVED), |arrow| (&line[..arrow], &line[arrow + 3..]));
    let pattern = match (find.strip_prefix(b"regex:"), find.strip_prefix(b"glob:")) {
        (Some(pattern), _) => Some(pattern.to_vec()),
        (_, Some(glob)) => {
            let glob =
                std::str::from_utf8(glob).map_err(|_| PatternError("a glob that is not UTF-8".into()))?;
            Some(translate(&glob.chars().collect::<Vec<_>>(), true).into_bytes())
        }
        _ => None,
    };
    // An empty expression is none: the line is then a literal, prefix and all.
    if let Some(source) = pattern.filter(|pattern| !pattern.is_empty()) {
        let pattern = Pattern::new(&source)?;
        let template = Template::parse(put, pattern.syntax())?;
        let source = (Zeroizing::new(source), put.to_vec());
        rules.patterns.push(PatternRule { line: number, pattern, template, source });
        return Ok(());
    }
    let find = find.strip_prefix(b"literal:").unwrap_or(find);
    if !find.is_empty() {
        let find = Zeroizing::new(find.to_vec());
        rules.literals.push(LiteralRule { line: number, find, put: put.to_vec() });
    }
    Ok(())
}

/// A rule whose replacement holds what was looked for before stays behind for good.
fn refuse_recreating(literals: &[LiteralRule]) -> Result<(), ExpressionError> {
    for (index, rule) in literals.iter().enumerate() {
        let earlier = &literals[..=index];
        if let Some(again) =
            earlier.iter().find(|earlier| memchr::memmem::find(&rule.put, &earlier.find).is_some())
        {
            return Err(ExpressionError::Recreates { line: rule.line, again: again.line });
        }
    }
    Ok(())
}
