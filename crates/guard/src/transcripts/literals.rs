//! The string literals in a JSON text, or in one JSON text a line: where each stands and what it says.
//!
//! Everything around them is left as it is, so that a text can be changed without being written anew, and so that a line
//! that is cut short hides nothing.

use crate::payload::without_lone_surrogates;

/// A literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Literal {
    /// Where its text begins and ends, without the quotes.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// What it says.
    pub(crate) text: String,
    /// The name that it is the value of.
    pub(crate) key: Option<String>,
    /// It is cut or otherwise no literal: the text is what stands there, not what it says.
    pub(crate) raw: bool,
}

/// All values and names, in order.
pub(crate) fn literals(json: &[u8]) -> Vec<Literal> {
    let (mut found, mut at) = (Vec::<Literal>::new(), 0);
    let mut key: Option<String> = None;
    while let Some(open) = memchr(json, at) {
        let start = open + 1;
        let mut end = start;
        while end < json.len() && json[end] != b'"' && json[end] != b'\n' {
            // A line that is cut within an escape ends nevertheless.
            let is_escape = json[end] == b'\\' && json.get(end + 1) != Some(&b'\n');
            end += if is_escape { 2 } else { 1 };
        }
        let end = end.min(json.len());
        let (text, raw) = decoded(&json[start..end]);
        at = end + 1;
        let after = json.get(at..).unwrap_or_default().iter().find(|byte| !byte.is_ascii_whitespace());
        if after == Some(&b':') {
            key = Some(text.clone());
            found.push(Literal { start, end, text, key: None, raw });
        } else {
            found.push(Literal { start, end, text, key: key.clone(), raw });
            // A list under a name keeps it; the next name replaces it.
            if after != Some(&b',') && after != Some(&b']') {
                key = None;
            }
        }
    }
    found
}

fn memchr(json: &[u8], from: usize) -> Option<usize> {
    bstr::ByteSlice::find_byte(json.get(from..)?, b'"').map(|at| from + at)
}

/// What a literal says; as it is, and `true`, where it is none.
fn decoded(raw: &[u8]) -> (String, bool) {
    let plain = String::from_utf8_lossy(raw);
    if !raw.contains(&b'\\') {
        return (plain.into_owned(), false);
    }
    let quoted = format!("\"{plain}\"");
    let said =
        serde_json::from_str(&quoted).or_else(|_| serde_json::from_str(&without_lone_surrogates(&quoted)));
    said.map_or_else(|_| (plain.into_owned(), true), |said| (said, false))
}

impl Literal {
    /// Another text as it has to stand between the quotes.
    pub(crate) fn encoded(&self, text: &str) -> String {
        if self.raw {
            return text.to_owned();
        }
        let quoted = serde_json::Value::from(text).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_stand_where_they_stand() {
        let json = br#"{"a": "x\ny", "b": ["c", "d"], "e": 1, "f": {"g": "h"}}
"cut"#;
        let found = literals(json);
        let said: Vec<(&str, Option<&str>)> =
            found.iter().map(|one| (&one.text[..], one.key.as_deref())).collect();
        let wanted = [
            ("a", None),
            ("x\ny", Some("a")),
            ("b", None),
            ("c", Some("b")),
            ("d", Some("b")),
            ("e", None),
            ("f", None),
            ("g", None),
            ("h", Some("g")),
            ("cut", None),
        ];
        assert_eq!(said, wanted);
        for one in &found {
            assert_eq!(one.encoded(&one.text).as_bytes(), &json[one.start..one.end]);
        }
    }

    #[test]
    fn lines_that_are_cut_hide_nothing_and_are_not_rewritten() {
        for (json, wanted) in [
            (&b"\"cut\\\n{\"a\": \"b\"}"[..], &["cut\\", "a", "b"][..]),
            (b"\"x\\u12\n\"b\"", &["x\\u12", "b"]),
            (b"\"x\\ud83d\\n\"", &["x\u{fffd}\n"]),
        ] {
            let found = literals(json);
            assert_eq!(found.iter().map(|one| &one.text[..]).collect::<Vec<_>>(), wanted);
            for one in found.iter().filter(|one| one.raw) {
                assert_eq!(one.encoded(&one.text).as_bytes(), &json[one.start..one.end]);
            }
        }
    }
}
