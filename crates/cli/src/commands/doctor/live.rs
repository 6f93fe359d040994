//! Secrets that somebody can still use, and since when: from all of history, and from env files that are in none.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use unleak_findings::{Fixtures, Medium, Verdict, triage};
use unleak_guard::doctor::keys::Live;
use unleak_guard::{Scanner, line_of};
use unleak_objects::repository::Repository;
use unleak_rules::{Confidence, Proof, builtin};
use unleak_scan::{Progress, Selection};

use crate::accepted::{self, BaselineFile};
use crate::commands::doctor::gather::Subject;
use crate::commands::init::REASON;
use crate::engine::{Engine, How};
use crate::environment::Environment;
use crate::error::CliError;
use crate::history_cache;
use crate::terminal::Terminal;
use crate::trusted::Named;

/// All of them. What the baseline accepts for a reason of somebody's, such as "rotated", is not live.
pub(super) fn secrets(
    repository: &Repository,
    subject: &Subject,
    environment: &Environment,
    terminal: Terminal,
) -> Result<Vec<Live>, CliError> {
    let named = Named::from(&environment.current_dir);
    let engine = Engine::new(&How::of_everything(false), None, &named)?;
    let progress = Arc::new(Progress::default());
    let shown = terminal.show(&progress);
    let selection = Selection { staged: true, worktree: true, history: true, ..Selection::default() };
    let (mut outcome, failures) = history_cache::scan(&engine, repository, &selection, &progress, terminal);
    drop(shown);
    if let Some(failure) = failures.into_iter().next() {
        return Err(CliError::new("the history cannot be looked at").caused_by(failure));
    }
    if !outcome.coverage.is_complete() {
        let mut skipped = outcome.coverage.skipped.keys().filter(|reason| reason.is_incomplete());
        let reason = skipped.next().map_or("", |reason| reason.as_str());
        return Err(CliError::new(format!("not all of history can be looked at ({reason})")));
    }
    let baseline = BaselineFile::read(&accepted::default_path(repository), false)?;
    let comments = unleak_findings::Comments::Honoured;
    triage(&mut outcome.findings, &baseline.baseline, Environment::today(), comments, Fixtures::Apart);
    let mut live = Vec::new();
    for finding in &outcome.findings {
        let is_sure = finding.confidence >= Confidence::Medium && finding.proof != Proof::Invalid;
        let is_open = match &finding.verdict {
            Verdict::New => true,
            Verdict::Baselined(reason) => reason == REASON,
            _ => false,
        };
        let commits = finding.appearances.iter().filter_map(|one| one.commit.as_ref());
        let committed = commits.map(|commit| commit.committed).min();
        let path = (finding.medium == Medium::File).then(|| finding.path.to_string());
        let written = || changed(&subject.top.join(path.as_ref()?));
        let Some(since) = committed.or_else(written).filter(|_| is_open && is_sure) else { continue };
        live.push(Live {
            rule: finding.rule_id.clone(),
            family: finding.family.clone(),
            line: path.is_some().then(|| usize::try_from(finding.place.start_line).unwrap_or(1)),
            path: path.unwrap_or_else(|| finding.path.to_string()),
            since,
            in_history: committed.is_some(),
        });
    }
    live.extend(never_committed(subject));
    Ok(live)
}

/// When a file was written, in seconds since 1970.
fn changed(path: &Path) -> Option<i64> {
    let time = fs::metadata(path).and_then(|meta| meta.modified()).ok()?;
    i64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}

/// Of files that no commit has, the date of the file is all there is.
fn never_committed(subject: &Subject) -> Vec<Live> {
    let scanner = Scanner::new(builtin::rule_set());
    let mut live = Vec::new();
    for file in subject.env_files.iter().chain(&subject.key_files) {
        let Some(since) = changed(&subject.top.join(&file.path)) else { continue };
        if file.seen == unleak_guard::doctor::env_files::Seen::Tracked {
            continue;
        }
        for found in scanner.file(&file.path, &file.text) {
            let place = line_of(&file.text, found.span.start);
            let (rule, family, path) = (found.rule, found.family, file.path.clone());
            live.push(Live { rule, family, path, line: Some(place), since, in_history: false });
        }
    }
    std::mem::forget(scanner);
    live
}
