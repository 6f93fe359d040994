//! Rewrites a test repository and lets plain git carry the result out.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use unleak_objects::ObjectStore;
use unleak_objects::repository::{OpenOptions, Repository};
use unleak_remediate::{
    Forget, Proof, Prover, Replacer, RewriteOptions, Rewritten, Scope, Starts, Style, rewrite,
};
use unleak_testkit::TestRepo;

pub(crate) const REMOVED: &str = "***REMOVED***";

pub(crate) fn open(repo: &TestRepo<'_>) -> Repository {
    Repository::open(repo.path(), OpenOptions::default()).unwrap()
}

/// Secrets, all replaced by the same mark.
pub(crate) fn secrets<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Forget {
    let secrets = secrets.into_iter().map(|secret| secret.as_bytes().to_vec());
    Forget { text: Some(Replacer::for_secrets(secrets, Style::Fixed).unwrap()), ..Forget::default() }
}

/// Works a rewrite out; with `write`, its pack lies under temporary names.
pub(crate) fn work_out(repo: &TestRepo<'_>, forget: &Forget, threads: usize, write: bool) -> Rewritten {
    let repository = open(repo);
    let store = ObjectStore::open(repository.objects_dir(), repository.hash_kind()).unwrap();
    let (starts, troubles) = Starts::read(&repository).unwrap();
    assert!(troubles.is_empty(), "{troubles:?}");
    let interrupt = AtomicBool::new(false);
    let options = RewriteOptions { threads, interrupt: &interrupt, progress: None, write };
    let rewritten = rewrite(&store, &starts, forget, options).unwrap();
    assert!(rewritten.troubles.is_empty(), "{:?}", rewritten.troubles);
    rewritten
}

/// Carries it out: renames the pack, moves the refs.
pub(crate) fn install(repo: &TestRepo<'_>, rewritten: &Rewritten) {
    if let Some(pack) = &rewritten.change.pack {
        std::fs::rename(&pack.pack, with(&pack.target, "pack")).unwrap();
        std::fs::rename(&pack.index, with(&pack.target, "idx")).unwrap();
    }
    let mut commands = String::new();
    for update in &rewritten.change.refs {
        match update.new {
            Some(new) => commands += &format!("update {} {new} {}\n", update.name, update.old),
            None => commands += &format!("delete {} {}\n", update.name, update.old),
        }
    }
    repo.git_with_input(["update-ref", "--no-deref", "--stdin"], commands);
}

fn with(path: &Path, extension: &str) -> std::path::PathBuf {
    path.with_extension(extension)
}

/// Old ids of commits to new ones.
pub(crate) fn map(rewritten: &Rewritten) -> BTreeMap<String, String> {
    let pair = |(old, new): &(_, Option<_>)| {
        (format!("{old}"), new.map_or_else(String::new, |new: gix_hash::ObjectId| new.to_string()))
    };
    rewritten.change.commits.iter().map(pair).collect()
}

/// Looks for what is left, reflogs left out, which plain git does not rewrite.
pub(crate) fn proof(repo: &TestRepo<'_>, forget: &Forget) -> Proof {
    let interrupt = AtomicBool::new(false);
    let repo = open(repo);
    let prover = Prover::look(&repo, forget, 2, &interrupt, None).unwrap();
    prover.prove(&repo, Starts::read(&repo).unwrap(), Scope::Reachable, true).unwrap()
}
