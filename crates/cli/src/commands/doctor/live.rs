//! Secrets that somebody can still use, and since when: from all of history, and from env files that are in none.

use std::fs;
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
use crate::engine::{Engine, How};
use crate::environment::Environment;
use crate::error::CliError;
use crate::history_cache;
use crate::terminal::Terminal;
use crate::trusted::Named;

/// All of them. What the baseline accepts with a reason, such as "rotated", is not live.
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
    let baseline = BaselineFile::read(&accepted::default_path(repository), false)?;
    let comments = unleak_findings::Comments::Honoured;
    triage(&mut outcome.findings, &baseline.baseline, Environment::today(), comments, Fixtures::Apart);
    let mut live = Vec::new();
    for finding in &outcome.findings {
        let is_sure = finding.confidence >= Confidence::Medium && finding.proof != Proof::Invalid;
        if finding.verdict != Verdict::New || !is_sure || finding.medium != Medium::File {
            continue;
        }
        let commits = finding.appearances.iter().filter_map(|one| one.commit.as_ref());
        if let Some(since) = commits.map(|commit| commit.committed).min() {
            live.push(Live {
                rule: finding.rule_id.clone(),
                family: finding.family.clone(),
                path: finding.path.to_string(),
                line: usize::try_from(finding.place.start_line).unwrap_or(1),
                since,
                in_history: true,
            });
        }
    }
    live.extend(never_committed(subject));
    Ok(live)
}

/// Of files that no commit has, the date of the file is all there is.
fn never_committed(subject: &Subject) -> Vec<Live> {
    let scanner = Scanner::new(builtin::rule_set());
    let mut live = Vec::new();
    for file in subject.env_files.iter().chain(&subject.key_files) {
        let changed = fs::metadata(subject.top.join(&file.path)).and_then(|meta| meta.modified());
        let since = changed.ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let Some(since) = since.and_then(|since| i64::try_from(since.as_secs()).ok()) else { continue };
        if file.seen == unleak_guard::doctor::env_files::Seen::Tracked {
            continue;
        }
        for found in scanner.file(&file.path, &file.text) {
            let place = line_of(&file.text, found.span.start);
            let (rule, family, path) = (found.rule, found.family, file.path.clone());
            live.push(Live { rule, family, path, line: place, since, in_history: false });
        }
    }
    std::mem::forget(scanner);
    live
}
