//! Tells hashes of passwords by how they are written.

/// How the salted kinds start, and the fewest and most bytes of one.
#[rustfmt::skip]
const SALTED: [(&str, usize, usize); 26] = [
    ("$2a$", 60, 60), ("$2b$", 60, 60), ("$2x$", 60, 60), ("$2y$", 60, 60),            // bcrypt
    ("{bcrypt}$2", 68, 68),                                                           // Spring Security
    ("bcrypt_sha256$$2", 75, 75), ("bcrypt$$2", 68, 68),                              // Django
    ("$P$", 34, 34), ("$H$", 34, 34), ("$wp$2y$", 63, 63),                            // phpass, WordPress
    ("$S$", 55, 55), ("U$S$", 56, 56),                                                // Drupal
    ("$argon2", 50, 200), ("argon2$argon2", 60, 220),
    ("$1$", 26, 34), ("$5$", 47, 80), ("$6$", 90, 123), ("$y$", 60, 140), ("$apr1$", 32, 37), // crypt(5)
    ("pbkdf2_sha256$", 60, 120), ("pbkdf2_sha1$", 50, 100), ("sha1$", 47, 70),        // Django
    ("pbkdf2:sha256:", 80, 140), ("scrypt:", 100, 200),                               // Werkzeug
    ("{SSHA", 36, 140),                                                               // LDAP
    ("AQAAAA", 84, 84),                                                               // ASP.NET Core Identity
];

/// Whether `value` is a salted hash.
pub(super) fn is_salted(value: &[u8]) -> bool {
    let is_coded = |byte: &u8| byte.is_ascii_alphanumeric() || b"./$=,+:_{}-".contains(byte);
    SALTED.iter().any(|(start, fewest, most)| {
        (*fewest..=*most).contains(&value.len()) && value.starts_with(start.as_bytes())
    }) && value.iter().all(is_coded)
}

/// Whether `value` is the bare hash that MD5, SHA-1, SHA-2 or `MySQL` makes.
pub(super) fn is_bare(value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"*").filter(|digits| digits.len() == 40).unwrap_or(value);
    matches!(digits.len(), 32 | 40 | 64 | 128) && digits.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_told_by_their_start_and_length() {
        for (start, fewest, most) in SALTED {
            let filled = |length: usize| format!("{start}{}", "k3Jd".repeat(60))[..length].to_owned();
            assert!(is_salted(filled(fewest).as_bytes()) && is_salted(filled(most).as_bytes()), "{start}");
            assert!(
                !is_salted(filled(fewest - 1).as_bytes()) && !is_salted(filled(most + 1).as_bytes()),
                "{start}"
            );
            assert!(!is_salted(filled(fewest).replacen('k', " ", 1).as_bytes()), "{start}");
        }
        for (value, is_it) in [
            ("3f8a91c0".repeat(4), true),
            ("*".to_owned() + &"A4B61573".repeat(5), true),
            ("3f8a91c0".repeat(6), false),
        ] {
            assert_eq!(is_bare(value.as_bytes()), is_it, "{value}");
        }
    }
}
