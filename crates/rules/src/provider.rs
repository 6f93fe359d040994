//! What is known about the vendor of a credential, beyond its signature.

use serde::{Deserialize, Serialize};

/// A vendor's facts, as the `[provider]` table of its rule file states them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// The rule family this is about, such as `github`.
    pub family: String,
    /// The vendor's name as it writes itself.
    pub name: String,
    /// What the credentials open, in one line.
    #[serde(default)]
    pub opens: Option<String>,
    /// Where to revoke or replace one: a page or a command.
    #[serde(default)]
    pub revoke: Option<String>,
    /// Where its use can be seen.
    #[serde(default)]
    pub audit: Option<String>,
    /// Where this was read.
    #[serde(default)]
    pub source: Option<String>,
}
