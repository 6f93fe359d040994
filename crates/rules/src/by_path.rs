//! Rules about paths alone, and whether a file's name can be the end of a path they ask for.
//!
//! A history is read tree by tree, where only names are known; reading every blob again for one rule about `*.p12` would
//! double the work. So each path regex is run backwards from the end of a name.

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::start;
use regex_automata::util::syntax;
use regex_automata::{Anchored, MatchKind};

use crate::grade::Proof;
use crate::matching::{Match, Provisos};
use crate::prefilter::RuleIndex;
use crate::rule::{Rule, Signature};
use crate::span::Span;

/// Bytes that one backwards automaton may take, finished and while it is made. Past that every name is possible.
const SIZE_LIMIT: usize = 1 << 18;

/// The rules about paths alone.
#[derive(Debug, Default)]
pub(crate) struct PathRules {
    rules: Vec<(RuleIndex, Option<dense::DFA<Vec<u32>>>)>,
}

impl PathRules {
    /// Of `rules`, those about paths alone.
    pub(crate) fn new(rules: &[Rule]) -> Self {
        let about_paths = |(_, rule): &(usize, &Rule)| matches!(rule.signature, Signature::Path);
        let chosen = rules.iter().enumerate().filter(about_paths);
        let backwards = |rule: &Rule| rule.path.as_ref().and_then(|path| backwards(path.as_str()));
        Self { rules: chosen.map(|(index, rule)| (index, backwards(rule))).collect() }
    }

    /// Whether some path that ends in the component `name` may be asked for. Never wrongly negative.
    pub(crate) fn possible(&self, rules: &[Rule], name: &[u8]) -> bool {
        self.rules.iter().any(|(index, dfa)| {
            rules[*index].path.as_ref().is_some_and(|path| path.is_match(name))
                || dfa.as_ref().is_none_or(|dfa| ends_some_match(dfa, name))
        })
    }

    /// A match of the whole `text` for each rule that asks for `path`.
    pub(crate) fn matches(&self, rules: &[Rule], path: &[u8], text: &[u8]) -> Vec<Match> {
        if text.is_empty() {
            return Vec::new();
        }
        let asking = self
            .rules
            .iter()
            .map(|(index, _)| *index)
            .filter(|&index| rules[index].path.as_ref().is_some_and(|pattern| pattern.is_match(path)));
        let whole = Span::new(0, text.len());
        asking
            .map(|index| Match {
                rule: index,
                span: whole,
                secret: whole,
                confidence: rules[index].confidence,
                proof: Proof::Unchecked,
                decoded: Vec::new(),
                provisos: Provisos::default(),
            })
            .collect()
    }
}

fn backwards(pattern: &str) -> Option<dense::DFA<Vec<u32>>> {
    let config = dense::Config::new()
        .match_kind(MatchKind::All)
        .start_kind(StartKind::Anchored)
        // Makes states from which no match can be reached dead.
        .minimize(true)
        .dfa_size_limit(Some(SIZE_LIMIT))
        .determinize_size_limit(Some(4 * SIZE_LIMIT));
    dense::Builder::new()
        .configure(config)
        .thompson(thompson::Config::new().reverse(true).nfa_size_limit(Some(SIZE_LIMIT)))
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .build(&format!(r"(?s-u:.)*(?:{pattern})(?s-u:.)*\z"))
        .ok()
}

/// Whether a text that ends in `/` and `name` can match.
fn ends_some_match(dfa: &dense::DFA<Vec<u32>>, name: &[u8]) -> bool {
    let Ok(mut state) = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)) else { return true };
    for &byte in name.iter().rev().chain(b"/") {
        state = dfa.next_state(state, byte);
        if dfa.is_dead_state(state) {
            return false;
        }
        if dfa.is_quit_state(state) {
            return true;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_can_end_a_match_are_possible() {
        let cases = [
            (r"\.p12$", "a.p12", true),
            (r"\.p12$", "a.p12x", false),
            (r"^config/.*\.json$", "x.json", true),
            (r"^config/.*\.json$", "x.yaml", false),
            (r"(?:^|/)id_rsa$", "id_rsa", true),
            (r"(?:^|/)id_rsa$", "my_id_rsa", false),
            (r"secrets/", "anything", true),
            (r"^top$", "top", false),
        ];
        for (pattern, name, wanted) in cases {
            let dfa = backwards(pattern).unwrap();
            assert_eq!(ends_some_match(&dfa, name.as_bytes()), wanted, "{pattern} {name}");
        }
    }
}
