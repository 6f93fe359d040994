//! Tells parts of a token that are no secret: team, user and application ids that stand in it in the clear.

use super::spec::Field;
use super::{CheckVerdict, Fact};

/// Makes facts of named groups; `fields` gives the groups and what they are told as. Proves nothing.
pub(crate) fn check<'t>(captures: &dyn Fn(&str) -> Option<&'t [u8]>, fields: &[String]) -> CheckVerdict {
    let fact = |field: &String| {
        let Field { key, fact, .. } = Field::read(field);
        captures(key).map(|value| Fact::of_text(fact.unwrap_or(key), &String::from_utf8_lossy(value)))
    };
    CheckVerdict::Plausible(fields.iter().filter_map(fact).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_that_took_part_are_told() {
        let captures = |name: &str| match name {
            "team" => Some(&b"T01"[..]),
            "bot" => Some(&b"B\x1b"[..]),
            _ => None,
        };
        let fields = ["team", "bot as bot user", "other"].map(str::to_owned);
        let expected = vec![Fact::new("team", "T01"), Fact::new("bot user", "B?")];
        assert_eq!(check(&captures, &fields), CheckVerdict::Plausible(expected));
    }
}
