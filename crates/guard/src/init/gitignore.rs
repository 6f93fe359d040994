//! The block in `.gitignore` that keeps env files and keys out of commits.

use crate::init::lines::{appended, end_of};

/// A pattern, and a path that tells whether it is needed.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    /// As it stands in the file.
    pub text: &'static str,
    /// A path that is ignored if the pattern is there, or something else does the same.
    pub probe: &'static str,
}

/// The patterns, in order.
pub const PATTERNS: [Pattern; 15] = [
    Pattern { text: ".env", probe: ".env" },
    Pattern { text: ".env.*", probe: ".env.production" },
    Pattern { text: ".envrc", probe: ".envrc" },
    Pattern { text: "*.env", probe: "prod.env" },
    Pattern { text: "env.local", probe: "env.local" },
    Pattern { text: "*.pem", probe: "server.pem" },
    Pattern { text: "*.key", probe: "server.key" },
    Pattern { text: "*.p12", probe: "server.p12" },
    Pattern { text: "*.pfx", probe: "server.pfx" },
    Pattern { text: "*.jks", probe: "server.jks" },
    Pattern { text: "id_rsa", probe: "id_rsa" },
    Pattern { text: "id_ed25519", probe: "id_ed25519" },
    Pattern { text: "*service-account*.json", probe: "my-service-account-key.json" },
    Pattern { text: ".aider*", probe: ".aider.chat.history.md" },
    Pattern { text: ".claude/settings.local.json", probe: ".claude/settings.local.json" },
];

/// Files that are to be copied and filled in: never ignored along with the others.
const EXCEPT: [&str; 4] = ["!.env.example", "!.env.*.example", "!.env.sample", "!.env.template"];

const START: &str = "# >>> unleak >>>";
const END: &str = "# <<< unleak <<<";

/// The file with a block that holds the patterns which `is_effective` says are missing; `None` if none is. A block that
/// is there keeps its lines.
pub fn step(existing: Option<&str>, is_effective: impl Fn(&Pattern) -> bool) -> Option<String> {
    let existing = existing.unwrap_or_default();
    let has = |line: &str| existing.lines().any(|one| one.trim_end() == line);
    // A pattern that is there and not effective was taken back by a later line, on purpose.
    let is_missing = |pattern: &&Pattern| !is_effective(pattern) && !has(pattern.text);
    let missing: Vec<&Pattern> = PATTERNS.iter().filter(is_missing).collect();
    if missing.is_empty() {
        return None;
    }
    let mut lines = Vec::new();
    for pattern in missing {
        lines.push(pattern.text.to_owned());
        if pattern.text == ".env.*" {
            lines.extend(EXCEPT.iter().filter(|line| !has(line)).map(|line| (*line).to_owned()));
        }
    }
    // Exceptions count only after what they are excepted from.
    if let Some(at) = existing.find(END).filter(|_| has(START) && has(END)) {
        let end = end_of(existing);
        let added: String = lines.iter().flat_map(|line| [line.as_str(), end]).collect();
        return Some([&existing[..at], &added, &existing[at..]].concat());
    }
    let mut block = vec![START.to_owned()];
    block.append(&mut lines);
    block.push(END.to_owned());
    Some(appended(existing, &block))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As git would: a line that is the pattern makes it effective.
    fn effective(text: &str) -> impl Fn(&Pattern) -> bool + '_ {
        move |pattern| text.lines().any(|line| line == pattern.text)
    }

    #[test]
    fn twice_is_once_and_line_ends_are_kept() {
        for text in ["", "node_modules\n", "a\r\nb\r\n", "no end"] {
            let once = step(Some(text), effective(text)).unwrap();
            assert!(once.starts_with(text));
            assert_eq!(step(Some(&once), effective(&once)), None);
            assert_eq!(once.contains("\r\n"), text.contains("\r\n"));
            assert!(!once.replace("\r\n", "").contains('\n') || !text.contains("\r\n"));
        }
    }

    #[test]
    fn only_what_is_missing_is_added_also_to_a_block_that_is_there() {
        let once = step(None, |pattern| pattern.text != "*.pem").unwrap();
        assert_eq!(once, "# >>> unleak >>>\n*.pem\n# <<< unleak <<<\n");
        let more = step(Some(&once), |pattern| {
            !["*.pem", "*.key"].contains(&pattern.text) || pattern.text == "*.pem"
        });
        assert_eq!(more.unwrap(), "# >>> unleak >>>\n*.pem\n*.key\n# <<< unleak <<<\n");
    }
}
