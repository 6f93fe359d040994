//! Where in a text a span lies, in the lines and columns people count.

use bstr::ByteSlice;
use unleak_rules::Span;

/// A range in a text. Lines and columns are 1-based; columns count Unicode code points (an invalid byte counts as one);
/// the end column is the last one covered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Place {
    /// Line of the first byte.
    pub start_line: u64,
    /// Column of the first byte.
    pub start_column: u64,
    /// Line of the last byte.
    pub end_line: u64,
    /// Column of the last byte.
    pub end_column: u64,
}

/// Counts lines of a text, or of a part of it that starts in the middle of a line.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<usize>,
    base_line: u64,
    base_column: u64,
}

impl LineIndex {
    /// Indexes a whole text.
    pub fn new(text: &[u8]) -> Self {
        Self::of_part(text, 0, 0)
    }

    /// Indexes a part that comes after `lines` line ends and, behind the last of them, `columns` code points.
    pub fn of_part(text: &[u8], lines: u64, columns: u64) -> Self {
        let starts = std::iter::once(0).chain(text.find_iter(b"\n").map(|at| at + 1)).collect();
        Self { starts, base_line: lines, base_column: columns }
    }

    /// Where `span` of `text` lies; `text` is the one indexed.
    pub fn place(&self, text: &[u8], span: Span) -> Place {
        let (start_line, start_column) = self.position(text, span.start);
        let last = if span.is_empty() { span.start } else { span.end - 1 };
        let (end_line, end_column) = self.position(text, last);
        Place { start_line, start_column, end_line, end_column }
    }

    /// The line around `offset`, without its line end.
    pub fn line<'t>(&self, text: &'t [u8], offset: usize) -> &'t [u8] {
        let line = self.starts.partition_point(|&start| start <= offset).saturating_sub(1);
        let end = self.starts.get(line + 1).map_or(text.len(), |next| next - 1);
        &text[self.starts[line]..end]
    }

    /// The line before the one around `offset`, if there is one.
    pub fn line_before<'t>(&self, text: &'t [u8], offset: usize) -> Option<&'t [u8]> {
        let line = self.starts.partition_point(|&start| start <= offset).saturating_sub(1);
        let start = *self.starts.get(line)?;
        (start > 0).then(|| self.line(text, start - 1))
    }

    fn position(&self, text: &[u8], offset: usize) -> (u64, u64) {
        let line = self.starts.partition_point(|&start| start <= offset).saturating_sub(1);
        let column = count(&text[self.starts[line]..(offset + 1).min(text.len())]).max(1);
        let base = if line == 0 { self.base_column } else { 0 };
        (self.base_line + line as u64 + 1, base + column)
    }
}

/// Code points in `bytes`; a cut or invalid sequence counts like its replacement.
pub fn count(bytes: &[u8]) -> u64 {
    if bytes.is_ascii() { bytes.len() as u64 } else { bytes.chars().count() as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_code_points_from_one() {
        let text = "aä\nxyz\n\n".as_bytes();
        let index = LineIndex::new(text);
        let place = |start, end| index.place(text, Span::new(start, end));
        assert_eq!(place(0, 1), Place { start_line: 1, start_column: 1, end_line: 1, end_column: 1 });
        assert_eq!(place(1, 3), Place { start_line: 1, start_column: 2, end_line: 1, end_column: 2 });
        assert_eq!(place(4, 7), Place { start_line: 2, start_column: 1, end_line: 2, end_column: 3 });
        assert_eq!(place(0, 7).end_line, 2);
        assert_eq!(index.line(text, 5), b"xyz");
        assert_eq!(index.line_before(text, 5), Some("aä".as_bytes()));
        assert_eq!(index.line_before(text, 0), None);
        assert_eq!(place(0, 0), Place { start_line: 1, start_column: 1, end_line: 1, end_column: 1 });
    }

    #[test]
    fn a_part_counts_on_from_its_base() {
        let index = LineIndex::of_part(b"cd\ne", 4, 2);
        let at = |offset| index.place(b"cd\ne", Span::new(offset, offset + 1));
        assert_eq!((at(1).start_line, at(1).start_column), (5, 4));
        assert_eq!((at(3).start_line, at(3).start_column), (6, 1));
    }
}
