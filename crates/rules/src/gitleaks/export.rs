//! Imported rules as a rule file of our own, as far as that can say what they say.

use serde::Serialize;

use super::written_allow::{self, WrittenAllow};
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
    /// Allowlists in it.
    pub allowlists: usize,
    /// `(file:line, why)` of everything that is left out or means something else.
    pub left_out: Vec<(String, String)>,
}

#[derive(Default, Serialize)]
struct File {
    schema: u32,
    extend: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allow: Vec<WrittenAllow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rules: Vec<Written>,
}

#[derive(Serialize)]
struct Written {
    id: String,
    description: String,
    severity: &'static str,
    confidence: &'static str,
    specificity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    regex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unanchored: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<Filter>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allow: Vec<WrittenAllow>,
}

#[derive(Serialize)]
struct Filter {
    entropy: f64,
}

/// Writes the rules of `set` that search whole texts or look at paths, and its allowlists. `extend` says whether the
/// built-in rules stay.
pub fn export(set: &RuleSet, extend: bool) -> Exported {
    let mut left_out = Vec::new();
    let mut file = File { schema: 1, extend, ..File::default() };
    for rule in set.rules() {
        let place = || rule.defined_at.clone();
        match &rule.signature {
            Signature::Text(_) | Signature::Path => match written(rule, &mut left_out) {
                Ok(rule) => file.rules.push(rule),
                Err(why) => left_out.push((place(), format!("rule '{}': {why}", rule.id))),
            },
            // One of our own, which stays as it is but for what it allows.
            _ => {
                if rule.path.is_some() {
                    left_out.push((place(), format!("the path of our rule '{}'", rule.id)));
                }
                written_allow::aim(&mut file.allow, &rule.id, &rule.allow, &mut left_out);
            }
        }
    }
    file.allow.extend(set.allowlists().iter().filter_map(|list| written_allow::list(list, &mut left_out)));
    let own: usize = file.rules.iter().map(|rule| rule.allow.len()).sum();
    let (rules, allowlists) = (file.rules.len(), file.allow.len() + own);
    let text = toml::to_string(&file).unwrap_or_default();
    Exported { text, rules, allowlists, left_out }
}

fn written(rule: &Rule, left_out: &mut Vec<(String, String)>) -> Result<Written, String> {
    let mut written = head(rule);
    if let Signature::Text(text) = &rule.signature {
        content(&mut written, rule, text, left_out)?;
    }
    written.allow = rule.allow.iter().filter_map(|list| written_allow::list(list, left_out)).collect();
    // What our reader refuses is not written.
    let alone = File { schema: 1, extend: true, rules: vec![written], ..File::default() };
    let text = toml::to_string(&alone).map_err(|error| error.to_string())?;
    syntax::read(&rule.id, &text).map_err(|error| error.message)?;
    alone.rules.into_iter().next().ok_or_else(|| "it is empty".to_owned())
}

fn head(rule: &Rule) -> Written {
    let valid =
        |c: char| if c.is_ascii_alphanumeric() || "-._".contains(c) { c.to_ascii_lowercase() } else { '-' };
    Written {
        id: rule.id.chars().map(valid).collect(),
        description: rule.description.clone(),
        severity: rule.severity.as_str(),
        confidence: rule.confidence.as_str(),
        specificity: if rule.id.to_lowercase().contains("generic") { "generic" } else { "vendor" },
        regex: None,
        unanchored: None,
        path: rule.path.as_ref().map(|path| path.as_str().to_owned()),
        filter: None,
        allow: Vec::new(),
    }
}

/// Adds what a rule looks for in a text.
fn content(
    written: &mut Written,
    rule: &Rule,
    text: &TextSignature,
    left_out: &mut Vec<(String, String)>,
) -> Result<(), String> {
    if !text.required.is_empty() || text.part_only {
        return Err("it has parts, or is one".to_owned());
    }
    let (groups, regex) = with_secret(text.pattern.as_str(), text.group.max(1));
    if text.group == 0 && groups > 1 {
        let why = format!(
            "of rule '{}': of its {groups} groups the first is taken for the secret, even where it is empty",
            rule.id
        );
        left_out.push((rule.defined_at.clone(), why));
    }
    let hir = anchor::parse(&regex).map_err(|error| error.to_string())?;
    let anchored = !anchor::implied(&hir, MIN_ANCHOR).is_empty();
    written.unanchored = (!anchored).then_some("imported; its regex implies no literal of four bytes");
    written.filter = (text.entropy > 0.0).then(|| Filter { entropy: text.entropy.next_up() });
    written.regex = Some(regex);
    Ok(())
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

    /// What `set` finds in `text` at `path` in `commit`.
    fn secrets(set: &RuleSet, path: &str, commit: Option<&str>, text: &str) -> Vec<(String, String)> {
        let detector = Detector::new(set.clone());
        let mut found = detector.scan_file(path.as_bytes(), text.as_bytes(), &mut Scratch::default());
        found.extend(detector.scan_path(path.as_bytes(), text.as_bytes()));
        found.retain(|found| detector.stands(found, path.as_bytes(), commit));
        let told = |m: &crate::Match| {
            (detector.rules()[m.rule].id.to_lowercase(), text[m.secret.start..m.secret.end].to_owned())
        };
        found.iter().map(told).collect()
    }

    #[test]
    fn what_can_be_said_is_said_and_finds_the_same() {
        let config = "[[rules]]\nid='Acme_Key'\nregex='''acme(?:[_-])([a-z(\\[]+)'''\nentropy=1.5\n\
                      [[rules.allowlists]]\nstopwords=['XYZ']\n\
                      [[rules.allowlists]]\ncondition='AND'\npaths=['^docs/']\nregexTarget='line'\nregexes=['# sample$']\n\
                      [[rules]]\nid='p'\npath='\\.p12$'\n[[rules]]\nid='q'\nregex='qqqq[0-9]+'\npath='^conf/'\n\
                      [[rules]]\nid='parts'\nregex='zzzz'\n[[rules.required]]\nid='q'\n\
                      [[allowlists]]\ndescription='vendored'\npaths=['^vendor/']\n\
                      [[allowlists]]\ncommits=['1111111111111111111111111111111111111111']\n\
                      [[allowlists]]\ntargetRules=['q']\nregexTarget='match'\nregexes=['^qqqq0']\n";
        let imported = import("c", config, builtin::rule_set, &mut |_| Err(String::new())).unwrap();
        let exported = export(&imported.rules, false);
        assert_eq!((exported.rules, exported.allowlists), (3, 5), "{exported:?}");
        assert_eq!(exported.left_out.len(), 1, "{exported:?}");
        let file = syntax::read("r", &exported.text).unwrap_or_else(|e| panic!("{e}\n{}", exported.text));
        let own = builtin::rule_set().overlay("r", file).unwrap();
        let commit = "1".repeat(40);
        let mut seen = 0;
        for path in ["a", "docs/a", "conf/x", "vendor/x", "a.p12", "vendor/a.p12"] {
            for commit in [None, Some(commit.as_str()), Some("2222")] {
                for text in [
                    "k acme_abcd",
                    "k acme_aaaa",
                    "k acme_abcxyz",
                    "k acme_abcd # sample",
                    "k acme_abcd # sample \n",
                    "qqqq12",
                    "qqqq02",
                ] {
                    let wanted = secrets(&imported.rules, path, commit, text);
                    assert_eq!(secrets(&own, path, commit, text), wanted, "{path} {commit:?} {text}");
                    seen += wanted.len();
                }
            }
        }
        assert!(seen > 20, "{seen}");
    }

    #[test]
    fn lists_for_rules_of_ours_are_written_once_and_aimed() {
        let config = "[extend]\nuseDefault=true\n[[allowlists]]\ntargetRules=['github-pat','npm-access-token']\n\
                      paths=['^old/']\n[[allowlists]]\nregexes=['.*']\n";
        let imported = import("c", config, builtin::rule_set, &mut |_| Err(String::new())).unwrap();
        let exported = export(&imported.rules, true);
        let file = syntax::read("r", &exported.text).unwrap();
        assert_eq!((file.allow.len(), file.allow[0].rules.len()), (1, 2), "{}", exported.text);
        assert_eq!(exported.left_out.len(), 1, "a list that allows everything is not carried over");
        let own = builtin::rule_set().overlay("r", file).unwrap();
        assert_eq!(own.get("github-pat").unwrap().allow.len(), 1);
    }
}
