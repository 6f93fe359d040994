//! From a private scalar to its public point, on the curves that keys use.

use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::montgomery::MontgomeryPoint;
use p256::elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use p256::elliptic_curve::{AffinePoint, CurveArithmetic, FieldBytesSize, SecretKey};
use sha2::{Digest as _, Sha512};

use super::integer;

const LENGTH: &str = "the key has not the length of its curve";

/// A named Weierstrass curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    P192,
    P224,
    P256,
    P384,
    P521,
    Secp256k1,
}

impl Curve {
    /// The curve of an object identifier, in dotted form.
    pub(super) fn from_oid(oid: &str) -> Option<Self> {
        Some(match oid {
            "1.2.840.10045.3.1.1" => Self::P192,
            "1.3.132.0.33" => Self::P224,
            "1.2.840.10045.3.1.7" => Self::P256,
            "1.3.132.0.34" => Self::P384,
            "1.3.132.0.35" => Self::P521,
            "1.3.132.0.10" => Self::Secp256k1,
            _ => return None,
        })
    }

    /// The curve that SSH (`nistp256`) or a JSON Web Key (`P-256`) calls so.
    pub(super) fn from_name(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"nistp256" | b"P-256" => Self::P256,
            b"nistp384" | b"P-384" => Self::P384,
            b"nistp521" | b"P-521" => Self::P521,
            b"secp256k1" | b"P-256K" => Self::Secp256k1,
            _ => return None,
        })
    }

    /// The name people use, such as `P-256`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::P192 => "P-192",
            Self::P224 => "P-224",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Secp256k1 => "secp256k1",
        }
    }

    /// The name in SSH keys, for the curves that SSH has.
    pub(super) fn ssh_name(self) -> Option<&'static str> {
        match self {
            Self::P256 => Some("nistp256"),
            Self::P384 => Some("nistp384"),
            Self::P521 => Some("nistp521"),
            Self::P192 | Self::P224 | Self::Secp256k1 => None,
        }
    }

    /// Bytes of a coordinate and of a scalar.
    fn length(self) -> usize {
        match self {
            Self::P192 => 24,
            Self::P224 => 28,
            Self::P256 | Self::Secp256k1 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// The public point of `scalar` in the uncompressed form of SEC 1; `None` on a curve that is not computed here.
    fn point(self, scalar: &[u8]) -> Result<Option<Vec<u8>>, &'static str> {
        let scalar = integer::trimmed(scalar);
        if scalar.is_empty() || scalar.len() > self.length() {
            return Err(LENGTH);
        }
        let scalar = [&vec![0; self.length() - scalar.len()], scalar].concat();
        match self {
            Self::P192 | Self::P224 => return Ok(None),
            Self::P256 => point::<p256::NistP256>(&scalar),
            Self::P384 => point::<p384::NistP384>(&scalar),
            Self::P521 => point::<p521::NistP521>(&scalar),
            Self::Secp256k1 => point::<k256::Secp256k1>(&scalar),
        }
        .map(Some)
    }

    /// Holds a scalar against the public point beside it, compressed or not. Gives the uncompressed point; `None` when
    /// the curve is not computed here.
    pub(super) fn pair(self, scalar: &[u8], public: Option<&[u8]>) -> Result<Option<Vec<u8>>, &'static str> {
        let point = self.point(scalar)?;
        let same = |point: &[u8]| match public {
            None => true,
            Some([sign @ (2 | 3), x @ ..]) => {
                x == &point[1..=self.length()] && sign & 1 == point[point.len() - 1] & 1
            }
            Some(public) => public == point,
        };
        if point.as_deref().is_none_or(same) { Ok(point) } else { Err(OTHER_PUBLIC) }
    }
}

const OTHER_PUBLIC: &str = "the public key is not that of the private one";

fn point<C>(scalar: &[u8]) -> Result<Vec<u8>, &'static str>
where
    C: CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let key =
        SecretKey::<C>::from_slice(scalar).map_err(|_| "the key is not below the order of its curve")?;
    Ok(key.public_key().as_affine().to_sec1_point(false).as_bytes().to_vec())
}

/// Holds the seed of an Ed25519 key (RFC 8032) against the public key beside it; gives the public key.
pub(super) fn ed25519(seed: &[u8], public: Option<&[u8]>) -> Result<Vec<u8>, &'static str> {
    let seed: &[u8; 32] = seed.try_into().map_err(|_| LENGTH)?;
    let half = Sha512::digest(seed);
    let half = half.first_chunk().expect("SHA-512 gives 64 bytes");
    matching(seed, EdwardsPoint::mul_base_clamped(*half).compress().to_bytes(), public)
}

/// The same for X25519 (RFC 7748).
pub(super) fn x25519(scalar: &[u8], public: Option<&[u8]>) -> Result<Vec<u8>, &'static str> {
    let scalar: &[u8; 32] = scalar.try_into().map_err(|_| LENGTH)?;
    matching(scalar, MontgomeryPoint::mul_base_clamped(*scalar).to_bytes(), public)
}

fn matching(secret: &[u8; 32], computed: [u8; 32], public: Option<&[u8]>) -> Result<Vec<u8>, &'static str> {
    if *secret == [0; 32] {
        Err("the key is nothing but zeros")
    } else if public.is_some_and(|public| public != computed) {
        Err(OTHER_PUBLIC)
    } else {
        Ok(computed.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        text.as_bytes()
            .chunks(2)
            .map(|two| u8::from_str_radix(str::from_utf8(two).unwrap(), 16).unwrap())
            .collect()
    }

    #[test]
    fn points_are_those_of_the_standards() {
        // The scalar 1 gives the generator: SEC 2 for secp256k1, FIPS 186 for the others.
        for (curve, x) in [
            (Curve::P256, "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
            (Curve::Secp256k1, "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
            (
                Curve::P384,
                "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
            ),
            (
                Curve::P521,
                "00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
            ),
        ] {
            let point = curve.pair(&[1], None).unwrap().unwrap();
            assert_eq!(point.len(), 1 + 2 * curve.length());
            assert_eq!(point[1..=curve.length()], hex(x), "{curve:?}");
            let sign = 2 | point[2 * curve.length()] & 1;
            let compressed = [&[sign], &point[1..=curve.length()]].concat();
            assert!(curve.pair(&[1], Some(&compressed)).is_ok());
            assert!(curve.pair(&[1], Some(&point)).is_ok());
            assert!(curve.pair(&[0, 0, 2], Some(&point)).is_err());
            let turned = [&[sign ^ 1], &point[1..=curve.length()]].concat();
            assert!(curve.pair(&[1], Some(&turned)).is_err());
            assert!(curve.pair(&[1], Some(&point[..40])).is_err());
            assert!(curve.pair(&[], None).is_err());
            assert!(curve.pair(&[0; 32], None).is_err());
            assert!(curve.pair(&vec![0xff; curve.length()], None).is_err(), "above the order");
            assert!(curve.pair(&vec![1; curve.length() + 1], None).is_err());
        }
    }

    #[test]
    fn public_keys_are_those_of_others() {
        // RFC 8032 section 7.1, first test; the other computed with OpenSSL.
        let seed = hex(&["9d61b19deffd5a60ba844af492ec2cc4", "4449c5697b326919703bac031cae7f60"].concat());
        let public = hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        assert_eq!(ed25519(&seed, None), Ok(public.clone()));
        assert!(ed25519(&seed, Some(&public)).is_ok());
        assert!(ed25519(&seed, Some(&seed)).is_err());
        assert!(ed25519(&seed[1..], None).is_err());
        assert!(ed25519(&[0; 32], None).is_err());
        let scalar = hex(&["77076d0a7318a57d3c16c17251b26645", "df4c2f92ebc099 2ac177fba51db92c2a"]
            .concat()
            .replace(' ', ""));
        let public = hex("f8a9535a2d2ff605e8e144d54f4ef5c62313a2055dbb21fddd3fd9c299eb015d");
        assert_eq!(x25519(&scalar, Some(&public)), Ok(public));
    }
}
