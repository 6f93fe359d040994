//! The string literals in a JSON text, or in one JSON text a line: where each stands and what it says.
//!
//! Everything around them is left as it is, so that a text can be changed without being written anew, and so that a line
//! that is cut short hides nothing.

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
}

/// All values and names, in order.
pub(crate) fn literals(json: &[u8]) -> Vec<Literal> {
    let (mut found, mut at) = (Vec::<Literal>::new(), 0);
    let mut key: Option<String> = None;
    while let Some(open) = memchr(json, at) {
        let start = open + 1;
        let mut end = start;
        while end < json.len() && json[end] != b'"' && json[end] != b'\n' {
            end += if json[end] == b'\\' { 2 } else { 1 };
        }
        let end = end.min(json.len());
        let text = decoded(&json[start..end]);
        at = end + 1;
        let after = json.get(at..).unwrap_or_default().iter().find(|byte| !byte.is_ascii_whitespace());
        if after == Some(&b':') {
            key = Some(text.clone());
            found.push(Literal { start, end, text, key: None });
        } else {
            found.push(Literal { start, end, text, key: key.clone() });
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

/// What a literal says; as it is where it is none.
fn decoded(raw: &[u8]) -> String {
    if !raw.contains(&b'\\') {
        return String::from_utf8_lossy(raw).into_owned();
    }
    let quoted = [b"\"", raw, b"\""].concat();
    serde_json::from_slice(&quoted).unwrap_or_else(|_| String::from_utf8_lossy(raw).into_owned())
}

/// A text as it stands between the quotes of a literal.
pub(crate) fn encoded(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
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
            assert_eq!(encoded(&one.text).as_bytes(), &json[one.start..one.end]);
        }
    }
}
