//! Reads `rules/*.toml` with the crate's own reader and writes them as tables, so that the program starts without parsing
//! anything. A mistake in a rule file stops the build, with file, line and column.

#![allow(dead_code, unreachable_pub, reason = "modules of the crate of which the build needs a part")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

#[path = "src/allow.rs"]
mod allow;
#[path = "src/anchor.rs"]
mod anchor;
#[path = "src/assignment"]
mod assignment {
    //! The kinds of names; reading them is not needed here.
    mod class;
    pub use class::KeyClass;
}
#[path = "src/checks"]
mod checks {
    //! The names of the checks; running them is not needed here.
    mod kind;
    mod spec;
    pub use kind::CheckKind;
    pub use spec::Check;
    pub(crate) use spec::RawCheck;
}
#[path = "src/filename.rs"]
mod filename;
#[path = "src/grade.rs"]
mod grade;
#[path = "src/grams.rs"]
mod grams;
#[path = "src/hex.rs"]
mod hex;
#[path = "src/needs.rs"]
mod needs;
#[path = "src/pattern.rs"]
mod pattern;
#[path = "src/provider.rs"]
mod provider;
#[path = "src/readers"]
mod readers {
    //! The names of the readers; reading is not needed here.
    mod kind;
    pub use kind::{DocumentReader, Encoding, FileReader};
}
#[path = "src/rarest.rs"]
mod rarest;
#[path = "src/raw_rule.rs"]
mod raw_rule;
#[path = "src/rule.rs"]
mod rule;
#[path = "src/shorthand.rs"]
mod shorthand;
#[path = "src/source.rs"]
mod source;
#[path = "src/syntax.rs"]
mod syntax;
#[path = "src/trigrams.rs"]
mod trigrams;

use anchor::Anchor;
use pattern::Pattern;
use rule::{Claims, Extent, Rule, Signature};

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script its directories through the environment"
)]
fn main() -> io::Result<()> {
    let variable = |name| env::var(name).map_err(io::Error::other);
    let root = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("../../rules");
    println!("cargo::rerun-if-changed={}", root.display());
    println!("cargo::rerun-if-changed=src");
    let mut paths: Vec<_> =
        fs::read_dir(&root)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let (mut files, mut providers) = (String::new(), String::new());
    // As rule sets have them.
    let mut rules = BTreeMap::new();
    let mut read = Vec::new();
    for path in paths {
        let name = format!("rules/{}", path.file_name().unwrap_or_default().to_string_lossy());
        let text = fs::read_to_string(&path)?;
        let full = path.canonicalize()?;
        write(&mut files, format_args!("({name:?}, include_str!({:?})),", full.display().to_string()))?;
        read.push(syntax::read(&name, &text).map_err(io::Error::other)?);
    }
    place_anchors(&mut read);
    for file in read {
        if let Some(provider) = &file.provider {
            let fields = (&provider.opens, &provider.revoke, &provider.audit, &provider.source);
            let rotations: Vec<_> = provider.rotation.iter().map(rotation).collect();
            let (family, name) = (&provider.family, &provider.name);
            let rotations = rotations.join(", ");
            let hosts = provider.hosts;
            write(
                &mut providers,
                format_args!("({family:?}, {name:?}, {fields:?}, {hosts:?}, &[{rotations}]),"),
            )?;
        }
        let place = file.allow.first().map(|aimed| &aimed.list.defined_at);
        let by_place = |rule: &&Rule| rule.path.is_some() || !rule.allow.is_empty();
        if let Some(place) = place.or_else(|| file.rules.iter().find(by_place).map(|rule| &rule.defined_at)) {
            let message =
                format!("{place}: `path` and `allow` are for users' rules: they know their repository");
            return Err(io::Error::other(message));
        }
        for rule in &file.rules {
            if let Some((first, _)) = rules.insert(rule.id.clone(), (rule.defined_at.clone(), table(rule))) {
                let message =
                    format!("rule '{}' is defined twice: at {first} and at {}", rule.id, rule.defined_at);
                return Err(io::Error::other(message));
            }
        }
    }
    let rules: Vec<String> = rules.into_values().map(|(_, table)| table).collect();
    let rules = rules.join(",\n");
    let source = format!(
        "pub(super) const FILES: &[(&str, &str)] = &[{files}];\npub(super) const PROVIDERS: &[Vendor] = &[{providers}];\n\
         pub(super) const RULES: &[Table] = &[{rules}];\n"
    );
    fs::write(Path::new(&variable("OUT_DIR")?).join("builtin_rules.rs"), source)
}

/// Finds out where to look for each anchor, which takes longer than all the rest of building the search.
fn place_anchors(files: &mut [syntax::RuleFile]) {
    for has_name in [false, true] {
        let rules = files.iter_mut().flat_map(|file| &mut file.rules);
        let mut rules: Vec<_> = rules.filter(|rule| rule.files.is_some() == has_name).collect();
        // The order of a rule set.
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        let anchors = rules.iter().flat_map(|rule| rule.anchors());
        let anchors: Vec<_> = anchors.map(|anchor| (&*anchor.literal, anchor.place)).collect();
        let places = rarest::places(&anchors);
        let anchors = rules.iter_mut().flat_map(|rule| anchors_mut(&mut rule.signature));
        for (anchor, place) in anchors.zip(places) {
            anchor.place = Some(place);
        }
    }
}

fn anchors_mut(signature: &mut Signature) -> &mut [Anchor] {
    match signature {
        Signature::Content { anchors, .. } | Signature::Assignment { anchors, .. } => anchors,
        Signature::Text(_) | Signature::Reader(_) | Signature::File | Signature::Path => &mut [],
    }
}

fn write(out: &mut String, line: std::fmt::Arguments<'_>) -> io::Result<()> {
    writeln!(out, "{line}").map_err(io::Error::other)
}

/// A rotation as an expression of type `Turn`.
fn rotation(rotation: &provider::Rotation) -> String {
    let provider::Rotation { kind, rules, id, revoke, overlap, audit, hosts, automatic, after, source, read } =
        rotation;
    format!(
        "(({kind:?}, &{rules:?}, {id:?}), ({revoke:?}, {overlap:?}, {audit:?}), ({hosts:?}, {automatic:?}), \
         ({after:?}, {source:?}, {read:?}))"
    )
}

/// A rule as an expression of type `Table`.
fn table(rule: &Rule) -> String {
    let files = match &rule.files {
        Some(files) => format!("Some((&{:?}, &{:?}))", files.names(), files.except()),
        None => "None".to_owned(),
    };
    let filter = &rule.filter;
    let checks: Vec<_> = rule
        .checks
        .iter()
        .map(|check| format!("(CheckKind::{:?}, &{:?})", check.kind, check.arguments))
        .collect();
    format!(
        "Table {{ id: {:?}, aliases: &{:?}, description: {:?}, family: {:?}, severity: Severity::{:?}, \
         confidence: Confidence::{:?}, specificity: Specificity::{:?}, signature: {}, files: {files}, \
         encoding: Encoding::{:?}, \
         min_entropy: {:?}, min_digits: {}, min_distinct: {}, reject_placeholder: {}, reject_words: {}, \
         reject: &{:?}, lower: {}, doubt: {:?}, foreign: {:?}, checks: &[{}], defined_at: {:?} }}",
        rule.id,
        rule.aliases,
        rule.description,
        rule.family,
        rule.severity,
        rule.confidence,
        rule.specificity,
        signature(&rule.signature),
        rule.encoding,
        filter.min_entropy,
        filter.min_digits,
        filter.min_distinct,
        filter.reject_placeholder,
        filter.reject_words,
        filter.reject.iter().map(Pattern::as_str).collect::<Vec<_>>(),
        filter.lower,
        claims(&filter.doubt),
        claims(&filter.foreign),
        checks.join(", "),
        rule.defined_at,
    )
}

fn claims(claims: &Claims) -> (Option<&str>, Option<&str>) {
    (claims.names.as_deref().map(Pattern::as_str), claims.values.as_deref().map(Pattern::as_str))
}

fn listed(anchors: &[Anchor]) -> String {
    let anchors: Vec<_> =
        anchors.iter().map(|a| format!("(&{:?}, {}, {})", a.literal, a.fold, a.place.unwrap_or(0))).collect();
    anchors.join(", ")
}

fn signature(signature: &Signature) -> String {
    match signature {
        Signature::Reader(reader) => format!("Kind::Reader(FileReader::{reader:?})"),
        Signature::File => "Kind::File".to_owned(),
        Signature::Assignment { names, anchors, window } => format!(
            "Kind::Assignment {{ names: KeyClass::{names:?}, anchors: &[{}], back: {}, forward: {} }}",
            listed(anchors),
            window.back,
            window.forward
        ),
        Signature::Text(_) | Signature::Path => unreachable!("the reader of rule files makes none"),
        Signature::Content { pattern, anchors, unanchored, window, extent } => {
            let extent = match extent {
                Extent::Window => "Reach::Window".to_owned(),
                Extent::Until { pattern, max } => format!("Reach::Until({:?}, {max})", pattern.as_str()),
                Extent::Object { secret, max } => format!("Reach::Object({:?}, {max})", secret.as_str()),
                Extent::Document { reader, max } => {
                    format!("Reach::Document(DocumentReader::{reader:?}, {max})")
                }
            };
            format!(
                "Kind::Content {{ pattern: {:?}, needs: {:?}, anchors: &[{}], unanchored: {unanchored:?}, back: {}, \
                 forward: {}, extent: {extent} }}",
                pattern.as_str(),
                pattern.needs(),
                listed(anchors),
                window.back,
                window.forward
            )
        }
    }
}
