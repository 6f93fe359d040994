//! The commits of a change, looked up in the clone that CI made; what is not in it is an error, never a smaller range.

use gix_hash::ObjectId;
use unleak_objects::repository::{Repository, ResolveError, ShallowError};

use crate::change::{Base, Change, Place};

/// Names tried for a default branch that nobody told.
const USUAL: [&str; 2] = ["main", "master"];

/// The commits of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRange {
    /// The newest commit of the change.
    pub head: ObjectId,
    /// What was there before. Nothing means that all of history is new.
    pub exclude: Vec<ObjectId>,
    /// The commit whose configuration, baseline and ignore files count.
    pub trusted: Option<ObjectId>,
    /// What the range is called, made of ids only.
    pub name: String,
    /// Why it is this range, where that is not plain.
    pub why: Option<&'static str>,
}

/// Why the commits of a change are not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// A revision is not in this clone.
    #[error("{what} {revision} is not in this clone")]
    Missing {
        /// What it is to the change.
        what: &'static str,
        /// The revision.
        revision: String,
        /// What was tried.
        #[source]
        source: Box<ResolveError>,
    },
    /// A name that somebody gave may be several revisions.
    #[error("it is not known what {what} is")]
    Ambiguous {
        /// What it is to the change.
        what: &'static str,
        /// What it may be.
        source: Box<ResolveError>,
    },
    /// All of history is new, and this clone does not have it.
    #[error("all of history up to {head} is new, and this clone is shallow")]
    Shallow {
        /// The newest commit.
        head: ObjectId,
    },
    /// The list of shallow commits cannot be read.
    #[error(transparent)]
    List(#[from] ShallowError),
}

/// Looks `change` up.
pub fn resolve(repository: &Repository, change: &Change) -> Result<ChangeRange, ChangeError> {
    let find = |what: &'static str, revision: &str| {
        repository.resolve(revision).map_err(|source| match source {
            ResolveError::Ambiguous { .. } => ChangeError::Ambiguous { what, source: Box::new(source) },
            source => ChangeError::Missing { what, revision: revision.to_owned(), source: Box::new(source) },
        })
    };
    let head = find("the commit of this run", &change.head)?;
    let from = |base: ObjectId, why| ChangeRange {
        head,
        exclude: vec![base],
        trusted: Some(base),
        name: format!("{}..{}", base.to_hex_with_len(10), head.to_hex_with_len(10)),
        why,
    };
    match &change.base {
        Base::Commits(revisions) => {
            let bases = revisions.iter().map(|revision| find("the base", revision));
            let bases = bases.collect::<Result<Vec<_>, _>>()?;
            let Some(&first) = bases.first() else { return everything(repository, head, Trust::Nothing) };
            Ok(ChangeRange { exclude: bases, ..from(first, None) })
        }
        Base::Branch(name) => {
            Ok(from(find("the target branch", &format!("refs/remotes/origin/{name}"))?, None))
        }
        Base::Before { commit, of } => match find("the commit before the push", commit) {
            Ok(before) => Ok(from(before, None)),
            // A shallow clone may lack it; a whole one does because the push was forced.
            Err(missing) if repository.is_shallow() || matches!(missing, ChangeError::Ambiguous { .. }) => {
                Err(missing)
            }
            Err(_) => new(repository, head, of, Trust::Nothing),
        },
        Base::New(of) => new(repository, head, of, Trust::Nothing),
        Base::Unsaid(of) => new(repository, head, of, Trust::Parent),
    }
}

/// What is trusted where all of history is scanned.
#[derive(Clone, Copy)]
enum Trust {
    /// Nothing: it is all new.
    Nothing,
    /// The first parent of the newest commit: some of it was there before, and nobody says how much.
    Parent,
}

/// The commits of a ref that was not there: those that the default branch does not have. Other branches count for
/// nothing, since two that are pushed at once would vouch for each other.
fn new(
    repository: &Repository,
    head: ObjectId,
    of: &Place,
    trust: Trust,
) -> Result<ChangeRange, ChangeError> {
    let name = |branch: &str| format!("refs/remotes/origin/{branch}");
    let default = of.default.clone().or_else(|| default_branch(repository));
    let Some(default) = default.filter(|default| Some(default) != of.own.as_ref()) else {
        return everything(repository, head, trust);
    };
    let base = repository.resolve(&name(&default)).map_err(|source| ChangeError::Missing {
        what: "the default branch",
        revision: name(&default),
        source: Box::new(source),
    })?;
    Ok(ChangeRange {
        head,
        exclude: vec![base],
        trusted: Some(base),
        name: format!("{}..{}", base.to_hex_with_len(10), head.to_hex_with_len(10)),
        why: Some("the branch or tag is new here: what the default branch does not have"),
    })
}

/// The default branch of `origin`, where the platform does not tell: what the remote said when it was cloned, else the usual
/// name. Where there are two of those none is: whoever may push may make the other one.
fn default_branch(repository: &Repository) -> Option<String> {
    let (tips, _) = repository.stored_tips().ok()?;
    let find = |name: &str| tips.iter().find(|tip| tip.name == name);
    let said = find("refs/remotes/origin/HEAD").and_then(|head| head.symbolic.as_ref());
    let said = said.and_then(|name| name.strip_prefix(b"refs/remotes/origin/"));
    if let Some(said) = said.and_then(|name| std::str::from_utf8(name).ok()) {
        return Some(said.to_owned());
    }
    let mut usual = USUAL.into_iter().filter(|name| find(&format!("refs/remotes/origin/{name}")).is_some());
    let first = usual.next()?;
    usual.next().is_none().then(|| first.to_owned())
}

fn everything(repository: &Repository, head: ObjectId, trust: Trust) -> Result<ChangeRange, ChangeError> {
    if !repository.shallow_commits()?.is_empty() {
        return Err(ChangeError::Shallow { head });
    }
    let (trusted, why) = match trust {
        Trust::Nothing => (None, "nothing is known to have been there before: all of history is scanned"),
        Trust::Parent => (
            repository.resolve(&format!("{head}^1")).ok(),
            "the platform does not say what was there before: all of history is scanned; --base REV says it",
        ),
    };
    let name = format!("everything up to {}", head.to_hex_with_len(10));
    Ok(ChangeRange { head, exclude: Vec::new(), trusted, name, why: Some(why) })
}
