//! Bytes that a rule file writes in hexadecimal.

use serde::Deserialize;

/// Bytes given as pairs of hexadecimal digits.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Hex(pub(crate) Vec<u8>);

impl TryFrom<String> for Hex {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let pairs = text.as_bytes().chunks(2).map(|pair| {
            let digits = str::from_utf8(pair).ok().filter(|digits| digits.len() == 2)?;
            u8::from_str_radix(digits, 16).ok()
        });
        pairs.collect::<Option<_>>().map(Self).ok_or("not pairs of hexadecimal digits")
    }
}
