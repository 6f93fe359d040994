//! Checks a private key block: PEM, OpenSSH, PuTTY or PGP.
//!
//! The block is given as it was found in a text, with the escapes, quotes and comment signs of that text. Placeholders
//! and cut-off blocks are invalid; a key behind a passphrase is plausible. The body of a block alone and a whole block in
//! base64 once more are read, too.

mod block;
mod curve;
mod der_key;
mod description;
mod integer;
pub(super) mod jwk;
pub(super) mod nkey;
mod openssh;
mod openvpn;
mod pgp;
mod putty;
#[cfg(test)]
pub(super) mod sample;
pub(super) mod scalar;
mod ssh_wire;

use base64::Engine as _;
use bstr::ByteSlice as _;

use self::block::{BASE64, Block, URL_SAFE};
use self::description::Description;
use super::CheckVerdict;

/// Judges the block from its first to its last line; facts: `key type`, `encrypted`, `fingerprint`,
/// `comment`.
pub(crate) fn check(text: &[u8]) -> CheckVerdict {
    let key = if is_block(text) { read_block(text) } else { bare(text) };
    match key {
        Ok(key) => key.into_verdict(),
        Err(why) => CheckVerdict::Invalid(why),
    }
}

fn is_block(text: &[u8]) -> bool {
    text.contains_str(putty::MAGIC) || text.contains_str("-----BEGIN ")
}

fn read_block(text: &[u8]) -> Result<Description, &'static str> {
    if text.contains_str(putty::MAGIC) {
        putty::read(text)
    } else {
        block::read(text).and_then(|block| armored(&block))
    }
}

/// Base64 with no lines around it: DER, OpenSSH's format, or a whole block.
fn bare(text: &[u8]) -> Result<Description, &'static str> {
    let text = block::plain(text);
    let coded: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let body =
        BASE64.decode(&coded).or_else(|_| URL_SAFE.decode(&coded)).map_err(|_| "the key is not base64")?;
    if is_block(&body) {
        read_block(&body)
    } else if body.starts_with(openssh::MAGIC) {
        openssh::read(&body)
    } else {
        der_key::read(&body)
    }
}

fn armored(block: &Block) -> Result<Description, &'static str> {
    let label = &block.label[..];
    if label.starts_with(b"PGP PRIVATE KEY") {
        pgp::read(block)
    } else if let Some(key) = openvpn::read(block) {
        key
    } else if !label.ends_with(b"PRIVATE KEY") {
        Err("the block holds no private key")
    } else if label.starts_with(b"OPENSSH") {
        openssh::read(&block.body)
    } else if block.headers.iter().any(|header| header.contains_str("ENCRYPTED")) {
        // RFC 1421: the body is the DER sealed with a block cipher, so only its length can be judged.
        if block.body.len().is_multiple_of(8) && block.body.len() >= 48 {
            let kind = label.strip_suffix(b" PRIVATE KEY").and_then(|kind| kind.to_str().ok());
            Ok(Description::encrypted(kind.map(str::to_owned)))
        } else {
            Err("the sealed key is cut off or damaged")
        }
    } else {
        der_key::read(&block.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::Fact;
    use proptest::prelude::*;

    fn facts(verdict: &CheckVerdict) -> Vec<(&str, &str)> {
        let (CheckVerdict::Proved(facts) | CheckVerdict::Plausible(facts)) = verdict else {
            return Vec::new();
        };
        facts.iter().map(|Fact { name, value }| (&name[..], &value[..])).collect()
    }

    #[test]
    fn the_label_may_be_that_of_another_kind() {
        for label in ["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY"] {
            let verdict = check(sample::armored(label, &sample::pkcs1()).as_bytes());
            assert!(matches!(verdict, CheckVerdict::Proved(_)), "{label}: {verdict:?}");
            assert_eq!(facts(&verdict)[..2], [("key type", "RSA 512"), ("encrypted", "no")]);
        }
        for label in ["PUBLIC KEY", "CERTIFICATE", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK"] {
            let verdict = check(sample::armored(label, &sample::pkcs1()).as_bytes());
            assert!(matches!(verdict, CheckVerdict::Invalid(_)), "{label}: {verdict:?}");
        }
    }

    #[test]
    fn a_key_behind_a_passphrase_is_plausible() {
        let sealed = sample::armored("RSA PRIVATE KEY", &[0xa7; 320]);
        let sealed = sealed.replacen('\n', "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n", 1);
        let verdict = check(sealed.as_bytes());
        assert!(matches!(verdict, CheckVerdict::Plausible(_)));
        assert_eq!(facts(&verdict), [("key type", "RSA"), ("encrypted", "yes")]);
        let cut = sealed.replacen("p6en", "", 1);
        assert_ne!(cut, sealed);
        assert!(matches!(check(cut.as_bytes()), CheckVerdict::Invalid(_)));
    }

    #[test]
    fn placeholders_are_refused() {
        for body in [
            "...",
            "MIIE...",
            "MIIEpAIBAAKCAQEA",
            "<key>",
            "your key here",
            "xxxxxxxx",
            "",
            "YOUR_PRIVATE_KEY",
        ] {
            for label in ["RSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK"] {
                let text = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----");
                let verdict = check(text.as_bytes());
                assert!(matches!(verdict, CheckVerdict::Invalid(_)), "{text}: {verdict:?}");
            }
        }
    }

    #[test]
    fn a_body_alone_and_a_block_coded_once_more_are_read() {
        let armored = sample::armored("RSA PRIVATE KEY", &sample::pkcs1());
        for body in [&sample::pkcs1()[..], &sample::openssh_ed25519(), armored.as_bytes()] {
            for text in [BASE64.encode(body), URL_SAFE.encode(body), BASE64.encode(body).replace('/', "\\/")]
            {
                let verdict = check(text.as_bytes());
                assert!(matches!(verdict, CheckVerdict::Proved(_)), "{text}: {verdict:?}");
            }
            for length in 0..body.len() - 28 {
                assert!(matches!(check(BASE64.encode(&body[..length]).as_bytes()), CheckVerdict::Invalid(_)));
            }
        }
        // Only once: what is coded twice would be unbounded.
        let twice = BASE64.encode(BASE64.encode(armored));
        assert!(matches!(check(twice.as_bytes()), CheckVerdict::Invalid(_)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(text: Vec<u8>) {
            check(&text);
            check(BASE64.encode(&text).as_bytes());
            check(&[putty::MAGIC, &text].concat());
        }

        #[test]
        fn any_damage_to_a_block_is_answered(at: prop::sample::Index, byte: u8, cut in 0_usize..3) {
            for body in [sample::pkcs1(), sample::openssh_ed25519(), sample::pgp_rsa(0)] {
                let mut damaged = body.clone();
                let at = at.index(body.len());
                damaged[at] = byte;
                damaged.drain(at..(at + cut).min(body.len()));
                for label in ["PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK"] {
                    check(sample::armored(label, &damaged).as_bytes());
                }
            }
        }

        #[test]
        fn a_cut_off_body_is_refused(cut in 1_usize..60) {
            for (label, body) in [
                ("RSA PRIVATE KEY", sample::pkcs1()),
                ("OPENSSH PRIVATE KEY", sample::openssh_ed25519()),
                ("PGP PRIVATE KEY BLOCK", sample::pgp_rsa(0)),
            ] {
                prop_assert!(matches!(check(sample::armored(label, &body).as_bytes()), CheckVerdict::Proved(_)));
                let verdict = check(sample::armored(label, &body[..body.len() - cut]).as_bytes());
                prop_assert!(matches!(verdict, CheckVerdict::Invalid(_)), "{} {:?}", label, verdict);
            }
        }
    }
}
