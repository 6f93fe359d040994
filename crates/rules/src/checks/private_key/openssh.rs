//! Reads OpenSSH's own private keys (`PROTOCOL.key` in the OpenSSH sources).

use super::description::Description;
use super::integer;
use super::ssh_wire::{self, Wire};

const MAGIC: &[u8] = b"openssh-key-v1\0";
const TRUNCATED: &str = "the OpenSSH key is cut off or damaged";

/// Reads the decoded body of an `OPENSSH PRIVATE KEY` block.
pub(super) fn read(body: &[u8]) -> Result<Description, &'static str> {
    let mut wire = Wire(body.strip_prefix(MAGIC).ok_or("the block holds no OpenSSH key")?);
    let [cipher, kdf, _options] = wire.strings().ok_or(TRUNCATED)?;
    if wire.number().ok_or(TRUNCATED)? != 1 {
        return Err("the OpenSSH block does not hold one key");
    }
    let [public, private] = wire.strings().ok_or(TRUNCATED)?;
    let key_type = ssh_wire::key_type(public).ok_or("the public half of the OpenSSH key is damaged")?;
    let public_bytes = Some(public.to_vec());
    if cipher != b"none" {
        if kdf == b"none" || private.len() < 32 || !private.len().is_multiple_of(8) {
            return Err("the sealed half of the OpenSSH key is damaged");
        }
        return Ok(Description::encrypted(Some(key_type)).with_public(public_bytes));
    }
    let mut private = Wire(private);
    if private.number().ok_or(TRUNCATED)? != private.number().ok_or(TRUNCATED)? {
        return Err("the check numbers of the OpenSSH key differ");
    }
    let proved = consistent(private, public).ok_or(TRUNCATED)??;
    Ok(Description { proved, ..Description::clear(key_type).with_public(public_bytes) })
}

/// Whether the private fields belong to the public ones; `Ok(false)` for kinds not known here. The comment that follows
/// is personal and not read.
fn consistent(mut private: Wire<'_>, public: &[u8]) -> Option<Result<bool, &'static str>> {
    let mut public = Wire(public);
    let name = private.string()?;
    if name != public.string()? {
        return Some(Err("the halves of the OpenSSH key are of different kinds"));
    }
    let same = match name {
        b"ssh-ed25519" => {
            let [point, pair] = private.strings()?;
            point.len() == 32 && pair.len() == 64 && pair.ends_with(point) && public.string()? == point
        }
        b"ssh-rsa" => {
            let [modulus, exponent, _d, _inverse, p, q] = private.strings()?;
            if let Err(why) = integer::rsa(modulus, p, q) {
                return Some(Err(why));
            }
            public.strings()? == [exponent, modulus]
        }
        b"ssh-dss" => {
            let [p, q, g, y, _x] = private.strings()?;
            public.strings()? == [p, q, g, y]
        }
        name if name.starts_with(b"ecdsa-sha2-") => {
            let [curve, point, _d] = private.strings()?;
            public.strings()? == [curve, point]
        }
        _ => return Some(Ok(false)),
    };
    Some(if same { Ok(true) } else { Err("the halves of the OpenSSH key differ") })
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, openssh, openssh_ed25519_private, openssh_rsa};
    use super::super::ssh_wire::{ed25519_public, rsa_public};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_halves_must_belong_together() {
        let point = sample::q();
        let (public, private) = (ed25519_public(&point), openssh_ed25519_private(&point));
        let key = read(&openssh("none", [5, 5], &public, &private));
        assert_eq!(key, Ok(Description::clear("Ed25519").with_public(Some(public.clone()))));
        assert!(read(&openssh("none", [5, 6], &public, &private)).is_err());
        assert!(read(&openssh("none", [5, 5], &ed25519_public(&[1; 32]), &private)).is_err());
        assert!(read(&openssh("none", [5, 5], &rsa_public(&sample::modulus(), &[3]), &private)).is_err());

        let (public, private) = openssh_rsa(&sample::modulus());
        let key = read(&openssh("none", [5, 5], &public, &private));
        assert_eq!(key, Ok(Description::clear("RSA 512").with_public(Some(public))));
        let (public, private) = openssh_rsa(&[0xff; 64]);
        assert!(read(&openssh("none", [5, 5], &public, &private)).is_err());
    }

    #[test]
    fn a_sealed_key_still_tells_its_public_half() {
        let public = ed25519_public(&sample::q());
        let key = read(&openssh("aes256-ctr", [1, 2], &public, &[0x3c; 64]));
        assert_eq!(
            key,
            Ok(Description::encrypted(Some("Ed25519".to_owned())).with_public(Some(public.clone())))
        );
        let cut = openssh("aes256-ctr", [1, 2], &public, &[]);
        assert!(read(&cut).is_err());
    }

    #[test]
    fn unknown_kinds_are_plausible() {
        let mut public = Vec::new();
        ssh_wire::write_string(&mut public, b"ssh-new@example");
        let key = read(&openssh("none", [5, 5], &public, &public)).unwrap();
        assert!(!key.proved);
    }

    #[test]
    fn every_truncation_is_refused() {
        let key = sample::openssh_ed25519();
        for length in 0..key.len() {
            assert!(read(&key[..length]).is_err(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(body: Vec<u8>, private: Vec<u8>) {
            drop(read(&[MAGIC, &body].concat()));
            drop(read(&openssh("none", [5, 5], &ed25519_public(&[1; 32]), &private)));
        }
    }
}
