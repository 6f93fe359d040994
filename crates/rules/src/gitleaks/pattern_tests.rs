//! Patterns mean here what they mean in Go.

use proptest::prelude::*;

use super::re2;

/// What a pattern matches in a text: all matches, as written.
fn matches(pattern: &str, text: &[u8]) -> Vec<String> {
    let translated = re2::translate(pattern).unwrap_or_else(|error| panic!("{pattern}: {error:?}")).pattern;
    let regex = regex::bytes::RegexBuilder::new(&translated).unicode(false).build();
    let regex = regex.unwrap_or_else(|error| panic!("{pattern}: {translated}: {error}"));
    regex.find_iter(text).map(|m| String::from_utf8_lossy(m.as_bytes()).into_owned()).collect()
}

/// Wanted results are those of Go 1.22, package regexp.
#[test]
fn patterns_mean_what_they_mean_in_go() {
    for (pattern, text, wanted) in [
        (r"\w+", "aé_1", &["a", "_1"][..]),
        (r"\d+", "1\u{663}2", &["1", "2"]),
        (r"\bé", "é é", &[]),
        (r"é\b", "éa", &["é"]),
        (r"a{,2}", "a{,2}", &["a{,2}"]),
        (r"a{x", "a{x", &["a{x"]),
        (r"a{2}", "aaa", &["aa"]),
        (r"}", "}", &["}"]),
        (r"]", "]", &["]"]),
        (r"[]a]+", "]a", &["]a"]),
        (r"[^]a]+", "]ab", &["b"]),
        (r"[a&&b]+", "a&b", &["a&b"]),
        (r"[a~~b]+", "a~b", &["a~b"]),
        (r"[+--]+", "+,-.", &["+,-"]),
        (r"[[a]+", "[a", &["[a"]),
        (r"[\w-]+", "a-b", &["a-b"]),
        (r"[\w-.]+", "a-b.c", &["a-b.c"]),
        (r"[[:alpha:]_]+", "ab_1", &["ab_"]),
        (r"[[:^digit:]]+", "1é2", &["é"]),
        (r"[^\d]", "1\u{e9}", &["é"]),
        (r"\Qa.b\E+", "a.bb a-b", &["a.bb"]),
        (r"\Qa.b", "a.b", &["a.b"]),
        (r"\<a\>", "<a>", &["<a>"]),
        (r"\101\x41\x{41}", "AAA", &["AAA"]),
        (r"\0", "\0", &["\0"]),
        (r"(?i)STRASSE", "strasse", &["strasse"]),
        (r"(?i:a)B", "AB ab", &["AB"]),
        (r"(?ii)a", "A", &["A"]),
        (r"(?s).", "\n", &["\n"]),
        (r".", "\n", &[]),
        (r"(?m)^b$", "a\nb\nc", &["b"]),
        (r"b$", "b\n", &[]),
        (r"b\z", "ab", &["b"]),
        (r"(?U)a+", "aaa", &["a", "a", "a"]),
        (r"a+?", "aa", &["a", "a"]),
        (r"(?P<x>a)(?<y>b)", "ab", &["ab"]),
        (r"\pL+", "aé1", &["aé"]),
        (r"\p{^Greek}", "αa", &["a"]),
        (r"[\p{Greek}a]+", "αa", &["αa"]),
        ("\\#\\ \\-\\/\\\"\\'", "# -/\"'", &["# -/\"'"]),
        (r"#x y", "#x y", &["#x y"]),
        (r"\s+", "a\u{b}\t\n\u{c}\r b", &["\t\n\u{c}\r "]),
        (r"(|a)b", "ab", &["ab"]),
    ] {
        assert_eq!(matches(pattern, text.as_bytes()), wanted, "{pattern}");
    }
    assert_eq!(matches("a.b", b"a\xffb").len(), 1, "a byte that is no UTF-8 is a character");
    assert_eq!(matches("[^x]b", b"\xe9b").len(), 1);
    assert!(matches("[^é]", "é".as_bytes()).is_empty(), "half a character is none");
    assert_eq!(matches("a.b", "a\u{e9}b".as_bytes()).len(), 1);
}

#[test]
fn what_go_refuses_is_refused() {
    for pattern in [
        "a**",
        "a++",
        "a{2}{3}",
        "*a",
        "(*a)",
        "a|*",
        "a{1001}",
        "(a{100}){11}",
        "[b-a]",
        "[a--b]",
        "[",
        "(",
        ")",
        r"\",
        r"\8",
        r"\1",
        r"[a-\d]",
        r"\y",
        r"\é",
        "[[:nope:]]",
        r"\p{Nope}",
        "(?x)a",
        "(?=a)",
        "(?P<a>x)(?P<a>y)",
        "(?P<a-b>x)",
        "(?-)",
        r"\x{110000}",
        "[a",
        "(?i",
        r"\xZ",
    ] {
        assert!(re2::translate(pattern).is_err(), "{pattern}");
    }
}

proptest! {
    #[test]
    fn no_pattern_makes_the_translator_panic_or_write_what_cannot_be_read(pattern in "[-a-cé0-2\\\\\\[\\](){}|*+?.^$:,QEdwsbpP&~ <>=!iU]{0,16}") {
        if let Ok(translated) = re2::translate(&pattern) {
            let read = crate::anchor::parse(&translated.pattern);
            // A flag between an item and its repetition is all that only the second parser refuses.
            prop_assert!(read.is_ok() || pattern.contains("(?"), "{pattern} -> {}: {:?}", translated.pattern, read.err());
        }
    }

    #[test]
    fn plain_patterns_mean_the_same_before_and_after(pattern in "(?:[abc]|\\.|\\[[abc]{1,3}\\]|\\(a\\|b\\)){1,6}[+?]?", text in "[abc\n]{0,12}") {
        let before = regex::bytes::Regex::new(&pattern).unwrap();
        let wanted: Vec<String> =
            before.find_iter(text.as_bytes()).map(|m| String::from_utf8_lossy(m.as_bytes()).into_owned()).collect();
        prop_assert_eq!(matches(&pattern, text.as_bytes()), wanted);
    }

    #[test]
    fn quoted_text_matches_itself(text in "[ -~]{1,12}") {
        prop_assume!(!text.contains("\\E"));
        prop_assert_eq!(matches(&format!(r"\Q{text}\E"), text.as_bytes()), vec![text]);
    }
}
