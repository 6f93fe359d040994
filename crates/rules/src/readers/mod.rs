//! Readers: grammars in which a value is told from its surroundings better than by a regex on one line.
//!
//! A reader gets bytes and yields values with where they stand; the rule that named it judges them. All are total and
//! linear in what they read.

mod encoding;
mod flow;
mod kind;
mod kubernetes;
mod manifest;
mod netrc;
mod password_hash;
mod reading;
mod sql_cursor;
mod sql_rows;

pub(crate) use encoding::decode;
pub use kind::{DocumentReader, Encoding, FileReader};
pub(crate) use reading::Reading;

use crate::checks::Fact;
use crate::dotenv;
use crate::span::Span;

/// The values that `reader` finds in the file.
pub(crate) fn read_file(reader: FileReader, text: &[u8]) -> Vec<Reading> {
    match reader {
        FileReader::Dotenv => dotenv_values(text),
        FileReader::Netrc => netrc::read(text),
    }
}

/// The values that `reader` finds around the match at `at`, at most `max` bytes before and after it.
pub(crate) fn read_document(reader: DocumentReader, text: &[u8], at: Span, max: usize) -> Vec<Reading> {
    match reader {
        DocumentReader::KubernetesSecret => kubernetes::read(text, at, max, false),
        DocumentReader::KubernetesData => kubernetes::read(text, at, max, true),
        DocumentReader::SqlHash => sql_rows::read(text, at, max, false),
        DocumentReader::SqlDigest => sql_rows::read(text, at, max, true),
    }
}

fn dotenv_values(text: &[u8]) -> Vec<Reading> {
    let mut readings = Vec::new();
    for entry in dotenv::read(text) {
        let (key, value) = (entry.key.of(text), dotenv::unescape(&entry, text));
        if entry.value.is_empty() || entry.is_reference || !dotenv::secret_like_entry(key, &value) {
            continue;
        }
        readings.push(Reading {
            span: Span::new(entry.key.start, entry.value.end),
            secret: entry.value,
            value,
            facts: vec![Fact::new("key", String::from_utf8_lossy(key))],
        });
    }
    readings
}
