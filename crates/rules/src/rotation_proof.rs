//! Proves that every family says how its credentials are replaced, and from where and when that is known.

use std::collections::BTreeMap;

use crate::anchor;
use crate::prove::Broken;
use crate::provider::Provider;
use crate::rule::Rule;
use crate::ruleset::RuleSet;

/// The family of rules in files without a `[provider]`.
const NOBODYS: &str = "user";

/// What families leave open: what a credential opens, where it is revoked, where its use is seen, a source with the date it
/// was read; and rotations that name no rule of theirs, or say nothing.
pub fn prove_rotation(set: &RuleSet) -> Vec<Broken> {
    let mut families: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in set.rules().filter(|rule| rule.family != NOBODYS) {
        families.entry(&rule.family).or_default().push(rule);
    }
    let mut broken = Vec::new();
    for (family, rules) in families {
        let place = rules.first().map_or("", |rule| rule.defined_at.as_str());
        let reasons = match set.provider(family) {
            None => vec!["has no [provider]: nobody knows how to revoke what it finds".to_owned()],
            Some(provider) => missing(provider, &rules),
        };
        broken.extend(reasons.into_iter().map(|why| Broken {
            rule: family.to_owned(),
            defined_at: place.to_owned(),
            why,
        }));
    }
    broken
}

fn missing(provider: &Provider, rules: &[&Rule]) -> Vec<String> {
    let facts = [
        ("opens", &provider.opens),
        ("revoke", &provider.revoke),
        ("audit", &provider.audit),
        ("source", &provider.source),
    ];
    let empty = |text: &Option<String>| text.as_ref().is_none_or(|text| text.trim().is_empty());
    let mut missing: Vec<String> = facts
        .iter()
        .filter(|(_, text)| empty(text))
        .map(|(name, _)| format!("[provider] has no `{name}`"))
        .collect();
    for entry in &provider.rotation {
        let kind = &entry.kind;
        let texts = [&entry.revoke, &entry.audit, &entry.after, &entry.source];
        if kind.is_empty() || texts.iter().any(|text| text.trim().is_empty()) {
            missing.push(format!("rotation '{kind}' leaves something empty"));
        }
        if !has_date(&entry.read) {
            missing.push(format!("rotation '{kind}': `read` is no date, such as 2026-11"));
        }
        if entry.id.as_ref().is_some_and(|id| !has_one_group(id)) {
            missing.push(format!("rotation '{kind}': `id` is no regex with one group"));
        }
        let unknown = entry.rules.iter().filter(|id| !rules.iter().any(|rule| rule.id == **id));
        missing.extend(
            unknown.map(|id| format!("rotation '{kind}' names '{id}', which is no rule of this family")),
        );
    }
    missing
}

fn has_one_group(pattern: &str) -> bool {
    anchor::parse(pattern).is_ok_and(|hir| hir.properties().explicit_captures_len() == 1)
}

/// Whether a year and a month stand in the text.
fn has_date(text: &str) -> bool {
    text.as_bytes().windows(7).any(|part| {
        let digit = |at: usize| part[at].is_ascii_digit();
        part.starts_with(b"20") && digit(2) && digit(3) && part[4] == b'-' && digit(5) && digit(6)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "[[rules]]\nid = \"acme-key\"\ndescription = \"key\"\nseverity = \"high\"\nconfidence = \"high\"\n\
                        regex = 'acme_[0-9]{8}'\n[rules.examples]\nmatch = [\"acme_12345678\"]\nno_match = [\"acme\"]\n";

    fn reasons(provider: &str) -> Vec<String> {
        let file = crate::syntax::read("acme.toml", &format!("schema = 1\n{provider}\n{RULE}")).unwrap();
        let set = RuleSet::from_files(vec![file]).unwrap();
        prove_rotation(&set).into_iter().map(|broken| broken.why).collect()
    }

    #[test]
    fn a_family_that_does_not_say_how_to_rotate_fails() {
        let bare = "[provider]\nfamily = \"acme\"\nname = \"Acme\"\n";
        assert_eq!(reasons(bare).len(), 4);
        let full = format!("{bare}opens = \"a\"\nrevoke = \"b\"\naudit = \"c\"\nsource = \"d (2026-11)\"\n");
        assert!(reasons(&full).is_empty());
        let rotation = "[[provider.rotation]]\nkind = \"k\"\nrules = [\"acme-key\"]\nrevoke = \"r\"\naudit = \"a\"\nafter = \"x\"\n\
                        source = \"s\"\nread = \"2026-11\"\n";
        assert!(reasons(&format!("{full}{rotation}")).is_empty());
        assert_eq!(reasons(&format!("{full}{}", rotation.replace("acme-key", "other"))).len(), 1);
        assert_eq!(reasons(&format!("{full}{}", rotation.replace("\"a\"", "\"\""))).len(), 1);
        let with_id = |id: &str| reasons(&format!("{full}{rotation}id = '{id}'\n"));
        assert!(with_id("^(acme)_").is_empty());
        assert_eq!(["^acme_", "(", "(a)(b)"].map(|id| with_id(id).len()), [1, 1, 1]);
    }

    #[test]
    fn every_family_of_ours_says_how() {
        let set = crate::builtin::with_examples().unwrap();
        assert_eq!(prove_rotation(&set), []);
        for provider in set.providers() {
            let source = provider.source.as_deref().unwrap_or_default();
            assert!(
                has_date(source),
                "{}: the source does not say when it was read: {source}",
                provider.family
            );
        }
        let kinds: usize = set.providers().map(|provider| provider.rotation.len()).sum();
        assert!(kinds >= 60, "{kinds} kinds");
    }
}
