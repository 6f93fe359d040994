//! Recognises values whose shape says that they are no secret: masks, numbers, paths, plain URLs.

use bstr::ByteSlice as _;

/// Ends of file names; a name with one of them is a path even without a slash.
#[rustfmt::skip]
const EXTENSIONS: [&str; 30] = [
    "asc", "cer", "cfg", "conf", "crt", "csv", "db", "env", "gpg", "html", "ini", "jks", "js", "json",
    "key", "log", "p12", "pem", "pfx", "properties", "pub", "py", "rb", "sh", "sqlite", "toml", "ts", "txt",
    "xml", "yaml",
];

/// The value without blanks and quotes around it.
pub(super) fn bare(value: &[u8]) -> &[u8] {
    let mut bare = value.trim_ascii();
    while let [open @ (b'"' | b'\'' | b'`'), inner @ .., close] = bare
        && open == close
    {
        bare = inner.trim_ascii();
    }
    bare
}

/// Masked, repeated or counted-up characters: `xxxx`, `****`, `abc...`, `aaaa`, `12345678`.
pub(super) fn is_mask(value: &[u8]) -> bool {
    let masked = value.windows(3).any(|three| matches!(three, b"***" | b"..." | b"###" | b"\xe2\x80\xa6"))
        || value.windows(6).any(|six| six == "\u{2022}\u{2022}".as_bytes());
    let is_blot = |byte: &u8| b"xX*.-_#?0 ".contains(byte);
    masked
        || value.iter().all(is_blot)
        || value.len() >= 4 && (is_regular(value) || has_period(value) || stutters(value))
}

/// Whether four characters in a row are those that people write over secrets: `xxxx`, `****`.
pub(crate) fn is_masked(value: &[u8]) -> bool {
    value.windows(4).any(|four| matches!(four, b"xxxx" | b"XXXX" | b"****" | b"...." | b"####"))
}

/// Whether at least three in four characters equal or follow the one before.
fn is_regular(value: &[u8]) -> bool {
    let regular =
        value.windows(2).filter(|pair| pair[1] == pair[0] || pair[1] == pair[0].wrapping_add(1)).count();
    regular * 4 >= (value.len() - 1) * 3
}

/// Whether one letter or digit fills eight places in a row, as no random value of this length does; `A` does where
/// base 64 writes zero bytes.
fn stutters(value: &[u8]) -> bool {
    let same = |eight: &[u8]| eight.iter().all(|byte| *byte == eight[0]);
    value.len() <= 256
        && value.windows(8).any(|eight| eight[0].is_ascii_alphanumeric() && eight[0] != b'A' && same(eight))
}

/// Whether a few characters repeat at least three times.
fn has_period(value: &[u8]) -> bool {
    (1..=8).any(|period| value.len() >= 3 * period && value[period..] == value[..value.len() - period])
}

/// A short number, perhaps with a unit or points: a port, a duration, a version, an address. Long ones may be secrets.
pub(super) fn is_number(value: &[u8]) -> bool {
    let value = value.strip_prefix(b"-").unwrap_or(value);
    let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return false;
    }
    let unit = value[digits..].to_ascii_lowercase();
    let is_unit = ["", "%", "ms", "s", "m", "h", "d", "w", "y", "k", "b", "kb", "mb", "gb"]
        .iter()
        .any(|known| unit == known.as_bytes());
    let is_dotted = value.len() <= 15
        && value.contains(&b'.')
        && value.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    digits <= 6 && is_unit || is_dotted
}

/// A path of plain names, or one file name with a known ending.
pub(super) fn is_path(value: &[u8]) -> bool {
    let drive = matches!(value, [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    let value = if drive { &value[2..] } else { value };
    let rooted = drive
        || ["/", "./", "../", "~/", "~\\", ".\\"].iter().any(|start| value.starts_with(start.as_bytes()));
    let is_separator = |byte: &u8| matches!(byte, b'/' | b'\\');
    let mut names = value.split(is_separator).filter(|name| !name.is_empty());
    let last = names.clone().next_back();
    let ending =
        last.and_then(|name| name.rsplit_once_str(".")).map(|(_, ending)| ending.to_ascii_lowercase());
    let is_file = ending.is_some_and(|ending| EXTENSIONS.iter().any(|known| ending == known.as_bytes()));
    last.is_some() && (rooted || is_file) && names.all(is_plain_name)
}

/// Whether the name reads like words: few changes between letters in lower case, in upper case and digits.
pub(super) fn is_plain_name(name: &[u8]) -> bool {
    let class = |byte: u8| match byte {
        b'a'..=b'z' => Some(0),
        b'A'..=b'Z' => Some(1),
        b'0'..=b'9' => Some(2),
        b'.' | b'_' | b'-' | b'@' | b' ' | b'~' | b':' => Some(3),
        _ => None,
    };
    let known = name.iter().all(|&byte| class(byte).is_some());
    // Words are long runs: a change for every four characters and two to spare.
    let letters = |pair: &&[u8]| {
        class(pair[0]) != class(pair[1]) && class(pair[0]) != Some(3) && class(pair[1]) != Some(3)
    };
    let changes = name.windows(2).filter(letters).count();
    known
        && changes <= 2 + name.len() / 8
        && name.iter().filter(|byte| byte.is_ascii_digit()).count() * 2 <= name.len().max(8)
}

/// The part after `scheme://`, when the value is a URL.
fn after_scheme(value: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = value.split_once_str("://")?;
    let is_scheme = scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(byte));
    is_scheme.then_some(rest)
}

/// The password inside a URL, not decoded; one with an `@` in it too, as people forget to encode it.
pub(super) fn url_password(value: &[u8]) -> Option<&[u8]> {
    let rest = after_scheme(value)?;
    let authority = &rest[..rest.find_byteset(b"/?#").unwrap_or(rest.len())];
    let (user_info, _host) = authority.rsplit_once_str("@")?;
    user_info.split_once_str(":").map(|(_user, password)| password)
}

/// A URL without password, query or names that look random.
pub(super) fn is_plain_url(value: &[u8]) -> bool {
    let Some(rest) = after_scheme(value) else { return false };
    !rest.contains(&b'?')
        && rest.split(|byte| b"/#,".contains(byte)).filter(|part| !part.is_empty()).all(is_plain_name)
}
