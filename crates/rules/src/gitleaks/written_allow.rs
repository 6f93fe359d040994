//! Allowlists as our own rule files write them.

use serde::Serialize;

use crate::allow::{Allowlist, Target};
use crate::pattern::Pattern;
use crate::syntax;

/// A table `[[allow]]` or `[[rules.allow]]`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct WrittenAllow {
    reason: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rules: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    paths: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    commits: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    regexes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stopwords: Vec<String>,
}

#[derive(Serialize)]
struct Alone<'l> {
    schema: u32,
    allow: [&'l WrittenAllow; 1],
}

/// Writes a list. What our reader refuses is left out, and why.
pub(super) fn list(list: &Allowlist, left_out: &mut Vec<(String, String)>) -> Option<WrittenAllow> {
    let texts = |patterns: &[Pattern]| patterns.iter().map(|regex| regex.as_str().to_owned()).collect();
    let target = match list.target {
        _ if list.regexes.is_empty() => None,
        Target::Secret => None,
        Target::Match => Some("match"),
        Target::Line => Some("line"),
    };
    let (reason, at) = (list.description.trim(), &list.defined_at);
    let written = WrittenAllow {
        reason: if reason.is_empty() { format!("as in {at}") } else { reason.to_owned() },
        rules: Vec::new(),
        condition: list.all.then_some("and"),
        paths: texts(&list.paths),
        commits: list.commits.clone(),
        regexes: texts(&list.regexes),
        target,
        stopwords: list.stopwords.clone(),
    };
    let text = toml::to_string(&Alone { schema: 1, allow: [&written] }).unwrap_or_default();
    match syntax::read(at, &text) {
        Ok(_) => Some(written),
        Err(error) => {
            left_out.push((at.clone(), format!("an allowlist ({}): {}", written.reason, error.message)));
            None
        }
    }
}

/// Adds to `written` the lists of the rule called `id`; one that is there already is aimed at this rule, too.
pub(super) fn aim(
    written: &mut Vec<WrittenAllow>,
    id: &str,
    lists: &[Allowlist],
    left_out: &mut Vec<(String, String)>,
) {
    for own in lists.iter().filter_map(|own| list(own, left_out)) {
        let same = |there: &&mut WrittenAllow| {
            let aimed = WrittenAllow { rules: there.rules.clone(), ..own.clone() };
            !there.rules.is_empty() && **there == aimed
        };
        match written.iter_mut().find(same) {
            Some(there) => there.rules.push(id.to_owned()),
            None => written.push(WrittenAllow { rules: vec![id.to_owned()], ..own }),
        }
    }
}
