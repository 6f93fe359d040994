//! A set of rules with unique ids, built-in ones and the user's.

use std::collections::BTreeMap;

use crate::allow::Allowlist;
use crate::pattern::Pattern;
use crate::provider::Provider;
use crate::rule::Rule;
use crate::syntax::{AimedAllowlist, RuleFile};

/// Rules sorted by id, and the vendors they belong to.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    rules: BTreeMap<String, Rule>,
    providers: BTreeMap<String, Provider>,
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
            set.add_layer(file)?;
        }
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

    /// Adds vendors.
    #[must_use]
    pub fn with_providers(mut self, providers: impl IntoIterator<Item = Provider>) -> Self {
        self.providers.extend(providers.into_iter().map(|provider| (provider.family.clone(), provider)));
        self
    }

    fn add_layer(&mut self, file: RuleFile) -> Result<(), RuleSetError> {
        if let Some(provider) = file.provider {
            self.providers.insert(provider.family.clone(), provider);
        }
        for rule in file.rules {
            if let Some(first) = self.rules.get(&rule.id) {
                return Err(RuleSetError::Duplicate {
                    id: rule.id,
                    first: first.defined_at.clone(),
                    second: rule.defined_at,
                });
            }
            self.rules.insert(rule.id.clone(), rule);
        }
        Ok(())
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
            if self.rules.remove(&id).is_none() {
                return Err(RuleSetError::UnknownDisabled { file: name.to_owned(), id });
            }
        }
        let allow = std::mem::take(&mut file.allow);
        let layer = Self::from_files(vec![file])?;
        self.rules.extend(layer.rules);
        self.providers.extend(layer.providers);
        self.aim(allow)?;
        Ok(self)
    }

    /// The rules, sorted by id.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &Rule> {
        self.rules.values()
    }

    /// The rule called `id`, or known by that name elsewhere.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.get(id).or_else(|| self.rules.values().find(|rule| rule.aliases.iter().any(|a| a == id)))
    }

    /// All rules called `id`, or, if there is none, known by that name elsewhere.
    pub(crate) fn ids_named(&self, id: &str) -> Vec<String> {
        if self.rules.contains_key(id) {
            return vec![id.to_owned()];
        }
        let known = |rule: &&Rule| rule.aliases.iter().any(|alias| alias == id);
        self.rules.values().filter(known).map(|rule| rule.id.clone()).collect()
    }

    /// The rule called `id`, to be changed.
    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Rule> {
        self.rules.get_mut(id)
    }

    /// Adds a rule in place of the one that has its id.
    pub(crate) fn put(&mut self, rule: Rule) {
        self.rules.insert(rule.id.clone(), rule);
    }

    /// Drops a rule.
    pub(crate) fn remove(&mut self, id: &str) -> Option<Rule> {
        self.rules.remove(id)
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

    pub(crate) fn take_allow(&mut self) -> Vec<Allowlist> {
        std::mem::take(&mut self.allow)
    }

    /// The vendor of `family`.
    pub fn provider(&self, family: &str) -> Option<&Provider> {
        self.providers.get(family)
    }

    /// All vendors, sorted by family.
    pub fn providers(&self) -> impl Iterator<Item = &Provider> {
        self.providers.values()
    }

    /// Gives the rules away, sorted by id.
    pub fn into_rules(self) -> Vec<Rule> {
        self.rules.into_values().collect()
    }
}
