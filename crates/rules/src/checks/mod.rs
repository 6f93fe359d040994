//! Structural checks: a closed set, one a file, each pure and offline.
//!
//! A check sees the bytes of one match and says whether its structure holds. It never sees the network, the clock or
//! the rule it is run for.

mod aws_account;
mod crc32_base62;
mod gcp_service_account;
mod jwt;
mod key_store;
mod kind;
mod object_fields;
mod private_key;
mod tink_keyset;
mod verdict;

pub use kind::CheckKind;
pub use verdict::{CheckVerdict, Fact};

impl CheckKind {
    /// Runs the check on the bytes of the secret; `captures` gives the rule's named groups.
    ///
    /// `crc32-base62` reads the groups `body` and `check` instead of the whole secret.
    pub fn run<'t>(self, secret: &'t [u8], captures: &dyn Fn(&str) -> Option<&'t [u8]>) -> CheckVerdict {
        match self {
            Self::Crc32Base62 => match (captures("body"), captures("check")) {
                (Some(body), Some(sum)) => crc32_base62::check(body, sum),
                _ => CheckVerdict::Invalid("the rule captures no `body` and `check`"),
            },
            Self::Jwt => jwt::check(secret),
            Self::PrivateKey => private_key::check(secret),
            Self::AwsAccount => aws_account::check(secret),
            Self::GcpServiceAccount => gcp_service_account::check(secret),
            Self::Jwk => private_key::jwk::check(secret),
            Self::TinkKeyset => tink_keyset::check(secret),
            Self::NkeySeed => private_key::nkey::check(secret),
            Self::WireguardKey => private_key::scalar::wireguard(secret),
            Self::VapidKey => private_key::scalar::vapid(secret),
            Self::KeyStore => key_store::check(secret),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_own_name() {
        for kind in CheckKind::ALL {
            assert_eq!(CheckKind::from_name(kind.as_str()), Some(kind));
        }
        assert_eq!(CheckKind::from_name("crc32"), None);
    }

    #[test]
    fn a_checksum_is_read_from_the_captures_not_from_the_secret() {
        let sum = crc32_base62::encode(crc32fast::hash(b"body"));
        let given = |name: &str| match name {
            "body" => Some(&b"body"[..]),
            "check" => Some(&sum[..]),
            _ => None,
        };
        assert_eq!(CheckKind::Crc32Base62.run(b"", &given), CheckVerdict::Proved(Vec::new()));
        let missing = CheckKind::Crc32Base62.run(b"body", &|name| (name == "body").then_some(&b"body"[..]));
        assert!(matches!(missing, CheckVerdict::Invalid(_)));
    }
}
