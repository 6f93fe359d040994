//! Allowlists: what a rule set says is no finding, judged in two steps.
//!
//! First by the text at hand: the secret, the match, its lines. Then by the place, which may be known much later: history
//! is scanned without knowing paths and commits. The meaning is that of gitleaks' allowlists.

use serde::Deserialize;

use crate::pattern::Pattern;

/// What the regexes of an allowlist look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// The secret.
    #[default]
    Secret,
    /// The whole match.
    Match,
    /// The lines of the match, without the last line end.
    Line,
}

/// One allowlist. At least one of its lists holds something.
#[derive(Clone, Debug, Default)]
pub struct Allowlist {
    /// Why, in the words of whoever wrote it.
    pub description: String,
    /// Whether all kinds of conditions that are present must hold; else one is enough.
    pub all: bool,
    /// Full ids of commits, lower case.
    pub commits: Vec<String>,
    /// Regexes on the path.
    pub paths: Vec<Pattern>,
    /// Regexes on [`Self::target`].
    pub regexes: Vec<Pattern>,
    /// What those look at.
    pub target: Target,
    /// Parts of secrets, lower case.
    pub stopwords: Vec<String>,
    /// Where it is written: `.gitleaks.toml:12`.
    pub defined_at: String,
}

/// What an allowlist looks at in a text.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'t> {
    pub(crate) secret: &'t [u8],
    pub(crate) matched: &'t [u8],
    pub(crate) lines: &'t [u8],
}

/// What an allowlist says of a match before its place is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByText {
    /// It is allowed, wherever it is.
    Allowed,
    /// The place decides.
    Open,
    /// It is not allowed, wherever it is.
    Refused,
}

impl Allowlist {
    /// Whether it says anything about places.
    fn asks_for_place(&self) -> bool {
        !self.paths.is_empty() || !self.commits.is_empty()
    }

    /// The first step.
    pub(crate) fn by_text(&self, subject: Subject<'_>) -> ByText {
        let target = match self.target {
            Target::Secret => subject.secret,
            Target::Match => subject.matched,
            Target::Line => subject.lines,
        };
        let regex = || self.regexes.iter().any(|pattern| pattern.is_match(target));
        let word = || {
            let secret = subject.secret.to_ascii_lowercase();
            self.stopwords.iter().any(|word| memchr::memmem::find(&secret, word.as_bytes()).is_some())
        };
        let (regexes, words) = (!self.regexes.is_empty(), !self.stopwords.is_empty());
        let said =
            if self.all { (!regexes || regex()) && (!words || word()) } else { regex() || words && word() };
        match (said, self.all, self.asks_for_place()) {
            (true, false, _) | (true, true, false) => ByText::Allowed,
            (true, true, true) | (false, false, true) => ByText::Open,
            (false, true, _) | (false, false, false) => ByText::Refused,
        }
    }

    /// The second step, for what the first one left open: whether a match at `path`, introduced by `commit` (in hex),
    /// is allowed.
    pub(crate) fn by_place(&self, path: &[u8], commit: Option<&str>) -> bool {
        let at_path = || self.paths.iter().any(|pattern| pattern.is_match(path));
        let in_commit = || commit.is_some_and(|id| self.commits.iter().any(|allowed| allowed == id));
        if self.all {
            (self.paths.is_empty() || at_path()) && (self.commits.is_empty() || in_commit())
        } else {
            at_path() || in_commit()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(all: bool, path: &str, commit: &str, regex: &str, word: &str) -> Allowlist {
        let patterns =
            |text: &str| (!text.is_empty()).then(|| Pattern::new(text.to_owned())).into_iter().collect();
        let texts = |text: &str| (!text.is_empty()).then(|| text.to_owned()).into_iter().collect();
        Allowlist {
            all,
            paths: patterns(path),
            commits: texts(commit),
            regexes: patterns(regex),
            stopwords: texts(word),
            ..Allowlist::default()
        }
    }

    /// The two steps say together what one look at everything would.
    #[test]
    fn two_steps_are_as_good_as_one() {
        for bits in 1u32..256 {
            let on = |bit: u32| bits >> bit & 1 == 1;
            let (has, holds) = ([on(0), on(1), on(2), on(3)], [on(4), on(5), on(6), on(7)]);
            if has == [false; 4] {
                continue;
            }
            let text = |at: usize, yes: &'static str| match (has[at], holds[at]) {
                (false, _) => "",
                (true, true) => yes,
                (true, false) => "nothing",
            };
            for all in [false, true] {
                let list = list(all, text(0, "^a/"), text(1, "c0ffee"), text(2, "^s"), text(3, "ecre"));
                let subject = Subject { secret: b"sECREt", matched: b"", lines: b"" };
                let found = match list.by_text(subject) {
                    ByText::Allowed => true,
                    ByText::Refused => false,
                    ByText::Open => list.by_place(b"a/b", Some("c0ffee")),
                };
                let mut present = (0..4).filter(|&at| has[at]).map(|at| holds[at]);
                let wanted = if all { present.all(|yes| yes) } else { present.any(|yes| yes) };
                assert_eq!(found, wanted, "{bits:b} all: {all}");
            }
        }
    }
}
