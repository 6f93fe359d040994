//! `unleak rules show`: everything about one rule.

use std::io::{self, Write};

use unleak_rules::readers::Encoding;
use unleak_rules::rule::{Extent, Signature, TextSignature};
use unleak_rules::{Rule, RuleSet};

/// Writes one line a fact.
pub(crate) fn show(set: &RuleSet, rule: &Rule, out: &mut dyn Write) -> io::Result<()> {
    let mut line = |name: &str, value: &str| writeln!(out, "{name:<12}{value}");
    line("id", &rule.id)?;
    line("finds", &rule.description)?;
    line("family", &rule.family)?;
    line("severity", rule.severity.as_str())?;
    line("confidence", rule.confidence.as_str())?;
    if !rule.aliases.is_empty() {
        line("known as", &rule.aliases.join(", "))?;
    }
    show_signature(rule, &mut line)?;
    if let Some(path) = &rule.path {
        line("path", path.as_str())?;
    }
    if !rule.allow.is_empty() || !set.allowlists().is_empty() {
        let counts = format!("{} of its own, {} for all rules", rule.allow.len(), set.allowlists().len());
        line("allowlists", &counts)?;
    }
    if rule.encoding != Encoding::Plain {
        line("encoding", rule.encoding.as_str())?;
    }
    if let Some(files) = &rule.files {
        line("files", &files.names().join(", "))?;
        if !files.except().is_empty() {
            line("but not", &files.except().join(", "))?;
        }
    }
    for check in &rule.checks {
        line("check", &check.to_string())?;
    }
    let counts = format!("{} that match, {} that do not", rule.matching.len(), rule.not_matching.len());
    line("examples", &counts)?;
    for (name, examples) in [("match", &rule.matching), ("no match", &rule.not_matching)] {
        for example in examples {
            let text = unleak_report::harmless(&example.text);
            line(&format!("  {name}"), &text.chars().take(160).collect::<String>())?;
        }
    }
    if let Some(provider) = set.provider(&rule.family) {
        line("vendor", &provider.name)?;
        let facts = [
            ("opens", &provider.opens),
            ("revoke", &provider.revoke),
            ("audit", &provider.audit),
            ("source", &provider.source),
        ];
        for (name, fact) in facts {
            if let Some(fact) = fact {
                line(name, fact)?;
            }
        }
        if let Some(rotation) = provider.rotation_of(&rule.id) {
            line("rotate", &rotation.revoke)?;
            if let Some(overlap) = &rotation.overlap {
                line("no downtime", overlap)?;
            }
            line("read", &rotation.audit)?;
            line("look for", &rotation.after)?;
        }
    }
    line("defined at", &rule.defined_at)
}

fn show_signature(rule: &Rule, line: &mut dyn FnMut(&str, &str) -> io::Result<()>) -> io::Result<()> {
    match &rule.signature {
        Signature::Content { pattern, anchors, unanchored, window, extent } => {
            line("regex", pattern.as_str())?;
            let literal = |anchor: &unleak_rules::anchor::Anchor| {
                let text = String::from_utf8_lossy(&anchor.literal).into_owned();
                if anchor.fold { format!("{text} (any case)") } else { text }
            };
            match unanchored {
                Some(why) => line("anchors", &format!("none, looks at the start of every line: {why}"))?,
                None => line("anchors", &anchors.iter().map(literal).collect::<Vec<_>>().join(", "))?,
            }
            line("window", &format!("{} bytes before, {} after the anchor", window.back, window.forward))?;
            match extent {
                Extent::Window => {}
                Extent::Until { pattern, max } => {
                    line("until", &format!("{} (at most {max} bytes on)", pattern.as_str()))?;
                }
                Extent::Object { max, .. } => {
                    line("object", &format!("the JSON object around it (at most {max} bytes each way)"))?;
                }
                Extent::Document { reader, max } => {
                    let reads = format!("{}, what is around (at most {max} bytes each way)", reader.as_str());
                    line("reader", &reads)?;
                }
            }
        }
        Signature::Assignment { names, anchors, window } => {
            line("reads", &format!("values assigned to names of {names:?}s").to_lowercase())?;
            let words: Vec<_> =
                anchors.iter().map(|a| String::from_utf8_lossy(&a.literal).into_owned()).collect();
            line("keywords", &words.join(" "))?;
            line("window", &format!("{} bytes before the keyword, {} after", window.back, window.forward))?;
        }
        Signature::Reader(reader) => line("reader", &format!("{}, value by value", reader.as_str()))?,
        Signature::File => line("reads", "the file's name")?,
        Signature::Path => line("reads", "the file's path")?,
        Signature::Text(text) => show_text(text, line)?,
    }
    match versions(rule) {
        Some(versions) => line("versions", versions),
        None => Ok(()),
    }
}

/// How versions of a file are scanned with a rule that no window bounds.
fn versions(rule: &Rule) -> Option<&'static str> {
    let by_name = rule.files.is_some();
    match rule.signature {
        Signature::Text(_) => Some("with this rule all versions of all files are scanned whole"),
        Signature::Reader(_) => Some("of files of these names, each is scanned whole"),
        Signature::Content { unanchored: Some(_), .. } if by_name => {
            Some("of files of these names, each is scanned whole")
        }
        Signature::Content { unanchored: Some(_), .. } => {
            Some("with this rule all versions of all files are scanned whole")
        }
        _ => None,
    }
}

fn show_text(text: &TextSignature, line: &mut dyn FnMut(&str, &str) -> io::Result<()>) -> io::Result<()> {
    line("regex", text.pattern.as_str())?;
    line("searches", "the whole text, over any number of lines (above 64 MiB: parts of 4 MiB)")?;
    if text.keywords.is_empty() {
        line("keywords", "none: every text is searched")?;
    } else {
        line("keywords", &text.keywords.join(", "))?;
    }
    for part in &text.required {
        let limit = |limit: Option<u64>, of: &str| {
            limit.map_or(String::new(), |limit| format!(" within {limit} {of}"))
        };
        let limits = [limit(part.lines, "lines"), limit(part.columns, "columns")].concat();
        line("requires", &format!("{}{limits}", part.id))?;
    }
    if text.part_only {
        line("reported", "never: it only counts as a part that others require")?;
    }
    Ok(())
}
