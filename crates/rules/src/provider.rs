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
    /// How to replace single kinds of its credentials, where more is known than what is said above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rotation: Vec<Rotation>,
}

/// How one kind of credential is replaced. In commands, `{id}` stands for the key's public id, `{from}` and `{to}` for the
/// time it was exposed, in RFC 3339; words in capitals are for the reader to fill in. No command holds a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// What people call it.
    pub kind: String,
    /// The rules it is about; empty: all of the family that no other entry names.
    #[serde(default)]
    pub rules: Vec<String>,
    /// The command or page that revokes it.
    pub revoke: String,
    /// How to replace it without downtime, if the vendor lets two be valid at once.
    #[serde(default)]
    pub overlap: Option<String>,
    /// The query or page that shows its use in that time.
    pub audit: String,
    /// Whether GitHub reports it to the vendor when it stands in a public repository.
    #[serde(default)]
    pub partner: Option<bool>,
    /// What the vendor does by itself once it is told. `None`: nothing that is known.
    #[serde(default)]
    pub automatic: Option<String>,
    /// What to look for afterwards.
    pub after: String,
    /// Where this was read.
    pub source: String,
    /// When: `2026-11` or `2026-11-23`.
    pub read: String,
}

impl Provider {
    /// How to replace what a rule finds: the entry that names the rule, else the one for the rest of the family.
    pub fn rotation_of(&self, rule: &str) -> Option<&Rotation> {
        let named = self.rotation.iter().find(|entry| entry.rules.iter().any(|named| named == rule));
        named.or_else(|| self.rotation.iter().find(|entry| entry.rules.is_empty()))
    }
}
