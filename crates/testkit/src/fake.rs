//! Secrets that were never real: shaped like a vendor's, checksums included, assembled at run time from a seed.
//!
//! No function holds a whole secret as a literal, so neither this project's scanner nor a host's push protection trips on
//! the sources. The same seed gives the same secret, and different seeds different ones.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::checksum::{base62, crc32};
use crate::random::Random;

const ALPHANUMERIC: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const URL_SAFE: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";
const BASE64: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/";
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const DIGITS: &[u8] = b"0123456789";

/// A classic GitHub personal access token whose checksum holds.
pub fn github_pat(seed: u64) -> String {
    checksummed(&["gh", "p_"].concat(), seed)
}

/// An npm access token whose checksum holds.
pub fn npm(seed: u64) -> String {
    checksummed(&["np", "m_"].concat(), seed)
}

/// A GitHub token of the right shape whose checksum does not hold.
pub fn github_pat_broken(seed: u64) -> String {
    let mut token = github_pat(seed);
    let last = token.pop().expect("a token is not empty");
    token.push(if last == '0' { '1' } else { '0' });
    token
}

/// An AWS access key id that carries a 12-digit account number.
pub fn aws_key_id(seed: u64) -> String {
    let mut random = generator(seed, "aws id");
    let account = 100_000_000_000 + random.next_u64() % 899_999_999_999;
    // The account sits in bits 7..47 of the first six bytes; the bit above them is set in every key made since 2019.
    let head = (1 << 47) | (account << 7) | (random.next_u64() & 0x7f);
    let mut bytes = head.to_be_bytes()[2..].to_vec();
    bytes.extend(random.bytes(4));
    ["AK", "IA", &base32(&bytes)].concat()
}

/// An AWS secret access key: forty characters of base 64.
pub fn aws_secret(seed: u64) -> String {
    let mut random = generator(seed, "aws secret");
    // Letters at both ends, so that a word boundary in a rule is no accident of the seed.
    [random.text(ALPHANUMERIC, 1), random.text(BASE64, 38), random.text(ALPHANUMERIC, 1)].concat()
}

/// A Slack bot token.
pub fn slack_bot(seed: u64) -> String {
    let mut random = generator(seed, "slack");
    let team = random.text(DIGITS, 11);
    let bot = random.text(DIGITS, 12);
    let tail = random.text(ALPHANUMERIC, 24);
    ["xo", "xb-", "2", &team, "-", "7", &bot[..11], "-", &tail].concat()
}

/// A Stripe live-mode secret key.
pub fn stripe_live(seed: u64) -> String {
    ["sk_", "live_", &generator(seed, "stripe").text(ALPHANUMERIC, 24)].concat()
}

/// An `OpenAI` project key.
pub fn openai(seed: u64) -> String {
    let mut random = generator(seed, "openai");
    let head = random.text(URL_SAFE, 73) + &random.text(ALPHANUMERIC, 1);
    let tail = random.text(URL_SAFE, 73) + &random.text(ALPHANUMERIC, 1);
    ["sk-", "proj-", &head, "T3Blbk", "FJ", &tail].concat()
}

/// An Anthropic API key.
pub fn anthropic(seed: u64) -> String {
    ["sk-", "ant-", "api03-", &generator(seed, "anthropic").text(URL_SAFE, 93), "AA"].concat()
}

/// A signed JSON web token that runs out in the year 2100.
pub fn jwt(seed: u64) -> String {
    let mut random = generator(seed, "jwt");
    let subject = random.text(DIGITS, 10);
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let claims = format!(r#"{{"iss":"https://id.project.test","sub":"{subject}","exp":4102444800}}"#);
    [header, URL_SAFE_NO_PAD.encode(claims), URL_SAFE_NO_PAD.encode(random.bytes(32))].join(".")
}

/// A password a generator would make: twenty letters and digits in four groups.
pub fn password(seed: u64) -> String {
    let mut random = generator(seed, "password");
    (0..4).map(|_| random.text(ALPHANUMERIC, 5)).collect::<Vec<_>>().join("-")
}

/// A `PostgreSQL` connection URI with [`password`]`(seed)` in it.
pub fn postgres_url(seed: u64) -> String {
    ["postgres", "://", "billing:", &password(seed), "@db-7.corp-data.net:5432/ledger"].concat()
}

/// An Ed25519 private key in PEM that every parser accepts (RFC 8410, PKCS#8 version 1).
pub fn private_key_pem() -> String {
    private_key_pem_of(0)
}

/// The Ed25519 private key of `seed` in PEM.
pub fn private_key_pem_of(seed: u64) -> String {
    // SEQUENCE { INTEGER 0, SEQUENCE { OID 1.3.101.112 }, OCTET STRING { OCTET STRING, 32 bytes } }
    let mut der =
        vec![0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    der.extend(generator(seed, "private key").bytes(32));
    let armour = |word: &str| ["-----", word, " PRIVATE", " KEY-----\n"].concat();
    [armour("BEGIN"), STANDARD.encode(der), "\n".into(), armour("END")].concat()
}

/// Thirty characters and the six of their CRC-32 in base 62.
fn checksummed(prefix: &str, seed: u64) -> String {
    let body = generator(seed, prefix).text(ALPHANUMERIC, 30);
    let check = base62(crc32(body.as_bytes()));
    [prefix, &body, &check].concat()
}

/// A generator of its own for every kind, so that two kinds of one seed share nothing.
fn generator(seed: u64, kind: &str) -> Random {
    let mut random = Random::new(seed ^ (u64::from(crc32(kind.as_bytes())) << 32));
    random.next_u64();
    random
}

/// Base 32 of RFC 4648 without padding; `bytes` must be a multiple of five long.
fn base32(bytes: &[u8]) -> String {
    let bit = |index: usize| bytes[index / 8] >> (7 - index % 8) & 1;
    let digit =
        |first: usize| (first..first + 5).fold(0, |digit, index| digit << 1 | usize::from(bit(index)));
    (0..bytes.len() * 8).step_by(5).map(|first| char::from(BASE32[digit(first)])).collect()
}

/// The content in base64, in lines of so many characters, as mail and PEM have it.
pub fn base64_lines(content: &str, width: usize) -> String {
    let mut lines = String::new();
    for (at, letter) in STANDARD.encode(content).char_indices() {
        if at > 0 && at % width == 0 {
            lines.push('\n');
        }
        lines.push(letter);
    }
    lines.push('\n');
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_same_secret_other_seed_other_secret() {
        let makers = [
            github_pat,
            npm,
            aws_key_id,
            aws_secret,
            slack_bot,
            stripe_live,
            openai,
            anthropic,
            jwt,
            password,
            postgres_url,
            private_key_pem_of,
        ];
        for maker in makers {
            assert_eq!(maker(7), maker(7));
            assert_ne!(maker(7), maker(8));
        }
    }

    #[test]
    fn aws_key_id_decodes_to_an_account() {
        for seed in 0..200 {
            let id = aws_key_id(seed);
            assert_eq!(id.len(), 20);
            let value = id[4..].bytes().fold(0u128, |bits, byte| {
                let digit = BASE32.iter().position(|digit| *digit == byte).expect("a base 32 digit");
                bits << 5 | digit as u128
            });
            let account = ((value >> 32) & 0x7fff_ffff_ff80) >> 7;
            assert!((100_000_000_000..1_000_000_000_000).contains(&account), "{account}");
        }
    }

    #[test]
    fn lengths_are_the_vendors() {
        assert_eq!(github_pat(1).len(), 40);
        assert_eq!(npm(1).len(), 40);
        assert_eq!(openai(1).len(), 164);
        assert_eq!(anthropic(1).len(), 108);
        assert_eq!(slack_bot(1).len(), 5 + 12 + 1 + 12 + 1 + 24);
    }
}
