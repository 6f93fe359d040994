//! A repository and a detector in, an outcome out. Reads only.
//!
//! Each source (index, working tree, history, range, standard input, plain files) gives drafts of findings and a ledger
//! of what it looked at; drafts of one secret in one place are joined. The only room with threads of its own.
//!
//! ```
//! use unleak_findings::Fingerprinter;
//! use unleak_objects::Limits;
//! use unleak_rules::{Confidence, Detector, builtin};
//! use unleak_scan::{Progress, Request, Threshold, Versions, scan_reader};
//!
//! let detector = Detector::new(builtin::rule_set());
//! let request = Request {
//!     detector: &detector,
//!     fingerprinter: &Fingerprinter::new(b""),
//!     threshold: Threshold { confidence: Confidence::Medium, invalid: false },
//!     threads: 1,
//!     versions: Versions::default(),
//!     limits: Limits::default(),
//!     progress: &Progress::default(),
//! };
//! let text = ["key = AKI", "AQYLPMN5HFIQR7XYA"].concat();
//! let outcome = scan_reader(&request, &mut text.as_bytes());
//! assert_eq!(outcome.findings.len(), 1);
//! assert!(outcome.coverage.is_complete());
//! ```

mod cache;
mod codec;
mod draft;
mod eclipse;
mod fixture;
mod outcome;
mod part;
mod progress;
mod restriction;
mod run;
mod scanner;
mod sources;
mod versions;
mod workers;

pub use cache::{Cache, CacheUse};
pub use outcome::{Coverage, Outcome, Scanned, SkipReason, Skipped, Stats};
pub use progress::{Phase, Progress};
pub use restriction::Restriction;
pub use run::{
    Request, ScanError, Selection, scan_files, scan_message, scan_reader, scan_repository,
    scan_repository_cached,
};
pub use scanner::Threshold;
pub use sources::commits::{BroughtRef, CommitsToScan};
pub use sources::history::HistoryError;
pub use versions::Versions;
