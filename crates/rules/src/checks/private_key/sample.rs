//! Test only: private keys of every format, assembled from their fields.
//!
//! No key here can be used: the RSA "primes" are 2^256 + 1 and a pattern, so that the modulus is the pattern twice and
//! needs no arithmetic to write down.

use base64::Engine as _;

use super::block::BASE64;
use super::curve;
use super::ssh_wire::{ed25519_public, rsa_public, write_integer, write_string};

pub(in crate::checks) const INTEGER: u8 = 0x02;
pub(in crate::checks) const BITS: u8 = 0x03;
pub(in crate::checks) const OCTETS: u8 = 0x04;
pub(in crate::checks) const OID: u8 = 0x06;
pub(in crate::checks) const SEQUENCE: u8 = 0x30;

/// 2^256 + 1.
pub(in crate::checks) fn p() -> Vec<u8> {
    [&[1][..], &[0; 31], &[1]].concat()
}

/// 32 bytes with the highest bit set.
pub(in crate::checks) fn q() -> Vec<u8> {
    (0..32).map(|at| 0xe5_u8.wrapping_sub(at * 7)).collect()
}

/// `p() * q()`.
pub(in crate::checks) fn modulus() -> Vec<u8> {
    [q(), q()].concat()
}

/// The inverse of 65537 modulo `p() - 1` and `q() - 1`.
pub(in crate::checks) fn d() -> Vec<u8> {
    let high = "3b59ab0d3c5aac0e3d5bad0f3e5cae103f5daf11405eb012415fb1134260b213";
    let bytes =
        high.as_bytes().chunks(2).map(|two| u8::from_str_radix(str::from_utf8(two).unwrap(), 16).unwrap());
    bytes.chain([0xff, 0xff, 0, 0].repeat(7)).chain([0xff, 0xff, 0, 1]).collect()
}

/// A DER sequence of an elliptic key (SEC 1) of `length` bytes; `fields` are whole DER values.
pub(in crate::checks) fn sec1(length: usize, fields: &[Vec<u8>]) -> Vec<u8> {
    sequence(&[integer(&[1]), tlv(OCTETS, &vec![0x6b; length]), fields.concat()])
}

/// One DER value.
pub(in crate::checks) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    if content.len() < 128 {
        out.push(u8::try_from(content.len()).unwrap());
    } else {
        let length = content.len().to_be_bytes();
        let length = &length[length.iter().take_while(|&&byte| byte == 0).count()..];
        out.push(0x80 + u8::try_from(length.len()).unwrap());
        out.extend_from_slice(length);
    }
    out.extend_from_slice(content);
    out
}

/// A positive DER integer.
pub(in crate::checks) fn integer(bytes: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if bytes[0] & 0x80 == 0 { &[] } else { &[0] };
    tlv(INTEGER, &[sign, bytes].concat())
}

/// A DER sequence.
pub(in crate::checks) fn sequence(fields: &[Vec<u8>]) -> Vec<u8> {
    tlv(SEQUENCE, &fields.concat())
}

/// An RSA key in PKCS#1 with these primes.
pub(in crate::checks) fn pkcs1_of(modulus: &[u8], p: &[u8], q: &[u8]) -> Vec<u8> {
    let numbers = [&[0][..], modulus, &[1, 0, 1], &d(), p, q, &[3], &[5], &[7]];
    sequence(&numbers.map(integer))
}

/// A sound RSA key in PKCS#1.
pub(in crate::checks) fn pkcs1() -> Vec<u8> {
    pkcs1_of(&modulus(), &p(), &q())
}

/// A key in PKCS#8; `parameters` and `rest` are whole DER values or nothing.
pub(in crate::checks) fn pkcs8(oid: &[u8], parameters: &[u8], key: &[u8], rest: &[u8]) -> Vec<u8> {
    let algorithm = sequence(&[tlv(OID, oid), parameters.to_vec()]);
    sequence(&[integer(&[0]), algorithm, tlv(OCTETS, key), rest.to_vec()])
}

/// An OpenSSH key file of the given halves; the private half lacks its check numbers.
pub(in crate::checks) fn openssh(cipher: &str, checks: [u32; 2], public: &[u8], private: &[u8]) -> Vec<u8> {
    let mut out = b"openssh-key-v1\0".to_vec();
    write_string(&mut out, cipher.as_bytes());
    write_string(&mut out, if cipher == "none" { b"none" } else { b"bcrypt" });
    write_string(&mut out, b"");
    out.extend_from_slice(&1_u32.to_be_bytes());
    write_string(&mut out, public);
    let mut sealed = checks.map(u32::to_be_bytes).concat();
    sealed.extend_from_slice(private);
    write_string(&mut sealed, b"jane@host");
    let padding = (8 - sealed.len() % 8) % 8;
    sealed.extend((1..=8).take(padding));
    write_string(&mut out, &sealed);
    out
}

/// A sound Ed25519 key of OpenSSH.
pub(in crate::checks) fn openssh_ed25519() -> Vec<u8> {
    openssh("none", [77, 77], &ed25519_public(&point()), &openssh_ed25519_private(&point()))
}

/// The public point of [`SEED`].
pub(in crate::checks) fn point() -> Vec<u8> {
    curve::ed25519(&SEED, None).unwrap()
}

/// The seed of every Ed25519 key here.
pub(in crate::checks) const SEED: [u8; 32] = [0x5a; 32];

/// The private half that goes with the point.
pub(in crate::checks) fn openssh_ed25519_private(point: &[u8]) -> Vec<u8> {
    let mut private = ed25519_public(point);
    write_string(&mut private, &[&SEED, point].concat());
    private
}

/// The halves of an RSA key of OpenSSH.
pub(in crate::checks) fn openssh_rsa(modulus: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut private = Vec::new();
    write_string(&mut private, b"ssh-rsa");
    for number in [modulus, &[1, 0, 1], &d(), &[7], &p(), &q()] {
        write_integer(&mut private, number);
    }
    (rsa_public(modulus, &[1, 0, 1]), private)
}

/// An PGP packet in the new format.
pub(in crate::checks) fn pgp_packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[0xc0 | tag, 255], &length[..], body].concat()
}

/// The body of an PGP RSA key packet of version 4 up to how its secret half is kept.
pub(in crate::checks) fn pgp_public() -> Vec<u8> {
    let head = [&[4][..], &[0; 4], &[1]].concat();
    [head, pgp_number(&modulus()), pgp_number(&[1, 0, 1])].concat()
}

/// An PGP number.
pub(in crate::checks) fn pgp_number(bytes: &[u8]) -> Vec<u8> {
    let bits = u16::try_from(bytes.len() * 8).unwrap() - u16::try_from(bytes[0].leading_zeros()).unwrap();
    [&bits.to_be_bytes(), bytes].concat()
}

/// A sound PGP RSA key in the clear; `error` is added to its checksum.
pub(in crate::checks) fn pgp_rsa(error: u16) -> Vec<u8> {
    let secret = [pgp_number(&d()), pgp_number(&p()), pgp_number(&q()), pgp_number(&[7])].concat();
    let sum = secret.iter().fold(error, |sum, &byte| sum.wrapping_add(u16::from(byte)));
    pgp_packet(5, &[pgp_public(), vec![0], secret, sum.to_be_bytes().to_vec()].concat())
}

/// The body between BEGIN and END lines, 64 characters a line.
pub(in crate::checks) fn armored(label: &str, body: &[u8]) -> String {
    let coded = BASE64.encode(body);
    let lines: Vec<&str> = coded.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
    ["-----BEG", "IN ", label, "-----\n", &lines.join("\n"), "\n-----E", "ND ", label, "-----\n"].concat()
}
