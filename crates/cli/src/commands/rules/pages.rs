//! The pages about the rules: one a family, and an index. Made of what rule files say, without their examples.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use unleak_rules::readers::Encoding;
use unleak_rules::rule::{Extent, Signature};
use unleak_rules::{Hosts, Rotation, Rule, RuleSet, Share};

/// The first line of every page.
pub(crate) const MARK: &str =
    "<!-- Generated from rules/*.toml: cargo run -- rules docs --output docs/rules -->";

/// The pages, `(file name, text)`, sorted by family; the index comes last.
pub(crate) fn pages(set: &RuleSet) -> Vec<(String, String)> {
    let mut families: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in set.rules() {
        families.entry(&rule.family).or_default().push(rule);
    }
    let page =
        |(family, rules): (&&str, &Vec<&Rule>)| (format!("{family}.md"), family_page(set, family, rules));
    let mut pages: Vec<_> = families.iter().map(page).collect();
    pages.push(("README.md".to_owned(), index(set, &families)));
    pages
}

fn name<'s>(set: &'s RuleSet, family: &'s str) -> &'s str {
    set.provider(family).map_or(family, |provider| &provider.name)
}

fn family_page(set: &RuleSet, family: &str, rules: &[&Rule]) -> String {
    let mut page = format!("{MARK}\n# {}\n\n", escaped(name(set, family)));
    if let Some(provider) = set.provider(family) {
        let hosts = Some(by_itself(provider.hosts));
        let facts = [
            ("Opens", &provider.opens),
            ("Revoke", &provider.revoke),
            ("Audit", &provider.audit),
            ("Hosts, by themselves", if provider.rotation.is_empty() { &hosts } else { &None }),
            ("Source", &provider.source),
        ];
        page.push_str("| | |\n|---|---|\n");
        put(&mut page, format_args!("| Family | `{family}` |\n"));
        for (title, fact) in facts {
            if let Some(fact) = fact {
                put(&mut page, format_args!("| {title} | {} |\n", escaped(fact)));
            }
        }
        page.push('\n');
        for entry in &provider.rotation {
            rotation(&mut page, entry, entry.hosts.unwrap_or(provider.hosts));
        }
        if !provider.rotation.is_empty() {
            page.push_str("## Rules\n\n");
        }
    }
    page.push_str("| rule | finds | severity | confidence | reads | checks |\n|---|---|---|---|---|---|\n");
    for rule in rules {
        let checks: Vec<String> =
            rule.checks.iter().map(|check| format!("`{}`", check.kind.as_str())).collect();
        let row = [
            format!("`{}`", rule.id),
            escaped(&rule.description),
            rule.severity.to_string(),
            rule.confidence.to_string(),
            reads(rule),
            checks.join(", "),
        ];
        put(&mut page, format_args!("| {} |\n", row.join(" | ")));
    }
    put(&mut page, format_args!("\n[All families](README.md)\n"));
    page
}

/// How one kind of credential is replaced.
fn rotation(page: &mut String, entry: &Rotation, hosts: Hosts) {
    put(page, format_args!("## Rotate: {}\n\n| | |\n|---|---|\n", escaped(&entry.kind)));
    let rules: Vec<String> = entry.rules.iter().map(|rule| format!("`{rule}`")).collect();
    let rules = if rules.is_empty() { "all others of the family".to_owned() } else { rules.join(", ") };
    put(page, format_args!("| Rules | {rules} |\n"));
    let by_itself = by_itself(hosts);
    let facts = [
        ("Revoke", Some(&entry.revoke)),
        ("Without downtime", entry.overlap.as_ref()),
        ("Audit", Some(&entry.audit)),
        ("Hosts, by themselves", Some(&by_itself)),
        ("By itself the vendor", entry.automatic.as_ref()),
        ("Look for", Some(&entry.after)),
    ];
    for (title, fact) in facts {
        if let Some(fact) = fact {
            put(page, format_args!("| {title} | {} |\n", escaped(fact)));
        }
    }
    put(page, format_args!("| Source | {} (read {}) |\n\n", escaped(&entry.source), entry.read));
}

/// What hosts do by themselves.
fn by_itself(hosts: Hosts) -> String {
    let said = |share: Share, what: &str| match share {
        Share::No => None,
        Share::Part => Some(format!("{what} (of some kinds)")),
        Share::All => Some(what.to_owned()),
    };
    let all = [
        said(hosts.github, "GitHub tells the vendor"),
        said(hosts.push_protection, "GitHub refuses pushes with it"),
        said(hosts.validity, "GitHub knows whether it still works"),
        said(hosts.gitlab, "GitLab tells the vendor"),
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join("; ") }
}

/// What a rule looks at, in a few words.
fn reads(rule: &Rule) -> String {
    let what = match &rule.signature {
        Signature::Content { extent: Extent::Window, .. } => "a line",
        Signature::Content { extent: Extent::Until { .. }, .. } => "a block of lines",
        Signature::Content { extent: Extent::Object { .. }, .. } => "a JSON object",
        Signature::Content { extent: Extent::Document { reader, .. }, .. } => reader.as_str(),
        Signature::Assignment { .. } => "an assignment",
        Signature::Reader(reader) => reader.as_str(),
        Signature::File => "the file itself",
        Signature::Text(_) => "the whole text",
        Signature::Path => "the path",
    };
    let encoding = match rule.encoding {
        Encoding::Plain => String::new(),
        other => format!(", {}", other.as_str()),
    };
    let files = match &rule.files {
        None => String::new(),
        Some(files) => {
            let names: Vec<String> = files.names().iter().map(|name| format!("`{name}`")).collect();
            format!(" in {}", names.join(", "))
        }
    };
    format!("{what}{encoding}{files}")
}

fn index(set: &RuleSet, families: &BTreeMap<&str, Vec<&Rule>>) -> String {
    let mut letters: BTreeMap<char, Vec<(String, &str)>> = BTreeMap::new();
    for family in families.keys() {
        let name = name(set, family);
        let first = name.chars().next().filter(char::is_ascii_alphabetic).unwrap_or('#');
        letters.entry(first.to_ascii_uppercase()).or_default().push((name.to_lowercase(), family));
    }
    let mut page = format!(
        "{MARK}\n# The rules\n\n{} rules of {} families. `unleak rules show ID` tells everything about one.\n",
        set.rules().len(),
        families.len()
    );
    for (letter, mut named) in letters {
        named.sort();
        let title = if letter == '#' { "0-9".to_owned() } else { letter.to_string() };
        put(&mut page, format_args!("\n## {title}\n\n"));
        for (_, family) in named {
            let count = families[family].len();
            let rules = if count == 1 { "rule" } else { "rules" };
            let name = escaped(name(set, family));
            put(&mut page, format_args!("- [{name}]({family}.md): {count} {rules}\n"));
        }
    }
    page
}

/// Text that stands for itself in a cell of a table.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '|' | '*' | '`' | '[' | ']' => shown.extend(['\\', c]),
            c if c.is_control() => shown.push(' '),
            c => shown.push(c),
        }
    }
    shown
}

fn put(page: &mut String, text: std::fmt::Arguments<'_>) {
    page.write_fmt(text).expect("a string takes any text");
}
