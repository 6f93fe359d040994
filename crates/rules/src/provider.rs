//! What is known about the vendor of a credential, beyond its signature.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::pattern::Pattern;

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
    /// What hosts do by themselves about its credentials.
    #[serde(default)]
    pub hosts: Hosts,
    /// How to replace single kinds of its credentials, where more is known than what is said above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rotation: Vec<Rotation>,
}

/// How many of a vendor's kinds of credentials something is said of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Share {
    /// Of none.
    #[default]
    No,
    /// Of some, and not of others.
    Part,
    /// Of all.
    All,
}

/// What hosts of repositories do by themselves about credentials that they find.
///
/// Of GitHub as its list of supported patterns has it (`isPublic`, `hasPushProtection`, `hasValidityCheck` in
/// <https://github.com/github/docs/tree/main/src/secret-scanning/data>, read on 2026-11-23); of GitLab as
/// <https://docs.gitlab.com/user/application_security/secret_detection/automatic_response/> has it (2026-11-23).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Hosts {
    /// GitHub tells the vendor of those in public repositories, gists and npm packages.
    pub github: Share,
    /// GitHub refuses pushes with one, where push protection is switched on.
    pub push_protection: Share,
    /// GitHub's alerts say whether one still works.
    pub validity: Share,
    /// GitLab tells the vendor of those that Secret Detection finds in public projects of Ultimate.
    pub gitlab: Share,
}

/// How one kind of credential is replaced. In commands, `{id}` stands for the key's id, `{from}` and `{to}` for the
/// time it was exposed, in RFC 3339; words in capitals are for the reader to fill in. No command holds a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// What people call it.
    pub kind: String,
    /// The rules it is about; empty: all of the family that no other entry names.
    #[serde(default)]
    pub rules: Vec<String>,
    /// A regex whose one group is the id that the vendor's commands and logs know the key by, in what leaked. For keys that
    /// have it inside of them: it is shown only where the user asks.
    #[serde(default)]
    pub id: Option<String>,
    /// The command or page that revokes it.
    pub revoke: String,
    /// How to replace it without downtime, if the vendor lets two be valid at once.
    #[serde(default)]
    pub overlap: Option<String>,
    /// The query or page that shows its use in that time.
    pub audit: String,
    /// What hosts do by themselves about this kind; `None`: what the vendor's entry says.
    #[serde(default)]
    pub hosts: Option<Hosts>,
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

impl Rotation {
    /// The id of the key inside `value`, which leaked.
    pub fn id_in(&self, value: &[u8]) -> Option<String> {
        let pattern = Pattern::new(self.id.clone()?);
        let regex = pattern.regex()?;
        let mut groups = regex.create_captures();
        regex.captures(value, &mut groups);
        let id = value.get(groups.get_group(1)?.range())?;
        std::str::from_utf8(id).ok().map(str::to_owned)
    }
}

impl Provider {
    /// How to replace what a rule finds: the entry that names the rule, else the one for the rest of the family.
    pub fn rotation_of(&self, rule: &str) -> Option<&Rotation> {
        let named = self.rotation.iter().find(|entry| entry.rules.iter().any(|named| named == rule));
        named.or_else(|| self.rotation.iter().find(|entry| entry.rules.is_empty()))
    }

    /// What hosts do by themselves about what a rule finds.
    pub fn hosts_of(&self, rule: &str) -> Hosts {
        self.rotation_of(rule).and_then(|entry| entry.hosts).unwrap_or(self.hosts)
    }
}

/// Vendors by family.
pub(crate) type Vendors = BTreeMap<String, Provider>;

/// The vendors of a rule set: those of users' files, and behind them the built-in ones, if the set has any.
#[derive(Clone, Debug, Default)]
pub(crate) struct Providers {
    own: Vendors,
    /// Where to get the others.
    pub(crate) rest: Option<fn() -> &'static Vendors>,
}

impl Providers {
    /// Adds vendors, in place of those of the same families.
    pub(crate) fn add(&mut self, providers: impl IntoIterator<Item = Provider>) {
        self.own.extend(providers.into_iter().map(|provider| (provider.family.clone(), provider)));
    }

    /// Adds all of `others`, in place of those of the same families.
    pub(crate) fn lay_over(&mut self, others: Self) {
        self.own.extend(others.own);
        self.rest = self.rest.or(others.rest);
    }

    /// The vendor of `family`.
    pub(crate) fn get(&self, family: &str) -> Option<&Provider> {
        self.own.get(family).or_else(|| self.rest?().get(family))
    }

    /// All of them, sorted by family.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Provider> {
        let rest = self.rest.map(|rest| rest().iter()).into_iter().flatten();
        rest.chain(&self.own).collect::<BTreeMap<_, _>>().into_values()
    }
}
