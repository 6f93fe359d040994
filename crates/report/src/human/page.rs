//! Lines of a fixed width: styled pieces that are cut, and text that is wrapped.
//!
//! Takes harmless text only. Widths are columns of a terminal as `unicode-width` counts them, character by character.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthChar;

use super::look::Look;

/// Where the text begins that has a label before it.
pub(super) const GUTTER: usize = 10;

/// What a piece of text is, which decides how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Dim,
    Strong,
    Alarm,
    Warning,
    Good,
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Dim => Style::new().dimmed(),
            Self::Strong => Style::new().bold(),
            Self::Alarm => AnsiColor::Red.on_default().bold(),
            Self::Warning => AnsiColor::Yellow.on_default(),
            Self::Good => AnsiColor::Green.on_default(),
        }
    }
}

/// A piece of a line.
pub(super) type Piece<'t> = (Tone, &'t str);

/// Writes lines that are never wider than asked for.
pub(super) struct Page<'w> {
    out: &'w mut dyn Write,
    color: bool,
    width: usize,
}

impl<'w> Page<'w> {
    pub(super) fn new(look: &Look, out: &'w mut dyn Write) -> Self {
        Self { out, color: look.color, width: look.width.max(1) }
    }

    /// Ends a paragraph.
    pub(super) fn blank(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }

    /// One line that starts at column `indent`; what does not fit is cut off and replaced by `…`.
    pub(super) fn cut(&mut self, indent: usize, pieces: &[Piece<'_>]) -> io::Result<()> {
        let indent = self.indent(indent);
        self.spaces(indent)?;
        let mut left = self.width - indent;
        let mut rest: usize = pieces.iter().map(|(_, text)| columns(text)).sum();
        for &(tone, text) in pieces {
            if rest <= left || columns(text) < left {
                self.piece(tone, text)?;
                left -= columns(text);
                rest -= columns(text);
            } else {
                self.piece(tone, head(text, left - 1).0)?;
                self.out.write_all("…".as_bytes())?;
                break;
            }
        }
        self.blank()
    }

    /// One line that starts at column `indent` whose end matters more than its beginning, such as a path; what does
    /// not fit is cut off in front.
    pub(super) fn cut_front(&mut self, indent: usize, (tone, text): Piece<'_>) -> io::Result<()> {
        let indent = self.indent(indent);
        self.spaces(indent)?;
        let left = self.width - indent;
        if columns(text) <= left {
            self.piece(tone, text)?;
        } else {
            self.piece(tone, &["…", tail(text, left - 1)].concat())?;
        }
        self.blank()
    }

    /// As many lines as `text` needs, all starting at column `indent`, the first with `label` before it. Breaks at
    /// spaces; a word that is too wide for a line goes on in the next one. Nothing at all is no line.
    pub(super) fn wrap(
        &mut self,
        indent: usize,
        label: Piece<'_>,
        (tone, text): Piece<'_>,
    ) -> io::Result<()> {
        let indent = self.indent(indent);
        let shown = head(label.1, indent).0;
        self.piece(label.0, shown)?;
        let mut pad = indent - columns(shown);
        if text.is_empty() {
            return if shown.is_empty() { Ok(()) } else { self.blank() };
        }
        let mut rest = text;
        while !rest.is_empty() {
            let (line, after) = break_line(rest, self.width - indent);
            self.spaces(pad)?;
            self.piece(tone, line)?;
            self.blank()?;
            pad = indent;
            rest = after;
        }
        Ok(())
    }

    /// Columns that a line starting at column `indent` has.
    pub(super) fn room(&self, indent: usize) -> usize {
        self.width - self.indent(indent)
    }

    /// Narrow pages lose their indents first.
    fn indent(&self, indent: usize) -> usize {
        indent.min(self.width / 2)
    }

    fn spaces(&mut self, count: usize) -> io::Result<()> {
        write!(self.out, "{:count$}", "")
    }

    fn piece(&mut self, tone: Tone, text: &str) -> io::Result<()> {
        if self.color && tone != Tone::Plain && !text.is_empty() {
            let style = tone.style();
            write!(self.out, "{style}{text}{style:#}")
        } else {
            self.out.write_all(text.as_bytes())
        }
    }
}

/// Columns of a text.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// The beginning of `text` that fits into `room` columns, and the rest.
fn head(text: &str, room: usize) -> (&str, &str) {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > room {
            return text.split_at(at);
        }
    }
    (text, "")
}

/// The end of `text` that fits into `room` columns.
fn tail(text: &str, room: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices().rev() {
        used += c.width().unwrap_or(0);
        if used > room {
            return &text[at + c.len_utf8()..];
        }
    }
    text
}

/// The first line of `text` and what comes after it. The line has at least one character, so that wrapping ends.
fn break_line(text: &str, room: usize) -> (&str, &str) {
    let (line, rest) = head(text, room);
    if rest.is_empty() {
        return (line, rest);
    }
    if let Some(after) = rest.strip_prefix(' ') {
        return (line, after.trim_start_matches(' '));
    }
    match line.rfind(' ') {
        Some(at) if !line[..at].trim().is_empty() => (line[..at].trim_end_matches(' '), &text[at + 1..]),
        _ if line.is_empty() => text.split_at(text.chars().next().map_or(0, char::len_utf8)),
        _ => (line, rest),
    }
}
