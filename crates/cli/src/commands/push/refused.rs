//! A push that the host refused: which ref, why, in words, and the page where that is changed.

use bstr::{BStr, ByteSlice as _};
use unleak_remediate::{Refusal, Remote};
use unleak_report::harmless;
use unleak_runbook::Host;

use crate::error::CliError;

/// What has changed there all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Changed {
    /// It was looked: nothing.
    Nothing,
    /// As many refs as the first number, of the second.
    Some(usize, usize),
    /// It could not be looked.
    Unknown,
}

impl Changed {
    /// After a push of one ref: without an answer to it, nothing is known.
    pub(super) fn of_one(refusal: &Refusal) -> Self {
        if refusal.refs.is_empty() { Self::Unknown } else { Self::Nothing }
    }

    pub(super) fn in_words(self) -> String {
        match self {
            Self::Nothing => "nothing has changed there".to_owned(),
            Self::Some(changed, all) => format!("{changed} of {all} refs have changed there"),
            Self::Unknown => "what has changed there is not known".to_owned(),
        }
    }
}

/// What is shown of a host's own words.
const MAX_LINES: usize = 8;

/// The refusal with what to do about it.
pub(super) fn error(remote: &Remote, refusal: &Refusal, changed: Changed) -> CliError {
    let host = Host::of(remote.url.as_ref());
    let changed = changed.in_words();
    let mut error = match refusal.refs.as_slice() {
        [] => CliError::new(format!("{} did not take the push; {changed}", remote.called())),
        [first, rest @ ..] => {
            let more = if rest.is_empty() { String::new() } else { format!(" (and {} more)", rest.len()) };
            CliError::new(format!(
                "{} refused {}{more}: {}; {changed}",
                remote.called(),
                harmless(&first.name),
                harmless(&first.reason)
            ))
        }
    };
    let said = said(refusal.messages.as_ref());
    if !said.is_empty() {
        error = error.caused_by(said);
    }
    for hint in hints(&host, refusal) {
        error = error.hint(hint);
    }
    error
}

/// The host's own words, harmless.
fn said(messages: &BStr) -> String {
    let lines = messages.lines().map(|line| line.strip_prefix(b"remote:").unwrap_or(line).trim());
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with(b"hint:"));
    let lines = lines
        .filter(|line| !line.starts_with(b"error: failed to push some refs") && !line.starts_with(b"To "));
    lines.take(MAX_LINES).map(harmless).collect::<Vec<_>>().join("\n")
}

/// Why, and where to change that.
fn hints(host: &Host, refusal: &Refusal) -> Vec<String> {
    let text = refusal.messages.to_str_lossy().to_lowercase();
    let reasons: Vec<String> =
        refusal.refs.iter().map(|refused| refused.reason.to_str_lossy().to_lowercase()).collect();
    let says = |words: &[&str]| {
        words.iter().any(|word| text.contains(word) || reasons.iter().any(|reason| reason.contains(word)))
    };
    let mut hints = Vec::new();
    if says(&[
        "protected branch",
        "protected ref",
        "gh006",
        "gh013",
        "not allowed to force push",
        "forcepush",
        "tf401027",
        "rewriting history",
        "prohibited by gerrit",
    ]) {
        hints.extend(host.protection_page());
        hints.push("unleak push   # again; then protect it as before".to_owned());
    } else if says(&["non-fast-forward", "denynonfastforwards"]) {
        hints.extend(host.protection_page());
        hints.push(
            "on the server: git config receive.denyNonFastForwards false, then unleak push, then true again"
                .into(),
        );
    } else if says(&["deletion of the current branch", "deletion prohibited", "denydeletes"]) {
        hints.push("on the server: another default branch, or git config receive.denyDeletes false".into());
    } else if says(&["branch is currently checked out"]) {
        hints.push(
            "the remote has a working tree: there, git switch --detach, or push to a bare repository".into(),
        );
    } else if says(&["permission", "denied", "403", "not authorized", "read-only", "unpacker error"]) {
        hints.push(
            "you may not write there: ask an administrator of the repository to push, or to let you".into(),
        );
        hints.extend(host.page());
    } else if says(&["hook declined", "pre-receive"]) {
        hints.push(
            "a hook of the server refused it: its words are above; its administrator can lift it".into(),
        );
        hints.extend(host.protection_page());
    } else {
        hints.push("unleak push --dry-run".into());
    }
    hints
}

#[cfg(test)]
mod tests {
    use unleak_remediate::Rejected;

    use super::*;

    fn refused(reason: &str, messages: &str) -> Vec<String> {
        let refs = vec![Rejected { name: "refs/heads/main".into(), reason: reason.into() }];
        let remote =
            Remote { name: "origin".into(), url: "git@github.com:acme/app.git".into(), addresses: 1 };
        error(&remote, &Refusal { refs, messages: messages.into() }, Changed::Nothing).hints().to_vec()
    }

    #[test]
    fn the_page_that_helps_is_named() {
        let hints =
            refused("protected branch hook declined", "remote: error: GH006: Protected branch update failed");
        assert!(hints[0].contains("https://github.com/acme/app/settings/branches"), "{hints:?}");
        let hints = refused("non-fast-forward", "");
        assert!(hints.iter().any(|hint| hint.contains("receive.denyNonFastForwards")), "{hints:?}");
        let hints = refused("pre-receive hook declined", "remote: no");
        assert!(hints[0].contains("hook of the server"), "{hints:?}");
    }
}
