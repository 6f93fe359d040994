//! The baseline: findings that people looked at and accepted, by fingerprint.
//!
//! A TOML file made to be committed and merged: one entry a secret, sorted, no line numbers, no secrets. An entry with a
//! date stops counting after it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;

/// Accepted findings by fingerprint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: BTreeMap<Fingerprint, Entry>,
}

/// Why one secret is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The rule that found it.
    pub rule: String,
    /// Why it is accepted.
    pub reason: String,
    /// Who accepted it.
    pub author: String,
    /// The last day it is accepted.
    pub until: Option<Date>,
}

/// A mistake in a baseline file. Line and column are 1-based.
#[derive(Debug, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct BaselineError {
    /// Line of the mistake.
    pub line: usize,
    /// Column of the mistake.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// What the baseline says about a fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing<'b> {
    /// Nothing.
    Unknown,
    /// It is accepted.
    Accepted(&'b Entry),
    /// It was accepted, until a day that has passed.
    Expired(&'b Entry),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBaseline {
    schema: toml::Spanned<u32>,
    #[serde(default)]
    accepted: Vec<RawEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    fingerprint: toml::Spanned<String>,
    rule: String,
    reason: toml::Spanned<String>,
    #[serde(default)]
    author: String,
    until: Option<toml::Spanned<String>>,
}

#[derive(Serialize)]
struct WrittenEntry<'a> {
    fingerprint: &'a str,
    rule: &'a str,
    reason: &'a str,
    author: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

#[derive(Serialize)]
struct WrittenBaseline<'a> {
    schema: u32,
    accepted: Vec<WrittenEntry<'a>>,
}

impl Baseline {
    /// Reads the text of a baseline file.
    ///
    /// # Errors
    /// The first mistake, with its place.
    pub fn read(text: &str) -> Result<Self, BaselineError> {
        let fail = |at: usize, message: String| {
            let before = &text[..text.floor_char_boundary(at)];
            let start = before.rfind('\n').map_or(0, |at| at + 1);
            BaselineError {
                line: before.matches('\n').count() + 1,
                column: before[start..].chars().count() + 1,
                message,
            }
        };
        let raw: RawBaseline = toml::from_str(text).map_err(|error| {
            fail(error.span().map_or(0, |span| span.start), error.message().trim().to_owned())
        })?;
        if *raw.schema.get_ref() != 1 {
            return Err(fail(
                raw.schema.span().start,
                "unknown schema, this version reads schema = 1".to_owned(),
            ));
        }
        let mut entries = BTreeMap::new();
        for entry in raw.accepted {
            let at = entry.fingerprint.span().start;
            let fingerprint = Fingerprint::parse(entry.fingerprint.get_ref())
                .map_err(|error| fail(at, error.to_string()))?;
            if entry.reason.get_ref().trim().is_empty() {
                return Err(fail(entry.reason.span().start, "an accepted finding needs a reason".to_owned()));
            }
            let until = entry.until.map(|day| {
                let parsed = day.get_ref().parse::<Date>();
                parsed
                    .map_err(|_| fail(day.span().start, "`until` is a day such as \"2027-03-01\"".to_owned()))
            });
            let entry = Entry {
                rule: entry.rule,
                reason: entry.reason.into_inner(),
                author: entry.author,
                until: until.transpose()?,
            };
            if entries.insert(fingerprint, entry).is_some() {
                return Err(fail(at, "this fingerprint stands twice".to_owned()));
            }
        }
        Ok(Self { entries })
    }

    /// The text of the file; [`Self::read`] gives it back.
    pub fn to_text(&self) -> String {
        let accepted = self
            .entries
            .iter()
            .map(|(fingerprint, entry)| WrittenEntry {
                fingerprint: fingerprint.as_str(),
                rule: &entry.rule,
                reason: &entry.reason,
                author: &entry.author,
                until: entry.until.map(|day| day.to_string()),
            })
            .collect();
        let body = toml::to_string(&WrittenBaseline { schema: 1, accepted })
            .expect("a list of strings is always valid TOML");
        format!(
            "# Findings of unleak that were looked at and accepted. Fingerprints only, no secrets.\n{body}"
        )
    }

    /// What is said about `fingerprint` on the day `today`.
    pub fn standing(&self, fingerprint: &Fingerprint, today: Date) -> Standing<'_> {
        match self.entries.get(fingerprint) {
            None => Standing::Unknown,
            Some(entry) if entry.until.is_some_and(|until| until < today) => Standing::Expired(entry),
            Some(entry) => Standing::Accepted(entry),
        }
    }

    /// Accepts `fingerprint`, unless it is accepted already: an earlier reason stays.
    pub fn accept(&mut self, fingerprint: Fingerprint, entry: Entry) {
        self.entries.entry(fingerprint).or_insert(entry);
    }

    /// Drops the entries that `keep` refuses.
    pub fn retain(&mut self, mut keep: impl FnMut(&Fingerprint, &Entry) -> bool) {
        self.entries.retain(|fingerprint, entry| keep(fingerprint, entry));
    }

    /// All entries, sorted by fingerprint.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = (&Fingerprint, &Entry)> {
        self.entries.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ONE: &str = "v1:00112233445566778899aabbccddeeff";

    fn entry(reason: &str, until: Option<&str>) -> Entry {
        Entry {
            rule: "r".into(),
            reason: reason.into(),
            author: "a".into(),
            until: until.map(|d| d.parse().unwrap()),
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(texts in prop::collection::vec(("[0-9a-f]{32}", "\\PC{1,20}x", "\\PC{0,9}", prop::option::of(1i16..9000)), 0..8)) {
            let mut baseline = Baseline::default();
            for (hex, reason, author, year) in texts {
                let fingerprint = Fingerprint::parse(&format!("v1:{hex}")).unwrap();
                let until = year.map(|year| Date::new(year, 2, 28).unwrap());
                baseline.accept(fingerprint, Entry { rule: "r\"\n".into(), reason, author, until });
            }
            prop_assert_eq!(Baseline::read(&baseline.to_text()).unwrap(), baseline);
        }
    }

    #[test]
    fn an_entry_counts_through_its_last_day() {
        let mut baseline = Baseline::default();
        let fingerprint = Fingerprint::parse(ONE).unwrap();
        assert_eq!(baseline.standing(&fingerprint, Date::new(2026, 1, 1).unwrap()), Standing::Unknown);
        baseline.accept(fingerprint.clone(), entry("first", Some("2026-11-22")));
        baseline.accept(fingerprint.clone(), entry("second", None));
        let on = |day| baseline.standing(&fingerprint, Date::new(2026, 11, day).unwrap());
        assert_eq!(on(22), Standing::Accepted(&entry("first", Some("2026-11-22"))));
        assert!(matches!(on(23), Standing::Expired(_)));
    }

    #[test]
    fn mistakes_are_shown_where_they_are() {
        let accepted = |body: &str| format!("schema = 1\n[[accepted]]\n{body}\n");
        let cases = [
            (String::new(), "1:1: missing field"),
            ("schema = 9\n".to_owned(), "1:10: unknown schema"),
            ("schema = 1\n<<<<<<< HEAD\n".to_owned(), "2:"),
            (accepted("fingerprint = 'v1:xyz'\nrule = 'r'\nreason = 'x'"), "3:15: 'v1:xyz' is not"),
            (
                accepted(&format!("fingerprint = '{ONE}'\nrule = 'r'\nreason = ' '")),
                "5:10: an accepted finding needs",
            ),
            (
                accepted(&format!("fingerprint = '{ONE}'\nrule = 'r'\nreason = 'x'\nuntil = 'soon'")),
                "6:9: `until`",
            ),
            (
                accepted(&format!(
                    "fingerprint = '{ONE}'\nrule = 'r'\nreason = 'x'\n[[accepted]]\nfingerprint = '{ONE}'\nrule = 'r'\nreason = 'x'"
                )),
                "7:15: this fingerprint stands twice",
            ),
        ];
        for (text, wanted) in cases {
            let error = Baseline::read(&text).unwrap_err().to_string();
            assert!(error.starts_with(wanted), "{error}\n{text}");
        }
    }
}
