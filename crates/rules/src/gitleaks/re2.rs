//! RE2 patterns, as Go's `regexp` reads them, written anew so that the `regex` crate takes them the same way.
//!
//! The two grammars look alike and differ in what a pattern means. Here: classes and boundaries of ASCII (`\w`, `\d`,
//! `\s`, `\b`), `&&`, `--`, `~~` and `[` inside classes (literals, no set operations), `{` that opens no repetition,
//! octal escapes, `\Q..\E`, `\<`, `\C`, names of groups, and bytes that are no UTF-8, of which each is a character. What
//! Go refuses is refused here too: look-around, back-references, stacked or too large repetitions. Source of the
//! grammar: Go, package regexp/syntax, and RE2's syntax page.

pub(crate) use super::re2_class::Re2Error;
use super::re2_class::{Scanner, class};

/// A pattern in the syntax of the `regex` crate, for bytes, with Unicode switched off outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Translated {
    pub(crate) pattern: String,
    /// Capture groups.
    pub(crate) groups: usize,
}

/// The largest count in a repetition (RE2).
const MAX_REPEAT: u32 = 1000;
/// A byte that is no part of a character.
const STRAY: &str = r"(?-u:[\x80-\xFF])";

/// What a pattern means in Go, in the syntax of the `regex` crate.
///
/// # Errors
/// What Go would refuse.
pub(crate) fn translate(pattern: &str) -> Result<Translated, Re2Error> {
    let mut writer = Writer {
        input: Scanner::new(pattern),
        out: String::from("(?u:"),
        groups: 0,
        open: Vec::new(),
        names: Vec::new(),
        last: Last::Nothing,
    };
    while let Some((at, c)) = writer.input.next() {
        writer.token(at, c)?;
    }
    if let Some(level) = writer.open.first() {
        return Err(Re2Error::new(level.at, "this group is not closed"));
    }
    writer.out.push(')');
    Ok(Translated { pattern: writer.out, groups: writer.groups })
}

/// What a repetition would repeat.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Nothing,
    /// Something whose counted repetitions, nested, multiply to this.
    Item(u32),
    Repeated(u32),
}

struct Level {
    at: usize,
    /// The product of nested counts inside, the largest so far.
    product: u32,
}

struct Writer<'p> {
    input: Scanner<'p>,
    out: String,
    groups: usize,
    open: Vec<Level>,
    names: Vec<&'p str>,
    last: Last,
}

impl Writer<'_> {
    fn token(&mut self, at: usize, c: char) -> Result<(), Re2Error> {
        match c {
            '(' => return self.group(at),
            ')' => {
                let level = self.open.pop().ok_or_else(|| Re2Error::new(at, "no group is open here"))?;
                self.out.push(')');
                self.item(level.product);
            }
            '|' => {
                self.out.push('|');
                self.last = Last::Nothing;
            }
            '^' | '$' => {
                self.out.push(c);
                self.item(1);
            }
            '.' => {
                self.out.push_str("(?:.|");
                self.out.push_str(STRAY);
                self.out.push(')');
                self.item(1);
            }
            '[' => {
                let class = class(&mut self.input, at)?;
                self.class(&class.items, class.negated, class.takes_stray_bytes);
            }
            '*' | '+' | '?' => {
                self.out.push(c);
                return self.repeated(at, 1);
            }
            '{' => match counts(self.input.rest()) {
                None => self.literal('{'),
                Some((length, counts)) => {
                    self.input.skip(length);
                    return self.counted(at, counts);
                }
            },
            '\\' => return self.escape(at),
            c => self.literal(c),
        }
        Ok(())
    }

    fn item(&mut self, product: u32) {
        self.last = Last::Item(product);
        if let Some(level) = self.open.last_mut() {
            level.product = level.product.max(product);
        }
    }

    fn literal(&mut self, c: char) {
        self.out.push_str(&regex_syntax::escape(c.encode_utf8(&mut [0; 4])));
        self.item(1);
    }

    fn class(&mut self, items: &str, negated: bool, takes_stray_bytes: bool) {
        let class = format!("[{}{items}]", if negated { "^" } else { "" });
        if takes_stray_bytes {
            self.out.extend(["(?:", &class, "|", STRAY, ")"]);
        } else {
            self.out.push_str(&class);
        }
        self.item(1);
    }

    fn counted(&mut self, at: usize, (min, max): (u32, Option<u32>)) -> Result<(), Re2Error> {
        let largest = max.unwrap_or(min).max(min);
        if max.is_some_and(|max| max < min) || largest > MAX_REPEAT {
            return Err(Re2Error::new(
                at,
                format!("a repetition counts from low to high, at most {MAX_REPEAT}"),
            ));
        }
        let (min, max) = (min.to_string(), max.map(|max| max.to_string()));
        match &max {
            Some(max) if *max == min => self.out.extend(["{", &min, "}"]),
            Some(max) => self.out.extend(["{", &min, ",", max, "}"]),
            None => self.out.extend(["{", &min, ",}"]),
        }
        self.repeated(at, largest.max(1))
    }

    fn repeated(&mut self, at: usize, times: u32) -> Result<(), Re2Error> {
        let inner = match self.last {
            Last::Nothing => return Err(Re2Error::new(at, "there is nothing to repeat here")),
            Last::Repeated(_) => return Err(Re2Error::new(at, "repetitions cannot be stacked; use a group")),
            Last::Item(product) => product,
        };
        let product = inner.saturating_mul(times);
        if product > MAX_REPEAT {
            return Err(Re2Error::new(at, format!("nested repetitions multiply to more than {MAX_REPEAT}")));
        }
        if self.input.take('?') {
            self.out.push('?');
        }
        self.item(product);
        self.last = Last::Repeated(product);
        Ok(())
    }

    fn group(&mut self, at: usize) -> Result<(), Re2Error> {
        let rest = self.input.rest();
        for (opening, what) in
            [("?=", "look-ahead"), ("?!", "look-ahead"), ("?<=", "look-behind"), ("?<!", "look-behind")]
        {
            if rest.starts_with(opening) {
                let message =
                    format!("look-around is not supported ({what}): neither gitleaks nor unleak has it");
                return Err(Re2Error::new(at, message));
            }
        }
        if let Some(named) = rest.strip_prefix("?P<").or_else(|| rest.strip_prefix("?<")) {
            let name = named.split('>').next().filter(|name| name.len() < named.len());
            let word = |name: &&str| {
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            };
            let name =
                name.filter(word).ok_or_else(|| Re2Error::new(at, "the name of this group is not valid"))?;
            if self.names.contains(&name) {
                return Err(Re2Error::new(at, format!("two groups are called '{name}'")));
            }
            self.names.push(name);
            self.input.skip(rest.len() - named.len() + name.len() + 1);
        } else if let Some(flags) = rest.strip_prefix('?') {
            return self.flags(at, flags);
        }
        self.groups += 1;
        self.enter(at, "(");
        Ok(())
    }

    fn enter(&mut self, at: usize, opening: &str) {
        self.out.push_str(opening);
        self.open.push(Level { at, product: 1 });
        self.last = Last::Nothing;
    }

    fn flags(&mut self, at: usize, rest: &str) -> Result<(), Re2Error> {
        let refused = || Re2Error::new(at, "only the flags i, m, s and U may stand here");
        let end = rest.find([':', ')']).ok_or_else(refused)?;
        let flags = &rest[..end];
        let mut parts = flags.splitn(2, '-');
        let known = |part: &str| part.chars().all(|flag| "imsU".contains(flag));
        let (on, off) = (parts.next().unwrap_or_default(), parts.next());
        let sensible = known(on) && off.is_none_or(|off| known(off) && !off.is_empty());
        if !sensible || (flags.is_empty() && rest.as_bytes()[end] == b')') {
            return Err(refused());
        }
        let flags = written(on, off);
        self.input.skip(1 + end + 1);
        if rest.as_bytes()[end] == b':' {
            self.enter(at, &format!("(?{flags}:"));
        } else if !flags.is_empty() {
            self.out.extend(["(?", &flags, ")"]);
        }
        Ok(())
    }

    fn escape(&mut self, at: usize) -> Result<(), Re2Error> {
        let rest = self.input.rest();
        let Some(c) = rest.chars().next() else {
            return Err(Re2Error::new(at, "a backslash ends the pattern"));
        };
        match c {
            'Q' => {
                self.input.skip(1);
                let quoted = self.input.rest();
                let (text, length) =
                    quoted.find(r"\E").map_or((quoted, quoted.len()), |end| (&quoted[..end], end + 2));
                text.chars().for_each(|c| self.literal(c));
                self.input.skip(length);
            }
            'A' | 'z' => self.fixed(&format!(r"\{c}")),
            'b' | 'B' => self.fixed(&format!(r"(?-u:\{c})")),
            'C' => self.fixed("(?s-u:.)"),
            'd' | 'D' | 's' | 'S' | 'w' | 'W' | 'p' | 'P' => {
                let (items, stray) = self.input.perl_or_unicode(at)?;
                self.class(&items, false, stray);
            }
            _ => {
                let c = self.input.escaped(at)?;
                self.literal(c);
            }
        }
        Ok(())
    }

    fn fixed(&mut self, text: &str) {
        self.input.skip(1);
        self.out.push_str(text);
        self.item(1);
    }
}

/// Flags without repetitions, which Go allows and `regex` does not. What is switched off comes last and wins.
fn written(on: &str, off: Option<&str>) -> String {
    let off = off.unwrap_or_default();
    let chosen = |flags: &str, but: &str| -> String {
        "imsU".chars().filter(|flag| flags.contains(*flag) && !but.contains(*flag)).collect()
    };
    let (on, off) = (chosen(on, off), chosen(off, ""));
    if off.is_empty() { on } else { format!("{on}-{off}") }
}

/// The counts of `n}`, `n,}` or `n,m}` and their length in bytes; `None` for anything else, which is literal.
fn counts(rest: &str) -> Option<(usize, (u32, Option<u32>))> {
    let end = rest.find('}')?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let plain = digits && (text == "0" || !text.starts_with('0'));
        // What is too large to count is too large to repeat.
        plain.then(|| text.parse().unwrap_or(u32::MAX))
    };
    let counts = match rest[..end].split_once(',') {
        None => number(&rest[..end]).map(|count| (count, Some(count))),
        Some((min, "")) => number(min).map(|min| (min, None)),
        Some((min, max)) => number(min).zip(number(max)).map(|(min, max)| (min, Some(max))),
    };
    Some((end + 1, counts?))
}
