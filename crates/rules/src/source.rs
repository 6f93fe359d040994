//! The text of a rule file: places in it as lines and columns, and mistakes with their places.

/// A mistake in a rule file. Lines and columns are 1-based.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct SyntaxError {
    /// The file, as the caller named it.
    pub file: String,
    /// Line of the mistake.
    pub line: usize,
    /// Column of the mistake, in code points.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// Larger files are a mistake. Bytes.
const MAX_BYTES: usize = 8 << 20;

/// A file's name and text.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
    /// Where its lines start.
    lines: &'a [usize],
}

/// Where the lines of `text` start.
pub(crate) fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect()
}

impl<'a> Source<'a> {
    /// `lines` are the [`line_starts`] of `text`.
    ///
    /// # Errors
    /// The file is too large for a rule file.
    pub(crate) fn new(file: &'a str, text: &'a str, lines: &'a [usize]) -> Result<Self, SyntaxError> {
        let source = Self { file, text, lines };
        if text.len() > MAX_BYTES {
            return Err(source.error(0, format!("the file is larger than {} MiB", MAX_BYTES >> 20)));
        }
        Ok(source)
    }

    /// The line of an offset, from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start <= offset)
    }

    pub(crate) fn error(&self, offset: usize, message: impl Into<String>) -> SyntaxError {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.line(offset);
        SyntaxError {
            file: self.file.to_owned(),
            line,
            column: self.text[self.lines[line - 1]..offset].chars().count() + 1,
            message: message.into().trim().replace('\n', " "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_file_that_is_too_large_is_refused_in_its_first_line() {
        let text = "#".repeat(MAX_BYTES + 1);
        let error = Source::new("x.toml", &text, &line_starts(&text)).err().expect("too large");
        assert_eq!(error.to_string(), "x.toml:1:1: the file is larger than 8 MiB");
        let text = &text[1..];
        assert!(Source::new("x.toml", text, &line_starts(text)).is_ok());
    }

    proptest! {
        #[test]
        fn places_are_what_counting_says(text in "[aé\n]{0,30}", offset in 0_usize..40) {
            let lines = line_starts(&text);
            let error = Source::new("f", &text, &lines).unwrap().error(offset, "m");
            let before = &text[..text.floor_char_boundary(offset)];
            prop_assert_eq!(error.line, before.matches('\n').count() + 1);
            prop_assert_eq!(error.column, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1);
        }
    }
}
