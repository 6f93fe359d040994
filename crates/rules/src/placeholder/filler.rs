//! Recognises values made of the words that people write where a secret goes.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// A value that holds one of these anywhere, in any case, is an example, however long.
static ANYWHERE: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let words = [
        "example",
        "placeholder",
        "changeme",
        "change_me",
        "change-me",
        "redacted",
        "your_",
        "your-",
        "xxxxx",
        // The random part of the key that AWS documents, whose end people vary.
        "iosfodnn7",
        "wjalrxutnfemi",
    ];
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(words)
        .expect("a few short words make an automaton")
});
/// Values that are all of these words, in any order, joined by signs or by nothing.
#[rustfmt::skip]
const WORDS: [&str; 128] = [
    "access", "account", "admin", "administrator", "an", "and", "api", "app", "application", "auth", "aws",
    "azure", "bar", "baz", "bearer", "blank", "bucket", "change", "changeit", "changethis", "client",
    "config", "credential", "credentials", "custom", "database", "db", "default", "demo", "dev",
    "development", "disabled", "do", "dummy", "empty", "enabled", "encryption", "enter", "fake", "false",
    "fill", "fixme", "foo", "for", "from", "generate", "generated", "github", "go", "goes", "google",
    "guest", "hash", "here", "hidden", "id", "in", "insert", "is", "it", "jwt", "key", "local", "localhost",
    "long", "mail", "masked", "master", "me", "mock", "my", "mysql", "na", "name", "nil", "no", "none",
    "not", "now", "null", "of", "off", "on", "openai", "or", "paste", "pass", "passwd", "password",
    "please", "postgres", "private", "prod", "production", "public", "put", "pwd", "random", "real",
    "redis", "replace", "root", "sample", "secret", "secure", "server", "service", "session", "set", "sign",
    "signing", "some", "string", "stripe", "super", "tbd", "temp", "test", "testing", "that", "the", "this",
    "to", "todo", "token", "top", "true", "undefined",
];
#[rustfmt::skip]
const MORE_WORDS: [&str; 28] = [
    "unset", "update", "use", "user", "username", "value", "very", "webhook", "with", "yes", "you", "your",
    "yours", "mongo", "mongodb", "mariadb", "rabbitmq", "qwerty", "deadbeef", "hello", "world", "lorem",
    "ipsum", "foobar", "base", "only", "cleartext", "plaintext",
];
/// Beyond this nobody writes words only.
const LONGEST: usize = 96;

/// Whether the value is made of filler words, at its end perhaps a count such as `123`.
pub(super) fn is_filler(value: &[u8]) -> bool {
    if ANYWHERE.is_match(value) {
        return true;
    }
    // `<any words>` and `[any words]`: nobody brackets a secret.
    let bracketed = matches!(value, [b'<', .., b'>'] | [b'[', .., b']']);
    if bracketed
        && value.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ')
        && value.len() <= LONGEST
    {
        return true;
    }
    if says_what_it_is_not(value) {
        return true;
    }
    let lower: Vec<u8> =
        value.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect();
    let digits = lower.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (letters, count) = lower.split_at(lower.len() - digits);
    !letters.is_empty() && letters.len() <= LONGEST && is_count(count) && is_words(letters)
}

/// Whether the value opens with words such as `not-a-`: whatever follows, it tells its reader that it is none.
fn says_what_it_is_not(value: &[u8]) -> bool {
    let mut words = value.split(|byte| matches!(byte, b'-' | b'_' | b' ')).map(<[u8]>::to_ascii_lowercase);
    let opening = [words.next(), words.next()];
    let [Some(first), Some(second)] = opening else { return false };
    let is_article = matches!(&*second, b"a" | b"an" | b"the" | b"your" | b"my" | b"real");
    first == b"not" && is_article && words.next().is_some_and(|word| word.len() > 1)
}

/// Nothing, one digit, or digits that count up from one.
fn is_count(digits: &[u8]) -> bool {
    digits.len() <= 1 || b"1234567890".starts_with(digits)
}

/// Whether words cut the letters up without a rest.
fn is_words(letters: &[u8]) -> bool {
    let mut reached = vec![false; letters.len() + 1];
    reached[0] = true;
    for at in 0..letters.len() {
        if reached[at] {
            let starts = |word: &&&str| letters[at..].starts_with(word.as_bytes());
            WORDS.iter().chain(&MORE_WORDS).filter(starts).for_each(|word| reached[at + word.len()] = true);
        }
    }
    reached[letters.len()]
}
