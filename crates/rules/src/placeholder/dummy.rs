//! Recognises values that somebody made up: with the words and sequences that people type when any value will do.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// In any case, anywhere in the value. The last ones are `password`, `secret` and `example` in base64, at any of the
/// three offsets where they differ from other text.
static MADE_UP: LazyLock<AhoCorasick> = LazyLock::new(|| {
    #[rustfmt::skip]
    let parts = [
        "insert", "replace", "dummy", "sample", "fake", "mock", "redacted", "abcdef", "abc123", "abcd1234", "1234abcd", "123456", "23456789", "qwerty",
        "asdf", "zxcv", "deadbeef", "foobar", "foo-bar", "foo_bar", "lorem", "undefined", "null", "test", "demo",
        "secret", "passw", "token", "apikey", "api_key", "api-key", "credential", "hunter2", "letmein", "s3cr3t", "s3cret",
        "p@ssw", "pa$$w", "pa55w", "passphrase", "changeit", "change_it", "change-it", "changethis", "whatever", "something",
        "some_", "some-", "my_", "my-", "mykey", "invalid", "wrong", "bogus", "not-a", "not_a", "notreal", "valid_", "this-is", "this_is", "thisis",
        "supers", "topsec", "fixme", "todo", "0000000", "1111111", "aaaaaaa", "xxxx", "....", "****", "abcabc", "123123", "bar_baz", "hello",
        "cgfzc3", "bhc3n3", "wyxnzd", "c2vjcmv0", "nly3jld", "zzwnyzx", "zxhhbxbs",
    ];
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(parts)
        .expect("a few short words make an automaton")
});

/// Whether `value` holds what people write when any value will do. It may still be a real, bad password.
pub fn is_dummy(value: &[u8]) -> bool {
    MADE_UP.is_match(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_values_are_told_from_made_ones() {
        for value in
            ["my-test-key-1", "Sup3rS3cr3t!", "abcdef0123456789", "fakeToken99", "P@ssw0rd!", "cGFzc3dvcmQx"]
        {
            assert!(is_dummy(value.as_bytes()), "{value}");
        }
        for value in ["Womb4tHerds#7", "9f3ac1d27be045", "k3Jd9sQw2x", "Orchid-2031!"] {
            assert!(!is_dummy(value.as_bytes()), "{value}");
        }
    }
}
