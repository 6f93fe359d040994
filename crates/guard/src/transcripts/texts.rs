//! The secrets in a file of an agent, and the file without them.

use std::ops::Range;

use unleak_findings::Fingerprint;
use unleak_rules::{Span, dotenv};

use crate::line::line_of;
use crate::scanner::{Hit, Scanner};
use crate::transcripts::literals::{Literal, literals};
use crate::transcripts::sqlite;

/// A secret in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The rule that found it.
    pub rule: String,
    /// What it is.
    pub fingerprint: Fingerprint,
    /// Counted from 1; 0 in a database.
    pub line: usize,
}

/// Whether a file of that name holds JSON, one or one a line; what of it is none is plain text.
fn is_json(path: &str) -> bool {
    [".json", ".jsonl", ".ndjson"].iter().any(|end| path.contains(end))
}

/// The secrets in the file at `path`.
pub fn sightings(path: &str, bytes: &[u8], scanner: &Scanner) -> Vec<Sighting> {
    if sqlite::is_sqlite(bytes) {
        return in_database(bytes, scanner);
    }
    let mut found = Vec::new();
    let (mut line, mut counted) = (1, 0);
    for (start, _, _, hits) in replacements(path, bytes, scanner) {
        line += line_of(&bytes[counted..], start - counted) - 1;
        counted = start;
        found.extend(hits.into_iter().map(|hit| Sighting {
            rule: hit.rule,
            fingerprint: hit.fingerprint,
            line,
        }));
    }
    found.dedup();
    found
}

/// The file without its secrets, `[REDACTED:rule]` in their place; `None` if it holds none, or is a database.
pub fn redacted(path: &str, bytes: &[u8], scanner: &Scanner) -> Option<Vec<u8>> {
    let changes = replacements(path, bytes, scanner);
    if changes.is_empty() || sqlite::is_sqlite(bytes) {
        return None;
    }
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    for (start, end, text, _) in changes {
        out.extend_from_slice(&bytes[at..start]);
        out.extend_from_slice(text.as_bytes());
        at = end;
    }
    out.extend_from_slice(&bytes[at..]);
    Some(out)
}

/// Fewer letters between two literals are words of JSON.
const SHORTEST: usize = 8;

/// From, to, what is to stand there, and what was found; in order.
type Change = (usize, usize, String, Vec<Hit>);

fn replacements(path: &str, bytes: &[u8], scanner: &Scanner) -> Vec<Change> {
    if is_json(path) { in_json(bytes, scanner) } else { in_plain(bytes, 0..bytes.len(), scanner) }
}

fn in_json(bytes: &[u8], scanner: &Scanner) -> Vec<Change> {
    let literals = literals(bytes);
    let mut changes = in_literals(&literals, scanner);
    // Between them a line that was cut, or is no JSON, holds its text.
    let mut from = 0;
    let ends = literals.iter().map(|one| (one.start, one.end)).chain([(bytes.len() + 1, 0)]);
    for (start, end) in ends {
        let gap = from..start.saturating_sub(1).max(from);
        if bytes[gap.clone()].iter().filter(|byte| byte.is_ascii_alphabetic()).count() >= SHORTEST {
            changes.extend(in_plain(bytes, gap, scanner));
        }
        from = (end + 1).min(bytes.len());
    }
    changes.sort_by_key(|(start, ..)| *start);
    changes
}

/// What is found in a part of the file, as plain text.
fn in_plain(bytes: &[u8], part: Range<usize>, scanner: &Scanner) -> Vec<Change> {
    let mut hits = scanner.text(&bytes[part.clone()]);
    hits.sort_by_key(|hit| (hit.span.start, hit.span.end));
    let mut changes: Vec<Change> = Vec::new();
    for hit in hits {
        let (start, end) = (part.start + hit.span.start, part.start + hit.span.end);
        match changes.last_mut() {
            Some((_, last, _, hits)) if start < *last => {
                *last = end.max(*last);
                hits.push(hit);
            }
            _ => changes.push((start, end, format!("[REDACTED:{}]", hit.rule), vec![hit])),
        }
    }
    changes
}

/// Literals are scanned together, a line of its own each, since one at a time would take its time.
fn in_literals(all: &[Literal], scanner: &Scanner) -> Vec<Change> {
    let mut joined = String::new();
    let mut starts = Vec::with_capacity(all.len());
    for literal in all {
        starts.push(joined.len());
        joined.push_str(&literal.text);
        joined.push('\n');
    }
    let mut found: Vec<Vec<Hit>> = vec![Vec::new(); all.len()];
    for hit in scanner.text(joined.as_bytes()) {
        // A match over several literals, such as a key that lies in a list of lines, takes its part of each.
        let first = starts.partition_point(|start| *start <= hit.span.start).saturating_sub(1);
        for at in first..all.len() {
            if starts[at] >= hit.span.end {
                break;
            }
            let inside = |offset: usize| offset.saturating_sub(starts[at]).min(all[at].text.len());
            let span = Span::new(inside(hit.span.start), inside(hit.span.end));
            if !span.is_empty() {
                found[at].push(Hit { span, ..hit.clone() });
            }
        }
    }
    all.iter().zip(found).filter_map(|(literal, hits)| change(literal, hits, scanner)).collect()
}

fn change(literal: &Literal, mut hits: Vec<Hit>, scanner: &Scanner) -> Option<Change> {
    let key = literal.key.as_deref().filter(|key| dotenv::secret_like_key(key.as_bytes()));
    if hits.is_empty() && key.is_some() {
        hits = scanner.named(key, &literal.text);
    }
    let text = Scanner::redacted(&literal.text, &hits)?;
    Some((literal.start, literal.end, literal.encoded(&text), hits))
}

fn in_database(bytes: &[u8], scanner: &Scanner) -> Vec<Sighting> {
    let mut found = Vec::new();
    for value in sqlite::values(bytes) {
        let is_json = matches!(value.first(), Some(b'{' | b'['));
        let hits = if is_json {
            in_json(&value, scanner).into_iter().flat_map(|(_, _, _, hits)| hits).collect()
        } else {
            scanner.text(&value)
        };
        found.extend(hits.into_iter().map(|hit| Sighting {
            rule: hit.rule,
            fingerprint: hit.fingerprint,
            line: 0,
        }));
    }
    found.sort_by(|a, b| (&a.rule, &a.fingerprint).cmp(&(&b.rule, &b.fingerprint)));
    found.dedup();
    found
}
