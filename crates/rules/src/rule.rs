//! One rule: what a credential looks like and what is known about it.

use serde::Deserialize;

use crate::allow::Allowlist;
use crate::anchor::Anchor;
use crate::assignment::KeyClass;
use crate::checks::Check;
use crate::filename::FilePatterns;
use crate::grade::{Confidence, Severity};
use crate::pattern::Pattern;
use crate::readers::{DocumentReader, Encoding, FileReader};

/// How far a rule looks around its anchor, in bytes; the whole of the matching contract.
///
/// For an anchor that starts at `s`, the rule's regex sees exactly `[max(line start, s - back), min(line end, s + forward))`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Bytes before the anchor's first byte.
    pub back: usize,
    /// Bytes from the anchor's first byte on.
    pub forward: usize,
}

/// The window of a rule that sets none.
pub const DEFAULT_WINDOW: Window = Window { back: 256, forward: 1024 };

/// How much a rule knows about what it matches; where matches overlap the greater wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Specificity {
    /// The shape of an assignment.
    Generic,
    /// A key's name in a file with a grammar of its own.
    Keyed,
    /// A format that many vendors use: JWT, PEM, a URI.
    Format,
    /// One vendor's format.
    #[default]
    Vendor,
}

/// How a match that starts on one line reaches over several.
#[derive(Clone, Debug)]
pub enum Extent {
    /// It does not: the match lies inside the window.
    Window,
    /// From the match through the first occurrence of `pattern`, at most `max` bytes. When `pattern` has a group
    /// `secret`, that is the secret, and without it there is no match.
    Until {
        /// Where the secret ends.
        pattern: Pattern,
        /// Bytes from the start of the match.
        max: usize,
    },
    /// From the nearest `{` before the match to the nearest `}` after it, at most `max` bytes each way.
    Object {
        /// Finds the secret inside the object.
        secret: Pattern,
        /// Bytes each way.
        max: usize,
    },
    /// The match only says where to read: every value that `reader` finds around it, at most `max` bytes each way.
    Document {
        /// The grammar.
        reader: DocumentReader,
        /// Bytes each way.
        max: usize,
    },
}

impl Extent {
    /// How far the extent can reach before and after the window, in bytes.
    pub fn reach(&self) -> (usize, usize) {
        match self {
            Self::Window => (0, 0),
            Self::Until { max, .. } => (0, *max),
            Self::Object { max, .. } | Self::Document { max, .. } => (*max, *max),
        }
    }
}

/// What a rule looks at.
#[derive(Clone, Debug)]
pub enum Signature {
    /// Bytes that match a pattern near an anchor.
    Content {
        /// The regex, run on the window.
        pattern: Pattern,
        /// Literals one of which every match contains; empty when `unanchored` says why.
        anchors: Vec<Anchor>,
        /// Why there is no literal to anchor on. Such a rule looks at the start of every line.
        unanchored: Option<String>,
        /// How far the regex looks.
        window: Window,
        /// Whether the match goes on over several lines.
        extent: Extent,
    },
    /// A value assigned to a name that calls it secret.
    Assignment {
        /// What the name must speak of.
        names: KeyClass,
        /// Keywords one of which is part of every such name.
        anchors: Vec<Anchor>,
        /// How far from the keyword name and value are looked for.
        window: Window,
    },
    /// Every value that a reader finds in the file.
    Reader(FileReader),
    /// The file as such.
    File,
    /// Bytes that match a pattern anywhere in the whole text, over any number of lines.
    Text(Box<TextSignature>),
    /// The file's path, as [`Rule::path`] has it.
    Path,
}

/// A regex over whole texts, as imported rules have it. Meant for users' own rules: it knows no window, so it costs
/// more, and in texts too large to hold it sees one part at a time.
#[derive(Clone, Debug)]
pub struct TextSignature {
    /// The regex.
    pub pattern: Pattern,
    /// Lower-case words one of which the text must contain in any case; without any, every text is searched.
    pub keywords: Vec<String>,
    /// Literals one of which every match contains, when the regex implies some. They save work and mean nothing.
    pub anchors: Vec<Anchor>,
    /// The group that is the secret; 0 for the first one that is not empty, else the whole match.
    pub group: usize,
    /// A secret of this entropy (bits a byte) or less is none; 0 asks nothing.
    pub entropy: f64,
    /// Matches of other rules that must be near.
    pub required: Vec<Required>,
    /// Whether it only counts as a part that others require.
    pub part_only: bool,
}

/// A match of another rule without which a match is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Required {
    /// The other rule's id.
    pub id: String,
    /// How many lines apart the two may start; without a limit, anywhere in the same text.
    pub lines: Option<u64>,
    /// How many columns (bytes) apart they may start.
    pub columns: Option<u64>,
}

/// What a value must be like to be reported; all conditions hold together.
#[derive(Clone, Debug, Default)]
pub struct ValueFilter {
    /// Shannon entropy of the secret in bits a byte, at least.
    pub min_entropy: f64,
    /// Decimal digits, at least.
    pub min_digits: usize,
    /// Distinct bytes, at least.
    pub min_distinct: usize,
    /// Placeholders and references (`${X}`, `changeme`) are no secrets.
    pub reject_placeholder: bool,
    /// Values made of natural words, identifiers, paths or versions are no secrets.
    pub reject_words: bool,
    /// Documented examples and known look-alikes, matched against the secret.
    pub reject: Vec<Pattern>,
    /// Whether what the conditions before `reject` refuse is of low confidence rather than none.
    pub lower: bool,
    /// Of an assignment: what makes it of low confidence.
    pub doubt: Claims,
    /// Of an assignment: what claims to be a vendor's, whose own rules know how that is written.
    pub foreign: Claims,
}

/// What names and values of assignments claim to be; either alone counts.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// Matches the name.
    pub names: Option<Box<Pattern>>,
    /// Matches the value.
    pub values: Option<Box<Pattern>>,
}

impl Claims {
    /// Whether the assignment of `value` to `name` is one of these.
    pub(crate) fn cover(&self, name: &[u8], value: &[u8]) -> bool {
        let matches =
            |pattern: &Option<Box<Pattern>>, text| pattern.as_ref().is_some_and(|it| it.is_match(text));
        matches(&self.names, name) || matches(&self.values, value)
    }
}

/// One text a rule must or must not match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The text, assembled from its parts.
    pub text: Vec<u8>,
    /// The secret a match must yield, when the example says so.
    pub secret: Option<Vec<u8>>,
    /// The path the text is found at, for rules that look at names.
    pub path: Option<Vec<u8>>,
}

/// A credential's signature with everything the rule file says about it.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Unique name, such as `github-pat`.
    pub id: String,
    /// Names other scanners use for it.
    pub aliases: Vec<String>,
    /// One line for people.
    pub description: String,
    /// The vendor; part of a finding's identity.
    pub family: String,
    /// How much the credential opens.
    pub severity: Severity,
    /// How likely a match is real when no check says more.
    pub confidence: Confidence,
    /// Who wins when matches overlap.
    pub specificity: Specificity,
    /// What it looks at.
    pub signature: Signature,
    /// The files it is restricted to, by name.
    pub files: Option<FilePatterns>,
    /// How the secret is written.
    pub encoding: Encoding,
    /// The paths it is restricted to: a regex on the whole path.
    pub path: Option<Pattern>,
    /// What is no finding of this rule.
    pub allow: Vec<Allowlist>,
    /// Words that reports in the formats of other tools carry along.
    pub tags: Vec<String>,
    /// What the value must be like.
    pub filter: ValueFilter,
    /// Structural checks, all of which must hold.
    pub checks: Vec<Check>,
    /// Texts that must match.
    pub matching: Vec<Example>,
    /// Texts that must not match.
    pub not_matching: Vec<Example>,
    /// Where the rule was defined: `rules/github.toml:12`.
    pub defined_at: String,
}

impl Rule {
    /// What the rule looks for near, and how far around it; empty for rules that read whole files.
    pub fn anchors(&self) -> &[Anchor] {
        match &self.signature {
            Signature::Content { anchors, .. } | Signature::Assignment { anchors, .. } => anchors,
            Signature::Text(_) | Signature::Reader(_) | Signature::File | Signature::Path => &[],
        }
    }

    /// How far a match of the rule can reach before and after its window, in bytes.
    pub fn reach(&self) -> (usize, usize) {
        match &self.signature {
            Signature::Content { extent, .. } => extent.reach(),
            _ => (0, 0),
        }
    }

    /// How far around an anchor it looks, if it looks for anchors.
    pub fn window(&self) -> Option<Window> {
        match &self.signature {
            Signature::Content { window, .. } | Signature::Assignment { window, .. } => Some(*window),
            Signature::Text(_) | Signature::Reader(_) | Signature::File | Signature::Path => None,
        }
    }

    /// The rule's regex, if it has one.
    pub fn pattern(&self) -> Option<&Pattern> {
        match &self.signature {
            Signature::Content { pattern, .. } => Some(pattern),
            Signature::Text(text) => Some(&text.pattern),
            Signature::Assignment { .. } | Signature::Reader(_) | Signature::File | Signature::Path => None,
        }
    }
}
