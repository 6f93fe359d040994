//! A shell text to tokens: words with their quoting, operators, and the bodies of here-documents.

use crate::shell::closing;
use crate::shell::word::{Piece, Word};

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Word(Word),
    /// `;`, `&`, `&&`, `||`, a line end: what ends a pipeline.
    End,
    /// `|` and `|&`.
    Pipe,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `<`, `>`, `>>` and their relatives; the next word is where it leads.
    Redirect(String),
    /// `<<` with the body that was found for it.
    HereDocument(Word),
}

/// Longer sums are taken for parentheses. Bytes.
const MAX_ARITHMETIC: usize = 1024;

/// Reads a whole text. Takes time linear in it, but for brackets within brackets.
pub(crate) fn lex(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { text, bytes: text.as_bytes(), at: 0, tokens: Vec::new(), pending: Vec::new() };
    lexer.run();
    lexer.tokens
}

struct Lexer<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    tokens: Vec<Token>,
    /// Here-documents whose bodies begin on the next line: place of the token, delimiter, as it is, tabs stripped.
    pending: Vec<(usize, String, bool, bool)>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn run(&mut self) {
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\\' if self.peek(1) == b'\n' => self.at += 2,
                b'\n' => {
                    self.at += 1;
                    self.tokens.push(Token::End);
                    self.bodies();
                }
                b'#' => self.comment(),
                b';' => self.ends(b";&"),
                b'&' if self.peek(1) == b'>' => self.redirect(),
                b'&' => self.ends(b"&"),
                b'|' if self.peek(1) == b'|' => self.ends(b"|"),
                b'|' => {
                    self.at += if self.peek(1) == b'&' { 2 } else { 1 };
                    self.tokens.push(Token::Pipe);
                }
                b'(' if self.peek(1) == b'(' => self.arithmetic(),
                b'(' => self.single(Token::Open),
                b')' => self.single(Token::Close),
                b'<' | b'>' if self.peek(1) != b'(' => self.redirect(),
                _ => {
                    let word = self.word();
                    self.push_word(word);
                }
            }
        }
    }

    fn single(&mut self, token: Token) {
        self.at += 1;
        self.tokens.push(token);
    }

    fn comment(&mut self) {
        while self.at < self.bytes.len() && self.peek(0) != b'\n' {
            self.at += 1;
        }
    }

    /// One byte, and those of `more` that follow.
    fn ends(&mut self, more: &[u8]) {
        self.at += 1;
        while more.contains(&self.peek(0)) && self.at < self.bytes.len() {
            self.at += 1;
        }
        self.tokens.push(Token::End);
    }

    /// `((…))`: numbers only.
    fn arithmetic(&mut self) {
        let near = &self.bytes[..self.bytes.len().min(self.at + MAX_ARITHMETIC)];
        let end = closing::parenthesis(near, self.at + 2);
        if self.bytes.get(end + 1) == Some(&b')') {
            self.at = end + 2;
            self.tokens.push(Token::Word(Word(vec![Piece::Text { text: "((".into(), quoted: true }])));
        } else {
            self.single(Token::Open);
        }
    }

    fn redirect(&mut self) {
        let start = self.at;
        while matches!(self.peek(0), b'<' | b'>' | b'&' | b'|') && self.at - start < 3 {
            self.at += 1;
        }
        // `<<-`, and `>&-`, which closes.
        let operator = &self.text[start..self.at];
        if operator == "<<" {
            let strip = self.peek(0) == b'-';
            self.at += usize::from(strip);
            self.here_document(strip);
        } else {
            self.tokens.push(Token::Redirect(operator.to_owned()));
        }
    }

    fn here_document(&mut self, strip: bool) {
        while matches!(self.peek(0), b' ' | b'\t') {
            self.at += 1;
        }
        let word = self.word();
        let mut quoted = false;
        let delimiter: String = word
            .0
            .iter()
            .map(|piece| match piece {
                Piece::Text { text, quoted: by } => {
                    quoted |= by;
                    text.clone()
                }
                Piece::Variable { name, .. } => format!("${name}"),
                Piece::Substitution { script, .. } => format!("$({script})"),
            })
            .collect();
        self.pending.push((self.tokens.len(), delimiter, quoted, strip));
        self.tokens.push(Token::HereDocument(Word::default()));
    }

    /// Reads the bodies that begin here.
    fn bodies(&mut self) {
        for (token, delimiter, quoted, strip) in std::mem::take(&mut self.pending) {
            let mut body = String::new();
            while self.at < self.bytes.len() {
                let end = self.text[self.at..].find('\n').map_or(self.text.len(), |end| self.at + end);
                let line = &self.text[self.at..end];
                self.at = (end + 1).min(self.text.len());
                let line = if strip { line.trim_start_matches('\t') } else { line };
                if line.trim_end_matches('\r') == delimiter {
                    break;
                }
                body.push_str(line);
                body.push('\n');
            }
            let word = if quoted {
                Word(vec![Piece::Text { text: body, quoted: true }])
            } else {
                let mut inner = Lexer {
                    text: &body,
                    bytes: body.as_bytes(),
                    at: 0,
                    tokens: Vec::new(),
                    pending: Vec::new(),
                };
                let mut word = Word::default();
                inner.quoted(&mut word, None);
                word
            };
            self.tokens[token] = Token::HereDocument(word);
        }
    }

    /// The digits before a redirection belong to it; they are kept where they are not those of standard input or output.
    fn push_word(&mut self, word: Word) {
        let number = word.bare().filter(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()));
        match number.filter(|_| matches!(self.peek(0), b'<' | b'>')).map(str::to_owned) {
            None => self.tokens.push(Token::Word(word)),
            Some(number) => {
                self.redirect();
                if let Some(Token::Redirect(operator)) = self.tokens.last_mut()
                    && !matches!(number.as_str(), "0" | "1")
                {
                    operator.insert_str(0, &number);
                }
            }
        }
    }

    fn word(&mut self) -> Word {
        let mut word = Word::default();
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b'<' | b'>' if self.peek(1) == b'(' && word.0.is_empty() => {
                    self.substitution(&mut word, true, true);
                }
                b' ' | b'\t' | b'\n' | b'\r' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>' => break,
                b'\\' if self.peek(1) == b'\n' => self.at += 2,
                b'\\' => {
                    self.at += 1;
                    let length = self.character();
                    word.push(&self.text[self.at..self.at + length], true);
                    self.at += length;
                }
                b'\'' => {
                    let end = closing::end_of_single(self.bytes, self.at + 1);
                    word.push(&self.text[self.at + 1..end], true);
                    self.at = (end + 1).min(self.bytes.len());
                }
                b'"' => {
                    self.at += 1;
                    word.push("", true);
                    self.quoted(&mut word, Some(b'"'));
                }
                b'$' if self.peek(1) == b'\'' => self.ansi(&mut word),
                b'$' if self.peek(1) == b'"' => self.at += 1,
                b'$' | b'`' => self.expansion(&mut word, false),
                _ => {
                    let length = self.character();
                    word.push(&self.text[self.at..self.at + length], false);
                    self.at += length;
                }
            }
        }
        word
    }

    /// Bytes of the character here.
    fn character(&self) -> usize {
        self.text[self.at..].chars().next().map_or(0, char::len_utf8)
    }

    /// Text in which only `$`, backquotes and backslashes mean something, up to `end` or the end of all.
    fn quoted(&mut self, word: &mut Word, end: Option<u8>) {
        while self.at < self.bytes.len() {
            match self.peek(0) {
                byte if Some(byte) == end => {
                    self.at += 1;
                    return;
                }
                b'\\' if matches!(self.peek(1), b'$' | b'`' | b'"' | b'\\') => {
                    word.push(&self.text[self.at + 1..self.at + 2], true);
                    self.at += 2;
                }
                b'\\' if self.peek(1) == b'\n' => self.at += 2,
                b'$' | b'`' => self.expansion(word, true),
                _ => {
                    let rest = &self.bytes[self.at..];
                    let special = |byte: &u8| matches!(byte, b'\\' | b'$' | b'`') || Some(*byte) == end;
                    let length = rest.iter().position(special).unwrap_or(rest.len()).max(1);
                    word.push(&self.text[self.at..self.at + length], true);
                    self.at += length;
                }
            }
        }
    }

    /// What `$` or a backquote begins.
    fn expansion(&mut self, word: &mut Word, quoted: bool) {
        if self.peek(0) == b'`' {
            let end = closing::backquote(self.bytes, self.at + 1);
            let script = self.text[self.at + 1..end].replace("\\`", "`").replace("\\$", "$");
            let script = script.replace("\\\\", "\\");
            word.0.push(Piece::Substitution { script, quoted, file: false });
            self.at = (end + 1).min(self.bytes.len());
            return;
        }
        match self.peek(1) {
            b'(' if self.peek(2) == b'(' => {
                let end = closing::parenthesis(self.bytes, self.at + 2);
                word.0.push(Piece::Variable { name: "((".into(), rest: String::new(), quoted });
                self.at = (end + 1).min(self.bytes.len());
            }
            b'(' => self.substitution(word, quoted, false),
            b'{' => {
                let end = closing::brace(self.bytes, self.at + 2);
                let inside = self.text[self.at + 2..end].to_owned();
                self.at = (end + 1).min(self.bytes.len());
                let length = inside.bytes().take_while(|byte| is_name(*byte)).count();
                let (name, rest) = inside.split_at(length);
                word.0.push(Piece::Variable { name: name.to_owned(), rest: rest.to_owned(), quoted });
                inner(word, rest);
            }
            _ => {
                let rest = &self.bytes[self.at + 1..];
                let length = rest.iter().take_while(|byte| is_name(**byte)).count();
                let length = if length == 0 && rest.first().is_some_and(|b| b"@*#?-$!".contains(b)) {
                    1
                } else {
                    length
                };
                if length == 0 {
                    word.push("$", quoted);
                } else {
                    let name = self.text[self.at + 1..self.at + 1 + length].to_owned();
                    word.0.push(Piece::Variable { name, rest: String::new(), quoted });
                }
                self.at += 1 + length;
            }
        }
    }

    /// `$(…)` or `<(…)`.
    fn substitution(&mut self, word: &mut Word, quoted: bool, file: bool) {
        let start = self.at + 2;
        let end = closing::parenthesis(self.bytes, start);
        word.0.push(Piece::Substitution { script: self.text[start..end].to_owned(), quoted, file });
        self.at = (end + 1).min(self.bytes.len());
    }

    /// `$'…'`, with the escapes of C.
    fn ansi(&mut self, word: &mut Word) {
        self.at += 2;
        let mut text = String::new();
        while self.at < self.bytes.len() && self.peek(0) != b'\'' {
            if self.peek(0) != b'\\' {
                let length = self.character();
                text.push_str(&self.text[self.at..self.at + length]);
                self.at += length;
                continue;
            }
            self.at += 1;
            let (radix, skip, most) = match self.peek(0) {
                b'x' => (16, 1, 2),
                b'u' => (16, 1, 4),
                b'0'..=b'7' => (8, 0, 3),
                _ => (0, 0, 0),
            };
            let digits: String = self.text[self.at..]
                .chars()
                .skip(skip)
                .take(most)
                .take_while(|digit| digit.is_digit(radix.max(2)))
                .collect();
            if let Some(character) = u32::from_str_radix(&digits, radix.max(2)).ok().and_then(char::from_u32)
            {
                text.push(character);
                self.at += skip + digits.len();
                continue;
            }
            let length = self.character();
            text.push_str(match self.peek(0) {
                b'n' => "\n",
                b't' => "\t",
                b'r' => "\r",
                _ => &self.text[self.at..self.at + length],
            });
            self.at += length;
        }
        self.at = (self.at + 1).min(self.bytes.len());
        word.push(&text, true);
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The scripts within what follows a variable's name.
fn inner(word: &mut Word, rest: &str) {
    if !rest.contains("$(") && !rest.contains('`') {
        return;
    }
    // What they print stands in no argument by itself.
    let unknown = |script: &str| Piece::Substitution { script: script.to_owned(), quoted: true, file: true };
    // One level is enough: what they hold is read as a script of its own.
    let mut at = 0;
    let bytes = rest.as_bytes();
    while at < bytes.len() {
        if bytes[at..].starts_with(b"$(") {
            let end = closing::parenthesis(bytes, at + 2);
            word.0.push(unknown(&rest[at + 2..end]));
            at = end;
        } else if bytes[at] == b'`' {
            let end = closing::backquote(bytes, at + 1);
            word.0.push(unknown(&rest[at + 1..end]));
            at = end;
        }
        at += 1;
    }
}
