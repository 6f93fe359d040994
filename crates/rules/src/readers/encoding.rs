//! Undoes the encoding of a secret, so that the judgement is about what it stands for.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bstr::ByteSlice as _;

use super::kind::Encoding;
use crate::checks::Fact;

/// Standard base64, with or without padding, as writers differ.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What `raw` stands for and what it says besides; nothing when it is not in that encoding.
pub(crate) fn decode(encoding: Encoding, raw: &[u8]) -> Option<(Cow<'_, [u8]>, Vec<Fact>)> {
    match encoding {
        Encoding::Plain => Some((Cow::Borrowed(raw), Vec::new())),
        Encoding::Base64 => Some((Cow::Owned(base64(raw)?), Vec::new())),
        Encoding::BasicAuth => basic_auth(&base64(raw)?),
    }
}

/// Decodes base64 that may be broken over lines.
pub(super) fn base64(raw: &[u8]) -> Option<Vec<u8>> {
    let compact: Vec<u8> = raw.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    BASE64.decode(compact).ok()
}

/// RFC 7617: the user ends at the first colon. A token is sometimes sent as a user without password.
fn basic_auth(pair: &[u8]) -> Option<(Cow<'static, [u8]>, Vec<Fact>)> {
    let text = pair.to_str().ok()?.trim_end_matches('\n');
    let (user, password) = text.split_once(':')?;
    if text.chars().any(char::is_control) {
        return None;
    }
    if password.is_empty() {
        return Some((Cow::Owned(user.as_bytes().to_vec()), Vec::new()));
    }
    let facts = if user.is_empty() { Vec::new() } else { vec![Fact::of_text("user", user)] };
    Some((Cow::Owned(password.as_bytes().to_vec()), facts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn judged(encoding: Encoding, raw: &str) -> Option<(String, Vec<String>)> {
        let (value, facts) = decode(encoding, raw.as_bytes())?;
        Some((value.to_str_lossy().into_owned(), facts.into_iter().map(|fact| fact.value).collect()))
    }

    #[test]
    fn a_pair_is_cut_at_the_first_colon() {
        let pair = |text: &str| judged(Encoding::BasicAuth, &BASE64.encode(text));
        assert_eq!(pair("ann:a:b"), Some(("a:b".to_owned(), vec!["ann".to_owned()])));
        assert_eq!(pair(":p"), Some(("p".to_owned(), vec![])));
        assert_eq!(pair("token:"), Some(("token".to_owned(), vec![])));
        assert_eq!(pair("ann:p\n"), Some(("p".to_owned(), vec!["ann".to_owned()])));
        for text in ["", "no colon", "a:b\u{1}", "a\n:b"] {
            assert_eq!(pair(text), None, "{text:?}");
        }
        assert_eq!(decode(Encoding::BasicAuth, BASE64.encode(b"a:\xff\xfe").as_bytes()), None);
        assert_eq!(judged(Encoding::BasicAuth, "not base64!"), None);
    }

    proptest! {
        #[test]
        fn base64_is_read_however_it_is_broken(bytes: Vec<u8>, width in 1usize..80, padded: bool) {
            let mut coded = BASE64.encode(&bytes);
            if !padded {
                coded = coded.trim_end_matches('=').to_owned();
            }
            let broken: Vec<&[u8]> = coded.as_bytes().chunks(width).collect();
            let broken = broken.join(&b"\r\n  "[..]);
            let (value, _) = decode(Encoding::Base64, &broken).expect("it is base64");
            prop_assert_eq!(&value[..], &bytes[..]);
        }

        #[test]
        fn any_bytes_are_read(raw: Vec<u8>) {
            for encoding in [Encoding::Plain, Encoding::Base64, Encoding::BasicAuth] {
                decode(encoding, &raw);
            }
        }
    }
}
