//! Makes text that a stranger wrote safe to show on a terminal and impossible to mistake for another line.
//!
//! File names, author names, subjects and ref names may hold escape sequences, line ends, characters that turn the
//! reading direction round or that nobody can see. They come out as `\x1b` and `\u{202e}`. Letters of any language,
//! combining marks among them, stay as they are.

use std::fmt::Write;

/// One line of visible text: controls, invisible characters and bytes that are not UTF-8 are written as escapes.
///
/// ```
/// assert_eq!(unleak_report::harmless(b"a\x1b[2J\xff\n"), r"a\x1b[2J\xff\x0a");
/// ```
pub fn harmless(text: &[u8]) -> String {
    let mut shown = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            // Writing to a `String` cannot fail.
            let _ = match c {
                '\0'..='\x1f' | '\x7f' => write!(shown, "\\x{:02x}", u32::from(c)),
                c if is_deceptive(c) => write!(shown, "\\u{{{:x}}}", u32::from(c)),
                c => shown.write_char(c),
            };
        }
        for byte in chunk.invalid() {
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    shown
}

/// Whether a character has no picture of its own or changes how its neighbours are shown: C1 controls, line and
/// paragraph separators, the default-ignorable code points (Unicode 17, `DerivedCoreProperties.txt`) with the blank
/// interlinear and musical controls beside them.
fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{13430}'..='\u{13455}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_deceives_is_escaped_and_what_is_written_somewhere_stays() {
        let cases: [(&[u8], &str); 8] = [
            (b"\x1b]8;;http://x\x07y", r"\x1b]8;;http://x\x07y"),
            ("a\u{202e}gpj.exe".as_bytes(), r"a\u{202e}gpj.exe"),
            ("a\u{2066}\u{2069}\u{200b}\u{feff}".as_bytes(), r"a\u{2066}\u{2069}\u{200b}\u{feff}"),
            ("\u{9b}31m".as_bytes(), r"\u{9b}31m"),
            (b"\xc3(\xf0\x9f", r"\xc3(\xf0\x9f"),
            (b"a\r\nb\tc", r"a\x0d\x0ab\x09c"),
            ("Zoe\u{308} Müller 王 हिन्दी".as_bytes(), "Zoe\u{308} Müller 王 हिन्दी"),
            (br"C:\dir", r"C:\dir"),
        ];
        for (text, shown) in cases {
            assert_eq!(harmless(text), shown);
        }
    }

    proptest! {
        #[test]
        fn no_control_survives_and_printable_ascii_does(text in proptest::collection::vec(any::<u8>(), 0..80)) {
            let shown = harmless(&text);
            prop_assert!(!shown.chars().any(|c| c.is_control() || is_deceptive(c)));
            let plain: Vec<u8> = text.into_iter().filter(|b| (b' '..0x7f).contains(b)).collect();
            prop_assert_eq!(harmless(&plain).into_bytes(), plain);
        }

        #[test]
        fn harmless_text_is_left_alone(text in any::<String>()) {
            let once = harmless(text.as_bytes());
            prop_assert_eq!(harmless(once.as_bytes()), once);
        }
    }
}
