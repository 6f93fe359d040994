//! One annotated tag: its bytes with another target and other words, without a signature that no longer holds.

use bstr::ByteSlice as _;
use gix_hash::ObjectId;
use unleak_objects::headers::Headers;

use crate::forget::Forget;
use crate::replacer::ReplaceError;

use super::commit::{changed, continued, line, replaced, words};
use super::person;

/// What begins a signature at the end of a tag's message; always at the start of a line.
const SIGNATURES: [&[u8]; 4] = [
    b"-----BEGIN PGP SIGNATURE-----",
    b"-----BEGIN PGP MESSAGE-----",
    b"-----BEGIN SSH SIGNATURE-----",
    b"-----BEGIN SIGNED MESSAGE-----",
];

/// The new bytes of a tag that names `target`, and whether a signature was lost.
pub(crate) fn rewrite(
    bytes: &[u8],
    target: ObjectId,
    forget: &Forget,
    references: &mut dyn FnMut(&[u8]) -> Option<Vec<u8>>,
) -> Result<(Vec<u8>, bool), ReplaceError> {
    let mut out = Vec::with_capacity(bytes.len());
    let (mut target_done, mut signature_lost) = (false, false);
    let mut headers = Headers::new(bytes);
    for header in headers.by_ref() {
        match header.key {
            b"object" if !target_done => {
                target_done = true;
                line(&mut out, b"object", target.to_hex().to_string().as_bytes());
            }
            b"gpgsig" | b"gpgsig-sha256" => signature_lost = true,
            b"tagger" => {
                let new = person::rewrite(header.value, forget.text_elsewhere(), forget.mailmap.as_ref())?;
                changed(&mut out, &header, new);
            }
            _ => {
                let new = replaced(forget.text_elsewhere(), header.value)?;
                changed(&mut out, &header, new.map(|new| continued(&new)));
            }
        }
    }
    out.extend_from_slice(&bytes[headers.end()..headers.message_offset()]);
    let message = &bytes[headers.message_offset()..];
    let end = signature(message);
    signature_lost |= end < message.len();
    out.extend_from_slice(&words(&message[..end], forget, references)?);
    Ok((out, signature_lost))
}

/// Where the signature at the end of a message starts; its end if there is none.
pub(crate) fn signature(message: &[u8]) -> usize {
    let starts = SIGNATURES.iter().filter_map(|begin| {
        message.find_iter(begin).filter(|at| *at == 0 || message[*at - 1] == b'\n').last()
    });
    starts.min().unwrap_or(message.len())
}
