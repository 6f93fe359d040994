//! The vocabulary every later room speaks: secrets, places, findings, fingerprints, baselines.
//!
//! No repository access, no output.
//!
//! ```
//! use unleak_findings::{Fingerprinter, Secret};
//!
//! let secret = Secret::new("correct horse battery staple");
//! assert_eq!(secret.to_string(), "corr… (28 bytes)");
//! let fingerprint = Fingerprinter::new(b"").of("generic", &secret);
//! assert!(fingerprint.as_str().starts_with("v1:"));
//! ```

mod baseline;
mod detect_secrets;
mod finding;
mod fingerprint;
mod gitleaks_report;
mod gitleaksignore;
mod location;
mod marker;
mod origin;
mod secret;
mod triage;

pub use baseline::{Baseline, BaselineError, Entry, Standing};
pub use detect_secrets::SecretsBaseline;
pub use finding::{BY_PATH, Finding, Verdict, sort};
pub use fingerprint::{Fingerprint, Fingerprinter, NotAFingerprint};
pub use gitleaks_report::GitleaksReport;
pub use gitleaksignore::IgnoreFile;
pub use gix_hash::ObjectId;
pub use location::{LineIndex, Place, count};
pub use origin::{Appearance, Commit, Exposure, Medium, Reach};
pub use secret::Secret;
pub use triage::{Comments, Fixtures, allow_comment, triage};
