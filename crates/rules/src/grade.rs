//! How bad, how sure, and how well checked: the three scales every match carries.

use serde::{Deserialize, Serialize};

/// How much the credential opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Little, or only together with something else.
    Low,
    /// One service, limited.
    Medium,
    /// An account or a data store.
    High,
    /// An organisation, production, or money.
    Critical,
}

/// How likely the match is a credential at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A hint; shown on request.
    Low,
    /// Probable; shown and blocking by default.
    Medium,
    /// The format leaves no other reading, or a structural check passed.
    High,
}

/// What the structural checks said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Proof {
    /// A check failed: the bytes have the shape but not the structure.
    Invalid,
    /// The rule has no check.
    Unchecked,
    /// Every check passed.
    Proved,
}

macro_rules! as_str {
    ($type:ident { $($variant:ident => $name:literal),+ }) => {
        impl $type {
            /// The word used in rule files, reports and flags.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
as_str!(Severity { Low => "low", Medium => "medium", High => "high", Critical => "critical" });
as_str!(Confidence { Low => "low", Medium => "medium", High => "high" });
as_str!(Proof { Invalid => "invalid", Unchecked => "unchecked", Proved => "proved" });
