//! Text inside GitHub-flavoured Markdown that shows as it is, in a cell of a table too.
//!
//! Code spans make nothing of what is in them: no link, no image, no mention of a person or an issue. Only two
//! characters could end one or the cell around it, and those are shown as escapes.

use crate::harmless::harmless;

/// `text` in a code span.
pub(crate) fn code(text: &[u8]) -> String {
    let shown = harmless(text).replace('`', r"\x60").replace('|', r"\x7c");
    if shown.trim().is_empty() { "*(nothing)*".to_owned() } else { format!("`{shown}`") }
}

/// `text` as it is where it holds words and nothing that Markdown or a host makes something of; else in a code span.
pub(crate) fn prose(text: &[u8]) -> String {
    let shown = harmless(text);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | ',' | '(' | ')' | '\'' | '/' | '-');
    let words = shown.chars().all(plain) && shown.starts_with(char::is_alphanumeric);
    if words { shown } else { code(text) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_means_something_is_code() {
        assert_eq!(
            prose(b"GitHub personal access token (classic)"),
            "GitHub personal access token (classic)"
        );
        for text in
            ["@everyone", "#1", "[x](y)", "www.example.org", "<img>", "*a*", "- a", " a", "1. a", "_a_"]
        {
            assert_eq!(prose(text.as_bytes()), format!("`{text}`"), "{text}");
        }
        assert_eq!(code(b"a|b`c\n"), r"`a\x7cb\x60c\x0a`");
        assert_eq!(code(b" "), "*(nothing)*");
    }

    proptest! {
        #[test]
        fn nothing_ends_a_span_or_a_cell(text in proptest::collection::vec(any::<u8>(), 0..60)) {
            let span = code(&text);
            if let Some(inner) = span.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')) {
                prop_assert!(!inner.contains(['`', '|', '\n', '\r']));
            } else {
                prop_assert_eq!(span, "*(nothing)*");
            }
            prop_assert!(!prose(&text).contains(['|', '\n', '\r', '<', '@', '[']) || prose(&text).starts_with('`'));
        }
    }
}
