//! How formats write a text that has characters which mean something to them.

use std::fmt::Write;

/// JSON's writers differ in what else they escape.
const JSON: [&str; 4] = [
    "", "/",   // Go's encoding/json, and PHP's JSON_HEX_TAG and JSON_HEX_AMP.
    "<>&", // Gson.
    "<>&='",
];

/// HTML's and XML's writers differ in how they write `"`, `'`, `/`, `` ` `` and `=`; nothing where they leave it.
const HTML: [[(char, &str); 5]; 6] = [
    [('"', ""), ('\'', ""), ('/', ""), ('`', ""), ('=', "")],
    [('"', "&quot;"), ('\'', ""), ('/', ""), ('`', ""), ('=', "")],
    [('"', "&quot;"), ('\'', "&#39;"), ('/', ""), ('`', ""), ('=', "")],
    [('"', "&quot;"), ('\'', "&#x27;"), ('/', ""), ('`', ""), ('=', "")],
    [('"', "&quot;"), ('\'', "&apos;"), ('/', ""), ('`', ""), ('=', "")],
    [('"', "&#34;"), ('\'', "&#39;"), ('/', ""), ('`', ""), ('=', "")],
];

/// And mustache and its like, which write more of them.
const MUSTACHE: [(char, &str); 5] =
    [('"', "&quot;"), ('\'', "&#39;"), ('/', "&#x2F;"), ('`', "&#x60;"), ('=', "&#x3D;")];

/// What is left as it is in a part of a URL, by RFC 3986, by JavaScript's `encodeURIComponent` and `encodeURI`.
const URL: [&[u8]; 3] = [b"-._~", b"-._~!*'()", b"-._~!*'();/?:@&=+$,#"];

/// Every way to write `text` in a string of JSON (and of C and its heirs, as far as they agree).
pub(super) fn json(text: &str) -> Vec<Vec<u8>> {
    let ascii_too = if text.is_ascii() { &[false][..] } else { &[false, true] };
    let all = JSON.iter().flat_map(|more| ascii_too.iter().map(move |ascii| json_as(text, more, *ascii)));
    all.collect()
}

fn json_as(text: &str, more: &str, ascii: bool) -> Vec<u8> {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '/' if more == "/" => out.push_str("\\/"),
            letter if letter < ' ' || more.contains(letter) || (ascii && !letter.is_ascii()) => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            letter => out.push(letter),
        }
    }
    out.into_bytes()
}

/// Every way to write `text` in HTML and XML.
pub(super) fn html(text: &str) -> Vec<Vec<u8>> {
    HTML.iter().chain([&MUSTACHE]).map(|table| html_as(text, table)).collect()
}

fn html_as(text: &str, table: &[(char, &str); 5]) -> Vec<u8> {
    let mut out = String::new();
    for letter in text.chars() {
        let entity = table.iter().find(|(known, entity)| *known == letter && !entity.is_empty());
        match (letter, entity) {
            ('&', _) => out.push_str("&amp;"),
            ('<', _) => out.push_str("&lt;"),
            ('>', _) => out.push_str("&gt;"),
            (_, Some((_, entity))) => out.push_str(entity),
            (letter, None) => out.push(letter),
        }
    }
    out.into_bytes()
}

/// Every way to write `text` in a URL: all of it escaped, or what must be; digits of either case; blanks as `+`.
pub(super) fn percent(text: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for upper in [true, false] {
        all.push(percent_as(text, upper, |_| false));
        for safe in URL {
            all.push(percent_as(text, upper, |byte| byte.is_ascii_alphanumeric() || safe.contains(&byte)));
        }
        let form = |byte: u8| byte.is_ascii_alphanumeric() || b"*-._ ".contains(&byte);
        let mut form = percent_as(text, upper, form);
        form.iter_mut().filter(|byte| **byte == b' ').for_each(|byte| *byte = b'+');
        all.push(form);
    }
    all
}

fn percent_as(text: &[u8], upper: bool, safe: impl Fn(u8) -> bool) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in text {
        if safe(*byte) {
            out.push(*byte);
        } else {
            let digits = if upper { format!("%{byte:02X}") } else { format!("%{byte:02x}") };
            out.extend(digits.into_bytes());
        }
    }
    out
}
