//! What a ref is for, told from its name.

use bstr::BStr;

/// What a ref is for. The order is the one to name a commit by: `HEAD` and branches first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RefClass {
    /// `HEAD` of this worktree, on a branch or detached.
    Head,
    /// `refs/heads/`.
    Branch,
    /// `refs/tags/`.
    Tag,
    /// `refs/remotes/`.
    RemoteTracking,
    /// `refs/stash`: the newest stash entry; older ones are in its reflog only.
    Stash,
    /// `refs/notes/`.
    Note,
    /// What a host keeps for proposed changes: `refs/pull/`, `refs/pull-requests/`, `refs/merge-requests/`,
    /// `refs/changes/`.
    Pull,
    /// `refs/replace/`.
    Replace,
    /// What belongs to one worktree: `refs/bisect/`, `refs/worktree/`, `refs/rewritten/`, and `HEAD` and the like of
    /// other worktrees (`worktrees/NAME/HEAD`, `main-worktree/HEAD`).
    Worktree,
    /// Left by an operation: `FETCH_HEAD`, `ORIG_HEAD`, `MERGE_HEAD`, `rebase-merge/autostash` and the like.
    Pseudo,
    /// Any other ref.
    Other,
}

/// Names that begin so are refs of one worktree, also where git keeps those of all in one place.
pub(super) const PER_WORKTREE: [&[u8]; 3] = [b"refs/bisect/", b"refs/worktree/", b"refs/rewritten/"];

impl RefClass {
    /// The class of a full ref name.
    pub fn of(name: &BStr) -> Self {
        let prefixes: [(&[u8], Self); 11] = [
            (b"refs/heads/", Self::Branch),
            (b"refs/tags/", Self::Tag),
            (b"refs/remotes/", Self::RemoteTracking),
            (b"refs/notes/", Self::Note),
            (b"refs/pull/", Self::Pull),
            (b"refs/pull-requests/", Self::Pull),
            (b"refs/merge-requests/", Self::Pull),
            (b"refs/changes/", Self::Pull),
            (b"refs/replace/", Self::Replace),
            (b"worktrees/", Self::Worktree),
            (b"main-worktree/", Self::Worktree),
        ];
        if name == "HEAD" {
            Self::Head
        } else if name == "refs/stash" {
            Self::Stash
        } else if let Some((_, class)) = prefixes.iter().find(|(prefix, _)| name.starts_with(prefix)) {
            *class
        } else if PER_WORKTREE.iter().any(|prefix| name.starts_with(prefix)) {
            Self::Worktree
        } else if name.starts_with(b"refs/") {
            Self::Other
        } else {
            Self::Pseudo
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_class_git_gives_them() {
        for (name, class) in [
            ("HEAD", RefClass::Head),
            ("refs/heads/HEAD", RefClass::Branch),
            ("refs/tags/v1", RefClass::Tag),
            ("refs/remotes/origin/HEAD", RefClass::RemoteTracking),
            ("refs/stash", RefClass::Stash),
            ("refs/stashes/x", RefClass::Other),
            ("refs/notes/commits", RefClass::Note),
            ("refs/pull/1/head", RefClass::Pull),
            ("refs/changes/01/1/1", RefClass::Pull),
            ("refs/replace/00", RefClass::Replace),
            ("refs/bisect/bad", RefClass::Worktree),
            ("worktrees/a/HEAD", RefClass::Worktree),
            ("main-worktree/refs/bisect/bad", RefClass::Worktree),
            ("FETCH_HEAD", RefClass::Pseudo),
            ("refs/heads", RefClass::Other),
        ] {
            assert_eq!(RefClass::of(name.into()), class, "{name}");
        }
    }
}
