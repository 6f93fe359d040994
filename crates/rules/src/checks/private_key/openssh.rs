//! Reads OpenSSH's own private keys (`PROTOCOL.key` in the OpenSSH sources).

use super::curve::{self, Curve};
use super::description::Description;
use super::integer::Rsa;
use super::ssh_wire::{self, Wire};

pub(super) const MAGIC: &[u8] = b"openssh-key-v1\0";
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
    let (proved, rest) = consistent(private, public).ok_or(TRUNCATED)??;
    let comment = Wire(rest).string().unwrap_or_default();
    let key = Description::clear(key_type).with_public(public_bytes);
    Ok(if proved { key.with_comment(comment) } else { Description { proved, ..key } })
}

/// Whether the private fields belong to the public ones, and what follows them: the comment. `false` for kinds not known
/// here.
type Consistent<'a> = Result<(bool, &'a [u8]), &'static str>;

/// `None` when a field is missing.
fn consistent<'a>(mut private: Wire<'a>, public: &[u8]) -> Option<Consistent<'a>> {
    let mut public = Wire(public);
    let name = private.string()?;
    if name != public.string()? {
        return Some(Err("the halves of the OpenSSH key are of different kinds"));
    }
    // Whether the halves are the same, and whether they were computed from each other.
    let (same, proved) = match name {
        b"ssh-ed25519" => {
            let [point, pair] = private.strings()?;
            let (seed, copy) = pair.split_at_checked(32)?;
            let pair = curve::ed25519(seed, Some(point)).map(|_| true);
            (copy == point && public.string()? == point, pair)
        }
        b"ssh-rsa" => {
            let [modulus, exponent, d, _inverse, p, q] = private.strings()?;
            let key = Rsa { modulus, exponent, d, p, q }.consistent().map(|_| true);
            (public.strings()? == [exponent, modulus], key)
        }
        b"ssh-dss" => {
            let [p, q, g, y, _x] = private.strings()?;
            (public.strings()? == [p, q, g, y], Ok(true))
        }
        name if name.starts_with(b"ecdsa-sha2-") => {
            let [curve, point, d] = private.strings()?;
            let pair = Curve::from_name(curve).map(|curve| curve.pair(d, Some(point)));
            (
                public.strings()? == [curve, point],
                pair.map_or(Ok(false), |pair| pair.map(|found| found.is_some())),
            )
        }
        _ => (true, Ok(false)),
    };
    Some(match proved {
        Ok(_) if !same => Err("the halves of the OpenSSH key differ"),
        proved => proved.map(|proved| (proved, private.0)),
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, openssh, openssh_ed25519_private, openssh_rsa};
    use super::super::ssh_wire::{ed25519_public, rsa_public};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_halves_must_belong_together() {
        let point = sample::point();
        let (public, private) = (ed25519_public(&point), openssh_ed25519_private(&point));
        let key = read(&openssh("none", [5, 5], &public, &private));
        let expected =
            Description::clear("Ed25519").with_public(Some(public.clone())).with_comment(b"jane@host");
        assert_eq!(key, Ok(expected));
        assert!(read(&openssh("none", [5, 6], &public, &private)).is_err());
        assert!(read(&openssh("none", [5, 5], &ed25519_public(&[1; 32]), &private)).is_err());
        assert!(read(&openssh("none", [5, 5], &rsa_public(&sample::modulus(), &[3]), &private)).is_err());
        let (public, private) = (ed25519_public(&[1; 32]), openssh_ed25519_private(&[1; 32]));
        assert!(read(&openssh("none", [5, 5], &public, &private)).is_err(), "another point than the seed's");

        let (public, private) = openssh_rsa(&sample::modulus());
        let key = read(&openssh("none", [5, 5], &public, &private));
        let expected = Description::clear("RSA 512").with_public(Some(public)).with_comment(b"jane@host");
        assert_eq!(key, Ok(expected));
        let (public, private) = openssh_rsa(&[0xff; 64]);
        assert!(read(&openssh("none", [5, 5], &public, &private)).is_err());
    }

    #[test]
    fn points_are_computed() {
        let point = Curve::P256.pair(&[0x6b; 32], None).unwrap().unwrap();
        for (d, sound) in [([0x6b; 32], true), ([0x6c; 32], false)] {
            let public = ssh_wire::ecdsa_public("nistp256", &point);
            let mut private = public.clone();
            ssh_wire::write_string(&mut private, &d);
            assert_eq!(read(&openssh("none", [5, 5], &public, &private)).is_ok_and(|key| key.proved), sound);
        }
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
