//! `.gitleaksignore`: findings of gitleaks that are accepted, by where they were.
//!
//! `file:rule-id:line` in any commit or none, `commit:file:rule-id:line` in that one; `#` starts a comment. The line is the
//! one where the match starts. An entry accepts the secret that stood there, in all its versions; what stands there later
//! is another secret and is not accepted by it.

use std::collections::HashMap;

use crate::finding::Finding;

/// The entries of a file.
#[derive(Clone, Debug, Default)]
pub struct IgnoreFile {
    by_path: HashMap<Vec<u8>, Vec<Entry>>,
}

#[derive(Clone, Debug)]
struct Entry {
    commit: Option<String>,
    rule: String,
    line: u64,
    written_in: usize,
}

impl IgnoreFile {
    /// Reads the text of a file. Lines that cannot be read come back by number, from 1.
    pub fn read(text: &str) -> (Self, Vec<usize>) {
        let (mut file, mut unread) = (Self::default(), Vec::new());
        for (number, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let parts: Vec<&str> = line.split(':').collect();
            let (commit, path, rule, at) = match parts[..] {
                [path, rule, at] => (None, path, rule, at),
                [commit, path, rule, at] => (Some(commit.to_lowercase()), path, rule, at),
                _ => ((None), "", "", ""),
            };
            match at.parse() {
                Ok(line) => {
                    let entry = Entry { commit, rule: rule.to_owned(), line, written_in: number };
                    file.by_path.entry(path.replace('\\', "/").into_bytes()).or_default().push(entry);
                }
                Err(_) => unread.push(number),
            }
        }
        (file, unread)
    }

    /// The number of the line that accepts `finding`, if one does. `is_rule` says whether an id in the file stands for
    /// the rule of a finding.
    pub fn accepts(&self, finding: &Finding, is_rule: impl Fn(&str) -> bool) -> Option<usize> {
        finding.appearances.iter().find_map(|seen| {
            let entries = self.by_path.get(&seen.path[..])?;
            let commit = seen.commit.as_ref().map(|commit| commit.id.to_string());
            let meant = |entry: &&Entry| {
                finding.is_at(entry.line, seen)
                    && entry.commit.as_ref().is_none_or(|wanted| commit.as_ref() == Some(wanted))
                    && is_rule(&entry.rule)
            };
            entries.iter().find(meant).map(|entry| entry.written_in)
        })
    }

    /// The line numbers of all entries, sorted.
    pub fn lines(&self) -> Vec<usize> {
        let mut lines: Vec<usize> = self.by_path.values().flatten().map(|entry| entry.written_in).collect();
        lines.sort_unstable();
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_or_four_parts_are_read_and_others_are_named() {
        let text = "# note\n\n a\\b.txt:rule:3\nC0FFEE:a:rule:4\na:b:c:rule:5\nx:rule:five\nnothing\n";
        let (file, unread) = IgnoreFile::read(text);
        assert_eq!((file.lines(), unread), (vec![3, 4], vec![5, 6, 7]));
        assert_eq!(file.by_path[&b"a/b.txt"[..]][0].line, 3);
        assert_eq!(file.by_path[&b"a"[..]][0].commit.as_deref(), Some("c0ffee"));
    }
}
