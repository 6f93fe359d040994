//! What a remote answers to a push, ref by ref, and what that means. The format is that of `git push --porcelain`.

use bstr::{BStr, BString, ByteSlice as _};

/// A ref that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The ref at the remote.
    pub name: BString,
    /// Why, in git's or the host's words: `stale info`, `protected branch hook declined`.
    pub reason: BString,
}

/// Why a push was refused for good.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The refs, without those that were only refused along with others.
    pub refs: Vec<Rejected>,
    /// What the host or git said besides.
    pub messages: BString,
}

/// The refs that were rejected, in the order of the answer.
pub(super) fn rejected(output: &[u8]) -> Vec<Rejected> {
    let line = |line: &[u8]| {
        let mut fields = line.splitn(3, |byte| *byte == b'\t');
        let (flag, refs, summary) = (fields.next()?, fields.next()?, fields.next()?);
        let name = refs.split_once_str(":").map(|(_, to)| to)?;
        let reason = summary.find("(").map_or(summary, |at| summary[at + 1..].trim_end_with(|c| c == ')'));
        (flag == b"!").then(|| Rejected { name: name.into(), reason: reason.into() })
    };
    output.lines().filter_map(line).collect()
}

/// Whether a ref was refused only because others were.
pub(super) fn is_along(reason: &BStr) -> bool {
    reason.contains_str("atomic push failed") || reason.contains_str("atomic transaction failed")
}

/// Whether the remote shows the ref and lets nobody change it.
pub(super) fn is_hidden(reason: &BStr) -> bool {
    reason.contains_str("hidden ref")
}

/// Whether the remote showed another value than was expected.
pub(super) fn is_stale(reason: &BStr) -> bool {
    reason.contains_str("stale info")
}

/// Whether the ref changed, or somebody was changing it, only after the remote had shown it.
pub(super) fn is_late(text: &BStr) -> bool {
    ["failed to update ref", "cannot lock ref", "incorrect old value", "remote ref updated", "but expected"]
        .iter()
        .any(|words| text.contains_str(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejections_are_read_with_their_reasons() {
        let output = b"To /srv/r.git\n!\t1:refs/heads/main\t[rejected] (stale info)\n\
            +\t2:refs/heads/a\t1..2 (forced update)\n\
            !\t:refs/heads/b\t[remote rejected] (protected branch hook declined)\nDone\n";
        let found = rejected(output);
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].name.as_bstr(), found[0].reason.as_bstr()),
            ("refs/heads/main".into(), "stale info".into())
        );
        assert!(is_stale(found[0].reason.as_ref()) && !is_stale(found[1].reason.as_ref()));
        assert!(is_late("cannot lock ref 'refs/heads/a': is at 1 but expected 2".into()));
        assert_eq!(found[1].reason, "protected branch hook declined");
    }
}
