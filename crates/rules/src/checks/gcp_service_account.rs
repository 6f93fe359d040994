//! Checks the JSON key file of a Google Cloud service account.

use serde_json::{Map, Value};

use super::{CheckVerdict, Fact, private_key};

/// Fields that every key file has besides its `type`, and the fact each becomes. The address is the account's name, not
/// a person's.
const FIELDS: [(&str, &str); 3] =
    [("project_id", "project"), ("client_email", "client"), ("private_key_id", "key id")];

/// Judges one JSON object, in the clear or as it stands inside a string literal (`{\"type\": …`).
///
/// Proved when the private key inside is; facts: `project`, `client`, `key id`.
pub(crate) fn check(text: &[u8]) -> CheckVerdict {
    let Some(object) = object(text) else {
        return CheckVerdict::Invalid("the service account key is no JSON object");
    };
    let field = |name| object.get(name).and_then(Value::as_str).filter(|value| !value.is_empty());
    if field("type") != Some("service_account") {
        return CheckVerdict::Invalid("the JSON object is of another type than `service_account`");
    }
    let mut facts = Vec::new();
    for (name, fact) in FIELDS {
        let Some(value) = field(name) else {
            return CheckVerdict::Invalid("the service account key lacks a field");
        };
        facts.push(Fact::of_text(fact, value));
    }
    match field("private_key").map(|key| private_key::check(key.as_bytes())) {
        Some(CheckVerdict::Proved(_)) => CheckVerdict::Proved(facts),
        Some(CheckVerdict::Plausible(_)) => CheckVerdict::Plausible(facts),
        Some(CheckVerdict::Invalid(why)) => CheckVerdict::Invalid(why),
        None => CheckVerdict::Invalid("the service account key lacks its private key"),
    }
}

/// `serde_json` refuses nesting deeper than 128.
fn object(text: &[u8]) -> Option<Map<String, Value>> {
    if let Ok(object) = serde_json::from_slice(text) {
        return Some(object);
    }
    let unescaped: String = serde_json::from_slice(&[b"\"", text, b"\""].concat()).ok()?;
    serde_json::from_str(&unescaped).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::private_key::sample;
    use proptest::prelude::*;
    use serde_json::json;

    fn key_file(private_key: &str) -> Value {
        json!({
            "type": "service_account",
            "project_id": "project-1",
            "private_key_id": "0123abcd",
            "private_key": private_key,
            "client_email": "robot@project-1.iam.invalid",
            "client_id": "1",
        })
    }

    fn sound() -> Value {
        key_file(&sample::armored("RSA PRIVATE KEY", &sample::pkcs1()))
    }

    #[test]
    fn a_sound_file_is_proved_in_the_clear_and_inside_a_string() {
        let facts =
            [("project", "project-1"), ("client", "robot@project-1.iam.invalid"), ("key id", "0123abcd")];
        let expected = CheckVerdict::Proved(facts.map(|(name, value)| Fact::new(name, value)).to_vec());
        let pretty = serde_json::to_string_pretty(&sound()).unwrap();
        assert_eq!(check(pretty.as_bytes()), expected);
        assert_eq!(check(sound().to_string().as_bytes()), expected);
        let escaped = Value::from(sound().to_string()).to_string();
        assert_eq!(check(escaped.trim_matches('"').as_bytes()), expected);
    }

    #[test]
    fn a_file_without_a_real_key_is_refused() {
        let cut = sample::armored("PRIVATE KEY", &sample::pkcs1()[..120]);
        let placeholder = ["-----BEG", "IN PRIVATE KEY-----\n...\n-----E", "ND PRIVATE KEY-----\n"].concat();
        for key in ["", "<key>", &cut, &placeholder] {
            assert!(matches!(check(key_file(key).to_string().as_bytes()), CheckVerdict::Invalid(_)), "{key}");
        }
    }

    #[test]
    fn every_field_is_needed() {
        for field in ["type", "project_id", "private_key_id", "private_key", "client_email"] {
            for value in [Value::Null, json!(7), json!("")] {
                let mut file = sound();
                file[field] = value;
                assert!(matches!(check(file.to_string().as_bytes()), CheckVerdict::Invalid(_)), "{field}");
            }
        }
        let user = sound().to_string().replace("service_account", "authorized_user");
        assert!(matches!(check(user.as_bytes()), CheckVerdict::Invalid(_)));
        for text in ["", "[]", "{", "\"", &"[".repeat(100_000), &"{\"a\":".repeat(100_000)] {
            assert!(matches!(check(text.as_bytes()), CheckVerdict::Invalid(_)));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(text: Vec<u8>) {
            check(&text);
        }
    }
}
