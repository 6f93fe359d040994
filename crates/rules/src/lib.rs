//! Bytes in, matches out: rule files, the detector, structural checks.
//!
//! No git, no files but the embedded rules, no output. The data goes one way: a rule file becomes [`rule::Rule`]s
//! ([`syntax`]), rules become a [`Detector`], a detector turns bytes into [`Match`]es.
//!
//! ```
//! use unleak_rules::{Detector, Scratch, builtin};
//!
//! let detector = Detector::new(builtin::rule_set());
//! let text = ["key = AKI", "AQYLPMN5HFIQR7XYA"].concat();
//! let found = detector.scan(text.as_bytes(), &mut Scratch::default());
//! assert_eq!(detector.rules()[found[0].rule].id, "aws-access-key-id");
//! ```

pub mod allow;
pub mod anchor;
mod assignment;
pub mod builtin;
mod by_path;
pub mod checks;
mod decoded;
mod decoded_scan;
mod detector;
pub mod dotenv;
mod entropy;
mod explain;
mod filename;
mod fixture;
mod gather;
pub mod gitleaks;
mod grade;
mod grams;
mod hex;
mod letters;
mod matching;
pub mod needs;
mod pattern;
pub mod placeholder;
mod prefilter;
mod prove;
mod provider;
mod proviso;
mod rarest;
mod raw_rule;
pub mod readers;
mod reason;
mod resolve;
mod rotation_proof;
pub mod rule;
mod ruleset;
mod shorthand;
mod source;
mod span;
mod stream;
pub mod syntax;
mod trigrams;
mod value;
mod whole_text;
mod words;

pub use allow::Allowlist;
pub use assignment::KeyClass;
pub use decoded_scan::scan_decoded;
pub use detector::trace::{Derivation, Partial, Trace};
pub use detector::{Detector, Reach, Scratch};
pub use entropy::{shannon, shannon_of_characters};
pub use explain::{Explanation, Silence, explain};
pub use filename::{FilePatterns, file_name};
pub use fixture::is_fixture_path;
pub use gather::Piece;
pub use grade::{Confidence, Proof, Severity};
pub use matching::Match;
pub use pattern::Pattern;
pub use prefilter::RuleIndex;
pub use prove::{Broken, prove};
pub use provider::{Hosts, Provider, Rotation, Share};
pub use reason::{Reason, Unmet};
pub use resolve::resolve;
pub use rotation_proof::prove_rotation;
pub use rule::Rule;
pub use ruleset::{RuleSet, RuleSetError};
pub use span::Span;
pub use stream::{Part, scan_stream};

#[cfg(test)]
mod allow_tests;
#[cfg(test)]
mod catalogue_tests;
#[cfg(test)]
mod derived_tests;
#[cfg(test)]
mod tests;
