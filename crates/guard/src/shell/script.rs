//! Tokens to simple commands: which words belong together, what is piped into what, how deep in parentheses.

use crate::shell::lexer::{Token, lex};
use crate::shell::word::{LIST, Piece, Word};

/// A simple command as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Simple {
    /// `NAME=value` before the command.
    pub(crate) assignments: Vec<(String, Word)>,
    pub(crate) words: Vec<Word>,
    /// Operator and target.
    pub(crate) redirects: Vec<(String, Word)>,
    pub(crate) here: Option<Word>,
    /// Its input is the output of the command before.
    pub(crate) fed: bool,
    /// Its output goes into the next command.
    pub(crate) piped: bool,
    /// Parentheses around it.
    pub(crate) depth: usize,
}

/// Words that only say when a command runs.
const RESERVED: [&str; 13] =
    ["if", "then", "elif", "else", "fi", "do", "done", "while", "until", "!", "{", "}", "coproc"];
/// Words after which names and values follow, up to the end of the command.
const HEADS: [&str; 4] = ["for", "select", "case", "function"];

/// The simple commands of a text, in order.
pub(crate) fn simple_commands(text: &str) -> Vec<Simple> {
    let mut reader = Reader::default();
    let mut tokens = lex(text).into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            Token::Word(word) => reader.word(word, matches!(tokens.peek(), Some(Token::Open))),
            Token::End => reader.end(false),
            Token::Pipe => reader.end(true),
            Token::Open if reader.array => reader.depth_of_array += 1,
            Token::Open => {
                reader.end(false);
                reader.depth += 1;
            }
            Token::Close if reader.depth_of_array > 0 => reader.close_array(),
            Token::Close => reader.close(),
            Token::Redirect(operator) => {
                if matches!(tokens.peek(), Some(Token::Word(_)))
                    && let Some(Token::Word(target)) = tokens.next()
                {
                    reader.redirect(operator, target);
                }
            }
            Token::HereDocument(body) => reader.current.here = Some(body),
        }
    }
    reader.end(false);
    reader.done
}

#[derive(Default)]
struct Reader {
    done: Vec<Simple>,
    current: Simple,
    fed: bool,
    depth: usize,
    /// The words are names and values of a loop or a `case`.
    head: bool,
    /// The next parenthesis holds the values of an array.
    array: bool,
    depth_of_array: usize,
}

impl Reader {
    fn word(&mut self, word: Word, before_parenthesis: bool) {
        if self.depth_of_array > 0 {
            self.append(word);
            return;
        }
        if self.head {
            self.head_word(word);
            return;
        }
        if self.current.words.is_empty() {
            match word.bare() {
                Some(bare) if RESERVED.contains(&bare) => return,
                Some(bare) if HEADS.contains(&bare) => {
                    self.head = true;
                    self.current.redirects.push((bare.to_owned(), Word::default()));
                    return;
                }
                _ => {}
            }
            if let Some((name, value)) = assignment(&word) {
                self.array = before_parenthesis && value.0.is_empty();
                self.current.assignments.push((name, value));
                return;
            }
        }
        self.current.words.push(word);
    }

    /// A word after `for`, `case` and their like.
    fn head_word(&mut self, word: Word) {
        let mut heads = self.current.redirects.iter().map(|(head, _)| head.clone());
        let head = heads.rfind(|head| HEADS.contains(&head.as_str()));
        match head.as_deref() {
            Some("for" | "select") if self.current.assignments.is_empty() => {
                // The variable stands for all of the words at once.
                let name = word.bare().unwrap_or_default().to_owned();
                self.current.assignments.push((name, Word::default()));
            }
            Some("for" | "select") if word.bare() == Some("in") => {}
            Some("for" | "select") => self.append(word),
            // `case $x in a) …`: what follows `in` are patterns, then commands. `function f` is a name and a body.
            head => {
                self.head = word.bare() != Some("in") && head != Some("function");
                self.current.assignments.push((String::new(), word));
            }
        }
    }

    /// One more word for the variable that was named last.
    fn append(&mut self, word: Word) {
        if let Some((_, value)) = self.current.assignments.last_mut() {
            if !value.0.is_empty() {
                value.push(LIST, true);
            }
            value.0.extend(word.0);
        }
    }

    fn redirect(&mut self, operator: String, target: Word) {
        if operator == "<<<" {
            self.current.here = Some(target);
        } else {
            self.current.redirects.push((operator, target));
        }
    }

    fn end(&mut self, pipe: bool) {
        let mut command = std::mem::take(&mut self.current);
        self.head = false;
        self.array = false;
        command.redirects.retain(|(operator, _)| !HEADS.contains(&operator.as_str()));
        let is_empty = command.words.is_empty()
            && command.assignments.is_empty()
            && command.redirects.is_empty()
            && command.here.is_none();
        if !is_empty {
            command.fed = self.fed;
            command.piped = pipe;
            command.depth = self.depth;
            self.done.push(command);
        }
        self.fed = pipe;
    }

    fn close_array(&mut self) {
        self.depth_of_array -= 1;
        self.array = false;
    }

    /// Without an open parenthesis it ends a pattern of `case`, which is no command.
    fn close(&mut self) {
        if self.depth == 0 {
            self.current = Simple::default();
            self.head = false;
        }
        self.end(false);
        self.depth = self.depth.saturating_sub(1);
    }
}

/// `NAME=value` and `NAME+=value`.
fn assignment(word: &Word) -> Option<(String, Word)> {
    let Piece::Text { text, quoted: false } = word.0.first()? else { return None };
    let (name, value) = text.split_once('=')?;
    let name = name.strip_suffix('+').unwrap_or(name);
    let is_name = !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_name {
        return None;
    }
    let mut rest = Word::default();
    if !value.is_empty() {
        rest.push(value, false);
    }
    rest.0.extend(word.0[1..].iter().cloned());
    Some((name.to_owned(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let word = |word: &Word| {
            word.0
                .iter()
                .map(|piece| match piece {
                    Piece::Text { text, .. } => text.clone(),
                    Piece::Variable { name, .. } => format!("${name}"),
                    Piece::Substitution { script, .. } => format!("$({script})"),
                })
                .collect::<String>()
        };
        simple_commands(text)
            .iter()
            .map(|command| command.words.iter().map(word).collect::<Vec<_>>().join("|"))
            .collect()
    }

    #[test]
    fn words_belong_together_as_in_a_shell() {
        for (text, wanted) in [
            ("a 'b c' \"d $e\" f\\ g", &["a|b c|d $e|f g"][..]),
            ("a;b&&c||d|e&f\ng", &["a", "b", "c", "d", "e", "f", "g"]),
            ("if a; then b; else c; fi", &["a", "b", "c"]),
            ("for x in 1 2; do a $x; done", &["", "a|$x"]),
            ("function f { a; }", &["a"]),
            // The first of several patterns counts as a command without arguments.
            ("case $x in a|b) c;; *) d;; esac", &["a", "c", "d", "esac"]),
            ("(a; b) && { c; }", &["a", "b", "c"]),
            ("a 2>&1 >out <in b", &["a|b"]),
            ("a <<E b\nx $(y)\nE\nc", &["a|b", "c"]),
            ("a # b\nc", &["a", "c"]),
            ("X=1 Y='2 3' a", &["a"]),
            ("A=(b c) d", &["d"]),
            ("((x = 1)) && a", &["((", "a"]),
            ("a $'x\\ny\\'z'", &["a|x\ny'z"]),
            ("echo a\\\n  b", &["echo|a|b"]),
            ("f() { a; }", &["f", "a"]),
        ] {
            assert_eq!(shown(text), wanted, "{text}");
        }
    }
}
