//! One check as a rule asks for it: its kind and what the rule tells it.

use serde::Deserialize;

use super::CheckKind;

/// A structural check and its arguments, which only some kinds take ([`CheckKind::argument`]).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Check {
    /// The algorithm.
    pub kind: CheckKind,
    /// For `seeds`: names of eight characters, the algorithm's initial state. For `fields`: `key`, `key?` where it may
    /// be missing, `key as fact` where its value is told.
    pub arguments: Vec<String>,
}

impl Check {
    /// A check with its arguments.
    ///
    /// # Errors
    /// What is wrong with the arguments.
    pub fn new(kind: CheckKind, arguments: Vec<String>) -> Result<Self, &'static str> {
        match kind.argument() {
            None if !arguments.is_empty() => Err("this check takes no arguments"),
            Some("seeds") if arguments.is_empty() => Err("this check needs `seeds`"),
            Some("fields") if arguments.is_empty() => Err("this check needs `fields`"),
            Some("seeds") if arguments.iter().any(|seed| seed.len() != 8) => {
                Err("a seed has eight characters")
            }
            _ => Ok(Self { kind, arguments }),
        }
    }
}

/// As rule files write it: `"jwt"` or `{ kind = "marvin32", seeds = ["Default0"] }`.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a check is a name, or a table of `kind` and either `seeds` or `fields`")]
pub(crate) enum RawCheck {
    Name(String),
    Full(RawArguments),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawArguments {
    kind: String,
    seeds: Option<Vec<String>>,
    fields: Option<Vec<String>>,
}

impl TryFrom<RawCheck> for Check {
    type Error = String;

    fn try_from(raw: RawCheck) -> Result<Self, String> {
        let raw = match raw {
            RawCheck::Name(kind) => RawArguments { kind, seeds: None, fields: None },
            RawCheck::Full(raw) => raw,
        };
        let kind =
            CheckKind::from_name(&raw.kind).ok_or_else(|| format!("there is no check '{}'", raw.kind))?;
        let mut arguments = Vec::new();
        for (name, list) in [("seeds", raw.seeds), ("fields", raw.fields)] {
            match list {
                Some(_) if kind.argument() != Some(name) => {
                    return Err(format!("the check '{}' takes no `{name}`", raw.kind));
                }
                Some(list) => arguments = list,
                None => {}
            }
        }
        Self::new(kind, arguments).map_err(str::to_owned)
    }
}

impl std::fmt::Display for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind.as_str())?;
        match self.kind.argument() {
            Some(name) => write!(f, " ({name}: {})", self.arguments.join(", ")),
            None => Ok(()),
        }
    }
}

/// One of the `fields` of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub(super) key: &'a str,
    pub(super) optional: bool,
    /// What its value is told as.
    pub(super) fact: Option<&'a str>,
}

impl<'a> Field<'a> {
    /// Reads `key`, `key?`, `key as fact` or `key? as fact`.
    pub(super) fn read(text: &'a str) -> Self {
        let (key, fact) = text.split_once(" as ").map_or((text, None), |(key, fact)| (key, Some(fact)));
        let required = key.strip_suffix('?');
        Self { key: required.unwrap_or(key), optional: required.is_some(), fact }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read() {
        assert_eq!(Field::read("k"), Field { key: "k", optional: false, fact: None });
        assert_eq!(Field::read("k?"), Field { key: "k", optional: true, fact: None });
        assert_eq!(Field::read("a.b as the b"), Field { key: "a.b", optional: false, fact: Some("the b") });
        assert_eq!(Field::read("a? as b"), Field { key: "a", optional: true, fact: Some("b") });
    }

    #[test]
    fn arguments_fit_their_check() {
        let of = |kind, list: &[&str]| Check::new(kind, list.iter().map(|&text| text.to_owned()).collect());
        assert!(of(CheckKind::Jwt, &[]).is_ok());
        assert!(of(CheckKind::Jwt, &["x"]).is_err());
        assert!(of(CheckKind::Marvin32, &["Default0", "Other000"]).is_ok());
        assert!(of(CheckKind::Marvin32, &["Default"]).is_err());
        assert!(of(CheckKind::Marvin32, &[]).is_err());
        assert!(of(CheckKind::Captured, &[]).is_err());
    }
}
