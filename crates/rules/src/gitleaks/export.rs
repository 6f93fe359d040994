//! Imported rules as a rule file of our own, as far as that can say what they say.

use serde::Serialize;

use crate::allow::{Allowlist, Target};
use crate::anchor::{self, MIN_ANCHOR};
use crate::rule::{Rule, Signature, TextSignature};
use crate::ruleset::RuleSet;
use crate::syntax;

/// A rule file, and what could not be written into it.
#[derive(Debug)]
pub struct Exported {
    /// The text of the file.
    pub text: String,
    /// Rules in it.
    pub rules: usize,
    /// `(file:line, why)` of everything that is left out or means something else.
    pub left_out: Vec<(String, String)>,
}

#[derive(Serialize)]
struct File {
    schema: u32,
    extend: bool,
    rules: Vec<Written>,
}

#[derive(Serialize)]
struct Written {
    id: String,
    description: String,
    severity: &'static str,
    confidence: &'static str,
    specificity: &'static str,
    regex: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unanchored: Option<&'static str>,
    filter: Filter,
}

#[derive(Serialize)]
struct Filter {
    entropy: f64,
    reject: Vec<String>,
}

/// Writes the rules of `set` that search whole texts. `extend` says whether the built-in rules stay.
pub fn export(set: &RuleSet, extend: bool) -> Exported {
    let mut left_out = Vec::new();
    let mut rules = Vec::new();
    for rule in set.rules() {
        let place = || rule.defined_at.clone();
        match &rule.signature {
            Signature::Path => {
                left_out.push((place(), format!("rule '{}': a rule about paths alone", rule.id)));
            }
            Signature::Text(text) => match written(rule, text, &mut left_out) {
                Ok(rule) => rules.push(rule),
                Err(why) => left_out.push((place(), format!("rule '{}': {why}", rule.id))),
            },
            // One of our own, which stays as it is; what the configuration adds to it does not.
            _ => {
                for list in &rule.allow {
                    left_out.push((
                        list.defined_at.clone(),
                        format!("an allowlist for our rule '{}'{}", rule.id, named(list)),
                    ));
                }
            }
        }
    }
    for list in set.allowlists() {
        left_out.push((list.defined_at.clone(), format!("an allowlist for all rules{}", named(list))));
    }
    let count = rules.len();
    let text = toml::to_string(&File { schema: 1, extend, rules }).unwrap_or_default();
    Exported { text, rules: count, left_out }
}

fn named(list: &Allowlist) -> String {
    if list.description.is_empty() { String::new() } else { format!(" ({})", list.description) }
}

fn written(
    rule: &Rule,
    text: &TextSignature,
    left_out: &mut Vec<(String, String)>,
) -> Result<Written, String> {
    if rule.path.is_some() {
        return Err("it is restricted to paths".to_owned());
    }
    if !text.required.is_empty() || text.part_only {
        return Err("it has parts, or is one".to_owned());
    }
    let mut note =
        |why: String| left_out.push((rule.defined_at.clone(), format!("of rule '{}': {why}", rule.id)));
    let (groups, regex) = with_secret(text.pattern.as_str(), text.group.max(1));
    if text.group == 0 && groups > 1 {
        note(format!("of its {groups} groups the first is taken for the secret, even where it is empty"));
    }
    let mut reject = Vec::new();
    for list in &rule.allow {
        let kinds = usize::from(!list.regexes.is_empty()) + usize::from(!list.stopwords.is_empty());
        let by_place = !list.paths.is_empty() || !list.commits.is_empty();
        let off_target = !list.regexes.is_empty() && list.target != Target::Secret;
        if by_place || off_target || (list.all && kinds > 1) {
            note(format!("an allowlist{} that looks at more than the secret", named(list)));
            continue;
        }
        reject.extend(list.regexes.iter().map(|pattern| pattern.as_str().to_owned()));
        reject.extend(list.stopwords.iter().map(|word| format!("(?i:{})", regex_syntax::escape(word))));
    }
    let hir = anchor::parse(&regex).map_err(|error| error.to_string())?;
    let anchored = !anchor::implied(&hir, MIN_ANCHOR).is_empty();
    let valid =
        |c: char| if c.is_ascii_alphanumeric() || "-._".contains(c) { c.to_ascii_lowercase() } else { '-' };
    let written = Written {
        id: rule.id.chars().map(valid).collect(),
        description: rule.description.clone(),
        severity: rule.severity.as_str(),
        confidence: rule.confidence.as_str(),
        specificity: if rule.id.to_lowercase().contains("generic") { "generic" } else { "vendor" },
        regex,
        unanchored: (!anchored).then_some("imported; its regex implies no literal of four bytes"),
        filter: Filter { entropy: if text.entropy > 0.0 { text.entropy.next_up() } else { 0.0 }, reject },
    };
    // What our reader refuses is not written.
    let alone = File { schema: 1, extend: true, rules: vec![written] };
    let text = toml::to_string(&alone).map_err(|error| error.to_string())?;
    syntax::read(&rule.id, &text).map_err(|error| error.message)?;
    alone.rules.into_iter().next().ok_or_else(|| "it is empty".to_owned())
}

/// How many groups `pattern` has, and the pattern with the one of that number, from 1, called `secret`. Reads what
/// [`super::re2`] writes: in classes every bracket that is a member is escaped.
fn with_secret(pattern: &str, number: usize) -> (usize, String) {
    let (mut out, mut groups, mut depth, mut escaped) = (String::new(), 0, 0usize, false);
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        out.push(c);
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '(' if depth == 0 && rest.peek() != Some(&'?') => {
                groups += 1;
                if groups == number {
                    out.push_str("?P<secret>");
                }
            }
            _ => {}
        }
    }
    (groups, out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gitleaks::import;
    use crate::{Detector, Scratch, builtin};

    #[test]
    fn what_can_be_said_is_said_and_finds_the_same() {
        let config = "[[rules]]\nid='Acme_Key'\nregex='''acme(?:[_-])([a-z(\\[]+)'''\nentropy=1.5\n\
                      [[rules.allowlists]]\nstopwords=['XYZ']\n\
                      [[rules]]\nid='p'\npath='x'\n[[rules]]\nid='q'\nregex='q'\npath='x'\n\
                      [allowlist]\npaths=['a']\n";
        let imported = import("c", config, builtin::rule_set, &mut |_| Err(String::new())).unwrap();
        let exported = export(&imported.rules, false);
        assert_eq!((exported.rules, exported.left_out.len()), (1, 3), "{exported:?}");
        let file = syntax::read("r", &exported.text).unwrap();
        let set = builtin::rule_set().overlay("r", file).unwrap();
        let detector = Detector::new(set);
        let secrets = |text: &str| -> Vec<String> {
            let found = detector.scan(text.as_bytes(), &mut Scratch::default());
            found.iter().map(|m| text[m.secret.start..m.secret.end].to_owned()).collect()
        };
        assert_eq!(secrets("k acme_abcd"), ["abcd"]);
        assert!(secrets("k acme_aaaa").is_empty() && secrets("k acme_abcxyz").is_empty());
    }
}
