//! Recognises what stands where a secret would and is none: references, templates, code, hashes, paths, dates.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bstr::ByteSlice as _;

use crate::letters::is_word;
use crate::placeholder::{is_placeholder, is_reference};
use crate::words::is_identifier;

/// A value with one of these anywhere is a template, a regex, an expression or a URL, which has rules of its own.
#[rustfmt::skip]
const MARKS: &[&str] = &[
    "${", "#{", "{{", "%{", "<%", "$(", "@{", "%s", "%d", "%v", "::", "->", "()", "][", "(?", "[^", "[a-", "[A-", "[0-",
    "\\s", "\\w", "\\d", "\\x", "\\u", "://",
    // The scope of a signed request to AWS.
    "4_request",
];
/// A value that starts so, in any case, names something else: a place, a hash of a password, an option.
#[rustfmt::skip]
const STARTS: &[&str] = &[
    "arn:", "urn:", "file:", "data:", "projects/", "refs/", "vault:", "secret/", "kms:", "ref+", "--", "/^", "^[",
    "sha1", "sha256", "md5:", "pbkdf2", "bcrypt", "argon2", "scrypt", "{sha", "{ssha", "{crypt", "{pbkdf2", "{bcrypt",
    "$1$", "$2a$", "$2b$", "$2y$", "$5$", "$6$", "$apr1$", "$argon2", "$p$", "$pbkdf2",
];
/// Ends of file names, host names and packages.
#[rustfmt::skip]
const ENDS: &[&str] = &[
    "json", "yml", "yaml", "pem", "key", "crt", "txt", "js", "ts", "py", "go", "rb", "java", "html", "svg", "png", "com",
    "org", "net", "io", "dev", "xml", "php", "cs", "local", "md", "sh", "conf", "properties", "p12", "jks",
];

/// Whether the value is certainly something else than a secret.
pub(super) fn is_look_alike(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    is_placeholder(value)
        || is_reference(value)
        || MARKS.iter().any(|mark| value.contains_str(mark))
        || STARTS.iter().any(|prefix| lower.starts_with(prefix.as_bytes()))
        || matches!(value, [b'{', .., b'}'] | [b'<', .., b'>'] | [b'(', .., b')'])
        || matches!(value.last(), Some(b':' | b'?' | b'(' | b'['))
        || is_date_or_version(value)
        || is_duration(value)
        || is_file_name(&lower)
        || is_email(value)
        || is_jwt(value)
        || is_locale(value)
        || is_class_name(value)
        || is_encoded_text(value)
}

/// A sentence in base 64: three words and more, joined by blanks.
fn is_encoded_text(value: &[u8]) -> bool {
    let digits = value.strip_suffix(b"==").or(value.strip_suffix(b"=")).unwrap_or(value);
    value.len() >= 16
        && value.len().is_multiple_of(4)
        && STANDARD_NO_PAD.decode(digits).is_ok_and(|text| {
            let words = || text.split(|byte| *byte == b' ');
            words().count() >= 3
                && text.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ')
                && words().filter(|word| is_word(word)).count() * 3 >= words().count() * 2
        })
}

/// `pt_BR`, `zh_Hant`, `en_001`.
fn is_locale(value: &[u8]) -> bool {
    value.split_once_str("_").is_some_and(|(language, region)| {
        (2..4).contains(&language.len())
            && language.iter().all(u8::is_ascii_lowercase)
            && match region {
                [_, _] => region.iter().all(u8::is_ascii_uppercase),
                [_, _, _] => region.iter().all(u8::is_ascii_digit),
                [first, rest @ ..] => {
                    first.is_ascii_uppercase() && rest.len() == 3 && rest.iter().all(u8::is_ascii_lowercase)
                }
                [] => false,
            }
    })
}

/// `App\Security\Hasher`, its backslashes doubled or not.
fn is_class_name(value: &[u8]) -> bool {
    let mut names = value.split(|b| *b == b'\\').filter(|name| !name.is_empty());
    let is_name = |name: &[u8]| {
        name.first().is_some_and(u8::is_ascii_uppercase) && name.iter().all(u8::is_ascii_alphanumeric)
    };
    value.contains(&b'\\') && names.clone().count() > 1 && names.all(is_name)
}

/// JSON Web Tokens have a rule of their own, which can tell examples.
fn is_jwt(value: &[u8]) -> bool {
    value.starts_with(b"eyJ") && value.contains(&b'.')
}

fn is_email(value: &[u8]) -> bool {
    value.split_once_str("@").is_some_and(|(user, host)| {
        let plain = |b: &u8| b.is_ascii_alphanumeric() || b"._+-".contains(b);
        !user.is_empty()
            && user.iter().all(plain)
            && host.iter().all(plain)
            && host
                .rsplit_once_str(".")
                .is_some_and(|(name, end)| !name.is_empty() && (2..7).contains(&end.len()))
            && host.iter().all(|b| !b.is_ascii_digit() && !b.is_ascii_uppercase())
    })
}

fn is_date_or_version(value: &[u8]) -> bool {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let joints = value.iter().filter(|b| b"-./:_T+Z".contains(b)).count();
    digits + joints == value.len() && joints > 0
        || value.strip_prefix(b"v").is_some_and(|rest| {
            rest.first().is_some_and(u8::is_ascii_digit)
                && rest.iter().all(|b| b.is_ascii_digit() || *b == b'.')
        })
        || is_package(value)
}

/// `jackson-core-2.17.1`: words and a version.
fn is_package(value: &[u8]) -> bool {
    value.rsplit_once_str("-").is_some_and(|(name, version)| {
        let numbers = version.split(|b| *b == b'.');
        numbers.clone().count() > 1
            && numbers
                .into_iter()
                .all(|part| (1..5).contains(&part.len()) && part.iter().all(u8::is_ascii_digit))
            && name
                .split(|b| *b == b'-')
                .all(|word| !word.is_empty() && word.iter().all(u8::is_ascii_lowercase))
    })
}

/// `2.days.ago`
fn is_duration(value: &[u8]) -> bool {
    value.split_once_str(".").is_some_and(|(count, unit)| {
        !count.is_empty()
            && count.iter().all(u8::is_ascii_digit)
            && unit.iter().all(|b| b.is_ascii_lowercase() || *b == b'.')
    })
}

/// `tls.key`, `config/app.yml`, `keys/my-key.pem`, `a.b.c`.
fn is_file_name(lower: &[u8]) -> bool {
    lower.rsplit_once_str(".").is_some_and(|(stem, end)| {
        ENDS.iter().any(|known| end == known.as_bytes())
            && stem.iter().all(|b| b.is_ascii_alphanumeric() || b"._/-".contains(b))
    })
}

/// Whether a value without quotes is more likely an expression: a name, a number, a member, a constant.
pub(super) fn is_code(value: &[u8]) -> bool {
    let value = value.trim_end_with(|c| c == '!' || c == '?');
    let name = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    is_identifier(value)
        || value.split(|b| *b == b'.').count() > 1
            && value
                .split(|b| *b == b'.')
                .all(|part| !part.is_empty() && !part[0].is_ascii_digit() && part.iter().all(name))
        || value.starts_with(b"0x")
        || matches!(value.first(), Some(b'$' | b'@' | b'!' | b'*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_are_recognised() {
        for value in [
            "pt_BR",
            "zh_Hant",
            "en_001",
            r"App\Security\Hasher",
            r"App\\Http\\Kernel2",
            "2.days.ago",
            "6.hours",
            "v1.2.3",
            "acme-json-core-2.17.1",
            "2024-01-31",
            "10.0.0.1:80",
            "tls.key",
            "config/app.yml",
            "db.acme.com",
            "user@example.org",
            "%s:%d",
            "${PASSWORD}",
            "Foo::bar",
            "get()",
            "[^a-z]+",
            "$2b$10$abcdefghijk",
            "{SSHA}abcdef",
            "arn:aws:iam::1:role/x",
            "eyJhbGciOi.eyJzdWIi.c2ln",
            "Token:",
            "<token>",
            "http://x/y",
        ] {
            assert!(is_look_alike(value.as_bytes()), "{value}");
        }
        for value in
            ["k3Jd9sQw2x", "Orchid-2031!", "pa$$word9", "9f3ac1d27be045ab17cc", "a.B3-9z_Q", "wombat77"]
        {
            assert!(!is_look_alike(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn expressions_are_recognised() {
        for value in ["user.password", "UITextField!", "String", "$password", "0x1F", "settings.db_pass"] {
            assert!(is_code(value.as_bytes()), "{value}");
        }
        for value in ["k3Jd9sQw2x", "hunter-2031!x", "9f3ac1d27be0"] {
            assert!(!is_code(value.as_bytes()), "{value}");
        }
    }
}
