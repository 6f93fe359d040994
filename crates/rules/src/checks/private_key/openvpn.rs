//! Reads the keys of `OpenVPN`: static ones, and those of tls-crypt-v2.
//!
//! Formats: openvpn(8), `--genkey`, and doc/tls-crypt-v2.txt. A static key is 2048 bits in hexadecimal; a client's key of
//! tls-crypt-v2 is 2048 bits and their wrapped form, which ends in its own length; a server's is 1024 bits.

use base64::Engine as _;

use super::block::{BASE64, Block};
use super::description::Description;

const STATIC_DIGITS: usize = 512;
const CLIENT_KEY: usize = 256;
/// A tag, the key once more, and the length.
const SHORTEST_WRAPPED: usize = 32 + CLIENT_KEY + 2;
const SERVER_KEY: usize = 128;

/// Judges the body of a block with such a label; nothing for other labels.
pub(super) fn read(block: &Block) -> Option<Result<Description, &'static str>> {
    let (key_type, holds) = match &block.label[..] {
        b"OpenVPN Static key V1" => ("OpenVPN static key", is_static(&block.body)),
        b"OpenVPN tls-crypt-v2 client key" => ("OpenVPN tls-crypt-v2 client key", is_client(&block.body)),
        b"OpenVPN tls-crypt-v2 server key" => {
            ("OpenVPN tls-crypt-v2 server key", block.body.len() == SERVER_KEY)
        }
        _ => return None,
    };
    Some(if holds { Ok(Description::clear(key_type)) } else { Err("the block holds no whole OpenVPN key") })
}

/// Hexadecimal digits are base 64, too, and were decoded as such.
fn is_static(body: &[u8]) -> bool {
    let digits = BASE64.encode(body);
    digits.len() == STATIC_DIGITS && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
}

fn is_client(body: &[u8]) -> bool {
    let Some(wrapped) = body.get(CLIENT_KEY..).filter(|wrapped| wrapped.len() >= SHORTEST_WRAPPED) else {
        return false;
    };
    wrapped.last_chunk::<2>().is_some_and(|length| usize::from(u16::from_be_bytes(*length)) == wrapped.len())
}

#[cfg(test)]
mod tests {
    use crate::checks::CheckVerdict;
    use crate::checks::mutation::{fact, holds};
    use crate::checks::private_key::{check, sample};
    use proptest::prelude::*;

    fn hex_block(bytes: &[u8]) -> String {
        let digits = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        let lines: Vec<&str> =
            digits.as_bytes().chunks(32).map(|line| str::from_utf8(line).unwrap()).collect();
        let label = "OpenVPN Static key V1";
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
    }

    fn client(metadata: &[u8]) -> Vec<u8> {
        let mut body = vec![0xa7; super::CLIENT_KEY + 32 + super::CLIENT_KEY];
        body.extend_from_slice(metadata);
        let length = u16::try_from(body.len() - super::CLIENT_KEY + 2).unwrap();
        body.extend_from_slice(&length.to_be_bytes());
        body
    }

    #[test]
    fn every_kind_is_told() {
        for (block, kind) in [
            (hex_block(&[0x5c; 256]), "OpenVPN static key"),
            (
                sample::armored("OpenVPN tls-crypt-v2 client key", &client(b"x")),
                "OpenVPN tls-crypt-v2 client key",
            ),
            (
                sample::armored("OpenVPN tls-crypt-v2 server key", &[7; 128]),
                "OpenVPN tls-crypt-v2 server key",
            ),
        ] {
            let verdict = check(block.as_bytes());
            assert!(holds(&verdict), "{block}");
            assert_eq!(fact(&verdict, "key type").as_deref(), Some(kind));
            assert!(holds(&check(block.replace('\n', "\\n").as_bytes())), "inside of a string literal");
        }
    }

    #[test]
    fn what_is_cut_off_is_no_key() {
        let mut client = client(b"");
        client.pop();
        for block in [
            hex_block(&[0x5c; 255]),
            hex_block(&[0x5c; 257]),
            hex_block(&[0x5c; 256]).replace("5c5c", "wxyz"),
            sample::armored("OpenVPN tls-crypt-v2 client key", &client),
            sample::armored("OpenVPN tls-crypt-v2 server key", &[7; 127]),
            sample::armored("OpenVPN certificate", &[7; 128]),
        ] {
            assert!(matches!(check(block.as_bytes()), CheckVerdict::Invalid(_)), "{block}");
        }
    }

    proptest! {
        #[test]
        fn a_client_key_tells_its_length(metadata: Vec<u8>, change in 1u16..=u16::MAX) {
            let mut body = client(&metadata);
            prop_assert!(super::is_client(&body));
            let at = body.len() - 2;
            let length = u16::from_be_bytes([body[at], body[at + 1]]) ^ change;
            body[at..].copy_from_slice(&length.to_be_bytes());
            prop_assert!(!super::is_client(&body));
        }
    }
}
