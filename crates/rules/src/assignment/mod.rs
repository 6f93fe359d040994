//! Secrets without a format of their own: a value assigned to a name that calls it secret.
//!
//! One reading of the line around a keyword ([`site`]), one judgement of the name ([`key`]), one of the value
//! ([`strength`]). No regex: what separates a secret from its look-alikes is not a pattern.

mod class;
mod key;
mod look_alike;
mod site;
mod strength;

pub use class::KeyClass;

use crate::grade::Confidence;
use crate::reason::Reason;
use crate::span::Span;
use site::site;
use strength::{Strength, strength};

/// A secret found by its name. Spans count bytes of the line that was searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Assigned {
    /// From the name through the value.
    pub(crate) span: Span,
    /// The name.
    pub(crate) key: Span,
    /// The value.
    pub(crate) secret: Span,
    /// How likely it is one.
    pub(crate) confidence: Confidence,
    /// Whether it is less likely in a test or an example.
    pub(crate) ordinary: bool,
}

/// Whether a part of the name was itself made by a machine: `credentials-5ec1f7e700` may as well be a list of digests.
fn is_made_name(key: &[u8]) -> bool {
    key.split(|b| !b.is_ascii_alphanumeric()).any(|part| {
        part.len() >= 8 && part.iter().all(u8::is_ascii_hexdigit) && part.iter().any(u8::is_ascii_digit)
    })
}

/// Whether the line starts the way comments do; a line cut at its start is judged by what is seen of it.
fn is_comment(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    [&b"#"[..], b"//", b"*", b"/*", b"--", b"<!--", b"% ", b";;"].iter().any(|mark| line.starts_with(mark))
}

/// The secret of class `class` that is assigned to the name around `keyword`, or why there is none.
pub(crate) fn find(line: &[u8], keyword: Span, class: KeyClass) -> Result<Assigned, Reason> {
    let site = site(line, keyword).ok_or(Reason::Unassigned)?;
    let named = key::named(site.key.of(line)).filter(|named| named.class == class);
    let named = named.ok_or(Reason::OtherName)?;
    if site.value.is_empty() {
        return Err(Reason::Empty);
    }
    let strength = strength(site.value.of(line), site.form, named).ok_or(Reason::WeakValue)?;
    // In a comment a short value is an illustration.
    let strength = if strength == Strength::Likely && is_comment(line) { Strength::Weak } else { strength };
    let strength = if is_made_name(site.key.of(line)) { strength.min(Strength::Strong) } else { strength };
    let confidence = match strength {
        Strength::Weak => Confidence::Low,
        Strength::Likely | Strength::Strong => Confidence::Medium,
        Strength::Certain => Confidence::High,
    };
    let span = Span::new(site.key.start.min(keyword.start), site.value.end);
    Ok(Assigned {
        span,
        key: site.key,
        secret: site.value,
        confidence,
        ordinary: strength <= Strength::Likely,
    })
}
