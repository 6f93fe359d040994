//! Reads `.netrc` and `.authinfo`: words in pairs, on one line or on several.
//!
//! What curl, GNU inetutils, git and Python agree on: words are separated by blanks and line ends, `"` quotes with
//! backslash escapes, `#` where a keyword is due starts a comment, `macdef` reaches to the next empty line.

use bstr::ByteSlice as _;

use super::reading::Reading;
use crate::checks::Fact;
use crate::span::Span;

/// Every password, in order, with its machine and login as facts where they come first.
pub(super) fn read(text: &[u8]) -> Vec<Reading> {
    let mut readings = Vec::new();
    let mut at = 0;
    let (mut machine, mut login) = (None, None);
    while let Some(keyword) = word(text, at) {
        at = keyword.end;
        let name = keyword.span.of(text);
        match name {
            [b'#', ..] => at = line_end(text, keyword.span.start),
            b"default" => (machine, login) = (None, None),
            b"macdef" => {
                let rest = &text[at..];
                at += rest.find("\n\n").or_else(|| rest.find("\n\r\n")).unwrap_or(rest.len());
            }
            b"machine" | b"login" | b"user" | b"account" | b"port" | b"password" | b"passwd" => {
                let Some(value) = word(text, at) else { break };
                at = value.end;
                let plain = unescape(&value, text);
                match name {
                    b"machine" => (machine, login) = (Some(plain), None),
                    b"login" | b"user" => login = Some(plain),
                    b"password" | b"passwd" => readings.push(Reading {
                        span: Span::new(keyword.span.start, value.span.end),
                        secret: value.span,
                        value: plain,
                        facts: facts(machine.as_deref(), login.as_deref()),
                    }),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    readings
}

fn facts(machine: Option<&[u8]>, login: Option<&[u8]>) -> Vec<Fact> {
    [("machine", machine), ("login", login)]
        .into_iter()
        .filter_map(|(name, value)| Some(Fact::of_text(name, &value?.to_str_lossy())))
        .collect()
}

/// A word without its quotes, and where reading goes on.
struct Word {
    span: Span,
    quoted: bool,
    end: usize,
}

/// The next word from `from` on. A quote that is not closed on its line is an ordinary character.
fn word(text: &[u8], from: usize) -> Option<Word> {
    let start = from + text[from..].iter().position(|byte| !byte.is_ascii_whitespace())?;
    if text[start] == b'"'
        && let Some(length) = closing_quote(&text[start + 1..])
    {
        let span = Span::new(start + 1, start + 1 + length);
        return Some(Word { span, quoted: true, end: span.end + 1 });
    }
    let length = text[start..].iter().position(u8::is_ascii_whitespace).unwrap_or(text.len() - start);
    Some(Word { span: Span::new(start, start + length), quoted: false, end: start + length })
}

fn closing_quote(rest: &[u8]) -> Option<usize> {
    let mut escaped = false;
    let end = rest.iter().position(|&byte| {
        let stop = byte == b'\n' || byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        stop
    })?;
    (rest[end] == b'"').then_some(end)
}

fn line_end(text: &[u8], from: usize) -> usize {
    memchr::memchr(b'\n', &text[from..]).map_or(text.len(), |length| from + length)
}

fn unescape(word: &Word, text: &[u8]) -> Vec<u8> {
    let raw = word.span.of(text);
    if !word.quoted {
        return raw.to_vec();
    }
    let mut value = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter();
    while let Some(&byte) = bytes.next() {
        value.push(match (byte, byte == b'\\') {
            (_, true) => match bytes.next() {
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                Some(b't') => b'\t',
                Some(&other) => other,
                None => byte,
            },
            (byte, false) => byte,
        });
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Machine, login and password of every entry.
    fn entries(text: &str) -> Vec<(String, String, String)> {
        let fact = |reading: &Reading, name: &str| {
            let fact = reading.facts.iter().find(|fact| fact.name == name);
            fact.map_or_else(String::new, |fact| fact.value.clone())
        };
        let string = |value: &[u8]| value.to_str_lossy().into_owned();
        read(text.as_bytes())
            .iter()
            .map(|reading| (fact(reading, "machine"), fact(reading, "login"), string(&reading.value)))
            .collect()
    }

    fn entry(machine: &str, login: &str, password: &str) -> (String, String, String) {
        (machine.to_owned(), login.to_owned(), password.to_owned())
    }

    #[test]
    fn every_way_to_write_an_entry_is_read() {
        let one = entry("h", "u", "p#w");
        for text in [
            "machine h login u password p#w",
            "machine h\nlogin u\npassword p#w\n",
            "machine h\r\n\tlogin u\r\n\tpassword\r\n\t\tp#w\r\n",
            "# machine x login y password z\nmachine h login u password p#w # note password q",
            "machine h port 21 login u account a password p#w",
            "machine \"h\" login \"u\" password \"p#w\"",
            "macdef init\nput password x\n\nmachine h login u password p#w",
            "machine h user u passwd p#w",
        ] {
            assert_eq!(entries(text), std::slice::from_ref(&one), "{text:?}");
        }
        assert_eq!(entries("password p"), [entry("", "", "p")]);
        assert_eq!(entries("machine h login u default password p"), [entry("", "", "p")]);
        assert_eq!(entries("machine a login u password p machine b password q").len(), 2);
        assert_eq!(entries("machine a password \"x \\\"y\\\\\\n\""), [entry("a", "", "x \"y\\\n")]);
        assert_eq!(entries("machine a password \"open\nmachine b password q").len(), 2);
    }

    #[test]
    fn what_names_no_password_yields_none() {
        for text in ["", "machine h login u", "machine h password", "macdef x\npassword y", "passwords x"] {
            assert_eq!(entries(text), [], "{text:?}");
        }
        // The name of a host, not a keyword.
        assert_eq!(entries("machine password login u"), []);
    }

    #[test]
    fn many_open_quotes_and_macros_take_linear_time() {
        let start = std::time::Instant::now();
        for line in ["password \"\\\"x\n", "macdef x ", "# \"", "\" "] {
            read(line.repeat(300_000).as_bytes());
        }
        assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            written in prop::collection::vec(("[a-z][a-z.]{0,8}", "[!-~]{1,9}", "[ -~]{1,12}", "[ \n\t]{1,3}"), 0..6),
        ) {
            let quoted = |value: &str| format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""));
            let mut text = String::new();
            for (machine, login, password, blank) in &written {
                let words = ["machine", machine, "login", &quoted(login), "password", &quoted(password), ""];
                text += &words.join(blank);
            }
            let wanted: Vec<_> = written.iter().map(|(m, l, p, _)| entry(m, l, p)).collect();
            prop_assert_eq!(entries(&text), wanted);
        }

        #[test]
        fn any_bytes_give_ordered_values(text in "(machine|password|default|macdef|#|\"|\\\\|[ \n]|x){0,60}", noise: Vec<u8>) {
            for text in [text.as_bytes(), &noise] {
                let mut at = 0;
                for reading in read(text) {
                    prop_assert!(at <= reading.span.start && reading.span.start <= reading.secret.start);
                    prop_assert!(reading.secret.end <= text.len());
                    at = reading.secret.end;
                }
            }
        }
    }
}
