//! Words: what the lexer makes of a text, and what is left of a word when it is an argument.

/// Stands between the values that a variable holds one of, or all of: arrays, loops, `$@`. No text of a shell has it.
pub(crate) const LIST: &str = "\u{1f}";

/// A piece of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text as it is; `quoted` keeps blanks and globs from meaning anything.
    Text { text: String, quoted: bool },
    /// `$NAME` or `${NAME…}`, with what follows the name.
    Variable { name: String, rest: String, quoted: bool },
    /// `$(…)` or `` `…` ``, whose text is a script; with `file` `<(…)`, which stands for a file with what it prints.
    Substitution { script: String, quoted: bool, file: bool },
}

/// A word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Word(pub(crate) Vec<Piece>);

impl Word {
    pub(crate) fn push(&mut self, text: &str, quoted: bool) {
        if let Some(Piece::Text { text: last, quoted: same }) = self.0.last_mut()
            && *same == quoted
        {
            last.push_str(text);
            return;
        }
        self.0.push(Piece::Text { text: text.to_owned(), quoted });
    }

    /// The text, if nothing of it depends on the moment and nothing was quoted: a reserved word may be one.
    pub(crate) fn bare(&self) -> Option<&str> {
        match &self.0[..] {
            [Piece::Text { text, quoted: false }] => Some(text),
            _ => None,
        }
    }

    pub(crate) fn substitutions(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Substitution { script, .. } => Some(&script[..]),
            _ => None,
        })
    }

    /// The script of a word that is nothing but `<(…)`.
    pub(crate) fn file(&self) -> Option<&str> {
        match &self.0[..] {
            [Piece::Substitution { script, file: true, .. }] => Some(script),
            _ => None,
        }
    }
}

/// An argument of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arg {
    /// Its text; variables that are not known stand there as `$NAME`, the output of commands as `$(…)`.
    pub text: String,
    /// Whether the text is all there is to it: no variable, no output of a command.
    pub literal: bool,
    /// Whether it is a pattern that the shell expands to names of files.
    pub glob: bool,
}

impl Arg {
    /// An argument as it is written.
    pub fn literal(text: impl Into<String>) -> Self {
        Self { text: text.into(), literal: true, glob: false }
    }
}
