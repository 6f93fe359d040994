//! Reads Discord's bot tokens: the bot's id, the time of issue and a signature, each in base 64.
//!
//! Format: Discord, "API Reference": ids are snowflakes, milliseconds since 2015 above 22 further bits. The time is in
//! seconds, of older tokens since 1970, of newer ones since 2011.

use super::base64_text::decoded;
use super::time::time;
use super::{CheckVerdict, Fact};

const EPOCH_MILLISECONDS: i64 = 1_420_070_400_000;
const ISSUE_EPOCH: i64 = 1_293_840_000;

/// Judges a token; facts: `bot`, `created`, `issued`. At most plausible: only Discord can verify the signature.
pub(crate) fn check(token: &[u8]) -> CheckVerdict {
    let mut parts = token.split(|&byte| byte == b'.');
    let (Some(id), Some(issued)) = (parts.next(), parts.next()) else {
        return CheckVerdict::Invalid("the token has not three parts");
    };
    let id = decoded(id).and_then(|digits| String::from_utf8(digits).ok()).unwrap_or_default();
    let snowflake =
        id.parse::<i64>().ok().filter(|_| (17..=19).contains(&id.len()) && !id.starts_with(['+', '-']));
    let Some(snowflake) = snowflake else {
        return CheckVerdict::Invalid("the token names no bot");
    };
    let Some(issued) = decoded(issued).filter(|bytes| bytes.len() == 4) else {
        return CheckVerdict::Invalid("the token holds no time");
    };
    let created = ((snowflake >> 22) + EPOCH_MILLISECONDS) / 1000;
    let issued = issued.iter().fold(0, |seconds, &byte| seconds << 8 | i64::from(byte));
    let issued = if issued < ISSUE_EPOCH { issued + ISSUE_EPOCH } else { issued };
    let mut facts = vec![Fact::new("bot", id)];
    facts.extend(time(created).map(|time| Fact::new("created", time)));
    // What was issued before the bot was made is no time.
    facts.extend(time(issued).filter(|_| issued >= created).map(|time| Fact::new("issued", time)));
    CheckVerdict::Plausible(facts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::fact;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;

    fn token(id: &str, issued: u32) -> String {
        [&URL_SAFE_NO_PAD.encode(id), &URL_SAFE_NO_PAD.encode(issued.to_be_bytes()), &"k".repeat(38)]
            .map(String::as_str)
            .join(".")
    }

    #[test]
    fn bot_and_dates_are_told() {
        // Discord's documentation: snowflake 175928847299117063 is of 2016-04-30 11:18:25.796 UTC.
        let id = "175928847299117063";
        for issued in [1_700_000_000, 1_700_000_000 - 1_293_840_000] {
            let verdict = check(token(id, issued).as_bytes());
            assert_eq!(fact(&verdict, "bot").as_deref(), Some(id));
            assert_eq!(fact(&verdict, "created").as_deref(), Some("2016-04-30T11:18:25Z"));
            assert_eq!(fact(&verdict, "issued").as_deref(), Some("2023-11-14T22:13:20Z"));
        }
        assert_eq!(fact(&check(token(id, 1_300_000_000).as_bytes()), "issued"), None);
    }

    #[test]
    fn what_names_no_bot_is_refused() {
        for bad in [
            token("12345", 1),
            token("+75928847299117063", 1),
            token("17592884729911706x", 1),
            "a".into(),
            "MTIz.x".into(),
        ] {
            assert!(matches!(check(bad.as_bytes()), CheckVerdict::Invalid(_)), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(token: Vec<u8>, id in "[0-9]{17,20}", issued: u32) {
            check(&token);
            check(self::token(&id, issued).as_bytes());
        }
    }
}
