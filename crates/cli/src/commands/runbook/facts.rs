//! What a runbook is made of, gathered from the repository: findings, vendors, remotes, what was rewritten.

use std::path::Path;
use std::sync::Arc;

use unleak_findings::{Comments, Fixtures, triage};
use unleak_objects::lfs;
use unleak_objects::repository::Repository;
use unleak_remediate::{HistoryMap, history_map, remote_named, remotes};
use unleak_rules::Confidence;
use unleak_runbook::{Host, Leak, RemoteFacts, RewriteFacts, Situation};
use unleak_scan::{Progress, Selection};

use super::kept;
use crate::accepted::{self, BaselineFile};
use crate::commands::rewrite::what::fingerprints;
use crate::commands::runbook::key_ids::{self, KeyIds};
use crate::engine::{Engine, How};
use crate::environment::Environment;
use crate::error::CliError;
use crate::history_cache;
use crate::terminal::Terminal;
use crate::trusted::Named;

/// Everything that is known.
pub(super) fn situation(
    repository: &Repository,
    environment: &Environment,
    terminal: Terminal,
    progress: &Arc<Progress>,
    (report, wants_ids): (Option<&Path>, bool),
) -> Result<Situation, CliError> {
    let wanted = report.map(|file| fingerprints(file, environment)).transpose()?;
    let engine =
        Engine::new(&How::of_everything(wanted.is_some()), None, &Named::from(&environment.current_dir))?;
    let (found, ids) = found(&engine, repository, environment, (terminal, progress), wanted.as_deref())?;
    let mut leaks = kept::remember(repository, found)?;
    if wants_ids {
        // After what is remembered: nothing of what leaked is stored.
        key_ids::fill(&mut leaks, &ids, &engine.detector);
    }
    if let Some(wanted) = &wanted {
        leaks.retain(|leak| wanted.contains(&leak.fingerprint));
    }
    let remotes = remote_facts(repository, environment)?;
    let map = history_map(repository).map_err(|error| {
        CliError::new("what was rewritten is not known").caused_by(error).hint("unleak undo --unfinished")
    })?;
    let provider = |leak: &Leak| Some((leak.family.clone(), engine.detector.provider(&leak.family)?.clone()));
    Ok(Situation {
        repository: name(repository, &remotes),
        providers: leaks.iter().filter_map(provider).collect(),
        leaks,
        remotes,
        rewrite: map.map(|map| rewrite_facts(repository, &map)),
        now: Environment::now().timestamp().as_second(),
        done: kept::done(repository)?,
        map_id: kept::published(repository)?,
    })
}

fn found(
    engine: &Engine,
    repository: &Repository,
    environment: &Environment,
    (terminal, progress): (Terminal, &Arc<Progress>),
    wanted: Option<&[String]>,
) -> Result<(Vec<Leak>, KeyIds), CliError> {
    let selection = Selection {
        staged: repository.work_dir().is_some(),
        index_file: environment.index_file.clone(),
        worktree: repository.work_dir().is_some(),
        history: true,
        ..Selection::default()
    };
    let shown = terminal.show(progress);
    let (mut outcome, failures) = history_cache::scan(engine, repository, &selection, progress, terminal);
    drop(shown);
    if let Some(failure) = failures.into_iter().next() {
        return Err(CliError::new("the repository could not be scanned for what has leaked")
            .caused_by(failure)
            .hint("unleak scan"));
    }
    if outcome.coverage.is_interrupted() {
        return Err(CliError::new("interrupted"));
    }
    if !outcome.coverage.is_complete() {
        terminal.note("not everything could be looked at, so more may have leaked: unleak scan says what");
    }
    let accepted = BaselineFile::read(&accepted::default_path(repository), false)?;
    let today = Environment::today();
    triage(&mut outcome.findings, &accepted.baseline, today, Comments::Honoured, Fixtures::Apart);
    let findings = || {
        outcome.findings.iter().filter(|finding| match wanted {
            Some(wanted) => wanted.contains(&finding.fingerprint.to_string()),
            None => finding.is_new() && finding.confidence >= Confidence::Medium,
        })
    };
    Ok((Leak::of_findings(findings()), key_ids::inside(findings(), &engine.detector)))
}

fn remote_facts(repository: &Repository, environment: &Environment) -> Result<Vec<RemoteFacts>, CliError> {
    let git = environment.git();
    let failed = |error| CliError::new("the remotes are not known").caused_by(error).hint("git remote -v");
    let mut facts = Vec::new();
    for name in remotes(repository, &git).map_err(failed)? {
        let remote = remote_named(repository, &git, name.as_ref()).map_err(failed)?;
        facts.push(RemoteFacts {
            name: name.to_string(),
            address: remote.shown().to_string(),
            host: Host::of(remote.url.as_ref()),
        });
    }
    Ok(facts)
}

/// What its host calls it, else its folder.
fn name(repository: &Repository, remotes: &[RemoteFacts]) -> String {
    let hosted = remotes.iter().find(|remote| remote.host.page().is_some());
    let folder = || {
        let top = repository.work_dir().unwrap_or_else(|| repository.common_dir());
        top.file_name().unwrap_or_default().to_string_lossy().into_owned()
    };
    hosted.map_or_else(folder, |remote| remote.host.repository.clone())
}

fn rewrite_facts(repository: &Repository, map: &HistoryMap) -> RewriteFacts {
    let requests = |name: &[u8]| name.starts_with(b"refs/pull/") || name.starts_with(b"refs/merge-requests/");
    RewriteFacts {
        commits: map.commits.len(),
        first: map.first.iter().map(ToString::to_string).collect(),
        blobs: map.blobs.keys().map(ToString::to_string).collect(),
        requests: map.refs.keys().filter(|name| requests(name) && name.ends_with(b"/head")).count(),
        lfs: lfs_objects(repository, map),
    }
}

/// What pointers of Git LFS that are gone point to, as far as they can still be read.
fn lfs_objects(repository: &Repository, map: &HistoryMap) -> Vec<String> {
    let reader = repository.reader();
    let gone = map.blobs.iter().filter(|(_, new)| new.is_none()).map(|(old, _)| old);
    let small = gone.filter(|id| reader.header(id).is_ok_and(|(_, size)| size < lfs::POINTER as u64));
    let pointer = |id| lfs::target(&reader.blob(id).ok()?).map(str::to_owned);
    small.filter_map(pointer).collect()
}
