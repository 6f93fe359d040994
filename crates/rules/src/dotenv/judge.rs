//! Judges by its key, and then by its value, whether an entry holds a secret.

use bstr::ByteSlice as _;

use crate::placeholder::{is_placeholder, url_password};

/// What a key says about its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// It names a secret: `DB_PASSWORD`, `STRIPE_API_KEY`.
    Secret,
    /// It may: `STRIPE_KEY`, `TOKEN_GITHUB`. Only a value that looks random is one.
    Perhaps,
    /// It names an address, which may hold a password: `DATABASE_URL`, `SLACK_WEBHOOK`.
    Address,
    /// It names something else: `PORT`, `PUBLIC_KEY`, `PASSWORD_MIN_LENGTH`.
    Nothing,
}

/// Words that name a secret.
#[rustfmt::skip]
const SECRETS: [&str; 18] = [
    "secret", "secrets", "password", "passwords", "passwd", "passwort", "passphrase", "passcode", "pass",
    "pwd", "pw", "token", "credential", "credentials", "auth", "salt", "psk", "pat",
];
/// Ends of words written together that name a secret: `pgpassword`, `authtoken`, `apikey`.
const SECRET_ENDS: [&str; 8] =
    ["password", "passwd", "passphrase", "secret", "token", "apikey", "secretkey", "privatekey"];
/// What turns a key into a secret key.
#[rustfmt::skip]
const KEY_KINDS: [&str; 32] = [
    "access", "account", "admin", "aes", "api", "app", "application", "auth", "cipher", "client",
    "consumer", "cookie", "crypt", "crypto", "deploy", "encrypt", "encryption", "hmac", "jwt", "license",
    "master", "private", "secret", "service", "session", "shared", "sign", "signing", "ssh", "storage",
    "webhook", "write",
];
/// What turns a key into something that is no secret.
#[rustfmt::skip]
const OPEN_KINDS: [&str; 22] = [
    "public", "publishable", "pub", "anon", "site", "foreign", "sort", "partition", "cache", "index",
    "group", "hash", "row", "queue", "routing", "object", "bucket", "map", "lookup", "translation",
    "unique", "hot",
];
/// Words after the one that counts which do not change what it names: `SECRET_KEY_BASE`, `API_KEY_PROD`, `TOKEN_2`.
#[rustfmt::skip]
const TAILS: [&str; 36] = [
    "base", "base64", "b64", "hex", "raw", "plain", "value", "string", "text", "hash", "hashed", "encoded",
    "prod", "production", "live", "dev", "development", "staging", "stage", "test", "testing", "sandbox",
    "local", "ci", "old", "new", "current", "next", "previous", "prev", "primary", "secondary", "main",
    "default", "backup", "rw",
];
/// Words of settings about a secret rather than the secret.
#[rustfmt::skip]
const SETTINGS: [&str; 49] = [
    "id", "ids", "path", "file", "filename", "dir", "directory", "folder", "endpoint", "host", "hostname",
    "port", "expiry", "expires", "expire", "expiration", "expiresin", "ttl", "lifetime", "timeout", "age",
    "interval", "seconds", "minutes", "hours", "days", "length", "len", "min", "max", "size", "limit",
    "count", "rounds", "cost", "enabled", "disabled", "required", "allowed", "name", "type", "alg",
    "algorithm", "header", "prefix", "issuer", "audience", "version", "arn",
];
/// First words of switches.
const SWITCHES: [&str; 12] =
    ["is", "use", "has", "enable", "disable", "require", "requires", "allow", "show", "skip", "no", "with"];
/// Words of addresses.
#[rustfmt::skip]
const ADDRESSES: [&str; 12] = [
    "url", "urls", "uri", "uris", "dsn", "connection", "connstr", "conn", "webhook", "endpoint", "proxy",
    "jdbc",
];
/// Fields of connection strings that hold a password.
const PASSWORD_FIELDS: [&str; 4] = ["password", "pwd", "accountkey", "sharedaccesskey"];
/// Prefixes of variables that a build writes into public files: what they hold is meant to be seen, passwords excepted.
const PUBLISHED: [&str; 7] =
    ["next_public_", "nuxt_public_", "expo_public_", "react_app_", "vite_", "gatsby_", "public_"];

/// Whether the key names a secret: `DB_PASSWORD`, `apiKey`, `SECRET_KEY_BASE`, but not `PUBLIC_KEY`,
/// `AWS_ACCESS_KEY_ID`, `TOKEN_TTL`, nor `DATABASE_URL`, whose value decides.
pub fn secret_like_key(key: &[u8]) -> bool {
    promise(key) == Promise::Secret
}

/// Whether key and value together look like a secret; placeholders and references never do.
pub fn secret_like_entry(key: &[u8], value: &[u8]) -> bool {
    match promise(key) {
        Promise::Secret => !is_placeholder(value),
        Promise::Perhaps => is_random(value),
        Promise::Address => holds_password(value) || is_webhook(key, value),
        Promise::Nothing => url_password(value).is_some() && !is_placeholder(value),
    }
}

pub(crate) fn promise(key: &[u8]) -> Promise {
    let words = words(key);
    let has = |list: &[&str]| words.iter().any(|word| list.iter().any(|known| word == known.as_bytes()));
    let Some(last) = words.iter().rposition(|word| !is_one(word, &TAILS)).or(words.len().checked_sub(1))
    else {
        return Promise::Nothing;
    };
    let exact = key.to_ascii_lowercase();
    let published = PUBLISHED.iter().any(|prefix| exact.starts_with(prefix.as_bytes()));
    // The shell's own variables.
    if exact == b"pwd" || exact == b"oldpwd" || is_one(&words[0], &SWITCHES) {
        return Promise::Nothing;
    }
    let promise = named(&words[..=last]);
    if promise != Promise::Secret && has(&ADDRESSES) {
        return if has(&["file", "path"]) { Promise::Nothing } else { Promise::Address };
    }
    let strong = has(&["secret", "password", "passwd", "private", "passphrase"]);
    match promise {
        _ if has(&SETTINGS) && !is_secret_word(&words[last]) => Promise::Nothing,
        _ if (published || has(&["public", "publishable", "anon"])) && !strong => Promise::Nothing,
        promise => promise,
    }
}

/// Judges the words up to the one that counts.
fn named(words: &[Vec<u8>]) -> Promise {
    let Some((last, before)) = words.split_last() else { return Promise::Nothing };
    let kind = before.last();
    let counted = is_one(last, &["tokens"])
        && kind.is_some_and(|kind| is_one(kind, &["api", "access", "auth", "refresh"]));
    if is_secret_word(last) || counted {
        return Promise::Secret;
    }
    if is_one(last, &["key", "keys"]) {
        return match kind {
            Some(kind) if is_one(kind, &KEY_KINDS) => Promise::Secret,
            Some(kind) if is_one(kind, &OPEN_KINDS) => Promise::Nothing,
            _ => Promise::Perhaps,
        };
    }
    let earlier = before.iter().any(|word| is_secret_word(word) && !is_one(word, &["auth", "pass", "pat"]));
    if earlier { Promise::Perhaps } else { Promise::Nothing }
}

fn is_secret_word(word: &[u8]) -> bool {
    is_one(word, &SECRETS) || SECRET_ENDS.iter().any(|end| word.ends_with(end.as_bytes()))
}

fn is_one(word: &[u8], list: &[&str]) -> bool {
    list.iter().any(|known| word == known.as_bytes())
}

/// The words of a key in lower case, cut at signs and where camel case says so; digits at their ends do not count.
pub(crate) fn words(key: &[u8]) -> Vec<Vec<u8>> {
    let mut words: Vec<Vec<u8>> = Vec::new();
    let mut word = Vec::new();
    for (at, &byte) in key.iter().enumerate() {
        let after_lower = at > 0 && key[at - 1].is_ascii_lowercase();
        let before_lower = key.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        let after_upper = at > 0 && key[at - 1].is_ascii_uppercase();
        if byte.is_ascii_uppercase() && (after_lower || after_upper && before_lower) {
            words.push(std::mem::take(&mut word));
        }
        if byte.is_ascii_alphanumeric() {
            word.push(byte.to_ascii_lowercase());
        } else {
            words.push(std::mem::take(&mut word));
        }
    }
    words.push(word);
    for word in &mut words {
        if !is_one(word, &TAILS) {
            word.truncate(word.trim_end_with(|c| c.is_ascii_digit()).len());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Letters and digits without blanks, long enough for a key.
fn is_random(value: &[u8]) -> bool {
    value.len() >= 16
        && value.iter().all(u8::is_ascii_graphic)
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().any(u8::is_ascii_alphabetic)
        && !value.contains_str("://")
        && !is_placeholder(value)
}

/// Whether an address holds a password: in a URL, or as a field of a connection string (`Password=…;`).
fn holds_password(value: &[u8]) -> bool {
    if let Some(password) = url_password(value) {
        return !is_placeholder(password);
    }
    let fields =
        value.split(|&byte| byte == b';' || byte == b' ').filter_map(|field| field.split_once_str("="));
    fields.into_iter().any(|(name, value)| {
        is_one(&name.trim_ascii().to_ascii_lowercase(), &PASSWORD_FIELDS) && !is_placeholder(value)
    })
}

/// Whether the key names a web hook and a part of the URL's path looks random: knowing the URL is being allowed to call.
fn is_webhook(key: &[u8], value: &[u8]) -> bool {
    let named = words(key).iter().any(|word| is_one(word, &["webhook", "hook", "hooks", "webhooks"]));
    named && value.split_once_str("://").is_some_and(|(_, rest)| rest.split_str("/").skip(1).any(is_random))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_that_name_a_secret() {
        #[rustfmt::skip]
        let keys = [
            "SECRET", "TOKEN", "PASSWORD", "db_password", "DB_PASS", "DB_PWD", "DB_PW",
            "MYSQL_ROOT_PASSWORD", "PGPASSWORD", "API_KEY", "ACCESS_KEY", "PRIVATE_KEY", "ENCRYPTION_KEY",
            "APP_KEY", "SECRET_KEY", "SIGNING_KEY", "MASTER_KEY", "SECRET_KEY_BASE", "apiKey", "apikey",
            "APIKEY", "STRIPE_APIKEY", "awsSecretAccessKey", "AWSSecretKey", "AWS_SECRET_ACCESS_KEY",
            "GITHUB_TOKEN", "github.token", "npm-token", "NPM_AUTH", "CREDENTIALS", "GCP_CREDENTIAL",
            "COOKIE_SECRET", "AUTH_SALT", "JWT_SECRET_PROD", "API_KEY_2", "TOKEN1", "PASSWORD_HASH",
            "CLIENT_SECRET", "clientSecret", "HMAC_KEY", "AUTHTOKEN", "WEBHOOK_SECRET",
            "NEXT_PUBLIC_CLIENT_SECRET", "VITE_DB_PASSWORD", "API_TOKENS", "TOKEN_SECRET", "WIFI_PSK",
            "GITHUB_PAT", "Password",
        ];
        for key in keys {
            assert!(secret_like_key(key.as_bytes()), "{key}");
            assert!(secret_like_entry(key.as_bytes(), b"n7Gq2xLw-8Kd72LsP"), "{key}");
            assert!(!secret_like_entry(key.as_bytes(), b"changeme"), "{key}");
            assert!(!secret_like_entry(key.as_bytes(), b"${OTHER}"), "{key}");
        }
    }

    #[test]
    fn keys_that_name_something_else() {
        #[rustfmt::skip]
        let keys = [
            "", "_", "PORT", "HOST", "PUBLIC_KEY", "STRIPE_PUBLISHABLE_KEY", "AWS_ACCESS_KEY_ID",
            "PRIVATE_KEY_PATH", "KEY_FILE", "TOKEN_URL", "TOKEN_EXPIRY", "TOKEN_TTL", "PASSWORD_MIN_LENGTH",
            "AUTH_ENABLED", "ENABLE_AUTH", "USE_TOKEN", "PWD", "OLDPWD", "NEXT_PUBLIC_API_KEY",
            "REACT_APP_MAPS_KEY", "VITE_API_TOKEN", "SUPABASE_ANON_KEY", "RECAPTCHA_SITE_KEY", "MAX_TOKENS",
            "TOKENIZER", "BYPASS", "COMPASS_VERSION", "SALT_ROUNDS", "SECRET_NAME", "DB_PASSWORD_FILE",
            "CACHE_KEY", "AUTHOR", "AUTHORITY", "KEYBOARD", "MONKEY", "JWT_SECRET_ARN", "DATABASE_URL",
            "CSRF_HEADER", "PASS_RATE", "API_KEY_NAME",
        ];
        for key in keys {
            assert!(!secret_like_key(key.as_bytes()), "{key}");
            assert!(!secret_like_entry(key.as_bytes(), b"value with words"), "{key}");
            assert!(!secret_like_entry(key.as_bytes(), b"3600"), "{key}");
        }
        #[rustfmt::skip]
        let keys = [
            "PUBLIC_KEY", "AWS_ACCESS_KEY_ID", "NEXT_PUBLIC_API_KEY", "SUPABASE_ANON_KEY", "COMMIT",
            "CACHE_KEY",
        ];
        for key in keys {
            assert!(!secret_like_entry(key.as_bytes(), b"a8Kd72LsPq91MzXw5tRv3yNe"), "{key}");
        }
    }

    #[test]
    fn weak_keys_need_a_random_value() {
        for key in ["STRIPE_KEY", "KEY", "TOKEN_GITHUB", "PASSWORD_STRIPE", "OPENAI_KEY"] {
            assert!(!secret_like_key(key.as_bytes()), "{key}");
            assert!(secret_like_entry(key.as_bytes(), b"a8Kd72LsPq91MzXw5tRv3yNe"), "{key}");
            for value in
                ["short1", "some-plain-words-only", "https://api.x.invalid/v1/x1", "a b c d e f g h 1 2 3"]
            {
                assert!(!secret_like_entry(key.as_bytes(), value.as_bytes()), "{key}={value}");
            }
        }
    }

    #[test]
    fn addresses_are_secret_when_they_hold_one() {
        for (key, value, expected) in [
            ("DATABASE_URL", "postgres://app:<SHORT>@db/app", true),
            ("DATABASE_URL", "postgres://app:password@localhost/app", false),
            ("DATABASE_URL", "postgres://app:${PASS}@db/app", false),
            ("DATABASE_URL", "postgres://db/app", false),
            ("MONGO_URI", "mongodb+srv://app:<SHORT>@db.example.com/app", true),
            ("SENTRY_DSN", "https://public@o1.ingest.invalid/1", false),
            ("CONNECTION_STRING", "Server=db;User Id=app;Password=<SHORT>;", true),
            ("CONNECTION_STRING", "Server=db;User Id=app;Password=changeme;", false),
            ("AZURE_CONNECTION_STRING", "AccountName=a;AccountKey=<LONG>==", true),
            ("SLACK_WEBHOOK_URL", "https://hooks.chat.invalid/services/T0AB/<LONG>", true),
            ("SLACK_WEBHOOK", "https://hooks.chat.invalid/services/name", false),
            ("BROKER", "amqp://app:<SHORT>@mq", true),
            ("HOMEPAGE", "https://x.invalid/<LONG>", false),
        ] {
            // Put in here, so that no scanner takes the lines above for leaks.
            let value = value.replace("<SHORT>", "n7Gq2xLw").replace("<LONG>", "a8Kd72LsPq91MzXw5tRv3yNe");
            assert_eq!(secret_like_entry(key.as_bytes(), value.as_bytes()), expected, "{key}={value}");
            assert!(!secret_like_key(key.as_bytes()), "{key}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged(key: Vec<u8>, value: Vec<u8>) {
            secret_like_entry(&key, &value);
        }

        #[test]
        fn camel_case_kebab_case_and_capitals_are_judged_alike(
            words in prop::collection::vec("secret|token|key|api|db|public|id|password|min|length|url|stripe", 1..5),
        ) {
            let snake = words.join("_");
            let camel: String = words.iter().map(|word| word[..1].to_uppercase() + &word[1..]).collect();
            let expected = secret_like_key(snake.as_bytes());
            for key in [snake.to_uppercase(), words.join("-"), words.join("."), camel] {
                prop_assert_eq!(secret_like_key(key.as_bytes()), expected, "{}", key);
            }
        }
    }
}
