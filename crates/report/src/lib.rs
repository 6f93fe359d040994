//! Values to text: what a scan found, in one output format a file.
//!
//! Reads a [`Report`], writes to any [`std::io::Write`]. It opens nothing, prints nothing by itself, and writes the
//! value of a secret only when [`Report::show_secrets`] says so.
//!
//! ```
//! use unleak_report::{Report, human};
//! use unleak_scan::Outcome;
//!
//! let mut outcome = Outcome::default();
//! outcome.coverage.scanned("index", vec![("files", 2)]);
//! let report = Report::new(&outcome, "0.1.0", "the index");
//! let mut text = Vec::new();
//! human::write(&report, &human::Look::default(), &mut text)?;
//! assert!(text.starts_with(b"No secrets found."));
//! # Ok::<(), std::io::Error>(())
//! ```

pub mod azure;
pub mod codequality;
pub mod csv;
mod date;
mod extent;
mod gaps;
mod gfm;
pub mod github;
pub mod gitlab;
mod gitleaks;
pub mod gitleaks_csv;
pub mod gitleaks_json;
mod harmless;
pub mod human;
mod identity;
pub mod json;
pub mod jsonl;
pub mod junit;
pub mod md;
mod quantity;
pub mod rdjson;
mod report;
mod runner;
pub mod sarif;
mod scope;
mod scrub;
mod sentence;
mod shapes;
mod urgency;
mod uri;

pub use harmless::harmless;
pub use quantity::{counted, number};
pub use report::{Report, StaleEntry};
pub use runner::{Defused, defused};
pub use scope::Scope;
