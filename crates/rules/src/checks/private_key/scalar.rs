//! Checks private keys that are written as a bare scalar: WireGuard's and those of Web Push (VAPID).

use base64::Engine as _;

use super::block::{BASE64, URL_SAFE};
use super::curve::{self, Curve};
use crate::checks::{CheckVerdict, Fact};

/// Judges a WireGuard key: 32 bytes in base64. Proved when its bits are set as `wg genkey` sets them (RFC 7748 section 5);
/// facts: `key type`, `public key`.
pub(crate) fn wireguard(text: &[u8]) -> CheckVerdict {
    let key = BASE64.decode(text).map_err(|_| "the key is not base64");
    let public = key.as_ref().map_err(|why| *why).and_then(|key| curve::x25519(key, None));
    match (key, public) {
        (Ok(key), Ok(public)) => {
            let facts = vec![Fact::new("key type", "X25519"), Fact::new("public key", BASE64.encode(public))];
            let clamped = key[0].trailing_zeros() >= 3 && key[31] & 0xc0 == 0x40;
            if clamped { CheckVerdict::Proved(facts) } else { CheckVerdict::Plausible(facts) }
        }
        (_, Err(why)) | (Err(why), _) => CheckVerdict::Invalid(why),
    }
}

/// Judges the private key of a VAPID pair (RFC 8292): a P-256 scalar in base64url. Nearly any 32 bytes are one, so it is
/// proved by a public key beside it only; facts: `key type`, `public key`.
pub(crate) fn vapid(text: &[u8], beside: Option<&[u8]>) -> CheckVerdict {
    let key = URL_SAFE.decode(text).map_err(|_| "the key is not base64url");
    match key.and_then(|key| {
        if key.len() == 32 { Curve::P256.pair(&key, None) } else { Err("the key has not 32 bytes") }
    }) {
        Ok(point) => {
            let public = URL_SAFE.encode(point.unwrap_or_default());
            let is_pair = beside.map(|beside| beside == public.as_bytes());
            let facts = vec![Fact::new("key type", "EC P-256"), Fact::new("public key", public)];
            match is_pair {
                Some(true) => CheckVerdict::Proved(facts),
                Some(false) => CheckVerdict::Invalid("the public key beside it is another key's"),
                None => CheckVerdict::Plausible(facts),
            }
        }
        Err(why) => CheckVerdict::Invalid(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wireguard_keys_have_their_bits_set() {
        let mut key = [0x5a; 32];
        assert!(matches!(wireguard(BASE64.encode(key).as_bytes()), CheckVerdict::Plausible(_)));
        key[0] &= 0xf8;
        let CheckVerdict::Proved(facts) = wireguard(BASE64.encode(key).as_bytes()) else { panic!() };
        assert_eq!(facts[1].value.len(), 44);
        for bad in [&key[1..], &[0; 32], &[]] {
            assert!(matches!(wireguard(BASE64.encode(bad).as_bytes()), CheckVerdict::Invalid(_)));
        }
    }

    #[test]
    fn vapid_keys_tell_their_public_half() {
        let CheckVerdict::Plausible(facts) = vapid(URL_SAFE.encode([0x6b; 32]).as_bytes(), None) else {
            panic!()
        };
        assert_eq!(facts[1].value.len(), 87);
        for bad in [&[0x6b; 31][..], &[0xff; 32], &[0; 32]] {
            assert!(matches!(vapid(URL_SAFE.encode(bad).as_bytes(), None), CheckVerdict::Invalid(_)));
        }
    }

    #[test]
    fn a_vapid_key_is_proved_by_its_public_half_and_no_other() {
        let private = |byte: u8| URL_SAFE.encode([byte; 32]);
        let public = |byte: u8| {
            let CheckVerdict::Plausible(facts) = vapid(private(byte).as_bytes(), None) else { panic!() };
            facts[1].value.clone()
        };
        let judged = |byte, beside: &str| vapid(private(byte).as_bytes(), Some(beside.as_bytes()));
        assert!(matches!(judged(0x6b, &public(0x6b)), CheckVerdict::Proved(_)));
        for other in [&public(0x6c), "", &public(0x6b)[..86]] {
            assert!(matches!(judged(0x6b, other), CheckVerdict::Invalid(_)), "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(text: Vec<u8>, bytes: Vec<u8>) {
            wireguard(&text);
            vapid(&text, None);
            wireguard(BASE64.encode(&bytes).as_bytes());
            vapid(URL_SAFE.encode(&bytes).as_bytes(), Some(&text));
        }
    }
}
