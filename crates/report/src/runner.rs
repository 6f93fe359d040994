//! Text for people in the log of a CI runner, which takes some lines for commands to itself.
//!
//! GitHub Actions and its relatives obey lines that begin with `::` and `##[` anywhere (actions/runner, `ActionCommand`);
//! Azure obeys `##vso[` and `##[` anywhere, and others `##teamcity[`. None of these stays as it is.

use std::io::{self, Write};

/// `line` without anything that a runner would obey. The line ends that it holds stay.
pub fn defused(line: &str) -> String {
    let mut safe = String::with_capacity(line.len());
    for part in line.split_inclusive('\n') {
        let text = part.trim_start();
        safe.push_str(&part[..part.len() - text.len()]);
        if text.starts_with("::") {
            safe.push_str(": ");
            safe.push_str(&marks(&text[1..]));
        } else {
            safe.push_str(&marks(text));
        }
    }
    safe
}

/// A space between any two number signs that a bracket follows, be it behind a word.
fn marks(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("##") {
        let (before, from) = rest.split_at(at + 1);
        safe.push_str(before);
        let word = from[1..].trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.');
        if word.starts_with('[') {
            safe.push(' ');
        }
        rest = from;
    }
    safe.push_str(rest);
    safe
}

/// Passes on what is written to it, line by line and defused.
pub struct Defused<'w> {
    out: &'w mut dyn Write,
    line: Vec<u8>,
}

impl<'w> Defused<'w> {
    /// Writes to `out`.
    pub fn new(out: &'w mut dyn Write) -> Self {
        Self { out, line: Vec::new() }
    }

    /// Passes on a last line without an end.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn finish(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        self.out.write_all(defused(&String::from_utf8_lossy(&line)).as_bytes())
    }
}

impl Write for Defused<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        if let Some(end) = self.line.iter().rposition(|byte| *byte == b'\n') {
            let rest = self.line.split_off(end + 1);
            self.finish()?;
            self.line = rest;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_become_text() {
        for (text, safe) in [
            ("::error::x\n", ": :error::x\n"),
            ("  ::set-output name=a::b", "  : :set-output name=a::b"),
            ("a::b", "a::b"),
            ("x ##[error]y", "x # #[error]y"),
            ("##vso[task.setvariable variable=a]b", "# #vso[task.setvariable variable=a]b"),
            ("###[a]", "## #[a]"),
            ("##teamcity[x]", "# #teamcity[x]"),
            ("## heading", "## heading"),
            ("one\n::two\n", "one\n: :two\n"),
            ("#", "#"),
        ] {
            assert_eq!(defused(text), safe);
        }
    }

    #[test]
    fn a_command_written_in_pieces_is_one() {
        let mut out = Vec::new();
        let mut safe = Defused::new(&mut out);
        for piece in ["a\n:", ":err", "or::x\n#", "#[b]\n:", ":end"] {
            safe.write_all(piece.as_bytes()).unwrap();
        }
        safe.finish().unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "a\n: :error::x\n# #[b]\n: :end");
    }
}
