//! Policy files: TOML to policies, with the built-in ones first and the user's laid over them.

use serde::Deserialize;

use crate::shell::Wrapper;
use crate::verdict::Decision;

const POLICIES: &str = include_str!("policies.toml");
const WRAPPERS: &str = include_str!("wrappers.toml");

/// What only code can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// `git add` takes env files or secrets.
    Adds,
    /// `git commit` takes env files or secrets.
    Commits,
    /// `git config` sets what leads past hooks.
    SetsHooks,
    /// `git config` or `git remote` makes pushes forced ones.
    SetsForce,
    /// The files of hooks are changed or taken away.
    ChangesHooks,
    /// A file with live credentials is among the arguments.
    ReadsStore,
    /// Variables are printed.
    PrintsEnvironment,
    /// SQL that destroys goes to what looks like production.
    DestructiveSql,
    /// The database looks like production.
    ProductionUrl,
    /// Something that cannot be brought back is removed.
    Removes,
    /// The same, by `git clean`.
    Cleans,
    /// A service account's key with a role too large.
    ServiceAccount,
}

/// How strict a policy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Deny,
    Ask,
    Allow,
}

/// One policy, as in `policies.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Its name.
    pub id: String,
    /// Programs it is about; `*` is any.
    #[serde(default)]
    pub programs: Vec<String>,
    /// Beginnings of calls, words with blanks between, flags left out unless they are named.
    #[serde(default)]
    pub calls: Vec<String>,
    /// Of those, the ones that are fine where their output goes into another program.
    #[serde(default)]
    pub except_piped: Vec<String>,
    /// The first operand.
    #[serde(default)]
    pub subcommands: Vec<String>,
    /// Flags.
    #[serde(default)]
    pub flags: Vec<String>,
    /// Patterns of operands.
    #[serde(default)]
    pub words: Vec<String>,
    /// Patterns of settings given to git for one call, lower case: `key`, or `key=value`.
    #[serde(default)]
    pub settings: Vec<String>,
    /// Variables set for the call: `NAME`, or `NAME=VALUE` with patterns.
    #[serde(default)]
    pub variables: Vec<String>,
    /// Flags with which it does not apply.
    #[serde(default)]
    pub without: Vec<String>,
    /// What else must hold.
    #[serde(default)]
    pub check: Option<Check>,
    verdict: Word,
    /// Why.
    pub message: String,
    /// What to do instead.
    #[serde(default)]
    pub instead: String,
}

impl Policy {
    /// What it says where it applies.
    pub fn decision(&self) -> Decision {
        match self.verdict {
            Word::Deny => Decision::Deny,
            Word::Ask => Decision::Ask,
            Word::Allow => Decision::None,
        }
    }
}

/// Flags with values, of one program.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Program {
    pub(crate) words: Vec<String>,
    pub(crate) value_flags: Vec<String>,
}

/// Lists that checks read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lists {
    /// Files with live credentials.
    pub credential_stores: Vec<String>,
    /// Those that are not, although a pattern takes them in.
    pub harmless_stores: Vec<String>,
    /// Folders nobody misses.
    pub scratch: Vec<String>,
    /// Words that names of production have.
    pub production: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    policies: Vec<Policy>,
    programs: Vec<Program>,
    wrappers: Vec<Wrapper>,
    lists: Lists,
    /// Built-in policies that do not count.
    disable: Vec<String>,
}

/// Whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// The user's own: may add, replace and disable.
    User,
    /// The repository's, which an agent can write: may only add.
    Repository,
}

/// What is wrong with a policy file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// It is no TOML, or not of this shape.
    #[error("{name}: {message}")]
    Syntax {
        /// The file.
        name: String,
        /// What, and where.
        message: String,
    },
    /// A repository's file wants less.
    #[error("{name}: a repository may add policies, and not change or disable '{id}'")]
    Weakens {
        /// The file.
        name: String,
        /// The policy, or the list.
        id: String,
    },
}

/// All that is known of commands.
#[derive(Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "as the tables of the file are called")]
pub struct Policies {
    pub(crate) policies: Vec<Policy>,
    pub(crate) programs: Vec<Program>,
    pub(crate) wrappers: Vec<Wrapper>,
    pub(crate) lists: Lists,
}

impl Policies {
    /// Those that come with the program.
    pub fn builtin() -> Self {
        let read = |text: &str| toml::from_str::<File>(text).expect("a test reads the built-in files");
        let (file, more) = (read(POLICIES), read(WRAPPERS));
        Self { policies: file.policies, programs: file.programs, wrappers: more.wrappers, lists: file.lists }
    }

    /// The policies, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Policy> {
        self.policies.iter()
    }

    /// The lists.
    pub fn lists(&self) -> &Lists {
        &self.lists
    }

    /// Lays the file `name` with `text` over these.
    ///
    /// # Errors
    /// When it has a mistake, or takes away what it has no authority over.
    pub fn overlaid(mut self, name: &str, text: &str, authority: Authority) -> Result<Self, PolicyError> {
        let file: File = toml::from_str(text).map_err(|error| {
            let message = error.to_string();
            PolicyError::Syntax { name: name.to_owned(), message: message.trim_end().to_owned() }
        })?;
        let known = |id: &str| self.policies.iter().any(|policy| policy.id == id);
        let lists = &file.lists;
        if authority == Authority::Repository {
            let changed = file.policies.iter().map(|policy| &policy.id).filter(|id| known(id));
            let widened = (!lists.scratch.is_empty()).then_some("lists.scratch");
            let harmless = (!lists.harmless_stores.is_empty()).then_some("lists.harmless_stores");
            let wrapped = (!file.wrappers.is_empty() || !file.programs.is_empty()).then_some("wrappers");
            let wanted = file.disable.iter().chain(changed).map(String::as_str);
            if let Some(id) = wanted.chain(widened).chain(harmless).chain(wrapped).next() {
                return Err(PolicyError::Weakens { name: name.to_owned(), id: id.to_owned() });
            }
        }
        let replaced: Vec<&str> = file.policies.iter().map(|policy| &policy.id[..]).collect();
        self.policies
            .retain(|policy| !file.disable.contains(&policy.id) && !replaced.contains(&policy.id.as_str()));
        self.policies.extend(file.policies.iter().cloned());
        self.programs.extend(file.programs);
        self.wrappers.extend(file.wrappers);
        self.lists.credential_stores.extend(file.lists.credential_stores);
        self.lists.harmless_stores.extend(file.lists.harmless_stores);
        self.lists.scratch.extend(file.lists.scratch);
        self.lists.production.extend(file.lists.production);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_files_are_read_and_ids_are_unique() {
        let builtin = Policies::builtin();
        let mut ids: Vec<&str> = builtin.iter().map(|policy| &policy.id[..]).collect();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
        assert!(count > 15 && builtin.wrappers.len() > 40 && builtin.programs.len() > 5);
    }

    #[test]
    fn users_may_change_everything_and_repositories_only_add() {
        let own = "disable = [\"removal\"]\n[[policies]]\nid = \"git-force-push\"\nverdict = \"ask\"\nmessage = \"m\"\n";
        let changed = Policies::builtin().overlaid("own", own, Authority::User).unwrap();
        assert!(!changed.iter().any(|policy| policy.id == "removal"));
        let force: Vec<_> = changed.iter().filter(|policy| policy.id == "git-force-push").collect();
        assert_eq!((force.len(), force[0].decision()), (1, Decision::Ask));
        for text in [
            own,
            "disable = [\"removal\"]",
            "[lists]\nscratch = [\"/*\"]",
            "[lists]\nharmless_stores = [\"*\"]",
        ] {
            let refused = Policies::builtin().overlaid("theirs", text, Authority::Repository);
            assert!(matches!(refused, Err(PolicyError::Weakens { .. })), "{text}");
        }
        let more = "[[policies]]\nid = \"x\"\nprograms = [\"npm\"]\nsubcommands = [\"publish\"]\nverdict = \"deny\"\nmessage = \"m\"";
        assert!(Policies::builtin().overlaid("theirs", more, Authority::Repository).is_ok());
        let mistake = Policies::builtin().overlaid("f.toml", "[[policies]]\nid = 1", Authority::User);
        assert!(mistake.unwrap_err().to_string().contains("f.toml"));
    }
}
