//! What of the file that `commit-msg` is given becomes the message of the commit.

use bstr::ByteSlice as _;

/// What git cuts a message off at (`git commit --verbose`, `--cleanup=scissors`), behind its comment mark.
const SCISSORS: &[u8] = b"------------------------ >8 ------------------------";

/// The message in `text`. With an `edited` one the diff that `git commit --verbose` shows below its scissors is cut off,
/// as git does; a line that only looks like that one, with anything else below it, cuts nothing. Comments stay: unless
/// the message is edited git keeps them, too.
pub fn published(text: &[u8], edited: bool) -> &[u8] {
    if !edited {
        return text;
    }
    let mut start = 0;
    for line in text.lines_with_terminator() {
        if let Some(mark) = comment_mark(line.trim_end()) {
            let below = &text[start + line.len()..];
            if is_gits_own(below, mark) {
                return &text[..start];
            }
        }
        start += line.len();
    }
    text
}

/// What stands before the scissors, with its space: `# `, or what `core.commentString` says.
fn comment_mark(line: &[u8]) -> Option<&[u8]> {
    let mark = line.strip_suffix(SCISSORS)?.strip_suffix(b" ")?;
    (!mark.is_empty()).then_some(mark)
}

/// Whether only comments are below the scissors, and then nothing or a diff.
fn is_gits_own(below: &[u8], mark: &[u8]) -> bool {
    let mut rest = below.lines().skip_while(|line| line.starts_with(mark) || line.is_empty());
    rest.next().is_none_or(|line| line.starts_with(b"diff --"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verbose(mark: &str, diff: &str) -> String {
        format!(
            "subject\n{mark} comment\n{mark} ------------------------ >8 ------------------------\n{mark} Do not modify.\n{diff}"
        )
    }

    #[test]
    fn the_diff_of_a_verbose_commit_is_no_message() {
        for mark in ["#", ";", "//"] {
            for diff in ["diff --git a/x b/x\n-secret\n", "", "diff --cc x\n"] {
                let text = verbose(mark, diff);
                let message = published(text.as_bytes(), true);
                assert_eq!(message.as_bstr(), format!("subject\n{mark} comment\n"));
                assert_eq!(published(text.as_bytes(), false), text.as_bytes());
            }
        }
    }

    #[test]
    fn scissors_that_somebody_typed_cut_nothing() {
        let text = verbose("#", "a secret\n");
        assert_eq!(published(text.as_bytes(), true), text.as_bytes());
        let twice = format!("{text}{}", verbose("#", "diff --git\n"));
        assert!(published(twice.as_bytes(), true).ends_with(b"# comment\n"));
    }
}
