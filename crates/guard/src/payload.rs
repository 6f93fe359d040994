//! Reads what an agent sends: bytes to an event, telling the agent by the payload and by nothing else.

use serde_json::Value;

use crate::agents;
use crate::event::Event;
use crate::payload_error::PayloadError;

pub use crate::payload_error::MAX_BYTES;

/// Reads an event.
///
/// # Errors
/// When it cannot be told what there is to look at.
pub fn read(bytes: &[u8]) -> Result<Event, PayloadError> {
    if bytes.len() > MAX_BYTES {
        return Err(PayloadError::TooLarge);
    }
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        // JavaScript writes half a pair of surrogates, which no Unicode text has.
        Err(error) => serde_json::from_str(&without_lone_surrogates(text))
            .map_err(|_| PayloadError::NotJson(error.to_string()))?,
    };
    agents::read(&value)
}

/// The text with every escape of half a surrogate pair replaced by that of the replacement character.
pub(crate) fn without_lone_surrogates(text: &str) -> String {
    let bytes = text.as_bytes();
    let unit = |at: usize| {
        let escape = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(escape, 16).ok()
    };
    let (mut out, mut at, mut from) = (String::with_capacity(text.len()), 0, 0);
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        let length = match (unit(at), unit(at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                out.push_str(&text[from..at]);
                out.push_str("\\ufffd");
                from = at + 6;
                6
            }
            (Some(_), _) => 6,
            (None, _) => 2,
        };
        at += length;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_pair_of_surrogates_is_replaced_and_whole_ones_are_kept() {
        for (text, wanted) in [
            (r#""a\ud83db""#, r#""a\ufffdb""#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\\ud83d""#, r#""\\ud83d""#),
            (r#""\udc00\ud83d""#, r#""\ufffd\ufffd""#),
            ("\"\\", "\"\\"),
            ("ä\\u", "ä\\u"),
        ] {
            assert_eq!(without_lone_surrogates(text), wanted);
        }
    }
}
