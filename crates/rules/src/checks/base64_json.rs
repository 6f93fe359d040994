//! Reads tokens that are a JSON object in base 64: of Sentry, Grafana, 1Password.

use serde_json::{Map, Value};

use super::base64_text::decoded;
use super::spec::Field;
use super::time::time;
use super::{CheckVerdict, Fact};

/// Facts whose value is a time, where the object gives seconds since 1970.
const TIMES: [&str; 2] = ["issued", "expires"];

/// Judges an object in base 64 by the `fields` it must have; those of inner objects are written `outer.inner`.
pub(crate) fn check(text: &[u8], fields: &[String]) -> CheckVerdict {
    // `serde_json` refuses nesting deeper than 128.
    let object: Option<Map<String, Value>> =
        decoded(text).and_then(|json| serde_json::from_slice(&json).ok());
    let Some(object) = object else {
        return CheckVerdict::Invalid("the token holds no JSON object");
    };
    let object = Value::Object(object);
    let mut facts = Vec::new();
    for field in fields.iter().map(|field| Field::read(field)) {
        let value = object.pointer(&["/", &field.key.replace('.', "/")].concat());
        match (value.filter(|value| !value.is_null()), field.fact) {
            (None, _) if !field.optional => {
                return CheckVerdict::Invalid("the token's JSON object lacks a field");
            }
            (Some(value), Some(name)) => {
                facts.extend(text_of(name, value).map(|text| Fact::of_text(name, &text)));
            }
            _ => {}
        }
    }
    CheckVerdict::Proved(facts)
}

fn text_of(name: &str, value: &Value) -> Option<String> {
    match value {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "a float outside i64 saturates, and the calendar refuses it"
        )]
        Value::Number(number) if TIMES.contains(&name) => {
            time(number.as_i64().or_else(|| number.as_f64().map(|seconds| seconds as i64))?)
        }
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::{fact, holds};
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::*;
    use serde_json::json;

    fn judged(object: &Value, fields: &[&str]) -> CheckVerdict {
        let fields: Vec<_> = fields.iter().map(|&field| field.to_owned()).collect();
        let text = object.to_string();
        let verdict = check(STANDARD.encode(&text).as_bytes(), &fields);
        assert_eq!(check(URL_SAFE_NO_PAD.encode(&text).as_bytes(), &fields), verdict);
        verdict
    }

    #[test]
    fn named_fields_are_told_and_others_are_not() {
        let object = json!({"iat": 1_700_000_000.5, "org": "acme", "n": 7, "m": {"r": "eu"}, "k": "hidden"});
        let verdict = judged(
            &object,
            &["iat as issued", "org as organization", "n as id", "m.r as region", "k", "x? as y"],
        );
        for (name, value) in
            [("issued", "2023-11-14T22:13:20Z"), ("organization", "acme"), ("id", "7"), ("region", "eu")]
        {
            assert_eq!(fact(&verdict, name).as_deref(), Some(value), "{name}");
        }
        assert!(!format!("{verdict:?}").contains("hidden"));
    }

    #[test]
    fn a_required_field_must_be_there() {
        assert!(!holds(&judged(&json!({"k": null}), &["k"])));
        assert!(!holds(&judged(&json!({}), &["k"])));
        assert!(holds(&judged(&json!({"k": null}), &["k?"])));
        assert!(!holds(&judged(&json!(["k"]), &["k"])));
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(text: Vec<u8>, json in "\\{\"k\":[ -~]{0,40}\\}", field in "[ -~]{1,20}") {
            check(&text, std::slice::from_ref(&field));
            check(STANDARD.encode(json).as_bytes(), &[field]);
        }
    }
}
