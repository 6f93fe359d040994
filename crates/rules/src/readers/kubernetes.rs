//! Reads the values of Kubernetes Secret manifests, decoded from base64 where they stand below `data`.
//!
//! What a Secret holds is secret because its author says so; user names, hosts and public certificates in it are not.

use bstr::ByteSlice as _;

use super::encoding::base64;
use super::flow::{self, FlowMember};
use super::manifest::{self, Member};
use super::reading::Reading;
use crate::checks::Fact;
use crate::dotenv;
use crate::entropy::shannon;
use crate::placeholder::{is_placeholder, is_reference, url_password};
use crate::span::Span;
use crate::words::is_wordy;

/// Ends of keys whose values are no secrets.
#[rustfmt::skip]
const OPEN_ENDS: [&str; 36] = [
    "user", "username", "login", "email", "host", "hostname", "port", "region", "endpoint", "bucket",
    "name", "namespace", "database", "db", "ca.crt", ".crt", ".pub", ".cer", "known_hosts", "type",
    "scheme", "server", "issuer", "version", "enabled", "domain", "path", "keyid", "key-id", "key_id",
    "clientid", "client-id", "client_id", "url", "uri", "address",
];
/// The shortest value worth a word, in bytes.
const SHORTEST: usize = 4;
/// The shortest PEM block with a key in it, in bytes.
const SHORTEST_KEY: usize = 100;

/// The values of the Secret that has its `kind` at `at`: those that their key or shape calls secret, or `every` one that
/// its key does not call public.
pub(super) fn read(text: &[u8], at: Span, max: usize, every: bool) -> Vec<Reading> {
    let mut readings = Vec::new();
    let lines = manifest::members_around(text, at, max);
    for section in &lines {
        let Some(coded) = is_coded(section.key.of(text)) else { continue };
        if section.inline.of(text).first() == Some(&b'{') {
            // A mapping in braces, which may end on a later line.
            let latest = section.below.end.max(section.inline.end);
            let entries = flow::members(text, section.inline.start, latest);
            readings.extend(entries.iter().filter_map(|entry| flow_reading(text, entry, coded, every)));
            continue;
        }
        for entry in manifest::children(text, section) {
            let value = value(text, &entry, coded);
            readings
                .extend(value.and_then(|(secret, value)| reading(text, entry.key, secret, &value, every)));
        }
    }
    if lines.is_empty() {
        for section in flow::members_around(text, at, max) {
            let Some(coded) = is_coded(section.key.of(text)) else { continue };
            if text[section.value.start..section.value.end].starts_with(b"{") {
                let entries = flow::members(text, section.value.start, section.value.end);
                readings.extend(entries.iter().filter_map(|entry| flow_reading(text, entry, coded, every)));
            }
        }
    }
    readings
}

/// Whether the values of a section are in base 64; nothing for a section that holds none.
fn is_coded(section: &[u8]) -> Option<bool> {
    match section {
        b"data" => Some(true),
        b"stringData" => Some(false),
        _ => None,
    }
}

fn reading(text: &[u8], key: Span, secret: Span, value: &[u8], every: bool) -> Option<Reading> {
    let (value, name) = (value.trim_ascii(), key.of(text));
    is_worth_reading(name, value, every).then(|| Reading {
        span: Span::new(key.start, secret.end),
        secret,
        value: value.to_vec(),
        facts: vec![Fact::of_text("key", &name.to_str_lossy())],
    })
}

fn flow_reading(text: &[u8], entry: &FlowMember, coded: bool, every: bool) -> Option<Reading> {
    let (secret, value) = scalar(text, entry.value, coded)?;
    reading(text, entry.key, secret, &value, every)
}

/// Where an entry's value stands and what it stands for.
fn value(text: &[u8], entry: &Member, coded: bool) -> Option<(Span, Vec<u8>)> {
    if !matches!(entry.inline.of(text), [] | [b'|' | b'>', ..]) {
        return scalar(text, entry.inline, coded);
    }
    // A block scalar, or a scalar on the lines below.
    let below = entry.below.of(text);
    let start = entry.below.start + (below.len() - below.trim_ascii_start().len());
    let span = Span::new(start, start + below.trim_ascii().len());
    Some((span, decoded(span.of(text).to_vec(), coded)?))
}

/// Where a scalar on one line stands without its quotes, and what it stands for.
fn scalar(text: &[u8], written: Span, coded: bool) -> Option<(Span, Vec<u8>)> {
    let (span, plain) = match written.of(text) {
        [quote @ (b'"' | b'\''), inner @ .., last] if last == quote => {
            (Span::new(written.start + 1, written.end - 1), unescape(inner, *quote))
        }
        // A tag, an anchor, an alias, a flow mapping, a template.
        [b'!' | b'&' | b'*' | b'{' | b'[', ..] => return None,
        plain => (written, plain.to_vec()),
    };
    Some((span, decoded(plain, coded)?))
}

fn decoded(plain: Vec<u8>, coded: bool) -> Option<Vec<u8>> {
    if coded { base64(&plain) } else { Some(plain) }
}

fn unescape(inner: &[u8], quote: u8) -> Vec<u8> {
    match quote {
        b'\'' => inner.replace("''", "'"),
        _ => inner.replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\"),
    }
}

fn is_worth_reading(key: &[u8], value: &[u8], every: bool) -> bool {
    let is_template = value.contains_str("{{") || matches!(value, [b'$', b'{' | b'(', .., b'}' | b')']);
    if value.len() < SHORTEST || is_reference(value) || is_template {
        return false;
    }
    if value.contains_str("PRIVATE KEY-----") {
        return value.len() >= SHORTEST_KEY;
    }
    if value.contains_str("-----BEGIN ") || is_open(key) {
        return url_password(value).is_some_and(|password| every || !is_placeholder(password));
    }
    let is_file = value.contains(&b'\n') || matches!(value, [b'{' | b'[' | b'<', ..]);
    if is_file {
        return every && value.contains_str("\"auth\"") || holds_secret(value);
    }
    every || !is_wordy(value) && (dotenv::secret_like_entry(key, value) || is_random(value))
}

fn is_open(key: &[u8]) -> bool {
    let key = key.to_ascii_lowercase();
    OPEN_ENDS.iter().any(|end| key.ends_with(end.as_bytes()))
}

/// Whether a configuration file says somewhere that it holds a secret.
fn holds_secret(value: &[u8]) -> bool {
    dotenv::read(value).iter().any(|entry| {
        !entry.is_reference && dotenv::secret_like_entry(entry.key.of(value), &dotenv::unescape(entry, value))
    }) || value.contains_str("\"auth\"") && value.contains_str("\"auths\"") && !value.contains_str("example")
}

fn is_random(value: &[u8]) -> bool {
    value.len() >= 16
        && value.iter().filter(|byte| byte.is_ascii_digit()).count() >= 2
        && shannon(value) >= 3.2
        && !value.contains(&b' ')
        && !is_placeholder(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    /// Keys and values, both ways of reading.
    fn values(text: &str, every: bool) -> Vec<(String, String)> {
        let at = text.find("kind").unwrap();
        let string = |bytes: &[u8]| bytes.to_str_lossy().into_owned();
        read(text.as_bytes(), Span::new(at, at + 4), 1 << 16, every)
            .iter()
            .map(|reading| (reading.facts[0].value.clone(), string(&reading.value)))
            .collect()
    }

    fn manifest(section: &str, key: &str, value: &str) -> String {
        format!("kind: Secret\nmetadata:\n  name: x\n{section}:\n  {key}: {value}\n")
    }

    #[test]
    fn what_keys_and_values_say_decides() {
        let random = ["k3Jd9", "sQw2xLm7"].concat();
        for (key, value, strong, every) in [
            ("password", &random[..], true, true),
            ("whatever", "a8Kd72LsPq91MzXw5t", true, true),
            ("whatever", "plain words", false, true),
            ("password", "mypassword", false, true),
            ("password", "${PASSWORD}", false, false),
            ("password", "'{{ .Values.password }}'", false, false),
            ("password", "${.secrets.password}", false, false),
            ("password", "ENC[AES256_GCM,data:x]", false, false),
            ("password", "abc", false, false),
            ("username", &random, false, false),
            ("db-host", "db.internal.acme.io", false, false),
            ("url", "postgres://db/app", false, false),
            ("url", &format!("postgres://u:{random}@db/app"), true, true),
            ("conf", &format!("\"a=b\\napi_key={random}\""), true, true),
            ("conf", "\"a=b\\nc=d\"", false, false),
        ] {
            let text = manifest("stringData", key, value);
            assert_eq!(!values(&text, false).is_empty(), strong, "{key}: {value}");
            assert_eq!(!values(&text, true).is_empty(), every, "{key}: {value}");
            if !value.contains(['"', '\'']) {
                let text = manifest("data", key, &STANDARD.encode(value));
                assert_eq!(!values(&text, false).is_empty(), strong, "{key}: {value} in base64");
                assert_eq!(!values(&text, true).is_empty(), every, "{key}: {value} in base64");
            }
        }
    }

    #[test]
    fn every_style_of_scalar_is_read() {
        let random = ["k3Jd9", "sQw2xLm7"].concat();
        for style in
            ["V # c", "'V'", "\"V\",", "|\n    V", ">-\n    V\n", "\n    V", "|\n\n    V\n\n  other: 1"]
        {
            let text = manifest("stringData", "token", &style.replace('V', &random));
            assert_eq!(values(&text, false), [("token".to_owned(), random.clone())], "{text}");
            let text = manifest("data", "token", &style.replace('V', &STANDARD.encode(&random)));
            assert_eq!(values(&text, false), [("token".to_owned(), random.clone())], "{text}");
        }
        let coded = STANDARD.encode(&random);
        let broken = format!("|\n    {}\n    {}", &coded[..8], &coded[8..]);
        assert_eq!(values(&manifest("data", "token", &broken), false).len(), 1);
        let json =
            format!("{{\n  \"kind\": \"Secret\",\n  \"data\": {{\n    \"token\": \"{coded}\"\n  }}\n}}");
        assert_eq!(values(&json, false).len(), 1);
    }

    #[test]
    fn other_sections_and_documents_are_not_read() {
        let random = ["k3Jd9", "sQw2xLm7"].concat();
        for text in [
            format!("kind: Secret\nmetadata:\n  token: {random}\n"),
            format!("kind: Secret\nspec:\n  stringData:\n    token: {random}\n"),
            format!("kind: Secret\n---\nkind: ConfigMap\nstringData:\n  token: {random}\n"),
            format!("stringData:\n  token: {random}\n---\nkind: Secret\n"),
            format!("kind: Secret\ndata:\n  token: {random}-not-base64\n"),
        ] {
            assert_eq!(values(&text, true), [], "{text}");
        }
    }

    #[test]
    fn braces_are_read_in_one_line_and_over_several() {
        let random = ["k3Jd9", "sQw2xLm7"].concat();
        let coded = STANDARD.encode(&random);
        let token = [("token".to_owned(), random.clone())];
        for text in [
            r#"{"apiVersion":"v1","kind":"Secret","data":{"token":"C"}}"#,
            r#"{"apiVersion":"v1","data":{"user":"YXBw","token":"C"},"kind":"Secret","type":"Opaque"}"#,
            r#"{"kind":"Secret","stringData":{"token":"V","x":1}}"#,
            r#"[{"kind":"ConfigMap","data":{"token":"C"}},{"kind":"Secret","data":{"token":"C"}}]"#,
            "    x: |\n      {\"data\":{\"token\":\"C\"},\"kind\":\"Secret\"}\n",
            "{kind: Secret, stringData: {token: V}}",
            "{kind: Secret, metadata: {name: 'it''s'}, data: {token: C}}",
            "kind: Secret\nstringData: {user: app, token: V}\n",
            "kind: Secret\ndata: {token: \"C\"} # note\ntype: Opaque\n",
            "kind: Secret\ndata: {\n    token: C,\n    user: YXBw}\n",
            "{\n  \"kind\": \"Secret\",\n  \"data\": {\"token\": \"C\"}\n}",
        ] {
            let text = text
                .replace('C', &coded)
                .replace("\"V\"", &format!("\"{random}\""))
                .replace(" V", &format!(" {random}"));
            let text = text.replace(&format!("{coded}onfigMap"), "ConfigMap");
            let at = text.find("Secret").unwrap();
            let at = Span::new(text[..at].rfind("kind").unwrap(), at);
            let found: Vec<_> = read(text.as_bytes(), at, 1 << 16, false)
                .iter()
                .map(|reading| (reading.facts[0].value.clone(), reading.value.to_str_lossy().into_owned()))
                .collect();
            assert_eq!(found, token, "{text}");
        }
        for text in [
            r#"{"kind":"Secret","metadata":{"data":{"token":"C"}}}"#,
            r#"{"kind":"Secret"},{"data":{"token":"C"}}"#,
            "{kind: Secret, data: {token: {{ .token }}}}",
            r#"{"kind":"Secret","data":{"token":{"x":"C"}}}"#,
        ] {
            assert_eq!(values(&text.replace('C', &coded), true), [], "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_value_is_found_wherever_its_kind_stands(
            value in "[a-zA-Z0-9]{20,40}", before in any::<bool>(), coded in any::<bool>(), depth in 0usize..4, item: bool,
        ) {
            let shown = if coded { STANDARD.encode(&value) } else { value.clone() };
            let section = if coded { "data" } else { "stringData" };
            let mut lines = vec![format!("{section}:"), format!("  password: {shown}"), "metadata:".to_owned()];
            lines.insert(if before { 2 } else { 0 }, "kind: Secret".to_owned());
            let pad = "  ".repeat(depth);
            let text: String = lines.iter().enumerate().map(|(number, line)| match (item, number) {
                (true, 0) => format!("{pad}- {line}\n"),
                (true, _) => format!("{pad}  {line}\n"),
                (false, _) => format!("{pad}{line}\n"),
            }).collect();
            prop_assert_eq!(values(&text, true), [("password".to_owned(), value)], "{}", text);
        }

        #[test]
        fn any_bytes_are_read(text: Vec<u8>, at in 0usize..64, max in 0usize..64) {
            let start = at.min(text.len());
            for reading in read(&text, Span::new(start, start), max, true) {
                prop_assert!(reading.secret.end <= text.len());
            }
        }
    }
}
