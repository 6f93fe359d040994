//! What part of a repository is asked for.

use std::borrow::Cow;
use std::collections::BTreeSet;

use bstr::{BStr, BString};
use unleak_objects::repository::{Pathspec, Tip};

/// What is asked for of what a source holds; everything without.
#[derive(Clone, Debug, Default)]
pub struct Restriction {
    /// Of history, what these refs reach: full names, such as `refs/heads/main`. No reflog counts then.
    pub refs: Option<BTreeSet<BString>>,
    /// Of history, what commits of this committer date and later add to what each of their parents has at the same path;
    /// and what has no date: names of refs, objects that no commit holds. Seconds since 1970.
    pub since: Option<i64>,
    /// Files at these paths. Nothing else is at a path: neither messages nor names of refs, notes, or blobs that no tree
    /// holds.
    pub paths: Option<Pathspec>,
}

/// Everything.
pub(crate) static EVERYTHING: Restriction = Restriction { refs: None, since: None, paths: None };

impl Restriction {
    /// Whether everything is asked for.
    pub(crate) fn is_nothing(&self) -> bool {
        self.refs.is_none() && self.since.is_none() && self.paths.is_none()
    }

    /// Whether a file at `path` is asked for.
    pub(crate) fn has_path(&self, path: &BStr) -> bool {
        self.paths.as_ref().is_none_or(|paths| paths.matches(path))
    }

    /// Whether it is asked for what stands at no path.
    pub(crate) fn has_pathless(&self) -> bool {
        self.paths.is_none()
    }

    /// Whether what the ref of that name leads to is asked for.
    pub(crate) fn has_ref(&self, name: &BString) -> bool {
        self.refs.as_ref().is_none_or(|refs| refs.contains(name))
    }

    /// Whether what was made at that time is asked for. Seconds since 1970; what has no date is.
    pub(crate) fn has_time(&self, time: Option<i64>) -> bool {
        self.since.is_none_or(|since| time.is_none_or(|time| time >= since))
    }

    /// Those of `tips` that are asked for.
    pub(crate) fn tips<'t>(&self, tips: &'t [Tip]) -> Cow<'t, [Tip]> {
        match &self.refs {
            None => Cow::Borrowed(tips),
            Some(_) => tips.iter().filter(|tip| self.has_ref(&tip.name)).cloned().collect(),
        }
    }
}
