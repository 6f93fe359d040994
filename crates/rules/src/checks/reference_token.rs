//! Reads the reference tokens of `JFrog`: in base 64 `reftkn:`, a version, the expiry in seconds since 1970, random characters.

use super::base64_text::decoded;
use super::time::time;
use super::{CheckVerdict, Fact};

const LABEL: &str = "reftkn";

/// Judges a token; the fact is `expires`, a time or `never`.
pub(crate) fn check(token: &[u8]) -> CheckVerdict {
    let text = decoded(token).and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let parts: Vec<&str> = text.split(':').take(5).collect();
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let [LABEL, version, expiry, random] = parts[..] else {
        return CheckVerdict::Invalid("the token holds no reference");
    };
    let random_enough = random.len() >= 20 && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let Some(seconds) = expiry.parse().ok().filter(|_| digits(version) && digits(expiry) && random_enough)
    else {
        return CheckVerdict::Invalid("the token holds no reference");
    };
    let expires = if seconds == 0 { Some("never".to_owned()) } else { time(seconds) };
    CheckVerdict::Proved(expires.into_iter().map(|value| Fact::new("expires", value)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::{fact, holds};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    fn judged(text: &str) -> CheckVerdict {
        check(STANDARD.encode(text).as_bytes())
    }

    #[test]
    fn the_expiry_is_told() {
        let random = "k3Jd9sQw2xk3Jd9sQw2xk3Jd9sQw2x";
        let expires = |text: &str| fact(&judged(text), "expires");
        assert_eq!(
            expires(&format!("reftkn:01:1700000000:{random}")).as_deref(),
            Some("2023-11-14T22:13:20Z")
        );
        assert_eq!(expires(&format!("reftkn:01:0000000000:{random}")).as_deref(), Some("never"));
        for bad in [
            format!("reftok:01:1700000000:{random}"),
            format!("reftkn:01:{random}"),
            format!("reftkn:01:-1:{random}"),
            format!("reftkn:01:1700000000:{random}:x"),
            "reftkn:01:1700000000:short".to_owned(),
        ] {
            assert!(!holds(&judged(&bad)), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(token: Vec<u8>, text in "reftkn:[0-9:]{0,40}[ -~]{0,30}") {
            check(&token);
            judged(&text);
        }
    }
}
