//! A line that says who and when: other names, the moment as it was.

use bstr::ByteSlice as _;
use unleak_objects::Signature;

use crate::mailmap::Mailmap;
use crate::replacer::{ReplaceError, Replacer};

/// The value of an `author`, `committer` or `tagger` line, with what `text` and `mailmap` replace in name and address; the
/// moment stays byte for byte. `None` if it stays as it is.
pub(crate) fn rewrite(
    line: &[u8],
    text: Option<&Replacer>,
    mailmap: Option<&Mailmap>,
) -> Result<Option<Vec<u8>>, ReplaceError> {
    let Some(open) = line.find_byte(b'<') else { return plain(line, text) };
    let Some(close) = line.rfind_byte(b'>').filter(|close| *close > open) else { return plain(line, text) };
    let who = Signature::parse(line);
    if let Some((name, email)) = mailmap.and_then(|map| map.map(who.name, who.email)) {
        let line = [&name[..], b" <", &email[..], b">", &line[close + 1..]].concat();
        return Ok(Some(rewrite(&line, text, None)?.unwrap_or(line)));
    }
    let (name, email) = (plain(&line[..open], text)?, plain(&line[open + 1..close], text)?);
    if name.is_none() && email.is_none() {
        return Ok(None);
    }
    let name = name.unwrap_or_else(|| line[..open].to_vec());
    let email = email.unwrap_or_else(|| line[open + 1..close].to_vec());
    Ok(Some([&name[..], b"<", &email, b">", &line[close + 1..]].concat()))
}

fn plain(part: &[u8], text: Option<&Replacer>) -> Result<Option<Vec<u8>>, ReplaceError> {
    let new = text.map(|text| text.replace(part)).transpose()?.flatten();
    Ok(new.map(|new| harmless(&new)))
}

/// Without what would end a name or a line.
fn harmless(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| !b"<>\n\0".contains(byte)).collect()
}
