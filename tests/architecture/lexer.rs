//! Rust source to the words that paths are made of. Comments, literals and test modules are gone.

/// A word of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// An identifier or keyword.
    Word(String),
    /// `::`
    Path,
    /// Any other character but white space.
    Mark(char),
}

impl Token {
    /// The identifier, if it is one.
    pub(crate) fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            _ => None,
        }
    }

    /// Whether it is this identifier.
    pub(crate) fn is(&self, word: &str) -> bool {
        self.word() == Some(word)
    }
}

/// The words of `source` but for what stands under `#[cfg(test)]`.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = all(source);
    let marks = [Token::Mark('#'), Token::Mark('['), Token::Word("cfg".to_owned()), Token::Mark('(')];
    let test: Vec<Token> = marks
        .into_iter()
        .chain([Token::Word("test".to_owned()), Token::Mark(')'), Token::Mark(']')])
        .collect();
    while let Some(at) = tokens.windows(test.len()).position(|window| window == test) {
        let end = item_end(&tokens, at + test.len());
        tokens.drain(at..end);
    }
    tokens
}

/// Where the item that starts at `from` ends: after its `;`, or after the brace that closes it.
fn item_end(tokens: &[Token], from: usize) -> usize {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        match token {
            Token::Mark('{' | '(' | '[') => depth += 1,
            Token::Mark('}' | ')' | ']') => {
                depth = depth.saturating_sub(1);
                if depth == 0 && *token == Token::Mark('}') {
                    return at + 1;
                }
            }
            Token::Mark(';') if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

fn all(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let next = chars.get(at + 1).copied().unwrap_or(' ');
        at = match c {
            '/' if next == '/' => find(&chars, at, '\n'),
            '/' if next == '*' => block_comment(&chars, at),
            '"' => string(&chars, at),
            'r' | 'b' | 'c' if is_literal(&chars, at) => literal(&chars, at),
            '\'' => quote(&chars, at),
            ':' if next == ':' => {
                tokens.push(Token::Path);
                at + 2
            }
            _ if c.is_alphanumeric() || c == '_' => {
                let end = (at..chars.len()).find(|&i| !is_word(chars[i])).unwrap_or(chars.len());
                tokens.push(Token::Word(chars[at..end].iter().collect()));
                end
            }
            _ => {
                if !c.is_whitespace() {
                    tokens.push(Token::Mark(c));
                }
                at + 1
            }
        };
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn find(chars: &[char], from: usize, wanted: char) -> usize {
    (from..chars.len()).find(|&i| chars[i] == wanted).unwrap_or(chars.len())
}

fn block_comment(chars: &[char], from: usize) -> usize {
    let mut depth = 0;
    let mut at = from;
    while at + 1 < chars.len() {
        match (chars[at], chars[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') => {
                (depth, at) = (depth - 1, at + 2);
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    chars.len()
}

/// After the string whose opening quote is at `from`.
fn string(chars: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while let Some(&c) = chars.get(at) {
        match c {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// Whether a prefixed literal (`r"`, `r#"`, `b"`, `br"`, `b'`, `c"`) starts at `at`.
fn is_literal(chars: &[char], at: usize) -> bool {
    let mut rest = chars[at..].iter().copied().skip_while(|c| matches!(c, 'r' | 'b' | 'c')).peekable();
    let prefix = chars[at..].iter().take_while(|c| matches!(c, 'r' | 'b' | 'c')).count();
    let starts_word = at == 0 || !is_word(chars[at - 1]);
    if prefix > 2 || !starts_word {
        return false;
    }
    match rest.peek() {
        Some('"') => true,
        Some('\'') => chars[at] == 'b' && prefix == 1,
        Some('#') => chars[at..at + prefix].contains(&'r') && rest.find(|c| *c != '#') == Some('"'),
        _ => false,
    }
}

fn literal(chars: &[char], from: usize) -> usize {
    let prefix = chars[from..].iter().take_while(|c| matches!(c, 'r' | 'b' | 'c')).count();
    let open = from + prefix;
    if chars[open] == '\'' {
        return quote(chars, open);
    }
    if !chars[from..open].contains(&'r') {
        return string(chars, open);
    }
    let hashes = chars[open..].iter().take_while(|c| **c == '#').count();
    let closes = |at: usize| {
        chars[at] == '"' && chars[at + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes
    };
    (open + hashes + 1..chars.len()).find(|&at| closes(at)).map_or(chars.len(), |at| at + 1 + hashes)
}

/// After a character literal; a lifetime is passed over by its quote.
fn quote(chars: &[char], from: usize) -> usize {
    match (chars.get(from + 1), chars.get(from + 2)) {
        (Some('\\'), _) => find(chars, from + 3, '\'') + 1,
        (Some(_), Some('\'')) => from + 3,
        _ => from + 1,
    }
}

#[test]
fn only_code_is_left() {
    let source = r##"
        // use crate::comment;
        /* use /* crate::nested */ crate::block; */
        use crate::real as other; // crate::tail
        const A: &str = "crate::string \" crate::x";
        const B: &[u8] = br#"crate::raw " x"#;
        const C: char = '"'; const D: u8 = b'\''; fn f<'a>(x: &'a str) {}
        #[cfg(test)]
        mod tests { use crate::test; fn g() { let x = [1; 2]; } }
        fn h() { crate::last() }
    "##;
    let words: Vec<String> =
        tokens(source).iter().filter_map(|token| token.word().map(str::to_owned)).collect();
    for wanted in ["real", "other", "last", "C", "D", "f"] {
        assert!(words.iter().any(|word| word == wanted), "{wanted} is lost: {words:?}");
    }
    for unwanted in ["comment", "nested", "block", "tail", "string", "raw", "test", "tests", "g"] {
        assert!(!words.iter().any(|word| word == unwanted), "{unwanted} is left: {words:?}");
    }
}
