//! What was not scanned, in words, and what would remedy it.

use unleak_scan::{Coverage, SkipReason};

use crate::quantity::counted;

/// How many things the scan should have read and did not.
pub(crate) fn unread(coverage: &Coverage) -> u64 {
    let unread = coverage.skipped.iter().filter(|(reason, _)| reason.is_incomplete());
    unread.map(|(_, skipped)| skipped.count).sum()
}

/// The reason with its count.
pub(crate) fn words(reason: SkipReason, count: u64) -> String {
    let (things, rest) = match reason {
        SkipReason::Interrupted => return "what was still to come when the scan was interrupted".to_owned(),
        SkipReason::Corrupt => ("objects", "damaged"),
        SkipReason::Missing => ("objects", "missing from the store although a commit needs them"),
        SkipReason::NotFetched => ("objects", "left on the remote by a partial clone"),
        SkipReason::Shallow => ("places", "where a shallow clone cuts history off"),
        SkipReason::Unreadable => ("files", "not readable"),
        SkipReason::BrokenRef => ("references", "not readable: refs or lines of a reflog"),
        SkipReason::TooLarge => ("objects", "larger than the limit"),
        SkipReason::Unstable => ("files", "changing while they were read"),
        SkipReason::Submodule => ("repositories", "inside this one: submodules or nested"),
        SkipReason::LfsPointer => ("pointers", "to content that Git LFS keeps outside the repository"),
        SkipReason::SpecialFile => ("files", "neither regular nor symbolic links"),
        other => ("things", other.as_str()),
    };
    format!("{} {rest}", counted(count, things))
}

/// What would let a scan read it, if anything.
pub(crate) fn remedy(reason: SkipReason) -> Option<&'static str> {
    Some(match reason {
        SkipReason::Interrupted | SkipReason::Unstable => "scan again",
        SkipReason::Corrupt | SkipReason::Missing | SkipReason::BrokenRef => {
            "git fsck says more; a fresh clone may be whole"
        }
        SkipReason::NotFetched => "to get them: git fetch --refetch --no-filter",
        SkipReason::Shallow => "to get the rest: git fetch --unshallow",
        SkipReason::Unreadable => "give the scan permission to read them",
        SkipReason::TooLarge => "raise the limit to read them",
        SkipReason::Submodule => "to scan submodules too: git submodule foreach 'unleak scan'",
        SkipReason::LfsPointer => "to scan what is checked out: git lfs pull, then unleak scan",
        _ => return None,
    })
}
