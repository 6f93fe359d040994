//! Checks the keys of Tink keysets in their JSON form (tink-crypto/tink, proto/tink.proto).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::object_fields::Fields;
use super::{CheckVerdict, Fact};

const PREFIX: &[u8] = b"type.googleapis.com/google.crypto.tink.";
/// No key is smaller: 128 bits.
const SHORTEST: usize = 16;

/// Judges one `keyData` object. Proved when its value is a protocol buffer with bytes long enough for a key in it;
/// facts: `key type`, `material`.
pub(crate) fn check(text: &[u8]) -> CheckVerdict {
    let text: Vec<u8> = text.iter().copied().filter(|&byte| byte != b'\\').collect();
    let fields = Fields::read(&text);
    let Some(material @ (b"SYMMETRIC" | b"ASYMMETRIC_PRIVATE")) = fields.get("keyMaterialType") else {
        return CheckVerdict::Invalid("the Tink key is not a private one");
    };
    let Some(name) = fields.get("typeUrl").and_then(|url| url.strip_prefix(PREFIX)) else {
        return CheckVerdict::Invalid("the Tink key names no type");
    };
    let Some(value) = fields.get("value").and_then(|value| STANDARD.decode(value).ok()) else {
        return CheckVerdict::Invalid("the value of the Tink key is not base64");
    };
    if longest_bytes(&value).is_none_or(|longest| longest < SHORTEST) {
        return CheckVerdict::Invalid("the value of the Tink key is cut off or damaged");
    }
    let fact = |name, value| Fact::of_text(name, &String::from_utf8_lossy(value));
    CheckVerdict::Proved(vec![fact("key type", name), fact("material", material)])
}

/// Length of the longest field of bytes in a protocol buffer; `None` when the bytes are not one.
fn longest_bytes(mut rest: &[u8]) -> Option<usize> {
    let mut longest = 0;
    while !rest.is_empty() {
        let tag = varint(&mut rest)?;
        if tag >> 3 == 0 {
            return None;
        }
        match tag & 7 {
            0 => drop(varint(&mut rest)?),
            1 => rest = rest.get(8..)?,
            2 => {
                let length = usize::try_from(varint(&mut rest)?).ok()?;
                rest = rest.get(length..)?;
                longest = longest.max(length);
            }
            5 => rest = rest.get(4..)?,
            _ => return None,
        }
    }
    Some(longest)
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let length = rest.iter().take(10).position(|byte| byte & 0x80 == 0)? + 1;
    let (bytes, after) = rest.split_at(length);
    *rest = after;
    Some(bytes.iter().rev().fold(0, |value, byte| value << 7 | u64::from(byte & 0x7f)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// AES-GCM: field 3, the key; field 1, the version.
    fn key(length: u8) -> Vec<u8> {
        [&[8, 0, 0x1a, length], &vec![0x91; usize::from(length)][..]].concat()
    }

    fn text(material: &str, value: &[u8]) -> String {
        let value = STANDARD.encode(value);
        let url = [str::from_utf8(PREFIX).unwrap(), "AesGcmKey"].concat();
        format!("{{\"typeUrl\": \"{url}\", \"value\": \"{value}\", \"keyMaterialType\": \"{material}\"}}")
    }

    #[test]
    fn keys_are_protocol_buffers() {
        let sound = text("SYMMETRIC", &key(32));
        for sound in [sound.clone(), sound.replace('"', "\\\"")] {
            let CheckVerdict::Proved(facts) = check(sound.as_bytes()) else { panic!("{sound}") };
            assert_eq!(facts[0], Fact::new("key type", "AesGcmKey"));
        }
        for bad in [
            text("ASYMMETRIC_PUBLIC", &key(32)),
            text("REMOTE", &key(32)),
            text("SYMMETRIC", &key(8)),
            text("SYMMETRIC", &[]),
            sound.replace("typeUrl", "type"),
        ] {
            assert!(matches!(check(bad.as_bytes()), CheckVerdict::Invalid(_)), "{bad}");
        }
        for length in 3..key(32).len() {
            let cut = text("SYMMETRIC", &key(32)[..length]);
            assert!(matches!(check(cut.as_bytes()), CheckVerdict::Invalid(_)), "{length}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>) {
            check(&bytes);
            check(text("SYMMETRIC", &bytes).as_bytes());
        }
    }
}
