//! Reads the values of Kubernetes Secret manifests, decoded from base64 where they stand below `data`.
//!
//! What a Secret holds is secret because its author says so; user names, hosts and public certificates in it are not.

use bstr::ByteSlice as _;

use super::encoding::base64;
use super::manifest::{Member, children, members_around};
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
    for section in members_around(text, at, max) {
        let coded = match section.key.of(text) {
            b"data" => true,
            b"stringData" => false,
            _ => continue,
        };
        for entry in children(text, &section) {
            let Some((secret, value)) = value(text, &entry, coded) else { continue };
            let value = value.trim_ascii();
            let key = entry.key.of(text);
            if is_worth_reading(key, value, every) {
                readings.push(Reading {
                    span: Span::new(entry.key.start, secret.end),
                    secret,
                    value: value.to_vec(),
                    facts: vec![Fact::of_text("key", &key.to_str_lossy())],
                });
            }
        }
    }
    readings
}

/// Where an entry's value stands and what it stands for.
fn value(text: &[u8], entry: &Member, coded: bool) -> Option<(Span, Vec<u8>)> {
    let inline = entry.inline.of(text);
    let (span, plain) = match inline {
        // A block scalar, or a scalar on the lines below.
        [] | [b'|' | b'>', ..] => {
            let below = entry.below.of(text);
            let start = entry.below.start + (below.len() - below.trim_ascii_start().len());
            let span = Span::new(start, start + below.trim_ascii().len());
            (span, span.of(text).to_vec())
        }
        [quote @ (b'"' | b'\''), inner @ .., last] if last == quote => {
            (Span::new(entry.inline.start + 1, entry.inline.end - 1), unescape(inner, *quote))
        }
        // A tag, an anchor, an alias, a flow mapping, a template.
        [b'!' | b'&' | b'*' | b'{' | b'[', ..] => return None,
        plain => (entry.inline, plain.to_vec()),
    };
    let value = if coded { base64(&plain)? } else { plain };
    Some((span, value))
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
