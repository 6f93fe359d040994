//! The ways of another tool, and what it may be told: only so can results be compared.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use unleak_remediate::{Dialect, Manner, PathOptions, Prune, Ways};

/// Another tool's ways.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Compatible {
    /// Keep another tool's ways, so that results can be compared
    #[arg(long, value_enum, value_name = "TOOL", help_heading = "How")]
    compat: Option<Tool>,
    /// The paths that are named are what stays, all others go
    #[arg(long, requires = "compat", help_heading = "With --compat filter-repo")]
    keep_paths: bool,
    /// Rules for paths are held against the last part of a path
    #[arg(long, requires = "compat", help_heading = "With --compat filter-repo")]
    use_base_name: bool,
    /// When commits that change nothing go
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        requires = "compat",
        help_heading = "With --compat filter-repo"
    )]
    prune_empty: Option<When>,
    /// When a parent of a merge goes that is an ancestor of another one
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        requires = "compat",
        help_heading = "With --compat filter-repo"
    )]
    prune_degenerate: Option<When>,
    /// First parents stay all the same
    #[arg(long, requires = "compat", help_heading = "With --compat filter-repo")]
    no_ff: bool,
    /// Ids of commits in messages stay as they are
    #[arg(long, requires = "compat", help_heading = "With --compat filter-repo")]
    preserve_commit_hashes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
enum Tool {
    /// git-filter-repo 2.47: text is replaced in files alone, binary ones left out; commits that become empty go
    FilterRepo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
enum When {
    /// If they became so (the default)
    Auto,
    /// Also if they were so before
    Always,
    /// Never
    Never,
}

impl Compatible {
    pub(super) fn dialect(self) -> Dialect {
        if self.compat.is_some() { Dialect::FilterRepo } else { Dialect::Ours }
    }

    pub(super) fn manner(self) -> Manner {
        let when = |when: Option<When>| match when {
            None | Some(When::Auto) => Prune::Auto,
            Some(When::Always) => Prune::Always,
            Some(When::Never) => Prune::Never,
        };
        if self.compat.is_none() {
            return Manner::Faithful;
        }
        Manner::FilterRepo(Ways {
            prune_empty: when(self.prune_empty),
            prune_degenerate: when(self.prune_degenerate),
            no_ff: self.no_ff,
            keep_ids: self.preserve_commit_hashes,
        })
    }

    /// How rules for paths are read.
    pub(super) fn paths(self) -> PathOptions {
        PathOptions { keep: self.keep_paths, use_base_name: self.use_base_name, dialect: self.dialect() }
    }
}
