//! The shape of a rule file as TOML has it, before anything is understood.

use serde::Deserialize;
use toml::Spanned;

use crate::allow::Target;
use crate::assignment::KeyClass;
use crate::checks::RawCheck;
use crate::grade::{Confidence, Severity};
use crate::hex::Hex;
use crate::provider::Provider;
use crate::readers::{DocumentReader, Encoding, FileReader};
use crate::rule::{Example, Specificity};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFile {
    pub(crate) schema: Spanned<u32>,
    pub(crate) provider: Option<Provider>,
    #[serde(default)]
    pub(crate) doubt: RawClaims,
    #[serde(default)]
    pub(crate) foreign: RawClaims,
    #[serde(default)]
    pub(crate) rules: Vec<Spanned<RawRule>>,
    #[serde(default)]
    pub(crate) disable: Vec<String>,
    #[serde(default)]
    pub(crate) allow: Vec<Spanned<RawAllow>>,
    pub(crate) extend: Option<bool>,
}

/// A table `[[allow]]` or `[[rules.allow]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawAllow {
    pub(crate) reason: Spanned<String>,
    #[serde(default)]
    pub(crate) condition: RawCondition,
    #[serde(default)]
    pub(crate) paths: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) commits: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) regexes: Vec<Spanned<String>>,
    pub(crate) target: Option<Spanned<Target>>,
    #[serde(default)]
    pub(crate) stopwords: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) rules: Vec<Spanned<String>>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RawCondition {
    #[default]
    Or,
    And,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawRule {
    pub(crate) id: Spanned<String>,
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
    pub(crate) description: String,
    pub(crate) severity: Severity,
    pub(crate) confidence: Confidence,
    #[serde(default)]
    pub(crate) specificity: Specificity,
    pub(crate) regex: Option<Spanned<String>>,
    pub(crate) reader: Option<RawReader>,
    pub(crate) names: Option<KeyClass>,
    #[serde(default)]
    pub(crate) keywords: Vec<Spanned<String>>,
    pub(crate) until: Option<RawUntil>,
    pub(crate) object: Option<RawObject>,
    pub(crate) document: Option<RawDocument>,
    pub(crate) window: Option<Spanned<RawWindow>>,
    pub(crate) anchor: Option<Spanned<usize>>,
    pub(crate) unanchored: Option<String>,
    pub(crate) files: Option<Spanned<RawFiles>>,
    pub(crate) path: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) encoding: Encoding,
    #[serde(default)]
    pub(crate) filter: RawFilter,
    #[serde(default)]
    pub(crate) checks: Vec<Spanned<RawCheck>>,
    #[serde(default)]
    pub(crate) allow: Vec<Spanned<RawAllow>>,
    #[serde(default)]
    pub(crate) examples: RawExamples,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RawReader {
    Assignment,
    File,
    #[serde(untagged)]
    Values(FileReader),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawWindow {
    pub(crate) back: Option<usize>,
    pub(crate) forward: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawUntil {
    pub(crate) regex: Spanned<String>,
    pub(crate) max: Spanned<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawObject {
    pub(crate) secret: Spanned<String>,
    pub(crate) max: Spanned<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDocument {
    pub(crate) reader: DocumentReader,
    pub(crate) max: Spanned<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFiles {
    pub(crate) names: Vec<String>,
    #[serde(default)]
    pub(crate) except: Vec<String>,
}

#[derive(Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawFilter {
    pub(crate) entropy: f64,
    pub(crate) digits: usize,
    pub(crate) distinct: usize,
    pub(crate) placeholder: bool,
    pub(crate) words: bool,
    pub(crate) reject: Vec<Spanned<String>>,
    pub(crate) lower: bool,
}

/// What makes values of the file's readers of assignments of low confidence. Parts of one regex each.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawClaims {
    pub(crate) names: Vec<Spanned<String>>,
    pub(crate) values: Vec<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawExamples {
    pub(crate) r#match: Vec<RawExample>,
    pub(crate) no_match: Vec<RawExample>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum RawExample {
    Text(RawText),
    #[serde(rename_all = "snake_case")]
    Full {
        text: RawText,
        secret: Option<RawText>,
        path: Option<String>,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum RawText {
    Whole(String),
    Parts(Vec<String>),
    /// For bytes that are no text.
    Bytes {
        hex: Hex,
    },
}

impl RawText {
    pub(crate) fn joined(self) -> Vec<u8> {
        match self {
            Self::Whole(text) => text.into_bytes(),
            Self::Parts(parts) => parts.concat().into_bytes(),
            Self::Bytes { hex } => hex.0,
        }
    }
}

impl From<RawExample> for Example {
    fn from(raw: RawExample) -> Self {
        match raw {
            RawExample::Text(text) => Self { text: text.joined(), secret: None, path: None },
            RawExample::Full { text, secret, path } => Self {
                text: text.joined(),
                secret: secret.map(RawText::joined),
                path: path.map(String::into_bytes),
            },
        }
    }
}
