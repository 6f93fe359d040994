//! How old a live secret may be, by the rule that found it: data, which the user's own number replaces.

use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    default: u32,
    days: std::collections::BTreeMap<String, u32>,
}

/// Limits in days.
#[derive(Clone, Debug)]
pub struct Limits {
    default: u32,
    days: std::collections::BTreeMap<String, u32>,
    own: Option<u32>,
}

impl Limits {
    /// The built-in ones, or `own` for all.
    pub fn new(own: Option<u32>) -> Self {
        let file: File = toml::from_str(include_str!("limits.toml")).expect("a test reads the built-in file");
        Self { default: file.default, days: file.days, own }
    }

    /// The limit for a rule of a family, in days.
    pub fn of(&self, rule: &str, family: &str) -> u32 {
        self.own.unwrap_or_else(|| {
            *self.days.get(rule).or_else(|| self.days.get(family)).unwrap_or(&self.default)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_goes_before_its_family_and_the_user_before_both() {
        let limits = Limits::new(None);
        assert_eq!((limits.of("x", "y"), limits.of("x", "private-key")), (90, 365));
        assert_eq!(Limits::new(Some(7)).of("x", "private-key"), 7);
    }
}
