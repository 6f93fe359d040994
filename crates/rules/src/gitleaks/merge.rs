//! A configuration and what it extends, laid over one another as gitleaks does it.

use std::collections::BTreeMap;

use super::file::{File, FileRule};
use crate::allow::Allowlist;
use crate::anchor;
use crate::grade::{Confidence, Severity};
use crate::readers::Encoding;
use crate::rule::{Rule, Signature, Specificity, TextSignature, ValueFilter};
use crate::ruleset::RuleSet;
use crate::syntax::SyntaxError;

/// Family of rules that are no vendor's: the one that our own rule files give them, too.
const FAMILY: &str = "user";
/// Literals shorter than this save no work.
const MIN_ANCHOR: usize = 3;

/// Files laid over one another so far.
#[derive(Default)]
pub(super) struct Merged {
    rules: BTreeMap<String, Layered>,
    /// Our own rules, when some file extends gitleaks' default ones.
    catalogue: Option<RuleSet>,
    allow: Vec<Allowlist>,
    targeted: Vec<(String, Allowlist, SyntaxError)>,
    pub(super) warnings: Vec<SyntaxError>,
}

/// A rule of a file, and the rule of our own that it took the place of.
struct Layered {
    rule: FileRule,
    base: Option<Rule>,
}

impl Merged {
    /// Begins with our own rules.
    pub(super) fn over(catalogue: RuleSet) -> Self {
        Self { catalogue: Some(catalogue), ..Self::default() }
    }

    /// Lays `file` over what is there.
    pub(super) fn lay(&mut self, file: File) {
        self.warnings.extend(file.warnings);
        for (id, at) in file.disabled {
            self.disable(&id, &at);
        }
        for rule in file.rules {
            self.rule(rule);
        }
        self.allow.extend(file.allow);
        self.targeted.extend(file.targeted);
    }

    fn warn(&mut self, at: &SyntaxError, message: String) {
        self.warnings.push(SyntaxError { message, ..at.clone() });
    }

    fn disable(&mut self, id: &str, at: &SyntaxError) {
        let ours = self.catalogue.as_ref().map(|set| set.ids_named(id)).unwrap_or_default();
        if self.rules.remove(id).is_none() && ours.is_empty() {
            self.warn(at, format!("'{id}' is disabled, but no rule that is extended has this id"));
        }
        for id in ours {
            self.catalogue.as_mut().and_then(|set| set.remove(&id));
        }
        // What the files below allow it goes with it.
        self.targeted.retain(|(target, ..)| target != id);
    }

    fn rule(&mut self, rule: FileRule) {
        if let Some(base) = self.rules.get_mut(&rule.id) {
            override_with(&mut base.rule, rule);
            return;
        }
        let Some(catalogue) = &mut self.catalogue else {
            self.rules.insert(rule.id.clone(), Layered { rule, base: None });
            return;
        };
        let ours = catalogue.ids_named(&rule.id);
        if rule.regex.is_some() || (ours.is_empty() && rule.path.is_some()) {
            let bases: Vec<Rule> = ours.iter().filter_map(|id| catalogue.remove(id)).collect();
            self.rules.insert(rule.id.clone(), Layered { rule, base: bases.into_iter().next() });
            return;
        }
        for id in &ours {
            if let Some(base) = catalogue.get_mut(id) {
                refine(base, &rule);
            }
        }
        if ours.is_empty() {
            let message =
                format!("our rules have none called '{}': what is said of it has no effect", rule.id);
            self.warn(&rule.at.clone(), message);
        } else if rule.group != 0 {
            let message =
                format!("`secretGroup` of '{}' has no effect: our rule has a regex of its own", rule.id);
            self.warn(&rule.at.clone(), message);
        }
    }

    /// The rules in the end.
    ///
    /// # Errors
    /// A rule that looks at nothing, and an allowlist for a rule that is not there.
    pub(super) fn finish(mut self) -> Result<(RuleSet, Vec<SyntaxError>), SyntaxError> {
        for (id, list, at) in std::mem::take(&mut self.targeted) {
            self.aim(&id, &list, &at)?;
        }
        let mut set = self.catalogue.take().unwrap_or_default();
        let ids: Vec<String> = self.rules.keys().cloned().collect();
        for layered in std::mem::take(&mut self.rules).into_values() {
            let rule = self.converted(layered, &ids)?;
            set.put(rule);
        }
        self.allow.into_iter().for_each(|list| set.allow(list));
        Ok((set, self.warnings))
    }

    fn aim(&mut self, id: &str, list: &Allowlist, at: &SyntaxError) -> Result<(), SyntaxError> {
        if let Some(layered) = self.rules.get_mut(id) {
            layered.rule.allow.push(list.clone());
            return Ok(());
        }
        let Some(catalogue) = &mut self.catalogue else {
            return Err(SyntaxError {
                message: format!("there is no rule '{id}' for this allowlist"),
                ..at.clone()
            });
        };
        let ours = catalogue.ids_named(id);
        for id in &ours {
            catalogue.get_mut(id).into_iter().for_each(|rule| rule.allow.push(list.clone()));
        }
        if ours.is_empty() {
            self.warn(at, format!("our rules have none called '{id}': this allowlist has no effect on it"));
        }
        Ok(())
    }

    fn converted(&mut self, layered: Layered, ids: &[String]) -> Result<Rule, SyntaxError> {
        let Layered { mut rule, base } = layered;
        let fail = |message: String, at: &SyntaxError| SyntaxError { message, ..at.clone() };
        rule.required.retain(|required| {
            let known = ids.contains(&required.id);
            if !known {
                let message =
                    format!("'{}' is a rule of our own and cannot be required: not asked for", required.id);
                self.warnings.push(SyntaxError { message, ..rule.at.clone() });
            }
            known
        });
        let signature = match rule.regex {
            None if rule.path.is_none() => {
                return Err(fail(format!("rule '{}' needs a `regex` or a `path`", rule.id), &rule.at));
            }
            None => {
                if !rule.keywords.is_empty() {
                    let message =
                        format!("`keywords` of '{}' have no effect: it looks at paths alone", rule.id);
                    self.warnings.push(SyntaxError { message, ..rule.at.clone() });
                }
                Signature::Path
            }
            Some(regex) if rule.group > regex.groups => {
                let message =
                    format!("`secretGroup` is {}, but the regex has {} groups", rule.group, regex.groups);
                return Err(fail(message, &rule.at));
            }
            Some(regex) => Signature::Text(Box::new(TextSignature {
                anchors: anchor::parse(regex.pattern.as_str())
                    .map(|hir| anchor::implied(&hir, MIN_ANCHOR))
                    .unwrap_or_default(),
                pattern: regex.pattern,
                keywords: rule.keywords,
                group: rule.group,
                entropy: rule.entropy,
                required: rule.required,
                part_only: rule.part_only,
            })),
        };
        let generic = rule.id.to_lowercase().contains("generic");
        let described = |base: &Rule| (base.description.clone(), base.family.clone(), base.severity);
        let fallback = || (rule.id.clone(), FAMILY.to_owned(), Severity::High);
        let (description, family, severity) = base.as_ref().map_or_else(fallback, described);
        let (mut allow, mut tags) = base.map(|base| (base.allow, base.tags)).unwrap_or_default();
        allow.extend(rule.allow);
        tags.extend(rule.tags);
        Ok(Rule {
            aliases: Vec::new(),
            description: if rule.description.is_empty() { description } else { rule.description },
            family,
            severity,
            confidence: Confidence::Medium,
            specificity: if generic { Specificity::Generic } else { Specificity::Vendor },
            signature,
            encoding: Encoding::Plain,
            files: None,
            path: rule.path,
            allow,
            tags,
            filter: ValueFilter::default(),
            checks: Vec::new(),
            matching: Vec::new(),
            not_matching: Vec::new(),
            defined_at: format!("{}:{}", rule.at.file, rule.at.line),
            id: rule.id,
        })
    }
}

/// What a rule says that extends another of a file. Its `required` and `skipReport` are lost, as in gitleaks.
fn override_with(base: &mut FileRule, rule: FileRule) {
    if !rule.description.is_empty() {
        base.description = rule.description;
    }
    if rule.entropy != 0.0 {
        base.entropy = rule.entropy;
    }
    if rule.group != 0 {
        base.group = rule.group;
    }
    if rule.regex.is_some() {
        base.regex = rule.regex;
    }
    if rule.path.is_some() {
        base.path = rule.path;
    }
    base.tags.extend(rule.tags);
    base.keywords.extend(rule.keywords);
    base.allow.extend(rule.allow);
}

/// What a rule without a regex says of one of our own.
fn refine(base: &mut Rule, rule: &FileRule) {
    if !rule.description.is_empty() {
        base.description.clone_from(&rule.description);
    }
    if rule.entropy > 0.0 {
        base.filter.min_entropy = rule.entropy.next_up();
    }
    if rule.path.is_some() {
        base.path.clone_from(&rule.path);
    }
    base.tags.extend(rule.tags.iter().cloned());
    base.allow.extend(rule.allow.iter().cloned());
}
