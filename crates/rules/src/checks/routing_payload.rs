//! Decodes where a GitLab token is routed to: its organization, group, project, user and cell.
//!
//! Format: GitLab, "Routable tokens" (design document of Cells) and `Authn::TokenField::Generator::RoutableToken`: base 64
//! for URLs of lines `key:id`, the ids in base 36, then random bytes, then their number in one byte.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::radix::base36;
use super::{CheckVerdict, Fact};

const KEYS: [(&[u8], &str); 5] =
    [(b"c", "cell"), (b"o", "organization"), (b"g", "group"), (b"p", "project"), (b"u", "user")];

/// Judges `payload`, whose number of characters `length` gives in base 36.
pub(crate) fn check(payload: &[u8], length: &[u8]) -> CheckVerdict {
    if base36(length) != Some(payload.len() as u64) {
        return CheckVerdict::Invalid("the payload has another length than the token says");
    }
    match URL_SAFE_NO_PAD.decode(payload).ok().as_deref().and_then(facts) {
        Some(facts) => CheckVerdict::Proved(facts),
        None => CheckVerdict::Invalid("the payload holds no routing"),
    }
}

fn facts(decoded: &[u8]) -> Option<Vec<Fact>> {
    let (&random, rest) = decoded.split_last()?;
    let lines = rest.get(..rest.len().checked_sub(usize::from(random))?)?;
    let mut facts = Vec::new();
    for line in lines.split(|&byte| byte == b'\n') {
        let at = line.iter().position(|&byte| byte == b':')?;
        // A key of a later version is passed over.
        if let Some((_, name)) = KEYS.iter().find(|(key, _)| *key == &line[..at]) {
            facts.push(Fact::new(*name, base36(&line[at + 1..])?.to_string()));
        }
    }
    facts.iter().any(|fact| fact.name == "organization").then_some(facts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::{fact, holds};
    use crate::checks::radix::{BASE36, digits};
    use proptest::prelude::*;

    fn payload(lines: &str, random: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode([lines.as_bytes(), random, &[u8::try_from(random.len()).unwrap()]].concat())
    }

    fn judged(payload: &str) -> CheckVerdict {
        let length = digits::<2>(u32::try_from(payload.len()).unwrap(), BASE36);
        check(payload.as_bytes(), &length)
    }

    #[test]
    fn ids_are_told_in_decimal() {
        let verdict = judged(&payload("c:1\ng:zz\no:1a\np:2s\nu:9ix", &[0xff; 16]));
        for (name, value) in
            [("cell", "1"), ("group", "1295"), ("organization", "46"), ("project", "100"), ("user", "12345")]
        {
            assert_eq!(fact(&verdict, name).as_deref(), Some(value), "{name}");
        }
    }

    #[test]
    fn what_routes_nowhere_is_refused() {
        for bad in [
            payload("u:1", &[7; 16]),
            payload("o:A", &[7; 16]),
            payload("o", &[7; 16]),
            payload("", &[7; 16]),
            URL_SAFE_NO_PAD.encode([b'o', b':', b'1', 200]),
            String::new(),
        ] {
            assert!(!holds(&judged(&bad)), "{bad}");
        }
        assert!(!holds(&check(payload("o:1", &[7; 16]).as_bytes(), b"zz")));
    }

    proptest! {
        #[test]
        fn whatever_the_random_bytes_are_the_routing_is_read(random: [u8; 16], user: u32) {
            let lines = format!("o:1\nu:{}", String::from_utf8_lossy(&digits::<7>(user, BASE36)));
            prop_assert_eq!(fact(&judged(&payload(&lines, &random)), "user"), Some(user.to_string()));
        }

        #[test]
        fn any_bytes_are_answered(payload: Vec<u8>, length: Vec<u8>, text in "[0-9A-Za-z_-]{0,60}") {
            check(&payload, &length);
            judged(&text);
        }
    }
}
