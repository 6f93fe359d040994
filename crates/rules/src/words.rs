//! Whether a value is made of words, names, paths or versions rather than of random characters.
//!
//! No dictionary: runs of letters that a model of letter pairs finds likely are words, and a value that consists mostly
//! of them is something a person wrote for people. Valid for values of assignments; a passphrase of several words is indistinguishable and is
//! judged wordy, which is why only generic rules ask.

use crate::letters::is_word;

/// Share of a value, in percent, that words must cover for it to be wordy.
const WORDY: usize = 70;

/// Whether `value` reads like words, an identifier, a path, a version or a number.
pub(crate) fn is_wordy(value: &[u8]) -> bool {
    if value.iter().any(|b| !b.is_ascii()) {
        return true;
    }
    if value.iter().all(|b| b.is_ascii_digit() || b"._-:/+ ".contains(b)) || is_uuid(value) {
        return true;
    }
    word_share(value) >= WORDY
}

/// How much of `value` reads like words, with the signs that join them, in percent.
pub(crate) fn word_share(value: &[u8]) -> usize {
    let letters: usize = runs(value).filter(|run| is_word(run)).map(<[u8]>::len).sum();
    let joints = value.iter().filter(|b| b"_-./: ".contains(b)).count();
    if letters < 3 { 0 } else { (letters + joints) * 100 / value.len() }
}

/// Whether `value` reads like a name in code: words joined by `_`, `-`, `.` or capitals, at the ends perhaps a digit.
pub(crate) fn is_identifier(value: &[u8]) -> bool {
    let name = |b: &u8| b.is_ascii_alphanumeric() || b"_-.".contains(b);
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let letters: usize = runs(value).map(<[u8]>::len).sum();
    let words: usize = runs(value).filter(|run| run.len() < 3 || is_word(run)).map(<[u8]>::len).sum();
    value.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
        && value.iter().all(name)
        && digits <= 2
        && words * 4 >= letters * 3
}

/// Maximal runs of letters, cut where lower case turns to upper case, and before the last capital of `HTTPServer`.
fn runs(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = value;
    std::iter::from_fn(move || {
        let start = rest.iter().position(u8::is_ascii_alphabetic)?;
        let text = &rest[start..];
        let mut end = 1;
        while end < text.len() && text[end].is_ascii_alphabetic() {
            let camel = text[end - 1].is_ascii_lowercase() && text[end].is_ascii_uppercase();
            let acronym = text[end - 1].is_ascii_uppercase()
                && text[end].is_ascii_uppercase()
                && text.get(end + 1).is_some_and(u8::is_ascii_lowercase);
            if camel || acronym {
                break;
            }
            end += 1;
        }
        let (run, tail) = text.split_at(end);
        rest = tail;
        Some(run)
    })
}

/// Written like a UUID, but of a version or variant that there is none of (RFC 9562, sections 4.1 and 4.2).
pub(crate) fn is_odd_uuid(value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"{").unwrap_or(value);
    is_uuid(value)
        && !(matches!(digits[14], b'1'..=b'8')
            && matches!(digits[19], b'8' | b'9' | b'a' | b'b' | b'A' | b'B'))
}

/// 8-4-4-4-12 hexadecimal digits.
pub(crate) fn is_uuid(value: &[u8]) -> bool {
    let value = value.strip_prefix(b"{").and_then(|v| v.strip_suffix(b"}")).unwrap_or(value);
    value.len() == 36
        && value.iter().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_wordy() {
        for value in [
            "get_password_from_env",
            "MyApp.Settings.SecretKey",
            "/etc/ssl/private/server",
            "application/json",
            "1.2.3-4",
            "550e8400-e29b-41d4-a716-446655440000",
            "Enter your password",
            "process.env.token",
            "user-service-token",
            "2024-01-31",
            "self.accessToken",
            "pässword",
        ] {
            assert!(is_wordy(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn uuids_that_nothing_makes_are_told() {
        assert!(is_odd_uuid(b"52acf265-3fc6-4ecd-304a-15940bd04653"), "variant");
        assert!(is_odd_uuid(b"{9d2c1b3a-7e64-0f18-8a5b-c3d4e5f60718}"), "version");
        assert!(!is_odd_uuid(b"9d2c1b3a-7e64-4f18-8a5b-c3d4e5f60718"));
        assert!(!is_odd_uuid(b"no uuid"));
    }

    #[test]
    fn what_machines_make_is_not() {
        for value in [
            "k9Fj2LpQ8sXv3RtZ",
            "9f86d081884c7d659a2feaa0c55ad015",
            "Zm9vYmFyYmF6cXV4MTIz",
            "hX9-Prod!77zk",
            "xK8#mPq2$vL9",
            "AbCdEfGhIjKlMnOp1234",
        ] {
            assert!(!is_wordy(value.as_bytes()), "{value}");
        }
    }
}
