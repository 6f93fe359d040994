//! Checks JSON Web Keys with a private part (RFC 7517, RFC 7518 section 6, RFC 8037).

use base64::Engine as _;

use super::block::{URL_SAFE, plain};
use super::curve::{self, Curve};
use super::description::Description;
use super::integer::{self, Rsa};
use super::ssh_wire;
use crate::checks::object_fields::Fields;
use crate::checks::{CheckVerdict, Fact};

/// Judges one object; facts: `key type`, `encrypted`, `fingerprint`, `key id`, `algorithm`.
pub(crate) fn check(text: &[u8]) -> CheckVerdict {
    let text = plain(text);
    let fields = Fields::read(&text);
    let key = match fields.get("kty") {
        Some(b"RSA") => rsa(&fields),
        Some(b"EC") => elliptic(&fields),
        Some(b"OKP") => octet_pair(&fields),
        Some(b"oct") => symmetric(&fields),
        _ => Err("the JSON Web Key is of no known type"),
    };
    let named = |fact, name| {
        let text = String::from_utf8_lossy(fields.get(name)?).into_owned();
        Some(Fact::of_text(fact, &text))
    };
    match key.map(Description::into_verdict) {
        Ok(CheckVerdict::Proved(mut facts)) => {
            facts.extend(named("key id", "kid").into_iter().chain(named("algorithm", "alg")));
            CheckVerdict::Proved(facts)
        }
        Ok(verdict) => verdict,
        Err(why) => CheckVerdict::Invalid(why),
    }
}

/// A field's bytes; an error when it is there and not base64.
fn bytes(fields: &Fields<'_>, name: &str) -> Result<Option<Vec<u8>>, &'static str> {
    let decoded = fields.get(name).map(|value| URL_SAFE.decode(value));
    decoded.transpose().map_err(|_| "a number of the JSON Web Key is not base64url")
}

fn needed(fields: &Fields<'_>, name: &str) -> Result<Vec<u8>, &'static str> {
    bytes(fields, name)?.filter(|bytes| !bytes.is_empty()).ok_or("the JSON Web Key lacks a number")
}

fn rsa(fields: &Fields<'_>) -> Result<Description, &'static str> {
    let (modulus, exponent, d) = (needed(fields, "n")?, needed(fields, "e")?, needed(fields, "d")?);
    let public = Some(ssh_wire::rsa_public(&modulus, &exponent));
    if let (Some(p), Some(q)) = (bytes(fields, "p")?, bytes(fields, "q")?) {
        let key = Rsa { modulus: &modulus, exponent: &exponent, d: &d, p: &p, q: &q };
        return Ok(Description::clear(key.consistent()?).with_public(public));
    }
    // Without the primes nothing cheap ties the numbers together.
    let size = integer::rsa_size(&modulus)?;
    if integer::bits(&d) > integer::bits(&modulus) || integer::bits(&d) < 128 {
        return Err("the private number of the JSON Web Key does not fit its modulus");
    }
    Ok(Description { proved: false, ..Description::clear(size).with_public(public) })
}

fn elliptic(fields: &Fields<'_>) -> Result<Description, &'static str> {
    let d = needed(fields, "d")?;
    let name = fields.get("crv").ok_or("the JSON Web Key names no curve")?;
    let Some(curve) = Curve::from_name(name) else {
        let name = String::from_utf8_lossy(name);
        return Ok(Description { proved: false, ..Description::clear(format!("EC {name}")) });
    };
    let public = match (bytes(fields, "x")?, bytes(fields, "y")?) {
        (Some(x), Some(y)) => Some([&[4], &x[..], &y].concat()),
        _ => None,
    };
    let point = curve.pair(&d, public.as_deref())?;
    let wire = curve.ssh_name().zip(point).map(|(name, point)| ssh_wire::ecdsa_public(name, &point));
    let key = Description::clear(format!("EC {}", curve.name())).with_public(wire);
    Ok(Description { proved: public.is_some(), ..key })
}

fn octet_pair(fields: &Fields<'_>) -> Result<Description, &'static str> {
    let (d, x) = (needed(fields, "d")?, bytes(fields, "x")?);
    let key = match fields.get("crv").unwrap_or_default() {
        b"Ed25519" => {
            let public = curve::ed25519(&d, x.as_deref())?;
            Description::clear("Ed25519").with_public(Some(ssh_wire::ed25519_public(&public)))
        }
        b"X25519" => {
            curve::x25519(&d, x.as_deref())?;
            Description::clear("X25519")
        }
        b"Ed448" if d.len() == 57 => Description { proved: false, ..Description::clear("Ed448") },
        b"X448" if d.len() == 56 => Description { proved: false, ..Description::clear("X448") },
        _ => return Err("the JSON Web Key is on no known curve"),
    };
    Ok(Description { proved: key.proved && x.is_some(), ..key })
}

fn symmetric(fields: &Fields<'_>) -> Result<Description, &'static str> {
    let bits = needed(fields, "k")?.len() * 8;
    if bits < 128 {
        return Err("the symmetric JSON Web Key is shorter than any cipher's");
    }
    Ok(Description { proved: false, ..Description::clear(format!("symmetric {bits}")) })
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn coded(bytes: &[u8]) -> String {
        URL_SAFE.encode(bytes)
    }

    fn rsa() -> Value {
        json!({
            "kty": "RSA", "kid": "key: 1", "alg": "RS256", "e": "AQAB",
            "n": coded(&sample::modulus()), "d": coded(&sample::d()),
            "p": coded(&sample::p()), "q": coded(&sample::q()),
        })
    }

    fn elliptic() -> Value {
        let point = Curve::P256.pair(&[0x6b; 32], None).unwrap().unwrap();
        let (x, y) = (coded(&point[1..33]), coded(&point[33..]));
        json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "d": coded(&[0x6b; 32]) })
    }

    fn pair() -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "x": coded(&sample::point()), "d": coded(&sample::SEED) })
    }

    fn proved(text: &str) -> bool {
        matches!(check(text.as_bytes()), CheckVerdict::Proved(_))
    }

    #[test]
    fn keys_are_proved_by_their_numbers() {
        for key in [rsa(), elliptic(), pair()] {
            let text = key.to_string();
            assert!(proved(&text), "{text}");
            assert!(proved(&text.replace('"', "\\\"")), "inside a string: {text}");
            assert!(proved(&text.replace('"', "'")), "as source code: {text}");
            for field in ["n", "e", "x", "y", "p"] {
                if let Some(value) = key[field].as_str() {
                    let mut other = key.clone();
                    other[field] =
                        json!(value.replacen(&value[2..3], if &value[2..3] == "7" { "8" } else { "7" }, 1));
                    assert!(!proved(&other.to_string()), "{field} changed: {other}");
                }
            }
            let mut without = key.clone();
            without.as_object_mut().unwrap().remove("d");
            assert!(matches!(check(without.to_string().as_bytes()), CheckVerdict::Invalid(_)), "{without}");
        }
        let CheckVerdict::Proved(facts) = check(rsa().to_string().as_bytes()) else { panic!() };
        assert!(facts.contains(&Fact::new("key id", "key: 1")));
    }

    #[test]
    fn what_cannot_be_computed_is_plausible() {
        let mut few = rsa();
        few.as_object_mut().unwrap().remove("p");
        let symmetric = json!({ "kty": "oct", "k": coded(&[9; 32]) });
        for key in [few, symmetric] {
            assert!(matches!(check(key.to_string().as_bytes()), CheckVerdict::Plausible(_)), "{key}");
        }
        let short = json!({ "kty": "oct", "k": coded(&[9; 8]) });
        assert!(matches!(check(short.to_string().as_bytes()), CheckVerdict::Invalid(_)));
    }

    proptest! {
        #[test]
        fn any_bytes_and_truncations_are_answered(text: Vec<u8>, at: prop::sample::Index) {
            check(&text);
            for key in [rsa(), elliptic(), pair()] {
                let key = key.to_string();
                check(&key.as_bytes()[..at.index(key.len())]);
            }
        }
    }
}
