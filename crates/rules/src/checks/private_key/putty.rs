//! Reads PuTTY's private keys, versions 2 and 3 (PuTTY manual, appendix C).
//!
//! The MAC is not computed: it covers the comment and, when sealed, needs the passphrase.

use base64::Engine as _;
use bstr::ByteSlice as _;

use super::block::{BASE64, plain};
use super::curve::{self, Curve};
use super::description::Description;
use super::integer::Rsa;
use super::ssh_wire::{self, Wire};

/// What the first line of a PuTTY key starts with.
pub(super) const MAGIC: &[u8] = b"PuTTY-User-Key-File-";
/// More lines than any key has.
const MOST_LINES: usize = 4096;
const TRUNCATED: &str = "the PuTTY key is cut off or damaged";

/// Reads a whole PuTTY key file found in `text`.
pub(super) fn read(text: &[u8]) -> Result<Description, &'static str> {
    let text = plain(text);
    let start = text.find(MAGIC).ok_or("the block holds no PuTTY key")?;
    let mut lines = lines(&text, start);
    let (_, algorithm) = header(lines.next().ok_or(TRUNCATED)?).ok_or(TRUNCATED)?;

    let (mut encryption, mut public, mut private, mut sealed_by_mac) = (None, None, None, false);
    let mut comment = &b""[..];
    while let Some(line) = lines.next() {
        let Some((name, value)) = header(line) else { break };
        match name {
            b"Encryption" => encryption = Some(value),
            b"Comment" => comment = value,
            b"Public-Lines" => public = Some(base64_lines(&mut lines, value)?),
            b"Private-Lines" => private = Some(base64_lines(&mut lines, value)?),
            b"Private-MAC" | b"Private-Hash" => {
                sealed_by_mac = value.len() >= 40 && value.iter().all(u8::is_ascii_hexdigit);
                break;
            }
            _ => {}
        }
    }
    let (Some(encryption), Some(public), Some(private), true) = (encryption, public, private, sealed_by_mac)
    else {
        return Err(TRUNCATED);
    };
    if Wire(&public).string() != Some(algorithm) {
        return Err("the PuTTY key is not of the kind its first line names");
    }
    let key_type = ssh_wire::key_type(&public).ok_or("the public half of the PuTTY key is damaged")?;
    if encryption != b"none" {
        if private.len() < 16 || !private.len().is_multiple_of(16) {
            return Err("the sealed half of the PuTTY key is damaged");
        }
        return Ok(Description::encrypted(Some(key_type)).with_public(Some(public)).with_comment(comment));
    }
    let proved = consistent(algorithm, &public, &private)?;
    Ok(Description { proved, ..Description::clear(key_type).with_public(Some(public)).with_comment(comment) })
}

/// The lines from `start` on, without quotes and without the sign that stands before the first one: a comment's, a diff's.
/// What holds no letter or digit, such as the operator between two literals, is no line.
fn lines(text: &[u8], start: usize) -> impl Iterator<Item = &[u8]> {
    let line_start = text[..start].rfind_byte(b'\n').map_or(0, |at| at + 1);
    let before = text[line_start..start].trim_ascii();
    let sign = if before.iter().any(u8::is_ascii_alphanumeric) { &b""[..] } else { before };
    let quote = |c: char| c.is_ascii_whitespace() || "\"',".contains(c);
    text[start..]
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .map(move |line| line.strip_prefix(sign).unwrap_or(line).trim_with(quote))
        .filter(|line| line.iter().any(u8::is_ascii_alphanumeric))
}

/// `Name: value`.
fn header(line: &[u8]) -> Option<(&[u8], &[u8])> {
    line.split_once_str(":").map(|(name, value)| (name.trim_ascii(), value.trim_ascii()))
}

/// Takes as many lines as `count` says and decodes them.
fn base64_lines<'a>(
    lines: &mut impl Iterator<Item = &'a [u8]>,
    count: &[u8],
) -> Result<Vec<u8>, &'static str> {
    let count: usize = count.to_str().ok().and_then(|count| count.parse().ok()).ok_or(TRUNCATED)?;
    if count > MOST_LINES {
        return Err("no PuTTY key has that many lines");
    }
    let taken: Vec<&[u8]> = lines.take(count).collect();
    let decoded = BASE64.decode(taken.concat()).map_err(|_| "the body of the PuTTY key is not base64")?;
    if taken.len() == count { Ok(decoded) } else { Err(TRUNCATED) }
}

/// Whether the private half makes the public one; `Ok(false)` for kinds not known here.
fn consistent(algorithm: &[u8], public: &[u8], private: &[u8]) -> Result<bool, &'static str> {
    let (mut public, mut private) = (Wire(public), Wire(private));
    match algorithm {
        b"ssh-rsa" => {
            let [_name, exponent, modulus] = public.strings().ok_or(TRUNCATED)?;
            let [d, p, q, _inverse] = private.strings().ok_or(TRUNCATED)?;
            Rsa { modulus, exponent, d, p, q }.consistent().map(|_| true)
        }
        b"ssh-ed25519" => {
            let [_name, point] = public.strings().ok_or(TRUNCATED)?;
            // PuTTY before 0.76 wrote the seed as a number, which may have lost zeros at its end.
            let seed = private.string().filter(|seed| (30..=32).contains(&seed.len())).ok_or(TRUNCATED)?;
            curve::ed25519(&[seed, &[0; 32][seed.len()..]].concat(), Some(point)).map(|_| true)
        }
        b"ssh-dss" => private.string().filter(|x| !x.is_empty()).map(|_| true).ok_or(TRUNCATED),
        name if name.starts_with(b"ecdsa-sha2-") => {
            let [_name, curve, point] = public.strings().ok_or(TRUNCATED)?;
            let d = private.string().filter(|x| !x.is_empty()).ok_or(TRUNCATED)?;
            let pair = Curve::from_name(curve).map(|curve| curve.pair(d, Some(point)));
            pair.map_or(Ok(false), |pair| pair.map(|point| point.is_some()))
        }
        _ => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::super::ssh_wire::{ed25519_public, rsa_public, write_integer, write_string};
    use super::*;

    /// A PuTTY key file of the given halves.
    fn file(algorithm: &str, encryption: &str, public: &[u8], private: &[u8]) -> String {
        let block = |bytes: &[u8]| {
            let coded = BASE64.encode(bytes);
            let lines: Vec<&str> = coded.as_bytes().chunks(64).map(|line| line.to_str().unwrap()).collect();
            format!("{}\n{}", lines.len(), lines.join("\n"))
        };
        let magic = MAGIC.to_str().unwrap();
        let (public, private, mac) = (block(public), block(private), "0f".repeat(32));
        format!(
            "{magic}3: {algorithm}\nEncryption: {encryption}\nComment: a: b\nPublic-Lines: {public}\n\
             Private-Lines: {private}\nPrivate-MAC: {mac}\n"
        )
    }

    fn rsa(modulus: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let mut private = Vec::new();
        for number in [&sample::d()[..], &sample::p(), &sample::q(), &[7]] {
            write_integer(&mut private, number);
        }
        (rsa_public(modulus, &[1, 0, 1]), private)
    }

    #[test]
    fn rsa_keys_are_the_product_of_their_primes() {
        let (public, private) = rsa(&sample::modulus());
        let text = file("ssh-rsa", "none", &public, &private);
        let expected = Ok(Description::clear("RSA 512").with_public(Some(public)).with_comment(b"a: b"));
        assert_eq!(read(text.as_bytes()), expected);
        let each_line = |before: &str, after: &str| {
            text.lines().map(|line| [before, line, after].concat()).collect::<Vec<_>>().join("\n")
        };
        for pasted in [
            text.replace('\n', "\r\n"),
            text.replace('\n', "\\n"),
            text.replace('\n', "\n    "),
            each_line("# ", ""),
            each_line("+", ""),
            each_line("\"", "\\n\" +"),
            each_line("    '", "',"),
        ] {
            assert_eq!(read(pasted.as_bytes()), expected, "{pasted}");
        }
        let (public, private) = rsa(&[0xff; 64]);
        assert!(read(file("ssh-rsa", "none", &public, &private).as_bytes()).is_err());
    }

    #[test]
    fn other_kinds_and_sealed_keys_are_told_apart() {
        let public = ed25519_public(&sample::point());
        let mut private = Vec::new();
        write_string(&mut private, &sample::SEED);
        assert!(read(file("ssh-ed25519", "none", &public, &private).as_bytes()).unwrap().proved);
        assert!(read(file("ssh-ed25519", "none", &ed25519_public(&[7; 32]), &private).as_bytes()).is_err());
        assert!(read(file("ssh-ed25519", "none", &public, &[]).as_bytes()).is_err());
        assert!(read(file("ssh-rsa", "none", &public, &private).as_bytes()).is_err());
        let sealed = read(file("ssh-ed25519", "aes256-cbc", &public, &[1; 48]).as_bytes());
        assert_eq!(
            sealed,
            Ok(Description::encrypted(Some("Ed25519".to_owned()))
                .with_public(Some(public.clone()))
                .with_comment(b"a: b"))
        );
        assert!(read(file("ssh-ed25519", "aes256-cbc", &public, &[1; 47]).as_bytes()).is_err());
    }

    #[test]
    fn damage_is_refused() {
        let (public, private) = rsa(&sample::modulus());
        let text = file("ssh-rsa", "none", &public, &private);
        for bad in [
            text.replace("Public-Lines: ", "Public-Lines: 9999999"),
            text.replace("Public-Lines: ", "Public-Lines: -"),
            text.replace("Private-Lines: ", "Private-Lines: 9"),
            text.replace("Private-MAC: 0f", "Private-MAC: <mac>"),
            text.replace("Encryption", "Other"),
        ] {
            assert!(read(bad.as_bytes()).is_err(), "{bad}");
        }
        for length in 0..text.len() - 30 {
            assert!(read(&text.as_bytes()[..length]).is_err(), "{length}");
        }
    }
}
