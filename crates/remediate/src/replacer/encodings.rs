//! The forms in which a secret stands in files, and what is put in the place of each.
//!
//! A replacement is encoded as the secret was, so that what decodes the file still can. In base64 and hexadecimal it
//! has as many characters: a secret is a part of what was encoded, at an offset that is not known, and with another
//! length everything after it would fall apart. Characters of base64 that a neighbour of the secret has a share in
//! stay; they tell four bits of its first and its last byte at most.

use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::escapes::{html, json, percent};
use super::style::{Style, fit};

/// Shorter secrets are not looked for in base64 and hexadecimal, where little of them is left to be sure of.
const LEAST_ENCODED: usize = 8;

/// A form of a secret and what takes its place.
pub(super) struct Variant {
    pub(super) find: Zeroizing<Vec<u8>>,
    pub(super) put: Vec<u8>,
}

/// All forms of `value`, itself first.
pub(super) fn variants(value: &[u8], style: &Style) -> Vec<Variant> {
    let token = style.token(value);
    let mut all = Forms { token: token.as_deref(), variants: Vec::new() };
    let lines = line_forms(value);
    for form in &lines {
        all.text(form);
    }
    for form in &lines {
        for form in &percent(form) {
            all.text(form);
        }
        if let Ok(text) = std::str::from_utf8(form) {
            json(text).iter().chain(&html(text)).for_each(|form| all.text(form));
            all.utf16(text);
            all.latin1(text);
        }
        if value.len() >= LEAST_ENCODED {
            all.base64(form, &STANDARD_NO_PAD);
            all.base64(form, &URL_SAFE_NO_PAD);
            all.hexadecimal(form);
        }
    }
    all.variants
}

/// The forms of `value` in base64 that may be broken into lines: of the usual alphabet, which alone is.
pub(super) fn base64_forms(value: &[u8], style: &Style) -> Vec<Variant> {
    let token = style.token(value);
    let mut all = Forms { token: token.as_deref(), variants: Vec::new() };
    for form in line_forms(value).iter().filter(|_| value.len() >= LEAST_ENCODED) {
        all.base64(form, &STANDARD_NO_PAD);
    }
    all.variants
}

/// A text of several lines with other line ends, and with escaped ones, as shells, dotenv files and C write them.
fn line_forms(value: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let mut forms = vec![Zeroizing::new(value.to_vec())];
    if value.contains(&b'\n') {
        let lines: Vec<&[u8]> = value.split(|byte| *byte == b'\n').collect();
        let lines: Vec<&[u8]> = lines.iter().map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect();
        for end in [&b"\n"[..], b"\r\n", b"\\n", b"\\r\\n", b"\\\\n"] {
            let form = lines.join(end);
            if forms.iter().all(|known| **known != form) {
                forms.push(Zeroizing::new(form));
            }
        }
    }
    forms
}

struct Forms<'t> {
    /// What is put where any length will do; `None` if the length must stay.
    token: Option<&'t [u8]>,
    variants: Vec<Variant>,
}

impl Forms<'_> {
    fn push(&mut self, find: Vec<u8>, put: Vec<u8>) {
        self.variants.push(Variant { find: Zeroizing::new(find), put });
    }

    fn text(&mut self, form: &[u8]) {
        self.push(form.to_vec(), self.token.map_or_else(|| fit(None, form.len()), <[u8]>::to_vec));
    }

    fn utf16(&mut self, text: &str) {
        let units: Vec<u16> = text.encode_utf16().collect();
        let put = self.token.map_or_else(|| fit(None, units.len()), <[u8]>::to_vec);
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            let find = units.iter().flat_map(|unit| bytes(*unit)).collect();
            self.push(find, put.iter().flat_map(|byte| bytes(u16::from(*byte))).collect());
        }
    }

    /// A text of the Western European code page that is not ASCII.
    fn latin1(&mut self, text: &str) {
        let bytes: Option<Vec<u8>> =
            text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect();
        if let Some(bytes) = bytes.filter(|bytes| bytes.len() < text.len() && bytes.len() >= 4) {
            self.text(&bytes);
        }
    }

    /// At each of the three offsets it can have, the characters that nothing but `form` decides.
    fn base64(&mut self, form: &[u8], engine: &GeneralPurpose) {
        let put = fit(self.token, form.len());
        for before in 0..3 {
            let encoded = |text: &[u8]| {
                let padded = Zeroizing::new([&[0; 2][..before], text].concat());
                let encoded = Zeroizing::new(engine.encode(&*padded).into_bytes());
                encoded[(8 * before).div_ceil(6)..8 * padded.len() / 6].to_vec()
            };
            self.push(encoded(form), encoded(&put));
        }
    }

    fn hexadecimal(&mut self, form: &[u8]) {
        let put = fit(self.token, form.len());
        for digits in [b"0123456789abcdef", b"0123456789ABCDEF"] {
            let encoded = |text: &[u8]| -> Vec<u8> {
                let digit = |value: u8| digits[usize::from(value)];
                text.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
            };
            self.push(encoded(form), encoded(&put));
        }
    }
}
