//! Recognises tokens that anyone can make: JSON Web Tokens signed with a key that documentation prints for everyone.
//!
//! Such a token opens nothing that its key, known to all, does not open. Where a service really signs with that key, the
//! service is what must change: taking the token out of a repository helps nobody.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};

/// Keys that the debugger of jwt.io has shown over the years, those of `PyJWT`'s and jsonwebtoken's own examples and of
/// Supabase's guide to hosting it yourself, and the filler of tutorials. None that is merely weak: it may be somebody's own.
const KEYS: &[&str] = &[
    "secret",
    "your-256-bit-secret",
    "your-384-bit-secret",
    "your-512-bit-secret",
    "a-string-secret-at-least-256-bits-long",
    "a-valid-string-secret-that-is-at-least-384-bits-long",
    "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
    "your-secret-key",
    "your_secret_key",
    "shhhhh",
    "super-secret-jwt-token-with-at-least-32-characters-long",
];
/// Longer ones are not examples.
const LONGEST: usize = 4096;

/// Whether `value` is a token whose signature one of the keys makes.
pub(super) fn is_signed_for_all(value: &[u8]) -> bool {
    if !value.starts_with(b"eyJ") || value.len() > LONGEST {
        return false;
    }
    let Some(dot) = value.iter().rposition(|byte| *byte == b'.') else { return false };
    let (signed, signature) = (&value[..dot], &value[dot + 1..]);
    let Ok(signature) = BASE64_URL_SAFE_NO_PAD.decode(signature) else { return false };
    // The length of the signature tells the algorithm.
    let makes = |key: &str| match signature.len() {
        32 => verifies::<Hmac<Sha256>>(key, signed, &signature),
        48 => verifies::<Hmac<Sha384>>(key, signed, &signature),
        64 => verifies::<Hmac<Sha512>>(key, signed, &signature),
        _ => false,
    };
    KEYS.iter().any(|key| makes(key))
}

fn verifies<M: Mac + KeyInit>(key: &str, signed: &[u8], signature: &[u8]) -> bool {
    <M as KeyInit>::new_from_slice(key.as_bytes())
        .is_ok_and(|mac| mac.chain_update(signed).verify_slice(signature).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A token with any claims, signed with HMAC-SHA-256 or, `long`, HMAC-SHA-512.
    fn token(claims: &str, key: &str, long: bool) -> String {
        let algorithm = if long { "HS512" } else { "HS256" };
        let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        let signed = format!("{}.{}", part(&format!(r#"{{"alg":"{algorithm}"}}"#)), part(claims));
        let key = key.as_bytes();
        let signature = if long {
            let mac = <Hmac<Sha512> as KeyInit>::new_from_slice(key).unwrap();
            mac.chain_update(&signed).finalize().into_bytes().to_vec()
        } else {
            let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).unwrap();
            mac.chain_update(&signed).finalize().into_bytes().to_vec()
        };
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    #[test]
    fn a_token_that_anyone_can_make_is_told_from_one_of_somebodys() {
        for long in [false, true] {
            for key in KEYS {
                assert!(is_signed_for_all(token(r#"{"a":1}"#, key, long).as_bytes()), "{key}");
            }
            let random = ["k3Jd9sQw", "2xVt7hg2"].concat();
            for key in ["Secret", "password", "secret1", &random] {
                assert!(!is_signed_for_all(token(r#"{"a":1}"#, key, long).as_bytes()), "{key}");
            }
        }
    }

    #[test]
    fn what_was_changed_afterwards_is_no_textbook_token() {
        let whole = token(r#"{"sub":"1"}"#, "secret", false);
        let (signed, signature) = whole.rsplit_once('.').unwrap();
        for other in [
            format!("{signed}A.{signature}"),
            format!("{signed}.{}", &signature[..signature.len() - 1]),
            signed.to_owned(),
            format!("{whole}.{signature}"),
        ] {
            assert!(!is_signed_for_all(other.as_bytes()), "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged(value in "eyJ[0-9A-Za-z._-]{0,100}") {
            prop_assert!(!is_signed_for_all(value.as_bytes()));
        }
    }
}
