//! One place of a secret in words: where, since when, and what still reaches it.

use bstr::BString;
use unleak_findings::{Exposure, Finding, Medium, Reach};

use crate::date;
use crate::quantity::{counted, first_few};
use crate::scrub::Scrubber;
use crate::sentence::{accepted, short_id};

/// Refs named of each kind.
const REFS: usize = 3;

/// `path:line:column`.
pub(super) fn headline(finding: &Finding, scrubber: &Scrubber<'_>) -> String {
    let path = scrubber.shown_name(&finding.path);
    match finding.medium {
        Medium::RefName => format!("{path} (the name of a ref)"),
        _ => format!("{path}:{}:{}", finding.place.start_line, finding.place.start_column),
    }
}

/// What is to be said about one place.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Details {
    /// The commit that brought it: one line.
    pub(super) since: Option<String>,
    /// More, as sentences.
    pub(super) more: Vec<String>,
}

/// Details of `finding`, a place of a secret whose worst exposure is `worst`.
pub(super) fn details(finding: &Finding, worst: Exposure, verbose: bool, scrubber: &Scrubber<'_>) -> Details {
    let mut details = Details::default();
    if let Some(commit) = finding.introduced() {
        let (author, subject) = (scrubber.shown_prose(&commit.author), scrubber.shown_prose(&commit.subject));
        let day = date::day(commit.authored).unwrap_or_else(|| "at no known date".to_owned());
        details.since = Some(format!("since {}  {day}  {author}  {subject}", short_id(commit)));
    }
    match finding.exposure {
        Exposure::Committed | Exposure::Pushed => details.more.push(reach(&finding.reach, verbose, scrubber)),
        Exposure::Staged if worst > Exposure::Staged => details.more.push("staged, not committed".to_owned()),
        Exposure::Worktree if worst > Exposure::Worktree => {
            details.more.push("in the working tree only".to_owned());
        }
        Exposure::Staged | Exposure::Worktree => {}
    }
    let verdict = match finding.allow_comment.as_deref() {
        Some("") if finding.is_new() => {
            Some("a comment beside it would allow it if it gave a reason".to_owned())
        }
        Some(reason) if finding.is_new() => {
            Some(format!("a comment beside it, which does not count here, says: {reason}"))
        }
        _ => accepted(finding),
    };
    details.more.extend(verdict.map(|text| scrubber.shown_prose(text.as_bytes())));
    details
}

/// What still reaches a secret in history.
fn reach(reach: &Reach, verbose: bool, scrubber: &Scrubber<'_>) -> String {
    if reach.is_unreachable() {
        return "no ref reaches it any more; git keeps it until it is collected".to_owned();
    }
    let most = if verbose { usize::MAX } else { REFS };
    let list = |one: &str, many: &str, refs: &[BString]| {
        let names: Vec<String> = refs.iter().map(|name| scrubber.shown_name(short(name))).collect();
        let kind = if names.len() == 1 { one } else { many };
        (!names.is_empty()).then(|| format!("{kind} {}", first_few(&names, most)))
    };
    let head = if reach.in_head { "still in HEAD" } else { "no longer in HEAD" };
    let parts = [
        Some(head.to_owned()),
        list("branch", "branches", &reach.branches),
        list("tag", "tags", &reach.tags),
        list("remote", "remotes", &reach.remotes),
        list("also", "also", &reach.others),
        (reach.unnamed > 0).then(|| format!("{} not named here", counted(reach.unnamed, "refs"))),
        reach.reflog.then(|| "the reflog".to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// A ref's name as git shortens it.
fn short(name: &BString) -> &[u8] {
    let prefixes: [&[u8]; 3] = [b"refs/heads/", b"refs/tags/", b"refs/remotes/"];
    prefixes.into_iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
}
