//! Reads the text fields of one flat object, as JSON, inside a string literal or as source code writes it.

use bstr::ByteSlice as _;

/// Fields in the order of the text; of nested objects too, as if they were flat.
pub(super) struct Fields<'a>(Vec<(&'a [u8], &'a [u8])>);

impl<'a> Fields<'a> {
    /// Reads `text`, in which the escapes of an outer string literal are already resolved.
    pub(super) fn read(text: &'a [u8]) -> Self {
        let mut fields = Vec::new();
        let (mut name, mut after_colon): (&[u8], bool) = (b"", false);
        let mut rest = text;
        while let Some((&byte, tail)) = rest.split_first() {
            match byte {
                b'"' | b'\'' => {
                    let end = tail.find_byte(byte).unwrap_or(tail.len());
                    let word = &tail[..end];
                    if after_colon {
                        fields.push((name, word));
                    }
                    (name, after_colon) = (word, false);
                    rest = tail.get(end + 1..).unwrap_or_default();
                }
                b':' => (after_colon, rest) = (true, tail),
                _ if byte.is_ascii_alphanumeric() || byte == b'_' => {
                    let end = rest.iter().position(|b| !(b.is_ascii_alphanumeric() || *b == b'_'));
                    let (word, tail) = rest.split_at(end.unwrap_or(rest.len()));
                    (name, after_colon, rest) = (word, false, tail);
                }
                _ if byte.is_ascii_whitespace() => rest = tail,
                _ => (name, after_colon, rest) = (b"", false, tail),
            }
        }
        Self(fields)
    }

    /// The value of the first field called so.
    pub(super) fn get(&self, name: &str) -> Option<&'a [u8]> {
        self.0.iter().find(|(known, _)| *known == name.as_bytes()).map(|(_, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn json_and_source_code_are_read() {
        for text in [
            r#"{"kty":"EC","d":"x:y", "n" : 7, "kid": "a, b: 'c'", "ops": ["sign"]}"#,
            "{ kty: 'EC', d: 'x:y', n: 7, kid: \"a, b: 'c'\", ops: ['sign'], }",
            r#"{"d":"x:y","kty":"EC","kid":"a, b: 'c'""#,
        ] {
            let fields = Fields::read(text.as_bytes());
            assert_eq!(fields.get("kty"), Some(&b"EC"[..]), "{text}");
            assert_eq!(fields.get("d"), Some(&b"x:y"[..]), "{text}");
            assert_eq!(fields.get("kid"), Some(&b"a, b: 'c'"[..]), "{text}");
            assert_eq!(fields.get("n"), None, "{text}");
            assert_eq!(fields.get("b"), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(text: Vec<u8>, marks in "[\"':{},a ]{0,40}") {
            Fields::read(&text);
            Fields::read(marks.as_bytes());
        }
    }
}
