//! The rules of a file, one after the other, each on what the one before it left.

use std::sync::Arc;

use aho_corasick::AhoCorasick;
use memchr::memmem::Finder;

use crate::expressions::{Expressions, LiteralRule, PatternRule};

use super::error::{ReplaceError, ReplacerError};
use super::literals::Literals;

/// Up to so many literals are searched for one by one; more of them at once, to know which occur.
const FEW: usize = 8;

/// The rules of a file.
pub(super) struct Cascade {
    /// The literals as a whole, to know in one pass that none occurs; none if there are none.
    pub(super) literals: Option<Arc<Literals>>,
    /// Which literals occur, overlapping ones, too; only if there are many.
    occurring: Option<AhoCorasick>,
    pub(super) rules: Vec<LiteralRule>,
    pub(super) patterns: Vec<PatternRule>,
}

impl Cascade {
    pub(super) fn new(expressions: Expressions) -> Result<Self, ReplacerError> {
        let Expressions { literals: rules, patterns } = expressions;
        let find = || rules.iter().map(|rule| rule.find.as_slice());
        let literals = if rules.is_empty() { None } else { Some(Arc::new(Literals::new(find())?)) };
        let occurring = if rules.len() > FEW {
            Some(AhoCorasick::new(find()).map_err(|_| ReplacerError::TooLarge)?)
        } else {
            None
        };
        Ok(Self { literals, occurring, rules, patterns })
    }

    /// All rules once; `None` if no rule found anything.
    pub(super) fn replace(&self, bytes: &[u8]) -> Result<Option<Vec<u8>>, ReplaceError> {
        let mut text = self.replace_literals(bytes);
        for rule in &self.patterns {
            let replaced = rule.pattern.replace(text.as_deref().unwrap_or(bytes), &rule.template);
            let replaced = replaced.map_err(|_| ReplaceError::TooHard { line: rule.line })?;
            text = replaced.or(text);
        }
        Ok(text)
    }

    fn replace_literals(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        if !self.literals.as_ref()?.any_in(bytes) {
            return None;
        }
        let mut text: Option<Vec<u8>> = None;
        let mut next = 0;
        while let Some(rule) = self.next_rule(text.as_deref().unwrap_or(bytes), next) {
            text = replace_all(text.as_deref().unwrap_or(bytes), &self.rules[rule]).or(text);
            next = rule + 1;
        }
        text
    }

    /// The first rule from `next` on that may find something.
    fn next_rule(&self, text: &[u8], next: usize) -> Option<usize> {
        let Some(occurring) = &self.occurring else {
            return (next < self.rules.len()).then_some(next);
        };
        let found = occurring.find_overlapping_iter(text).map(|found| found.pattern().as_usize());
        found.filter(|rule| *rule >= next).min()
    }
}

fn replace_all(text: &[u8], rule: &LiteralRule) -> Option<Vec<u8>> {
    let finder = Finder::new(rule.find.as_slice());
    let (mut out, mut done) = (Vec::new(), 0);
    for start in finder.find_iter(text) {
        out.extend(&text[done..start]);
        out.extend(&rule.put);
        done = start + rule.find.len();
    }
    if done == 0 {
        return None;
    }
    out.extend(&text[done..]);
    Some(out)
}
