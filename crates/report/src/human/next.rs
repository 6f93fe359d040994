//! The one thing to do next, chosen by how far the worst secret has travelled.

use std::fmt::Write;

use unleak_findings::{Exposure, Finding, Medium};

use super::page::columns;
use super::secrets::FoundSecret;
use crate::harmless::harmless;
use crate::report::Report;
use crate::scrub::Scrubber;

/// What to do about `secrets`, the worst first; `room` columns are there for a command, which is never broken.
pub(super) fn step(
    secrets: &[FoundSecret<'_>],
    report: &Report<'_>,
    scrubber: &Scrubber<'_>,
    room: usize,
) -> Option<String> {
    let worst = secrets.first()?;
    let alike = secrets.iter().filter(|secret| secret.exposure() == worst.exposure()).count();
    let it = if alike == 1 { "it" } else { "them" };
    Some(match worst.exposure() {
        Exposure::Pushed => revoke(worst.worst(), alike, report),
        Exposure::Committed => format!("rotate {it} if anybody else could read this clone; do not push"),
        Exposure::Staged if worst.worst().medium == Medium::CommitMessage => {
            format!("take {it} out of the message and commit again; it is kept in .git/COMMIT_EDITMSG")
        }
        Exposure::Staged => unstage(secrets, scrubber, room),
        Exposure::Worktree if worst.worst().medium == Medium::File => {
            format!("keep {it} out of commits: move {it} to a file that git ignores")
        }
        Exposure::Worktree => format!("take {it} out of the text before it goes any further"),
    })
}

fn revoke(worst: &Finding, alike: usize, report: &Report<'_>) -> String {
    let rule = harmless(worst.rule_id.as_bytes());
    let start = match alike {
        1 => "revoke it now".to_owned(),
        _ => format!("revoke them now, {rule} first"),
    };
    match report.providers.get(&worst.family).and_then(|vendor| vendor.revoke.as_ref()) {
        Some(place) => format!("{start}: {}", harmless(place.as_bytes())),
        None => format!("{start}, where it was issued; about this kind of secret: unleak rules show {rule}"),
    }
}

/// `git reset` and not `git restore --staged`, which fails before the first commit. `:/` means the top of the
/// repository, wherever the reader stands in it. A path that holds a secret is not repeated.
fn unstage(secrets: &[FoundSecret<'_>], scrubber: &Scrubber<'_>, room: usize) -> String {
    let staged = secrets.iter().flat_map(|secret| &secret.places);
    let staged =
        staged.filter(|finding| finding.exposure == Exposure::Staged && finding.medium == Medium::File);
    let mut paths: Vec<&[u8]> = staged.map(|finding| finding.path.as_slice()).collect();
    paths.sort_unstable();
    paths.dedup();
    let command =
        paths.iter().fold("git reset -q --".to_owned(), |command, path| command + " " + &pathspec(path));
    let tells_none = paths.iter().all(|path| scrubber.name(path) == *path);
    if tells_none && columns(&command) <= room && !paths.is_empty() {
        command
    } else {
        "unstage the staged files above: git reset -q -- PATH".to_owned()
    }
}

/// A path from the top of the repository as one word of a POSIX shell, in `$'…'` where it holds what a terminal
/// would not show.
fn pathspec(path: &[u8]) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"._/-+@%=,".contains(b);
    // Another symbol behind `:/` would be read as more pathspec magic (gitglossary(7), "pathspec").
    let starts_plain = path.first().is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'.');
    if starts_plain && path.iter().all(plain) {
        return format!(":/{}", String::from_utf8_lossy(path));
    }
    if harmless(path).as_bytes() == path {
        return format!("':(top,literal){}'", String::from_utf8_lossy(path).replace('\'', r"'\''"));
    }
    let mut word = "$':(top,literal)".to_owned();
    for &byte in path {
        // Writing to a `String` cannot fail.
        let _ = match byte {
            b'\'' | b'\\' => write!(word, "\\{}", char::from(byte)),
            b' '..0x7f => write!(word, "{}", char::from(byte)),
            byte => write!(word, "\\{byte:03o}"),
        };
    }
    word + "'"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_harmless_word() {
        assert_eq!(pathspec(b"config/prod.env"), ":/config/prod.env");
        assert_eq!(pathspec(b".env"), ":/.env");
        assert_eq!(pathspec(b"-rf"), "':(top,literal)-rf'");
        assert_eq!(pathspec("Müller.env".as_bytes()), "':(top,literal)Müller.env'");
        assert_eq!(pathspec(b"a b$(id)'*"), r"':(top,literal)a b$(id)'\''*'");
        assert_eq!(pathspec(b"a\x1b'\\\xff7\n"), r"$':(top,literal)a\033\'\\\3777\012'");
    }
}
