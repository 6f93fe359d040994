//! Reads user and password in base 64, as HTTP Basic and Docker's `auths` write them (RFC 7617).

use super::base64_text::decoded;
use super::{CheckVerdict, Fact};

/// Longer names may be tokens: some services take the token as the user, with any password.
const LONGEST_USER: usize = 24;
/// A password shorter than this may be the `x` beside such a token.
const SHORTEST_PASSWORD: usize = 6;

/// Judges a text; the fact is `user`. Never more than plausible: nothing proves that both belong together.
pub(crate) fn check(text: &[u8]) -> CheckVerdict {
    let Some(pair) = decoded(text).and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return CheckVerdict::Invalid("what the base 64 holds is no text");
    };
    let Some((user, password)) = pair.split_once(':').filter(|_| !pair.contains(char::is_control)) else {
        return CheckVerdict::Invalid("what the base 64 holds is no user and password");
    };
    if user.is_empty() && password.is_empty() {
        return CheckVerdict::Invalid("user and password are empty");
    }
    let digits = user.bytes().filter(u8::is_ascii_digit).count();
    let name =
        !user.is_empty() && user.len() <= LONGEST_USER && digits < 6 && password.len() >= SHORTEST_PASSWORD;
    let marker = password.starts_with("x-oauth");
    CheckVerdict::Plausible(if name && !marker { vec![Fact::of_text("user", user)] } else { Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::fact;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    fn judged(pair: &[u8]) -> CheckVerdict {
        check(STANDARD.encode(pair).as_bytes())
    }

    #[test]
    fn the_user_is_told() {
        assert_eq!(fact(&judged(b"deploy:k3Jd9s:Qw2x"), "user").as_deref(), Some("deploy"));
        assert!(!format!("{:?}", judged(b"deploy:k3Jd9s:Qw2x")).contains("k3J"));
    }

    #[test]
    fn a_token_in_the_place_of_the_user_is_not() {
        for pair in
            ["0123456789abcdef0123456789abcdef01234567:", "k3Jd9sQw2x81m4kdp:x-oauth-basic", "tok3nXyz:x"]
        {
            assert_eq!(judged(pair.as_bytes()), CheckVerdict::Plausible(Vec::new()), "{pair}");
        }
    }

    #[test]
    fn what_is_no_pair_is_refused() {
        for bad in [&b"nothing"[..], b":", b"", b"a:\0", b"\xff:\xfe"] {
            assert!(matches!(judged(bad), CheckVerdict::Invalid(_)), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(text: Vec<u8>, pair: Vec<u8>) {
            check(&text);
            judged(&pair);
        }

        #[test]
        fn the_password_is_never_told(user in "[a-z]{1,30}", password in "[0-9A-Z]{8,20}") {
            let verdict = format!("{:?}", judged(format!("{user}:{password}").as_bytes()));
            prop_assert!(!verdict.contains(&password));
        }
    }
}
