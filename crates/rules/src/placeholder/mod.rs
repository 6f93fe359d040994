//! Tells values that stand for a secret from values that may be one.
//!
//! A placeholder is what people write where a secret goes: a filler word, a template, a reference to a vault, a mask, a
//! path to a file, the ciphertext of a secret, a public key. Knows nothing of the key beside the value or of the rule
//! that found it.

mod counted;
mod documented;
mod dummy;
mod filler;
mod reference;
mod sealed;
mod shape;
mod textbook;

pub(crate) use counted::{counts_up, is_alphabet, recites, repeats};
pub use documented::is_documented;
pub use dummy::is_dummy;
pub use reference::is_reference;
pub use sealed::{is_sealed, is_sealed_file};
pub(crate) use shape::is_masked;

/// Whether `value` is certainly no secret: empty, a reference, filler words, a mask, a plain number, a path, or a URL
/// without a password. Quotes and blanks around it do not count.
pub fn is_placeholder(value: &[u8]) -> bool {
    let value = shape::bare(value);
    if let Some(password) = shape::url_password(value) {
        return is_plain_placeholder(password);
    }
    is_plain_placeholder(value) || shape::is_plain_url(value)
}

/// The password inside a URL such as `scheme://user:password@host`, not decoded.
pub fn url_password(value: &[u8]) -> Option<&[u8]> {
    shape::url_password(shape::bare(value))
}

fn is_plain_placeholder(value: &[u8]) -> bool {
    is_reference(value)
        || is_sealed(value)
        || is_documented(value)
        || filler::is_filler(value)
        || shape::is_mask(value)
        || shape::is_number(value)
        || shape::is_path(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fillers_masks_references_numbers_and_paths_are_placeholders() {
        #[rustfmt::skip]
        let values = [
            "", "  ", "''", "\"\"", "changeme", "CHANGE_ME", "change-me-please", "ChangeThis!",
            "changeme123", "your-api-key", "your_secret_here", "YourApiKey", "<your token>", "<token>",
            "[insert key]", "{API_KEY}", "xxxxxxxx", "XXXX-XXXX-XXXX", "sk-xxxxxxxxxxxxxxxx", "***", "xoxb-12-####",
            "********", "...", "abc...xyz", "…", "TODO", "tbd", "FIXME", "example", "example-token",
            "dummy", "dummy_secret_key", "secret", "s e c r e t", "password", "Password", "password123",
            "mysecretpassword", "supersecret", "test", "test1234", "null", "nil", "None", "undefined",
            "true", "FALSE", "yes", "3306", "8080", "0", "30s", "15m", "1.2.3", "127.0.0.1", "50%", "-1",
            "0.75", "${DB_PASSWORD}", "$DB_PASSWORD", "{{ vault_password }}", "%DB_PASSWORD%",
            "${{ secrets.TOKEN }}", "<%= password %>", "op://vault/item/field",
            "vault:secret/data/db#password", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db",
            "ENC[AES256_GCM,data:x]", "!vault |", "!secret db_password", "process.env.TOKEN",
            "os.environ['TOKEN']", "os.getenv(\"TOKEN\")", "getenv('X')", "ENV['TOKEN']",
            "ENV.fetch('TOKEN')", "env('TOKEN')", "__TOKEN__", "@@TOKEN@@", "#{token}",
            "$(cat /run/secrets/x)", "/run/secrets/db_password", "./config/key.pem", "../id_rsa",
            "~/.ssh/id_ed25519", "C:\\keys\\server.key", "server.key", "config/credentials.json",
            "http://localhost:3000", "https://api.vendor.com/v1/token", "postgres://localhost/app",
            "postgres://user:password@localhost/db", "redis://:changeme@redis:6379",
            "mysql://root:${DB_PASS}@db/app", "aaaaaaaa", "00000000-0000-0000-0000-000000000000",
            "1234567890", "12345678", "abcdefghijklmnop", "0123456789abcdef0123456789abcdef",
            "deadbeefdeadbeef", "k3Jd9sQw2x-88888888-Vt7hg2", "qwerty", "abcabcabcabc", "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7SECRETS", "REDACTED", "[REDACTED]",
            "<redacted>", "n/a", "placeholder", "replace_with_your_key", "insert-token-here",
            "put your key here", "some-secret-value", "foobar", "admin", "root", "not-a-uuid", "Not_A_Valid_Token",
            "not the droids",
        ];
        for value in values {
            assert!(is_placeholder(value.as_bytes()), "{value}");
            assert!(is_placeholder(format!(" \"{value}\" ").as_bytes()), "quoted {value}");
        }
    }

    #[test]
    fn what_may_be_a_secret_is_no_placeholder() {
        #[rustfmt::skip]
        let values = [
            "hunter2-Prod!", "correcthorse99", "S3cr3t!pass", "P@ssw0rd-2019", "tr0ub4dor&3",
            "letmein-prod-7", "19840712", "4815162342", "Summer2023!",
            "wKalrYUtnFENI/K7MDENG/bPxRfiCYzzAb12KEYx", "/8fhQ2kLz9/aB3dE+5tGh/Jk7LmNpQrStUvWx0",
            "f3b1c2d4e5a69788796a5b4c3d2e1f00", "9c1185a5c5e9fc54612808977ee8f548b2258d31", "Zk7$pQ!x",
            "pa$$word9", "$up3rS3cret", "$2y$10$Kq8sWz3mTbXc1vRn5pLd7e",
            "postgres://app:n7Gq2xLw@localhost/db", "redis://:k2Js8dLq@cache:6379/0",
            "https://hooks.chat.invalid/services/T0AB12CD3/B0EF45GH6/a8Kd72LsPq91MzXw5tRv3yNe",
            "https://api.x.invalid/?key=a8Kd72Ls", "base64:Xk29dLq81mZpRt6vYw3nBc5hJf7gSa0e",
            "eyJhbGciOi.eyJzdWIi.c2lnbmF0dXJl", "monkey-tango-42-violin", "x7xX9q", "a1b2c3d4e5f6a7b8",
            "ilovemydog", "not-a-", "notary-a-k4", "550e8400-e29b-41d4-a716-446655440000", "Passw0rd!", "secretariat88",
        ];
        for value in values {
            assert!(!is_placeholder(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn references_are_only_part_of_the_placeholders() {
        for value in ["", "changeme", "xxxx", "3306", "/run/secrets/x", "${A:-hunter2-Prod!}", "pre${A}"] {
            assert!(!is_reference(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn a_password_is_found_in_a_url() {
        for (url, password) in [
            ("postgres://u:p@h/d", Some("p")),
            ("redis://:p@h", Some("p")),
            ("amqp://u:p:q@h", Some("p:q")),
            ("https://u:p@ss@h/x", Some("p@ss")),
            ("https://u@h/x", None),
            ("https://h/x:y@z", None),
            ("https://h:80/", None),
            ("u:p@h", None),
            ("://u:p@h", None),
        ] {
            assert_eq!(url_password(url.as_bytes()), password.map(str::as_bytes), "{url}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged(value: Vec<u8>) {
            let reference = is_reference(&value);
            prop_assert!(!reference || is_placeholder(&value));
        }

        #[test]
        fn random_tokens_are_kept(value in "[0-9A-Za-z]{24,64}") {
            // A run, a sequence or a mask has its chance even here, but a small one.
            prop_assume!(!value.to_ascii_lowercase().contains("xxxx"));
            prop_assert!(!is_placeholder(value.as_bytes()), "{}", value);
        }

        #[test]
        fn random_hex_is_kept(bytes: [u8; 20]) {
            prop_assume!(bytes.iter().any(|byte| *byte != bytes[0]) && bytes.iter().any(|byte| byte & 0xf > 9));
            let digit = |at: u8| char::from(b"0123456789abcdef"[usize::from(at)]);
            let hex: String = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
            prop_assume!(hex.as_bytes().windows(2).filter(|pair| pair[0] <= pair[1]).count() < 30);
            prop_assert!(!is_placeholder(hex.as_bytes()), "{}", hex);
        }
    }
}
