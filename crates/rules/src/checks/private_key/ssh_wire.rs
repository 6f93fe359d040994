//! Reads and writes the fields of SSH keys (RFC 4251 section 5).

use super::integer;

/// Takes fields off the front of some bytes.
#[derive(Clone, Copy)]
pub(super) struct Wire<'a>(pub(super) &'a [u8]);

impl<'a> Wire<'a> {
    /// A 32-bit number.
    pub(super) fn number(&mut self) -> Option<u32> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*bytes))
    }

    /// Bytes after their length.
    pub(super) fn string(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    /// As many strings as asked for; integers are read this way too.
    pub(super) fn strings<const N: usize>(&mut self) -> Option<[&'a [u8]; N]> {
        let mut strings = [&self.0[..0]; N];
        for string in &mut strings {
            *string = self.string()?;
        }
        Some(strings)
    }
}

/// Writes a string.
pub(super) fn write_string(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).expect("a field of a key is far below 4 GiB");
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}

/// Writes a positive integer given as big-endian bytes.
pub(super) fn write_integer(out: &mut Vec<u8>, bytes: &[u8]) {
    let bytes = integer::trimmed(bytes);
    let sign: &[u8] = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { &[0] } else { &[] };
    write_string(out, &[sign, bytes].concat());
}

/// An RSA public key.
pub(super) fn rsa_public(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let mut public = Vec::new();
    write_string(&mut public, b"ssh-rsa");
    write_integer(&mut public, exponent);
    write_integer(&mut public, modulus);
    public
}

/// A DSA public key of the numbers p, q, g and y.
pub(super) fn dsa_public(numbers: [&[u8]; 4]) -> Vec<u8> {
    let mut public = Vec::new();
    write_string(&mut public, b"ssh-dss");
    for number in numbers {
        write_integer(&mut public, number);
    }
    public
}

/// An Ed25519 public key.
pub(super) fn ed25519_public(point: &[u8]) -> Vec<u8> {
    let mut public = Vec::new();
    write_string(&mut public, b"ssh-ed25519");
    write_string(&mut public, point);
    public
}

/// An ECDSA public key; `curve` is such as `nistp256`.
pub(super) fn ecdsa_public(curve: &str, point: &[u8]) -> Vec<u8> {
    let mut public = Vec::new();
    write_string(&mut public, format!("ecdsa-sha2-{curve}").as_bytes());
    write_string(&mut public, curve.as_bytes());
    write_string(&mut public, point);
    public
}

/// Names a public key such as `RSA 2048`; a kind that is not known here keeps its SSH name.
pub(super) fn key_type(public: &[u8]) -> Option<String> {
    let mut wire = Wire(public);
    Some(match wire.string()? {
        b"ssh-rsa" => {
            let [_exponent, modulus] = wire.strings()?;
            integer::rsa_size(modulus).ok()?
        }
        b"ssh-dss" => format!("DSA {}", integer::bits(wire.string()?)),
        b"ssh-ed25519" => "Ed25519".to_owned(),
        b"ssh-ed448" => "Ed448".to_owned(),
        name => match name.strip_prefix(b"ecdsa-sha2-nistp") {
            Some(bits) => format!("EC P-{}", str::from_utf8(bits).ok()?),
            None => str::from_utf8(name).ok()?.to_owned(),
        },
    })
}
