//! A regex that is checked when its rule is read and compiled when its anchor is first seen.
//!
//! Twice: first into an engine that is ready in a third of the time and searches slowly, which is all that a commit gate
//! ever asks for; after some use into the fast one. Both have the same matches, which a test holds against each other.

use std::borrow::Cow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use regex_automata::meta::{BuildError, Builder, Config, Regex};
use regex_automata::nfa::thompson;
use regex_automata::util::syntax;

use crate::needs::Needs;

/// A regex over bytes, without Unicode tables.
#[derive(Debug)]
pub struct Pattern {
    source: Cow<'static, str>,
    needs: Option<Box<Needs>>,
    /// Made when it is first used: most rules never are, and a start has to fill every page that they take.
    engines: OnceLock<Box<Engines>>,
}

/// A regex compiled, in the forms that were called for.
#[derive(Debug, Default)]
struct Engines {
    uses: AtomicU32,
    light: OnceLock<Option<Regex>>,
    full: OnceLock<Option<Regex>>,
}

/// Bytes a compiled regex may take; a larger one is refused when the rule is read.
const SIZE_LIMIT: usize = 8 << 20;
/// Searches with the light engine before the full one pays.
const LIGHT_USES: u32 = 200;

impl Pattern {
    /// Takes a regex whose syntax [`crate::anchor::parse`] has accepted.
    pub(crate) fn new(source: impl Into<Cow<'static, str>>) -> Self {
        Self::with_needs(source, Needs::default())
    }

    /// The same with what [`crate::needs::implied`] says of it.
    pub(crate) fn with_needs(source: impl Into<Cow<'static, str>>, needs: Needs) -> Self {
        let needs = (needs != Needs::default()).then(|| Box::new(needs));
        Self { source: source.into(), needs, engines: OnceLock::new() }
    }

    /// The regex as written in the rule file.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// What no match is without, as far as it is known.
    pub fn needs(&self) -> Needs {
        self.needs.as_deref().copied().unwrap_or_default()
    }

    /// Whether it is possible that it matches in `text`: found out without the regex.
    pub(crate) fn may_match(&self, text: &[u8]) -> bool {
        self.needs.as_ref().is_none_or(|needs| needs.are_in(text))
    }

    /// Compiles without keeping the result, to find out whether it can be.
    ///
    /// # Errors
    /// When the compiled form would be larger than the limit.
    pub fn try_compile(&self) -> Result<(), Box<BuildError>> {
        self.compile(&Config::new()).map(drop)
    }

    /// Finds out whether it can be compiled, in a fraction of the time that compiling takes.
    ///
    /// # Errors
    /// When the compiled form would be larger than the limit.
    pub(crate) fn try_size(&self) -> Result<(), Box<thompson::BuildError>> {
        thompson::Compiler::new()
            .configure(thompson::Config::new().utf8(false).nfa_size_limit(Some(SIZE_LIMIT)))
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .build(&self.source)
            .map(drop)
            .map_err(Box::new)
    }

    fn compile(&self, config: &Config) -> Result<Regex, Box<BuildError>> {
        Builder::new()
            .configure(config.clone().utf8_empty(false).nfa_size_limit(Some(SIZE_LIMIT)))
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .build(&self.source)
            .map_err(Box::new)
    }

    /// The regex in the form that its use so far calls for; `None` when it cannot be compiled, which
    /// [`crate::prove`] and the reader of user rules find out beforehand.
    pub(crate) fn regex(&self) -> Option<&Regex> {
        if let Some(full) = self.full() {
            return Some(full);
        }
        let engines = self.engines.get_or_init(Box::default);
        if engines.uses.fetch_add(1, Ordering::Relaxed) < LIGHT_USES {
            return self.light();
        }
        engines.full.get_or_init(|| self.compile(&Config::new()).ok()).as_ref()
    }

    /// The fast form, if it has been called for.
    pub(crate) fn full(&self) -> Option<&Regex> {
        self.engines.get()?.full.get()?.as_ref()
    }

    /// No lazy automaton, no one-pass one, no literal search: the parts that take most of the time to make.
    pub(crate) fn light(&self) -> Option<&Regex> {
        let config = Config::new().hybrid(false).dfa(false).onepass(false).auto_prefilter(false);
        self.engines.get_or_init(Box::default).light.get_or_init(|| self.compile(&config).ok()).as_ref()
    }

    /// Whether it matches anywhere in `text`.
    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }
}

impl Clone for Pattern {
    fn clone(&self) -> Self {
        Self::with_needs(self.source.clone(), self.needs())
    }
}
