//! Recognises what may be published: ciphertext that needs a key kept elsewhere, public keys, certificates.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bstr::ByteSlice as _;

/// A value that starts so and is at least that long is the ciphertext of a tool, or public by nature.
#[rustfmt::skip]
const STARTS: [(&str, usize); 47] = [
    ("ENC[", 8),                                        // SOPS, hiera-eyaml
    ("ENC(", 8),                                        // Jasypt
    ("{cipher}", 24),                                   // Spring Cloud Config
    ("encrypted:", 50),                                 // dotenvx
    ("$ANSIBLE_VAULT;", 16),
    ("vault:v", 20),                                    // Vault, transit engine
    ("age-encryption.org/v1", 21),
    ("YWdlLWVuY3J5cHRpb24ub3JnL3Yx", 60),               // the same in base64
    ("-----BEGIN AGE ENCRYPTED FILE-----", 34),
    ("LS0tLS1CRUdJTiBBR0UgRU5DUllQVEVE", 60),
    ("-----BEGIN PGP MESSAGE-----", 27),
    ("LS0tLS1CRUdJTiBQR1AgTUVTU0FHR", 60),
    ("-----BEGIN PKCS7-----", 21),
    ("U2FsdGVkX1", 30),                                 // openssl enc: `Salted__`
    ("gAAAAAB", 100),                                   // Fernet
    ("AQICAH", 100), ("AQECAH", 100),                   // AWS KMS
    ("AQAAANCMnd8BFdERjHoAwE/Cl+sB", 100),              // Windows DPAPI
    ("01000000d08c9ddf0115d1118c7a00c04fc297eb", 100),  // the same as PowerShell writes it
    ("-----BEGIN CERTIFICATE", 26), ("-----BEGIN PUBLIC KEY-----", 26), ("-----BEGIN RSA PUBLIC KEY-----", 30),
    ("-----BEGIN PGP PUBLIC KEY", 30), ("-----BEGIN SSH2 PUBLIC", 26),
    ("LS0tLS1CRUdJTiBDRVJUSUZJQ0FUR", 60), ("LS0tLS1CRUdJTiBQVUJMSUMgS0VZ", 60),
    ("LS0tLS1CRUdJTiBQR1AgUFVCTElDIEtFW", 60),
    ("ssh-rsa AAAA", 80), ("ssh-ed25519 AAAA", 60), ("ssh-dss AAAA", 80), ("ecdsa-sha2-nistp", 80),
    ("MCowBQYDK2VwAyEA", 56),                           // SubjectPublicKeyInfo: Ed25519, P-256, P-384, RSA
    ("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE", 100), ("MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE", 140),
    ("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A", 300), ("MIGfMA0GCSqGSIb3DQEBAQUAA4GNAD", 200),
    ("MIGeMA0GCSqGSIb3DQEBAQUAA4GMAD", 200),            // RSA, its modulus of 1023 bits
    ("MIIBojANBgkqhkiG9w0BAQEFAAOCAY8A", 500), ("MIICIjANBgkqhkiG9w0BAQEFAAOCAg8A", 700),
    ("MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAE", 100),          // secp256k1, P-521, X25519, Ed448
    ("MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQ", 200), ("MCowBQYDK2VuAyEA", 56), ("MEMwBQYDK2VxAzoA", 90),
    ("MIGJAoGBA", 180), ("MIIBCgKCAQEA", 350), ("MIIBigKCAYEA", 500), ("MIICCgKCAgEA", 690), // PKCS #1: RSAPublicKey
];
/// Files that start so are ciphertext from there on.
const BINARY: [&[u8]; 3] = [b"\0GITCRYPT\0", b"age-encryption.org/v1\n", b"Salted__"];
const TEXT: [&[u8]; 3] =
    [b"$ANSIBLE_VAULT;", b"-----BEGIN AGE ENCRYPTED FILE-----", b"-----BEGIN PGP MESSAGE-----"];
/// Bytes that decide whether a file is as random as its start claims.
const PROBED: usize = 4096;

/// Whether `value` is ciphertext as a known tool writes it, a public key or a certificate.
pub fn is_sealed(value: &[u8]) -> bool {
    STARTS.iter().any(|(start, shortest)| value.len() >= *shortest && value.starts_with(start.as_bytes()))
        || is_sealed_secret(value)
        || is_certificate(value)
        || is_cloud_kms(value)
}

/// Ciphertext of Google Cloud KMS in base64: a message of protobuf whose field 1 is a sealed key of 36 bytes, or 37, and
/// whose field 2 is the sealed value. No document says so: read off public samples (2026-11).
fn is_cloud_kms(value: &[u8]) -> bool {
    const HEAD: usize = 56;
    let head = value.get(..HEAD).filter(|_| value.starts_with(b"CiQA") || value.starts_with(b"CiUA"));
    let Some(head) = head.and_then(|head| BASE64_STANDARD.decode(head).ok()) else { return false };
    let after_key = head.get(1).and_then(|&length| head.get(2 + usize::from(length)));
    value.len() >= 100 && after_key == Some(&0x12)
}

/// A value of Kubernetes' `SealedSecret`: the length of an RSA session key (512 bytes) in two bytes, that key, and the
/// sealed value, in base64 (bitnami-labs/sealed-secrets, `pkg/crypto`). A window may have cut it.
fn is_sealed_secret(value: &[u8]) -> bool {
    let head = matches!(value, [b'A', b'g', b'A'..=b'D', ..]);
    head && value.len() >= 400
        && value.iter().all(|&byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
}

/// DER in base64: two sequences, then `[0] { INTEGER 2 }`, the version of X.509, and the serial number.
fn is_certificate(value: &[u8]) -> bool {
    value.starts_with(b"MII") && value.len() >= 400 && value.get(12..18) == Some(b"AwIBAg")
}

/// Whether a whole file is ciphertext: git-crypt, age, `openssl enc`, ansible-vault, a PGP message. The content must be as
/// the start says, so that a line at the top hides nothing below it.
pub fn is_sealed_file(text: &[u8]) -> bool {
    let probe = &text[..text.len().min(PROBED)];
    if BINARY.iter().any(|start| text.starts_with(start)) {
        let odd =
            probe.iter().filter(|byte| !(byte.is_ascii_graphic() || byte.is_ascii_whitespace())).count();
        return odd * 3 >= probe.len();
    }
    let mut lines = text.lines().map(<[u8]>::trim_ascii);
    let first = lines.next().unwrap_or_default();
    TEXT.iter().any(|start| first.starts_with(start))
        && lines.all(|line| {
            let is_coded = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
            line.starts_with(b"-----END ") || line.starts_with(b"Version: ") || line.iter().all(is_coded)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ciphertext_and_public_keys_are_no_secrets() {
        let long = "Qx7Zk2Pv".repeat(100);
        for start in [
            "ENC[AES256_GCM,data:",
            "ENC[PKCS7,",
            "ENC(",
            "{cipher}",
            "encrypted:",
            "$ANSIBLE_VAULT;1.1;AES256\n",
            "gAAAAAB",
            "AQICAH",
            "U2FsdGVkX1",
            "AgB",
            "ssh-ed25519 AAAA",
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE",
            "MIIBCgKCAQEA",
            "MIGeMA0GCSqGSIb3DQEBAQUAA4GMAD",
            "MIICIjANBgkqhkiG9w0BAQEFAAOCAg8A",
            "MIIDXTCCAkWgAwIBAgIJAK",
            "-----BEGIN CERTIFICATE-----\n",
            "-----BEGIN PGP MESSAGE-----\n",
        ] {
            assert!(is_sealed([start, &long].concat().as_bytes()), "{start}");
            assert!(!is_sealed([" x", start, &long].concat().as_bytes()), "{start} in the middle");
        }
        for length in [36, 37] {
            let message = |tag: u8| {
                [&[10, length, 0], &vec![77; usize::from(length) - 1][..], &[tag, 44], &[99; 44]].concat()
            };
            assert!(is_sealed(BASE64_STANDARD.encode(message(0x12)).as_bytes()), "a key of {length} bytes");
            assert!(!is_sealed(BASE64_STANDARD.encode(message(0x13)).as_bytes()), "no message");
            assert!(!is_sealed(&BASE64_STANDARD.encode(message(0x12)).as_bytes()[..90]), "too short");
        }
        for value in [
            "CiQAQx7Zk2PvQx7Zk2PvQx7Zk2PvQx7Zk2PvQx7Zk2PvQx7Zk2PvQx7Zk2PvQx7Zk2PvQx7Zk2PvQx7Zk2PvQx7Zk2PvQx7Zk2PvQx7Z",
            "ENC",
            "AgBhunter2",
            "ssh-rsa",
            "gAAAAAB1",
            "AQICAHj",
            "MIIDXTCCAkWg",
            "MIIBCgKCAQEAx",
            "encrypted:no",
        ] {
            assert!(!is_sealed(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn a_line_at_the_top_hides_nothing() {
        let random: Vec<u8> =
            (0..4000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect();
        for start in BINARY {
            assert!(is_sealed_file(&[start, &random].concat()));
            assert!(!is_sealed_file(&[start, b"PASSWORD=hunter2-Prod!\n".repeat(20).as_slice()].concat()));
        }
        let vault = "$ANSIBLE_VAULT;1.2;AES256;ci\n6162636465\n6162\n";
        assert!(is_sealed_file(vault.as_bytes()));
        assert!(!is_sealed_file([vault, "PASSWORD=hunter2-Prod!\n"].concat().as_bytes()));
        let message = [
            "-----BEGIN PGP ",
            "MESSAGE-----\nVersion: X\n\nhQIMA+/=\n=abcd\n-----E",
            "ND PGP MESSAGE-----\n",
        ];
        assert!(is_sealed_file(message.concat().as_bytes()));
        assert!(!is_sealed_file([&message.concat(), "TOKEN: x-1\n"].concat().as_bytes()));
        assert!(!is_sealed_file(b""));
        assert!(!is_sealed_file(b"A=1\n$ANSIBLE_VAULT;1.1;AES256\n61\n"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged(value: Vec<u8>) {
            is_sealed(&value);
            is_sealed_file(&value);
        }

        #[test]
        fn random_tokens_are_not_sealed(value in "[0-9A-Za-z+/]{16,90}") {
            prop_assume!(!value.starts_with("U2FsdGVkX1"));
            prop_assert!(!is_sealed(value.as_bytes()));
        }
    }
}
