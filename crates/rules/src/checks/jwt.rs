//! Takes a JSON Web Token apart (RFC 7519) without verifying its signature.
//!
//! Facts name the parties and the times; the subject and anything else about a person stays out.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

use super::{CheckVerdict, Fact};

const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Claims worth reporting and the fact each becomes. `sub`, names and addresses are personal.
const CLAIMS: [(&str, &str); 8] = [
    ("iss", "issuer"),
    ("aud", "audience"),
    ("azp", "client"),
    ("client_id", "client"),
    ("role", "role"),
    ("scope", "scope"),
    ("scp", "scope"),
    ("ref", "project"),
];
const TIMES: [(&str, &str); 2] = [("iat", "issued"), ("exp", "expires")];

/// Judges the three parts of a signed token, or the five of an encrypted one; without a dot, what base 64 wraps.
///
/// Unsigned tokens (`alg` is `none`) and encrypted ones are at most plausible. A wrapped text whose first two parts are
/// JSON objects is at least plausible: nothing becomes that by accident.
pub(crate) fn check(token: &[u8]) -> CheckVerdict {
    if token.contains(&b'.') {
        return bare(token);
    }
    let url_safe = |byte: &u8| match byte {
        b'+' => b'-',
        b'/' => b'_',
        other => *other,
    };
    let Ok(inner) = BASE64URL.decode(token.iter().map(url_safe).collect::<Vec<u8>>()) else {
        return CheckVerdict::Invalid("a JSON Web Token has three or five parts");
    };
    let mut parts = inner.split(|&byte| byte == b'.');
    let objects = [parts.next(), parts.next()].into_iter().all(|part| part.and_then(object).is_some());
    match bare(&inner) {
        CheckVerdict::Invalid(_) if objects => CheckVerdict::Plausible(Vec::new()),
        verdict => verdict,
    }
}

fn bare(token: &[u8]) -> CheckVerdict {
    let parts: Vec<&[u8]> = token.splitn(6, |&byte| byte == b'.').collect();
    match parts[..] {
        [header, payload, signature] => signed(header, payload, signature),
        [header, payload] => signed(header, payload, b""),
        [header, key, iv, sealed, tag] => encrypted(header, [key, iv, sealed, tag]),
        _ => CheckVerdict::Invalid("a JSON Web Token has three or five parts"),
    }
}

fn signed(header: &[u8], payload: &[u8], signature: &[u8]) -> CheckVerdict {
    let Some(header) = object(header) else {
        return CheckVerdict::Invalid("the header of the token is no JSON object");
    };
    let Some(algorithm) = header.get("alg").and_then(Value::as_str) else {
        return CheckVerdict::Invalid("the header of the token names no algorithm");
    };
    let Some(claims) = object(payload) else {
        return CheckVerdict::Invalid("the payload of the token is no JSON object");
    };
    let Ok(signature) = BASE64URL.decode(signature) else {
        return CheckVerdict::Invalid("the signature of the token is not base64url");
    };
    let facts = facts(algorithm, &claims);
    if algorithm.eq_ignore_ascii_case("none") {
        return if signature.is_empty() {
            CheckVerdict::Plausible(facts)
        } else {
            CheckVerdict::Invalid("an unsigned token carries a signature")
        };
    }
    if signature_fits(algorithm, signature.len()) {
        CheckVerdict::Proved(facts)
    } else {
        CheckVerdict::Invalid("the signature has not the length its algorithm gives")
    }
}

fn encrypted(header: &[u8], sealed: [&[u8]; 4]) -> CheckVerdict {
    let Some(header) = object(header) else {
        return CheckVerdict::Invalid("the header of the token is no JSON object");
    };
    let (Some(algorithm), Some(_)) =
        (header.get("alg").and_then(Value::as_str), header.get("enc").and_then(Value::as_str))
    else {
        return CheckVerdict::Invalid("the header of the token names no encryption");
    };
    if sealed.iter().any(|part| BASE64URL.decode(part).is_err()) {
        return CheckVerdict::Invalid("a part of the token is not base64url");
    }
    CheckVerdict::Plausible(vec![Fact::of_text("algorithm", algorithm), Fact::new("encrypted", "yes")])
}

/// A base64url part that holds one JSON object. `serde_json` refuses nesting deeper than 128.
fn object(part: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(&BASE64URL.decode(part).ok()?).ok()
}

/// Lengths in bytes, RFC 7518 section 3.1; RSA signatures are as long as the key, an unknown algorithm's unknown.
fn signature_fits(algorithm: &str, length: usize) -> bool {
    match algorithm {
        "HS256" => length == 32,
        "HS384" => length == 48,
        "HS512" | "ES256" | "ES256K" => length == 64,
        "ES384" => length == 96,
        "ES512" => length == 132,
        "EdDSA" => length == 64 || length == 114,
        "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" => (128..=2048).contains(&length),
        _ => length > 0,
    }
}

fn facts(algorithm: &str, claims: &Map<String, Value>) -> Vec<Fact> {
    let mut facts = vec![Fact::of_text("algorithm", algorithm)];
    for (claim, name) in CLAIMS {
        let value = claims.get(claim).and_then(text_of);
        if let Some(value) = value.filter(|_| facts.iter().all(|fact| fact.name != name)) {
            facts.push(Fact::of_text(name, &value));
        }
    }
    for (claim, name) in TIMES {
        if let Some(time) = claims.get(claim).and_then(time_of) {
            facts.push(Fact::new(name, time.to_string()));
        }
    }
    facts
}

/// A string, or a list of strings joined by blanks.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            (!texts.is_empty()).then(|| texts.join(" "))
        }
        _ => None,
    }
}

/// A `NumericDate`: seconds since 1970 UTC, perhaps with a fraction; `None` outside the calendar.
fn time_of(value: &Value) -> Option<jiff::Timestamp> {
    #[allow(clippy::cast_possible_truncation, reason = "a float outside i64 saturates, and jiff refuses it")]
    let seconds = value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))?;
    jiff::Timestamp::from_second(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn part(value: &Value) -> String {
        BASE64URL.encode(value.to_string()).trim_end_matches('=').to_owned()
    }

    fn token(header: &Value, payload: &Value, signature_length: usize) -> String {
        let signature = BASE64URL.encode(vec![0xa5; signature_length]);
        [part(header), part(payload), signature.trim_end_matches('=').to_owned()].join(".")
    }

    fn fact(verdict: &CheckVerdict, name: &str) -> Option<String> {
        let (CheckVerdict::Proved(facts) | CheckVerdict::Plausible(facts)) = verdict else {
            return None;
        };
        facts.iter().find(|fact| fact.name == name).map(|fact| fact.value.clone())
    }

    #[test]
    fn parties_and_times_are_told_and_the_subject_is_not() {
        let payload = json!({
            "iss": "https://issuer.invalid", "aud": ["first", "second"], "azp": "app-1", "client_id": "app-2",
            "role": "service_role", "scope": "read write", "sub": "jane.doe@mail.invalid", "name": "Jane Doe",
            "iat": 1_516_239_022, "exp": 1_700_000_000.9,
        });
        let verdict = check(token(&json!({"alg": "HS256", "typ": "JWT"}), &payload, 32).as_bytes());
        assert!(matches!(verdict, CheckVerdict::Proved(_)));
        for (name, value) in [
            ("algorithm", "HS256"),
            ("issuer", "https://issuer.invalid"),
            ("audience", "first second"),
            ("client", "app-1"),
            ("role", "service_role"),
            ("scope", "read write"),
            ("issued", "2018-01-18T01:30:22Z"),
            ("expires", "2023-11-14T22:13:20Z"),
        ] {
            assert_eq!(fact(&verdict, name).as_deref(), Some(value), "{name}");
        }
        assert!(!format!("{verdict:?}").contains("ane"), "a person is named: {verdict:?}");
    }

    #[test]
    fn claims_of_other_shapes_are_left_out() {
        let payload = json!({"iss": 7, "aud": [], "role": {"a": 1}, "iat": "yesterday", "exp": 1e300});
        let verdict = check(token(&json!({"alg": "ES256"}), &payload, 64).as_bytes());
        assert_eq!(verdict, CheckVerdict::Proved(vec![Fact::new("algorithm", "ES256")]));
    }

    #[test]
    fn facts_are_short_and_printable() {
        let payload = json!({"iss": "\u{202e}\u{1b}[31m".to_owned() + &"a".repeat(1000)});
        let verdict = check(token(&json!({"alg": "HS256"}), &payload, 32).as_bytes());
        let issuer = fact(&verdict, "issuer").unwrap();
        assert!(issuer.chars().count() <= 64, "{}", issuer.len());
        assert!(
            issuer.chars().all(|c| c.is_alphanumeric() || c.is_ascii_graphic() || c == ' '),
            "{issuer:?}"
        );
    }

    #[test]
    fn a_signature_of_another_length_is_refused() {
        let claims = json!({"iss": "x"});
        for (algorithm, length) in
            [("HS256", 32), ("HS384", 48), ("HS512", 64), ("ES256", 64), ("ES512", 132), ("RS256", 256)]
        {
            let header = json!({"alg": algorithm});
            assert!(matches!(check(token(&header, &claims, length).as_bytes()), CheckVerdict::Proved(_)));
            for wrong in [0, 31, 100] {
                let verdict = check(token(&header, &claims, wrong).as_bytes());
                assert!(matches!(verdict, CheckVerdict::Invalid(_)), "{algorithm} {wrong}");
            }
        }
    }

    #[test]
    fn unsigned_and_encrypted_tokens_are_only_plausible() {
        let none = json!({"alg": "none"});
        let unsigned = token(&none, &json!({"iss": "x"}), 0);
        assert!(matches!(check(unsigned.as_bytes()), CheckVerdict::Plausible(_)));
        assert!(matches!(check(unsigned.trim_end_matches('.').as_bytes()), CheckVerdict::Plausible(_)));
        assert!(matches!(check(token(&none, &json!({}), 8).as_bytes()), CheckVerdict::Invalid(_)));

        let sealed = part(&json!({"alg": "dir", "enc": "A256GCM"})) + "..aXY.c2VhbGVk.dGFn";
        let verdict = check(sealed.as_bytes());
        assert!(matches!(verdict, CheckVerdict::Plausible(_)));
        assert_eq!(fact(&verdict, "encrypted").as_deref(), Some("yes"));
        let no_enc = part(&json!({"alg": "dir"})) + "..aXY.c2VhbGVk.dGFn";
        assert!(matches!(check(no_enc.as_bytes()), CheckVerdict::Invalid(_)));
    }

    #[test]
    fn a_wrapped_token_is_judged_by_what_it_wraps() {
        let inner = token(&json!({"alg": "HS256"}), &json!({"iss": "x?>"}), 32);
        for wrapped in [BASE64URL.encode(&inner), base64::prelude::BASE64_STANDARD.encode(&inner)] {
            assert_eq!(check(wrapped.as_bytes()), check(inner.as_bytes()));
            assert!(matches!(check(&wrapped.as_bytes()[..wrapped.len() / 3]), CheckVerdict::Invalid(_)));
        }
        let anonymous = token(&json!({"typ": "JWT"}), &json!({"iss": "x"}), 32);
        assert_eq!(check(BASE64URL.encode(&anonymous).as_bytes()), CheckVerdict::Plausible(Vec::new()));
        let twice = BASE64URL.encode(BASE64URL.encode(&inner));
        assert!(matches!(check(twice.as_bytes()), CheckVerdict::Invalid(_)));
        assert!(matches!(check(BASE64URL.encode("a.b.c").as_bytes()), CheckVerdict::Invalid(_)));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let deep = BASE64URL.encode("[".repeat(100_000));
        let header = part(&json!({"alg": "HS256"}));
        let array = part(&json!(["alg"]));
        for bad in [
            String::new(),
            ".".into(),
            "..".into(),
            ".....".into(),
            format!("{array}.{header}.c2ln"),
            format!("{header}.{array}.c2ln"),
            format!("{}.{header}.c2ln", part(&json!({"typ": "JWT"}))),
            format!("{header}.{deep}.c2ln"),
            format!("{header}.{header}.s!g"),
            format!("{header}.eyJpc3.c2ln"),
        ] {
            assert!(matches!(check(bad.as_bytes()), CheckVerdict::Invalid(_)), "{bad:.80}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(token: Vec<u8>) {
            check(&token);
        }

        #[test]
        fn any_parts_are_answered(header in "[a-zA-Z0-9_=-]{0,40}", rest in "[a-zA-Z0-9_=.-]{0,80}") {
            check(format!("eyJ{header}.eyJ{rest}").as_bytes());
        }

        #[test]
        fn every_truncation_of_a_signed_token_is_refused(cut in 1_usize..40) {
            let whole = token(&json!({"alg": "HS256"}), &json!({"iss": "x"}), 32);
            prop_assert!(matches!(check(&whole.as_bytes()[..whole.len() - cut]), CheckVerdict::Invalid(_)));
        }
    }
}
