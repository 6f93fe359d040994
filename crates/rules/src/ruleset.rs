//! A set of rules with unique ids, built-in ones and the user's.

use crate::allow::Allowlist;
use crate::pattern::Pattern;
use crate::provider::{Provider, Providers, Vendors};
use crate::rule::Rule;
use crate::syntax::{AimedAllowlist, RuleFile};

/// Rules sorted by id, and the vendors they belong to.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    /// Sorted by id, which is unique.
    rules: Vec<Rule>,
    providers: Providers,
    allow: Vec<Allowlist>,
}

/// What does not fit together in a rule set.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuleSetError {
    /// Two rules of one layer with the same id.
    #[error("rule '{id}' is defined twice: at {first} and at {second}")]
    Duplicate {
        /// The id.
        id: String,
        /// Where it was first.
        first: String,
        /// Where it was again.
        second: String,
    },
    /// A `disable` that names nothing.
    #[error("{file} disables '{id}', which is not a rule")]
    UnknownDisabled {
        /// The file that says so.
        file: String,
        /// The id.
        id: String,
    },
    /// An allowlist for a rule that there is not.
    #[error("{place}: there is no rule '{id}' for this allowlist")]
    UnknownAllowed {
        /// Where the rule is named: `file:line:column`.
        place: String,
        /// The name.
        id: String,
    },
}

impl RuleSet {
    /// Puts files of one layer together.
    ///
    /// # Errors
    /// When two rules share an id, and when an allowlist names a rule that is in none of them.
    pub fn from_files(mut files: Vec<RuleFile>) -> Result<Self, RuleSetError> {
        let mut set = Self::default();
        let allow: Vec<_> = files.iter_mut().flat_map(|file| std::mem::take(&mut file.allow)).collect();
        for file in files {
            set.providers.add(file.provider);
            // Rules are large: the only file's, or the first one's, are not moved.
            if set.rules.is_empty() {
                set.rules = file.rules;
            } else {
                set.rules.extend(file.rules);
            }
        }
        set.sort()?;
        set.aim(allow)?;
        Ok(set)
    }

    /// Gives each list to the rules that it is for.
    fn aim(&mut self, lists: Vec<AimedAllowlist>) -> Result<(), RuleSetError> {
        for AimedAllowlist { rules, list } in lists {
            if rules.is_empty() {
                self.allow(list);
                continue;
            }
            for (id, place) in rules {
                let named = self.ids_named(&id);
                if named.is_empty() {
                    return Err(RuleSetError::UnknownAllowed { place, id });
                }
                for id in named {
                    self.get_mut(&id).into_iter().for_each(|rule| rule.allow.push(list.clone()));
                }
            }
        }
        Ok(())
    }

    /// Gives the set vendors that are made when one is first asked for.
    #[must_use]
    pub(crate) fn with_vendors(mut self, vendors: fn() -> &'static Vendors) -> Self {
        self.providers.rest = Some(vendors);
        self
    }

    fn sort(&mut self) -> Result<(), RuleSetError> {
        if !self.rules.is_sorted_by(|a, b| a.id <= b.id) {
            self.rules.sort_by(|a, b| a.id.cmp(&b.id));
        }
        let twice = self.rules.iter().zip(self.rules.iter().skip(1)).find(|(a, b)| a.id == b.id);
        twice.map_or(Ok(()), |(first, second)| {
            Err(RuleSetError::Duplicate {
                id: first.id.clone(),
                first: first.defined_at.clone(),
                second: second.defined_at.clone(),
            })
        })
    }

    /// Where the rule of this id is, or would be.
    fn place(&self, id: &str) -> Result<usize, usize> {
        self.rules.binary_search_by(|rule| rule.id.as_str().cmp(id))
    }

    /// Lays the user's `file`, called `name`, over this set: drops what it disables, replaces rules of the same id,
    /// adds the others and its allowlists. With `extend = false` the set is emptied first.
    ///
    /// # Errors
    /// When the file defines an id twice, or disables or allows an unknown one.
    pub fn overlay(mut self, name: &str, mut file: RuleFile) -> Result<Self, RuleSetError> {
        if !file.extend {
            self.rules.clear();
            self.allow.clear();
        }
        for id in std::mem::take(&mut file.disable) {
            if self.remove(&id).is_none() {
                return Err(RuleSetError::UnknownDisabled { file: name.to_owned(), id });
            }
        }
        let allow = std::mem::take(&mut file.allow);
        let layer = Self::from_files(vec![file])?;
        layer.rules.into_iter().for_each(|rule| self.put(rule));
        self.providers.lay_over(layer.providers);
        self.aim(allow)?;
        Ok(self)
    }

    /// The rules, sorted by id.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &Rule> {
        self.rules.iter()
    }

    /// The rule called `id`, or known by that name elsewhere.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        named(&self.rules, id)
    }

    /// All rules called `id`, or, if there is none, known by that name elsewhere.
    pub(crate) fn ids_named(&self, id: &str) -> Vec<String> {
        if self.place(id).is_ok() {
            return vec![id.to_owned()];
        }
        let known = |rule: &&Rule| rule.aliases.iter().any(|alias| alias == id);
        self.rules.iter().filter(known).map(|rule| rule.id.clone()).collect()
    }

    /// The rule called `id`, to be changed.
    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Rule> {
        let place = self.place(id).ok()?;
        self.rules.get_mut(place)
    }

    /// Adds a rule in place of the one that has its id.
    pub(crate) fn put(&mut self, rule: Rule) {
        match self.place(&rule.id) {
            Ok(place) => self.rules[place] = rule,
            Err(place) => self.rules.insert(place, rule),
        }
    }

    /// Drops a rule.
    pub(crate) fn remove(&mut self, id: &str) -> Option<Rule> {
        self.place(id).ok().map(|place| self.rules.remove(place))
    }

    /// Adds an allowlist for every rule.
    pub fn allow(&mut self, list: Allowlist) {
        self.allow.push(list);
    }

    /// Makes nothing at exactly `path` a finding.
    pub fn allow_path(&mut self, path: &str) {
        let pattern = Pattern::new(format!(r"\A{}\z", regex_syntax::escape(path)));
        self.allow(Allowlist { description: path.to_owned(), paths: vec![pattern], ..Allowlist::default() });
    }

    /// The allowlists for every rule.
    pub fn allowlists(&self) -> &[Allowlist] {
        &self.allow
    }

    /// The vendor of `family`.
    pub fn provider(&self, family: &str) -> Option<&Provider> {
        self.providers.get(family)
    }

    /// All vendors, sorted by family.
    pub fn providers(&self) -> impl Iterator<Item = &Provider> {
        self.providers.iter()
    }

    /// Gives away the rules, sorted by id, their vendors by family, and the allowlists for every rule.
    pub(crate) fn into_parts(self) -> (Vec<Rule>, Providers, Vec<Allowlist>) {
        (self.rules, self.providers, self.allow)
    }

    /// Gives the rules away, sorted by id.
    pub fn into_rules(self) -> Vec<Rule> {
        self.into_parts().0
    }
}

/// The rule called `id`, or known by that name elsewhere, of `rules` that are sorted by id.
pub(crate) fn named<'r>(rules: &'r [Rule], id: &str) -> Option<&'r Rule> {
    match rules.binary_search_by(|rule| rule.id.as_str().cmp(id)) {
        Ok(place) => Some(&rules[place]),
        Err(_) => rules.iter().find(|rule| rule.aliases.iter().any(|alias| alias == id)),
    }
}
