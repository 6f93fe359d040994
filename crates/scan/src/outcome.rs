//! What a scan found, what it looked at, and what it could not look at.

use std::collections::BTreeMap;
use std::time::Duration;

use unleak_findings::Finding;

/// The result of a scan. Sorted; the same for any number of threads, but for [`Stats::elapsed`].
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What was found, in report order.
    pub findings: Vec<Finding>,
    /// What was looked at and what was not.
    pub coverage: Coverage,
    /// Counts.
    pub stats: Stats,
}

/// The ledger: what was scanned, and what was not and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Each source that was scanned, with what it held.
    pub scanned: Vec<Scanned>,
    /// What was not scanned, by reason; each with some examples.
    pub skipped: BTreeMap<SkipReason, Skipped>,
}

/// One source and how much of it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scanned {
    /// Its name: `index`, `working tree`, `history`, `range v1..v2`, `standard input`, `files`.
    pub source: String,
    /// What was counted there: `("commits", 203352)`, `("blobs", 262343)`, `("files", 12)`.
    pub counts: Vec<(&'static str, u64)>,
}

/// Why something was not scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SkipReason {
    /// Ctrl-C or a deadline.
    Interrupted,
    /// An object that is damaged.
    Corrupt,
    /// An object that a commit needs and that is not in the store.
    Missing,
    /// Missing because the clone is partial: the remote still has it.
    NotFetched,
    /// History cut off by a shallow clone.
    Shallow,
    /// A file that could not be read.
    Unreadable,
    /// A ref or reflog line that could not be read.
    BrokenRef,
    /// An object larger than the limit.
    TooLarge,
    /// A file that changed while it was read.
    Unstable,
    /// A submodule or nested repository: another repository, not scanned with this one.
    Submodule,
    /// A pointer to content that Git LFS keeps outside the repository.
    LfsPointer,
    /// A file that is neither regular nor a symbolic link.
    SpecialFile,
}

impl SkipReason {
    /// Whether the scan is incomplete because of it. The others are by design and only named.
    pub fn is_incomplete(self) -> bool {
        !matches!(self, Self::Submodule | Self::LfsPointer | Self::SpecialFile)
    }

    /// Whether it means that something that should be readable is not.
    pub fn is_damage(self) -> bool {
        matches!(self, Self::Corrupt | Self::Missing | Self::Unreadable | Self::BrokenRef)
    }

    /// The word used in machine-readable reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Interrupted => "interrupted",
            Self::Corrupt => "corrupt",
            Self::Missing => "missing",
            Self::NotFetched => "not-fetched",
            Self::Shallow => "shallow",
            Self::Unreadable => "unreadable",
            Self::BrokenRef => "broken-ref",
            Self::TooLarge => "too-large",
            Self::Unstable => "unstable",
            Self::Submodule => "submodule",
            Self::LfsPointer => "lfs-pointer",
            Self::SpecialFile => "special-file",
        }
    }
}

/// How much was skipped for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// How many things.
    pub count: u64,
    /// The first of them in order, at most [`Skipped::EXAMPLES`]: `(what, why)`.
    pub examples: Vec<(String, String)>,
}

impl Skipped {
    /// Examples kept.
    pub const EXAMPLES: usize = 20;
}

impl Coverage {
    /// Notes that `what` was not scanned. Examples stay sorted, so the order of calls does not show.
    pub fn skip(&mut self, reason: SkipReason, what: impl Into<String>, why: impl Into<String>) {
        let skipped = self.skipped.entry(reason).or_default();
        skipped.count += 1;
        let example = (what.into(), why.into());
        let at = skipped.examples.partition_point(|kept| *kept < example);
        if at < Skipped::EXAMPLES {
            skipped.examples.insert(at, example);
            skipped.examples.truncate(Skipped::EXAMPLES);
        }
    }

    /// Notes that `source` was scanned.
    pub fn scanned(&mut self, source: impl Into<String>, counts: Vec<(&'static str, u64)>) {
        self.scanned.push(Scanned { source: source.into(), counts });
    }

    /// Takes over what another ledger holds.
    pub fn merge(&mut self, other: Self) {
        self.scanned.extend(other.scanned);
        for (reason, skipped) in other.skipped {
            let mine = self.skipped.entry(reason).or_default();
            mine.count += skipped.count;
            mine.examples.extend(skipped.examples);
            mine.examples.sort();
            mine.examples.truncate(Skipped::EXAMPLES);
        }
    }

    /// Whether everything that was asked for was looked at.
    pub fn is_complete(&self) -> bool {
        !self.skipped.keys().any(|reason| reason.is_incomplete())
    }

    /// Whether the scan was interrupted.
    pub fn is_interrupted(&self) -> bool {
        self.skipped.contains_key(&SkipReason::Interrupted)
    }
}

/// Counts of a scan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Objects and files read.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Secrets below the asked-for confidence, or invalid, that were left out.
    pub hidden: u64,
    /// Secrets that were already there before the change that was scanned.
    pub unchanged: u64,
    /// Rules in use.
    pub rules: u64,
    /// Threads in use.
    pub threads: u64,
    /// Wall time.
    pub elapsed: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_skips_does_not_show() {
        let names: Vec<String> = (0..50).map(|n| format!("{n:03}")).collect();
        let (mut forward, mut backward) = (Coverage::default(), Coverage::default());
        for name in &names {
            forward.skip(SkipReason::Missing, name, "");
        }
        for name in names.iter().rev() {
            backward.skip(SkipReason::Missing, name, "");
        }
        assert_eq!(forward, backward);
        assert_eq!(forward.skipped[&SkipReason::Missing].count, 50);
        assert!(!forward.is_complete());
    }

    #[test]
    fn what_is_left_out_by_design_keeps_the_scan_complete() {
        let mut coverage = Coverage::default();
        coverage.skip(SkipReason::Submodule, "lib", "another repository");
        assert!(coverage.is_complete());
        coverage.skip(SkipReason::Shallow, "abc", "");
        assert!(!coverage.is_complete());
    }
}
