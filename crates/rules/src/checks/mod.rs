//! Structural checks: a closed set, one a file, each pure and offline.
//!
//! A check sees the bytes of one match and says whether its structure holds. It never sees the network or the clock, and
//! of the rule it is run for only the named groups and the arguments ([`Check`]).

mod annotated_key;
mod aws_account;
mod azure_devops_pat;
mod base58check;
mod base64_json;
mod base64_text;
mod basic_auth;
mod bech32;
mod bip39;
mod captured;
mod cask_key;
mod crc32_base36;
mod crc32_base62;
mod crc32_base64_le;
mod crc32_hex;
mod crc32_hex_le;
mod dbeaver_credentials;
mod discord_token;
mod gcp_service_account;
mod jfrog_key;
mod jwt;
mod key_store;
mod kind;
mod macaroon;
mod macaroon_msgpack;
mod marvin32;
#[cfg(test)]
mod mutation;
mod numbered_token;
mod object_fields;
mod private_key;
mod radix;
mod reference_token;
mod routing_payload;
mod sha256_base32;
mod spec;
mod time;
mod tink_keyset;
mod verdict;

pub use kind::CheckKind;
pub use spec::Check;
pub(crate) use spec::RawCheck;
pub use verdict::{CheckVerdict, Fact};

impl Check {
    /// Whether it computes something, and does not merely tell what was captured.
    pub(crate) fn computes(&self) -> bool {
        self.kind != CheckKind::Captured
    }

    /// Runs the check on the bytes of the secret; `captures` gives the rule's named groups.
    ///
    /// Where the rule captures a `body`, that is looked at instead of the whole secret. Checks of a checksum that stands
    /// apart need the groups `body` and `check`, `routing-payload` the groups `payload` and `length`.
    pub fn run<'t>(&self, secret: &'t [u8], captures: &dyn Fn(&str) -> Option<&'t [u8]>) -> CheckVerdict {
        let pair = |check: &dyn Fn(&[u8], &[u8]) -> CheckVerdict, first, second| match (
            captures(first),
            captures(second),
        ) {
            (Some(first), Some(second)) => check(first, second),
            _ => CheckVerdict::Invalid("the rule does not capture the groups that the check needs"),
        };
        let sum = |check: &dyn Fn(&[u8], &[u8]) -> CheckVerdict| pair(check, "body", "check");
        let body = captures("body").unwrap_or(secret);
        match self.kind {
            CheckKind::Crc32Base62 => sum(&crc32_base62::check),
            CheckKind::Crc32Hex => sum(&crc32_hex::check),
            CheckKind::Crc32HexLe => sum(&crc32_hex_le::check),
            CheckKind::Crc32Base36 => sum(&crc32_base36::check),
            CheckKind::Crc32Base64Le => sum(&crc32_base64_le::check),
            CheckKind::Sha256Base32 => sum(&sha256_base32::check),
            CheckKind::Marvin32 => marvin32::check(body, &self.arguments),
            CheckKind::Marvin32Letters => marvin32::check_letters(body, &self.arguments),
            CheckKind::Marvin32Base66 => sum(&|body, sum| marvin32::check_base66(body, sum, &self.arguments)),
            CheckKind::AnnotatedKey => annotated_key::check(body, &self.arguments),
            CheckKind::CaskKey => cask_key::check(body),
            CheckKind::AzureDevopsPat => azure_devops_pat::check(body),
            CheckKind::Base58Check => base58check::check(body),
            CheckKind::Bech32 => bech32::check(body),
            CheckKind::Bip39 => bip39::check(body),
            CheckKind::RoutingPayload => pair(&routing_payload::check, "payload", "length"),
            CheckKind::Macaroon => macaroon::check(body),
            CheckKind::MacaroonMsgpack => macaroon_msgpack::check(body),
            CheckKind::Base64Json => base64_json::check(body, &self.arguments),
            CheckKind::BasicAuth => basic_auth::check(body),
            CheckKind::NumberedToken => numbered_token::check(body),
            CheckKind::ReferenceToken => reference_token::check(body),
            CheckKind::JfrogKey => jfrog_key::check(body),
            CheckKind::DiscordToken => discord_token::check(body),
            CheckKind::Captured => captured::check(captures, &self.arguments),
            CheckKind::Jwt => jwt::check(body),
            CheckKind::PrivateKey => private_key::check(body),
            CheckKind::AwsAccount => aws_account::check(body),
            CheckKind::GcpServiceAccount => gcp_service_account::check(body),
            CheckKind::Jwk => private_key::jwk::check(body),
            CheckKind::TinkKeyset => tink_keyset::check(body),
            CheckKind::NkeySeed => private_key::nkey::check(body),
            CheckKind::WireguardKey => private_key::scalar::wireguard(body),
            CheckKind::VapidKey => private_key::scalar::vapid(body, captures("public")),
            CheckKind::KeyStore => key_store::check(body),
            CheckKind::DbeaverCredentials => dbeaver_credentials::check(body),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(kind: CheckKind) -> Check {
        let argument = if kind.argument() == Some("seeds") { "Default0" } else { "body" };
        Check::new(kind, kind.argument().map(|_| argument.to_owned()).into_iter().collect()).unwrap()
    }

    #[test]
    fn every_kind_is_found_by_its_own_name() {
        for kind in CheckKind::ALL {
            assert_eq!(CheckKind::from_name(kind.as_str()), Some(kind));
        }
        assert_eq!(CheckKind::from_name("crc32"), None);
    }

    #[test]
    fn a_checksum_is_read_from_the_captures_not_from_the_secret() {
        let sum = format!("{:08x}", crc32fast::hash(b"body")).into_bytes();
        let given = |name: &str| match name {
            "body" => Some(&b"body"[..]),
            "check" => Some(&sum[..]),
            _ => None,
        };
        assert_eq!(of(CheckKind::Crc32Hex).run(b"", &given), CheckVerdict::Proved(Vec::new()));
        let missing = of(CheckKind::Crc32Hex).run(b"body", &|name| (name == "body").then_some(&b"body"[..]));
        assert!(matches!(missing, CheckVerdict::Invalid(_)));
    }

    proptest! {
        #[test]
        fn no_check_minds_what_it_is_given(secret: Vec<u8>, group: Vec<u8>, captured: bool) {
            for kind in CheckKind::ALL {
                of(kind).run(&secret, &|_| captured.then_some(&group[..]));
            }
        }
    }
}
