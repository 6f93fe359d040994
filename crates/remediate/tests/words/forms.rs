//! The forms of a secret that other programs write.

use unleak_remediate::{Replacer, Style};

const VALUE: &str = "p\"a/s<s>&w'o=r\\d é+1";

fn check(value: &str, form: impl AsRef<[u8]>, expected: impl AsRef<[u8]>) {
    let replacer = Replacer::for_secrets([value.as_bytes().to_vec()], Style::Fixed).unwrap();
    let (form, expected) = (form.as_ref(), expected.as_ref());
    let text = [b"x", form, b"y"].concat();
    let new =
        replacer.replace(&text).unwrap().unwrap_or_else(|| panic!("not found: {}", form.escape_ascii()));
    assert_eq!(new, [b"x", expected, b"y"].concat(), "{}", form.escape_ascii());
    let same = Replacer::for_secrets([value.as_bytes().to_vec()], Style::SameLength).unwrap();
    assert_eq!(same.replace(&text).unwrap().unwrap().len(), text.len());
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn strings_of_json() {
    for form in [
        "p\\\"a/s<s>&w'o=r\\\\d é+1",
        "p\\\"a\\/s<s>&w'o=r\\\\d \\u00e9+1",
        "p\\\"a/s\\u003cs\\u003e\\u0026w'o=r\\\\d é+1",
        "p\\\"a/s\\u003cs\\u003e\\u0026w\\u0027o\\u003dr\\\\d é+1",
    ] {
        check(VALUE, form, "***REMOVED***");
    }
}

#[test]
fn text_of_html_and_xml() {
    for form in [
        "p\"a/s&lt;s&gt;&amp;w'o=r\\d é+1",
        "p&quot;a/s&lt;s&gt;&amp;w&#x27;o=r\\d é+1",
        "p&quot;a/s&lt;s&gt;&amp;w&apos;o=r\\d é+1",
        "p&#34;a/s&lt;s&gt;&amp;w&#39;o=r\\d é+1",
        "p&quot;a&#x2F;s&lt;s&gt;&amp;w&#39;o&#x3D;r\\d é+1",
    ] {
        check(VALUE, form, "***REMOVED***");
    }
}

#[test]
fn parts_of_urls() {
    for form in [
        "p%22a%2Fs%3Cs%3E%26w%27o%3Dr%5Cd%20%C3%A9%2B1",
        "p%22a%2fs%3cs%3e%26w%27o%3dr%5cd%20%c3%a9%2b1",
        "p%22a%2Fs%3Cs%3E%26w%27o%3Dr%5Cd+%C3%A9%2B1",
        "p%22a%2Fs%3Cs%3E%26w'o%3Dr%5Cd%20%C3%A9%2B1",
        "p%22a/s%3Cs%3E&w'o=r%5Cd%20%C3%A9+1",
        "%70%22%61%2F%73%3C%73%3E%26%77%27%6F%3D%72%5C%64%20%C3%A9%2B%31",
    ] {
        check(VALUE, form, "***REMOVED***");
    }
}

#[test]
fn other_alphabets() {
    check(VALUE, utf16(VALUE, u16::to_le_bytes), utf16("***REMOVED***", u16::to_le_bytes));
    check(VALUE, utf16(VALUE, u16::to_be_bytes), utf16("***REMOVED***", u16::to_be_bytes));
    let latin1: Vec<u8> = VALUE.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    check(VALUE, latin1, "***REMOVED***");
    check("correct horse st", "636f727265637420686f727365207374", "2a2a2a52454d4f5645442a2a2a2a2a2a");
    check("correct horse st", "636F727265637420686F727365207374", "2A2A2A52454D4F5645442A2A2A2A2A2A");
}

#[test]
fn lines_with_other_ends() {
    let key = ["-----BEGIN", " KEY-----\nAbCd\nEfGh\n-----END", " KEY-----"].concat();
    for end in ["\n", "\r\n", "\\n", "\\r\\n", "\\\\n"] {
        check(&key, key.replace('\n', end), "***REMOVED***");
        check(&key.replace('\n', "\r\n"), key.replace('\n', end), "***REMOVED***");
    }
    check(
        &key,
        utf16(&key.replace('\n', "\r\n"), u16::to_le_bytes),
        utf16("***REMOVED***", u16::to_le_bytes),
    );
    check(&key, key.replace('\n', "%0A").replace(' ', "+"), "***REMOVED***");
}
