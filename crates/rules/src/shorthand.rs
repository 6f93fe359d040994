//! Parts that many regexes share, written `(?&name)`: how a value is assigned to a name.

use std::borrow::Cow;

/// What may stand between a name and the value assigned to it on one line: what closes the name, a type, the sign, what
/// opens the value. Quotes may be escaped, any number of times over, as in JSON within JSON, or be HTML's.
const IS: &str = concat!(
    r#"[\\"'`\])]{0,6}(?:&quot;|&#3[49];)?"#,
    r"(?:\s{0,2}:\s{0,2}[&\w<>?\[\]]{1,20}|\s(?i:string|str))?",
    r"\s{0,8}(?:[:?.|+]{0,3}=>?|:{1,3}|\|\|:?|,|\(|->|>)\s{0,8}",
    r#"\(?(?:[bru@]?(?:[\\"'`]|&quot;|&#3[49];))?[\s\[(=\\"'`]{0,6}"#,
);

/// The regex that `regex` stands for. A name that is unknown stays, and is an error of syntax.
pub(crate) fn expand(regex: &str) -> Cow<'_, str> {
    if regex.contains("(?&is)") { regex.replace("(?&is)", IS).into() } else { regex.into() }
}

#[cfg(test)]
mod tests {
    use regex::bytes::Regex;

    use super::*;
    use crate::rule::Specificity;
    use crate::{Detector, Match, RuleSet, Scratch, builtin, syntax};

    /// The built-in rules whose regex has the shorthand, by id.
    fn keyed() -> Vec<String> {
        let written = |text: &str| {
            let table: toml::Table = text.parse().unwrap();
            let rules = table.get("rules").and_then(toml::Value::as_array).cloned().unwrap_or_default();
            let has = |rule: &toml::Value| {
                rule.get("regex").and_then(toml::Value::as_str).is_some_and(|regex| regex.contains("(?&is)"))
            };
            rules
                .iter()
                .filter(|rule| has(rule))
                .map(|rule| rule["id"].as_str().unwrap().to_owned())
                .collect()
        };
        builtin::files().iter().flat_map(|(_, text)| -> Vec<String> { written(text) }).collect()
    }

    /// Ways to write the assignment of a value to a name, inside texts that escape quotes.
    fn wrapped(name: &str, value: &str) -> Vec<String> {
        vec![
            format!(r#"{{"body": "{{\"{name}\": \"{value}\"}}"}}"#),
            format!(r#"run "curl -d {{\"{name}\":\"{value}\",\"n\":1}}""#),
            format!(r#""{{\\\"{name}\\\": \\\"{value}\\\"}}""#),
            format!(r#"bash -c "export {name}=\"{value}\"""#),
            format!("data-x='{{&quot;{name}&quot;:&quot;{value}&quot;}}'"),
        ]
    }

    #[test]
    fn every_keyed_rule_reads_escaped_quotes() {
        let link = Regex::new(&format!("(?s-u){IS}$")).unwrap();
        let rules = builtin::with_examples().unwrap().into_rules();
        let detector = Detector::new(builtin::rule_set());
        let (ids, mut scratch, mut tried) = (keyed(), Scratch::default(), 0);
        let mut missed = Vec::new();
        for rule in rules.iter().filter(|rule| ids.contains(&rule.id)) {
            for example in &rule.matching {
                let found = detector.scan(&example.text, &mut scratch);
                let Some(hit) = found.iter().find(|m| detector.rules()[m.rule].id == rule.id) else {
                    continue;
                };
                let before = &example.text[hit.span.start..hit.secret.start];
                // The shortest name: everything that can be the link is.
                let Some(at) = (1..before.len())
                    .find(|&at| link.find(&before[at..]).is_some_and(|found| found.start() == 0))
                else {
                    continue;
                };
                let name = String::from_utf8_lossy(&before[..at]).into_owned();
                let value = String::from_utf8_lossy(hit.secret.of(&example.text)).into_owned();
                if name.contains(['\n', '"']) || value.contains(['"', '\\']) {
                    continue;
                }
                for text in wrapped(&name, &value) {
                    tried += 1;
                    let found = detector.scan(text.as_bytes(), &mut scratch);
                    let known = |m: &Match| detector.rules()[m.rule].specificity > Specificity::Generic;
                    if !found.iter().any(|m| known(m) && m.secret.of(text.as_bytes()) == value.as_bytes()) {
                        missed.push(format!("{}: {text}", rule.id));
                    }
                }
            }
        }
        assert!(ids.len() > 300 && tried > 2000, "{} rules, {tried} texts", ids.len());
        assert!(missed.is_empty(), "{} of {tried}\n{}", missed.len(), missed.join("\n"));
    }

    #[test]
    fn an_unknown_shorthand_is_an_error_with_a_place() {
        let rule = "schema = 1\n[[rules]]\nid = 'x'\ndescription = 'x'\nseverity = 'low'\nconfidence = 'low'\n\
                    regex = 'acme(?&was)x'\n";
        assert!(syntax::read("x.toml", rule).unwrap_err().to_string().starts_with("x.toml:7:"));
        let rule = rule.replace("was)", "is)(?P<secret>[0-9]{4})");
        let file = syntax::read("x.toml", &rule).unwrap();
        let detector = Detector::new(RuleSet::from_files(vec![file]).unwrap());
        assert_eq!(detector.scan(b"acme: &str = 1234x", &mut Scratch::default()).len(), 1);
    }
}
