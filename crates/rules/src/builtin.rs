//! The rules that come with the program, embedded from `rules/*.toml` as tables that the build script wrote.

use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};

use crate::anchor::Anchor;
use crate::assignment::KeyClass;
use crate::checks::{Check, CheckKind};
use crate::filename::FilePatterns;
use crate::grade::{Confidence, Severity};
use crate::needs::{Needs, Run};
use crate::pattern::Pattern;
use crate::provider::{Hosts, Provider, Rotation, Share, Vendors};
use crate::readers::{DocumentReader, Encoding, FileReader};
use crate::rule::{Claims, Extent, Rule, Signature, Specificity, ValueFilter, Window};
use crate::ruleset::RuleSet;
use crate::syntax::{self, RuleFile};

#[allow(clippy::unreadable_literal, reason = "written by the build script")]
mod tables {
    use super::{
        CheckKind, Confidence, DocumentReader, Encoding, FileReader, Hosts, KeyClass, Kind, Needs, Reach,
        Run, Severity,
        Share::{All, No, Part},
        Specificity, Table, Vendor,
    };

    include!(concat!(env!("OUT_DIR"), "/builtin_rules.rs"));
}
use tables::{FILES, PROVIDERS, RULES};

/// Family, name; what it opens, where to revoke, where to audit, source; what hosts do; rotations.
type Vendor = (&'static str, &'static str, (Text, Text, Text, Text), Hosts, &'static [Turn]);
/// Kind, rules, id; revoke, overlap, audit; what hosts do, what the vendor does; after, source, read.
type Turn = (
    (&'static str, &'static [&'static str], Text),
    (&'static str, Text, &'static str),
    (Option<Hosts>, Text),
    (&'static str, &'static str, &'static str),
);
type Text = Option<&'static str>;

/// A rule without its examples.
struct Table {
    id: &'static str,
    aliases: &'static [&'static str],
    description: &'static str,
    family: &'static str,
    severity: Severity,
    confidence: Confidence,
    specificity: Specificity,
    signature: Kind,
    files: Option<(&'static [&'static str], &'static [&'static str])>,
    encoding: Encoding,
    min_entropy: f64,
    min_digits: usize,
    min_distinct: usize,
    reject_placeholder: bool,
    reject_words: bool,
    reject: &'static [&'static str],
    lower: bool,
    /// Names and values.
    doubt: (Text, Text),
    foreign: (Text, Text),
    /// Kind and arguments.
    checks: &'static [(CheckKind, &'static [&'static str])],
    defined_at: &'static str,
}

/// The bytes; whether case counts not; where the search looks.
type Literal = (&'static [u8], bool, usize);

enum Kind {
    Content {
        pattern: &'static str,
        needs: Needs,
        anchors: &'static [Literal],
        unanchored: Text,
        back: usize,
        forward: usize,
        extent: Reach,
    },
    Assignment {
        names: KeyClass,
        anchors: &'static [Literal],
        back: usize,
        forward: usize,
    },
    Reader(FileReader),
    File,
}

#[allow(dead_code, reason = "the rules at hand may not use every kind")]
enum Reach {
    Window,
    Until(&'static str, usize),
    Object(&'static str, usize),
    Document(DocumentReader, usize),
}

/// The built-in rules, ready to detect; without their examples. Nothing is parsed.
pub fn rule_set() -> RuleSet {
    RuleSet::from_files(vec![RuleFile {
        provider: None,
        rules: RULES.iter().map(rule).collect(),
        disable: Vec::new(),
        allow: Vec::new(),
        extend: true,
    }])
    .expect("the build script refuses two rules with one id")
    .with_vendors(vendors)
}

/// The built-in rules as the files say, with examples.
///
/// # Errors
/// Never in a program that was built: the build script has read the same files.
pub fn with_examples() -> Result<RuleSet, Box<dyn std::error::Error + Send + Sync>> {
    let files = FILES.iter().map(|(name, text)| syntax::read(name, text)).collect::<Result<Vec<_>, _>>()?;
    Ok(RuleSet::from_files(files)?)
}

/// The embedded files, `(name, text)`, sorted by name.
pub fn files() -> &'static [(&'static str, &'static str)] {
    FILES
}

/// A SHA-256 of the embedded files. Other files, another digest.
pub fn digest() -> [u8; 32] {
    let mut hasher = Sha256::new();
    for (name, text) in FILES {
        for part in [name, text] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    hasher.finalize().into()
}

fn owned(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

/// The built-in vendors, made when one is first asked for: a scan that finds nothing needs none.
fn vendors() -> &'static Vendors {
    static VENDORS: LazyLock<Vendors> = LazyLock::new(|| {
        PROVIDERS.iter().map(provider).map(|provider| (provider.family.clone(), provider)).collect()
    });
    &VENDORS
}

fn rotation(
    ((kind, rules, id), (revoke, overlap, audit), (hosts, automatic), (after, source, read)): &Turn,
) -> Rotation {
    Rotation {
        kind: (*kind).to_owned(),
        rules: owned(rules),
        id: id.map(str::to_owned),
        revoke: (*revoke).to_owned(),
        overlap: overlap.map(str::to_owned),
        audit: (*audit).to_owned(),
        hosts: *hosts,
        automatic: automatic.map(str::to_owned),
        after: (*after).to_owned(),
        source: (*source).to_owned(),
        read: (*read).to_owned(),
    }
}

fn provider((family, name, (opens, revoke, audit, source), hosts, rotations): &Vendor) -> Provider {
    let text = |text: &Text| text.map(str::to_owned);
    Provider {
        family: (*family).to_owned(),
        name: (*name).to_owned(),
        opens: text(opens),
        revoke: text(revoke),
        audit: text(audit),
        source: text(source),
        hosts: *hosts,
        rotation: rotations.iter().map(rotation).collect(),
    }
}

fn rule(table: &Table) -> Rule {
    Rule {
        id: table.id.to_owned(),
        aliases: owned(table.aliases),
        description: table.description.to_owned(),
        family: table.family.to_owned(),
        severity: table.severity,
        confidence: table.confidence,
        specificity: table.specificity,
        signature: signature(&table.signature),
        files: table.files.map(|(names, except)| FilePatterns::checked(owned(names), owned(except))),
        encoding: table.encoding,
        filter: ValueFilter {
            min_entropy: table.min_entropy,
            min_digits: table.min_digits,
            min_distinct: table.min_distinct,
            reject_placeholder: table.reject_placeholder,
            reject_words: table.reject_words,
            reject: table.reject.iter().map(|regex| Pattern::new(*regex)).collect(),
            lower: table.lower,
            doubt: claims(table.doubt),
            foreign: claims(table.foreign),
        },
        checks: table.checks.iter().map(check).collect(),
        path: None,
        allow: Vec::new(),
        tags: Vec::new(),
        matching: Vec::new(),
        not_matching: Vec::new(),
        defined_at: table.defined_at.to_owned(),
    }
}

fn claims((names, values): (Text, Text)) -> Claims {
    let boxed = |regex: &'static str| Box::new(Pattern::new(regex));
    Claims { names: names.map(boxed), values: values.map(boxed) }
}

fn owned_anchors(anchors: &[Literal]) -> Vec<Anchor> {
    let owned =
        |&(literal, fold, place): &Literal| Anchor { literal: literal.into(), fold, place: Some(place) };
    anchors.iter().map(owned).collect()
}

fn check((kind, arguments): &(CheckKind, &[&str])) -> Check {
    Check { kind: *kind, arguments: owned(arguments) }
}

fn signature(kind: &Kind) -> Signature {
    match kind {
        Kind::Assignment { names, anchors, back, forward } => Signature::Assignment {
            names: *names,
            anchors: owned_anchors(anchors),
            window: Window { back: *back, forward: *forward },
        },
        Kind::Reader(reader) => Signature::Reader(*reader),
        Kind::File => Signature::File,
        Kind::Content { pattern, needs, anchors, unanchored, back, forward, extent } => Signature::Content {
            pattern: Pattern::with_needs(*pattern, *needs),
            anchors: owned_anchors(anchors),
            unanchored: unanchored.map(str::to_owned),
            window: Window { back: *back, forward: *forward },
            extent: match extent {
                Reach::Window => Extent::Window,
                Reach::Until(pattern, max) => Extent::Until { pattern: Pattern::new(*pattern), max: *max },
                Reach::Object(secret, max) => Extent::Object { secret: Pattern::new(*secret), max: *max },
                Reach::Document(reader, max) => Extent::Document { reader: *reader, max: *max },
            },
        },
    }
}
