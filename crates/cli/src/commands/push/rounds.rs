//! Looks, fetches what arrived, pushes, looks again: until the remote has what it should, or says no.

use std::collections::BTreeSet;
use std::sync::Arc;

use bstr::BString;
use unleak_objects::repository::Repository;
use unleak_remediate::{
    Advertised, HistoryMap, PushError, PushPlan, Remote, Sent, absorb, advertised, fetch_arrivals,
    finish_push, plan_push, send,
};
use unleak_scan::Progress;

use super::remote::unreachable;
use super::{refused, shown};
use crate::commands::rewrite::what::What;
use crate::engine::Engine;
use crate::environment::Environment;
use crate::error::CliError;
use crate::output;
use crate::terminal::Terminal;

/// Who pushes more often than that while we try is at work on the old history.
const ROUNDS: usize = 50;

/// Whether the push is wanted.
pub(super) enum Consent<'c> {
    Given,
    /// To be asked for, once there is something to push.
    Ask(&'c dyn Fn() -> Result<bool, CliError>),
}

/// What a push works with.
pub(super) struct Rounds<'r> {
    pub(super) repository: &'r Repository,
    pub(super) environment: &'r Environment,
    pub(super) terminal: Terminal,
    pub(super) progress: &'r Arc<Progress>,
    pub(super) remote: &'r Remote,
    /// What is to be forgotten, if the user says it again.
    pub(super) given: &'r What,
}

impl Rounds<'_> {
    fn seen(&self) -> Result<Advertised, CliError> {
        advertised(self.repository, &self.environment.git(), self.remote)
            .map_err(|error| unreachable(self.remote, error))
    }

    fn plan(
        &self,
        map: &HistoryMap,
        seen: &Advertised,
        hidden: &BTreeSet<BString>,
    ) -> Result<PushPlan, CliError> {
        plan_push(self.repository, &self.environment.git(), map, seen, hidden)
            .map_err(|error| CliError::new("no push can be planned").caused_by(error).hint("git fsck"))
    }

    /// What a push would change now.
    pub(super) fn look(&self, map: &HistoryMap) -> Result<PushPlan, CliError> {
        self.plan(map, &self.seen()?, &BTreeSet::new())
    }

    /// Pushes until the remote is as planned.
    pub(super) fn until_there(
        &self,
        mut map: HistoryMap,
        consent: &Consent<'_>,
    ) -> Result<HistoryMap, CliError> {
        let git = self.environment.git();
        let (mut hidden, mut pushed) = (BTreeSet::new(), Vec::new());
        let mut refused_at: Option<(Vec<BString>, Advertised)> = None;
        let mut is_first = true;
        for _ in 0..ROUNDS {
            let seen = self.seen()?;
            // Refused as moved, and it has not: the host shows it to readers only.
            if let Some((names, before)) = refused_at.take() {
                let stays = |name: &&BString| seen.refs.get(*name) == before.refs.get(*name);
                hidden.extend(names.iter().filter(stays).cloned());
            }
            let plan = self.plan(&map, &seen, &hidden)?;
            if !plan.arrived.is_empty() {
                map = self.take_in(map, &plan)?;
                continue;
            }
            if is_first {
                output::print(|out| shown::plan(out, self.remote, &plan))?;
            }
            if plan.updates.is_empty() {
                return self.end(&seen, &pushed).map(|()| map);
            }
            if let Consent::Ask(ask) = consent
                && is_first
                && !ask()?
            {
                return Err(CliError::new("nothing was pushed").hint("unleak push --yes"));
            }
            is_first = false;
            match send(self.repository, &git, self.remote, &plan)
                .map_err(|error| unreachable(self.remote, error))?
            {
                Sent::Taken { atomic } => {
                    output::print(|out| shown::taken(out, &plan, atomic))?;
                    pushed.extend(plan.updates);
                }
                Sent::Moved(names) => {
                    let listed: Vec<String> =
                        names.iter().take(5).map(|name| unleak_report::harmless(name)).collect();
                    self.terminal.note(&format!(
                        "not what was expected, so nothing was pushed: {}",
                        listed.join(", ")
                    ));
                    refused_at = Some((names, seen));
                }
                Sent::Hidden(names) => hidden.extend(names),
                Sent::Refused(refusal) => return Err(refused::error(self.remote, &refusal)),
            }
        }
        Err(CliError::new(format!("{} changed in each of {ROUNDS} attempts", self.remote.called()))
            .hint("ask everyone to stop pushing, then: unleak push"))
    }

    /// Fetches what arrived, shows it, rewrites it.
    fn take_in(&self, map: HistoryMap, plan: &PushPlan) -> Result<HistoryMap, CliError> {
        let git = self.environment.git();
        let names: Vec<BString> = plan.arrived.iter().map(|(name, _)| name.clone()).collect();
        let arrivals = fetch_arrivals(self.repository, &git, self.remote, &map, &names)
            .map_err(|error| unreachable(self.remote, error))?;
        if arrivals.refs.is_empty() {
            // They are gone again.
            return Ok(map);
        }
        output::print(|out| shown::arrivals(out, &arrivals))?;
        let what = if self.given.is_nothing() { What::merged(asked(&map)?)? } else { self.given.clone() };
        let wanted = what.read(self.repository, self.environment, self.terminal, self.progress)?;
        let how = (Engine::all_threads(), &self.progress.stop);
        let more = absorb(self.repository, &git, &wanted.forget, &arrivals, how).map_err(|error| {
            let failed = CliError::new("what arrived meanwhile could not be rewritten; nothing was pushed");
            match error {
                PushError::Left(_) => {
                    failed.caused_by(error).hint("unleak scan --history, then unleak rewrite --finding …")
                }
                error => failed.caused_by(error).hint("git fsck --full"),
            }
        })?;
        let mut map = map;
        map.add(more);
        Ok(map)
    }

    /// The remote has what was planned; what has moved on since is named.
    fn end(&self, seen: &Advertised, pushed: &[unleak_remediate::RefUpdate]) -> Result<(), CliError> {
        let moved_on = finish_push(self.repository, &self.environment.git(), pushed, seen)
            .map_err(|error| unreachable(self.remote, error))?;
        for name in &moved_on {
            self.terminal
                .note(&format!("{} has moved on since, on the new history", unleak_report::harmless(name)));
        }
        Ok(())
    }
}

/// What the rewrites of a map were asked for.
pub(super) fn asked(map: &HistoryMap) -> Result<Vec<What>, CliError> {
    let parsed: Result<Vec<What>, _> = map.asked.iter().map(|line| serde_json::from_str(line)).collect();
    parsed.map_err(|error| {
        CliError::new("what was asked for is not known any more")
            .caused_by(error)
            .hint("name it again: unleak push --replace-text FILE, --path …")
    })
}
