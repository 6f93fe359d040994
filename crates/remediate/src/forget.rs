//! What is to be forgotten.

use std::collections::HashSet;

use bstr::BStr;
use gix_hash::ObjectId;

use crate::mailmap::Mailmap;
use crate::path_rules::PathRules;
use crate::replacer::Replacer;

/// What is to be forgotten, and how strictly another tool's ways are kept.
#[derive(Debug, Default)]
pub struct Forget {
    /// What is replaced in files; and, but for [`Manner::FilterRepo`], wherever else it stands: messages, names of people,
    /// names of files.
    pub text: Option<Replacer>,
    /// What is replaced in messages of commits and tags alone.
    pub messages: Option<Replacer>,
    /// Who people are now.
    pub mailmap: Option<Mailmap>,
    /// Files that never were.
    pub paths: Option<PathRules>,
    /// Blobs that never were, wherever they stand.
    pub blobs: HashSet<ObjectId>,
    /// Blobs with more bytes than that never were either.
    pub larger_than: Option<u64>,
    /// Whose ways are kept.
    pub manner: Manner,
}

/// Whose ways a rewrite keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Manner {
    /// Only what must change changes.
    #[default]
    Faithful,
    /// As git-filter-repo (2.47) rewrites what it has rewritten before: text in files alone, by its order of rules, binary
    /// files left alone; what is left out of a commit leaves what was there before.
    FilterRepo(Ways),
}

/// What git-filter-repo may be told. The default is its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ways {
    /// Commits that change nothing, or nothing any more.
    pub prune_empty: Prune,
    /// Parents of merges that have become ancestors of others.
    pub prune_degenerate: Prune,
    /// Whether a first parent stays even so.
    pub no_ff: bool,
    /// Whether ids of commits in messages stay as they are.
    pub keep_ids: bool,
}

/// When something goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Prune {
    /// If it became so.
    #[default]
    Auto,
    /// Also if it was so before.
    Always,
    /// Never.
    Never,
}

impl Forget {
    /// What is replaced outside of files.
    pub(crate) fn text_elsewhere(&self) -> Option<&Replacer> {
        self.text.as_ref().filter(|_| self.manner == Manner::Faithful)
    }

    /// Whether a file or folder of this name gets another.
    pub(crate) fn renames(&self, name: &BStr) -> bool {
        self.text_elsewhere().is_some_and(|text| text.finds(name))
    }

    /// Whether texts are all there is to forget, wherever they stand.
    pub(crate) fn is_text_alone(&self) -> bool {
        let Self { text, messages, mailmap, paths, blobs, larger_than, manner } = self;
        text.is_some()
            && messages.is_none()
            && mailmap.is_none()
            && paths.is_none()
            && blobs.is_empty()
            && larger_than.is_none()
            && *manner == Manner::Faithful
    }

    /// Whether any blob must be looked at.
    pub(crate) fn asks_for_blobs(&self) -> bool {
        self.text.is_some() || self.larger_than.is_some()
    }
}
