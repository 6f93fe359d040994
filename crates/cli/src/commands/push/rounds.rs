//! Looks, fetches what arrived, pushes, looks again: until the remote has what it should, or says no.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bstr::BString;
use gix_hash::ObjectId;
use unleak_objects::repository::Repository;
use unleak_remediate::{
    Advertised, HistoryMap, PushError, PushPlan, RefUpdate, Remote, Sent, absorb, advertised, fetch_arrivals,
    finish_push, plan_push, send,
};
use unleak_scan::Progress;

use super::refused::{self, Changed};
use super::remote::unreachable;
use super::shown;
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

impl Consent<'_> {
    fn is_given(&self) -> Result<bool, CliError> {
        match self {
            Self::Given => Ok(true),
            Self::Ask(ask) => ask(),
        }
    }
}

/// Refs that were refused as stale although the remote shows the expected value to readers.
#[derive(Default)]
struct Suspects {
    /// Refused last time, with what they were shown as.
    stale: Vec<(Option<ObjectId>, BString)>,
    /// How often each was refused so.
    times: BTreeMap<BString, u32>,
    /// Refs that the remote lets nobody change.
    hidden: BTreeSet<BString>,
}

impl Suspects {
    /// Twice refused and shown unchanged both times, a ref is one that only readers are shown.
    fn look_again(&mut self, seen: &Advertised) {
        for (before, name) in std::mem::take(&mut self.stale) {
            if seen.refs.get(&name).copied() != before {
                continue;
            }
            let times = self.times.entry(name.clone()).or_default();
            *times += 1;
            if *times > 1 {
                self.hidden.insert(name);
            }
        }
    }
}

fn moved(names: &[BString]) -> String {
    let listed: Vec<String> = names.iter().take(5).map(|name| unleak_report::harmless(name)).collect();
    let which = if listed.is_empty() { "a ref".to_owned() } else { listed.join(", ") };
    format!("not what was expected, and so left alone: {which}")
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
        let (mut suspects, mut pushed) = (Suspects::default(), Vec::new());
        let mut is_first = true;
        for _ in 0..ROUNDS {
            if self.is_stopped() {
                return Err(self.interrupted(&pushed));
            }
            let seen = self.seen()?;
            suspects.look_again(&seen);
            let plan = self.plan(&map, &seen, &suspects.hidden)?;
            if !plan.arrived.is_empty() {
                map = self.take_in(map, &plan)?;
                continue;
            }
            if is_first {
                output::print(|out| shown::plan(out, self.remote, &plan))?;
            }
            if plan.updates.is_empty() {
                return self.end(&seen, &plan, &pushed).map(|()| map);
            }
            if is_first && !consent.is_given()? {
                return Err(CliError::new("nothing was pushed").hint("unleak push --yes"));
            }
            is_first = false;
            let sent = send(self.repository, &git, self.remote, &plan);
            match sent.map_err(|error| unreachable(self.remote, error))? {
                Sent::Taken { atomic } => {
                    output::print(|out| shown::taken(out, &plan, atomic))?;
                    pushed.extend(plan.updates);
                }
                Sent::Moved(names) => {
                    self.terminal.note(&moved(&names));
                    suspects.stale =
                        names.into_iter().map(|name| (seen.refs.get(&name).copied(), name)).collect();
                }
                Sent::Hidden(names) => suspects.hidden.extend(names),
                Sent::Refused(refusal) => match self.after(&plan) {
                    // The connection broke off once all was done.
                    Changed::Some(changed, all) if changed == all => {}
                    changed if self.is_stopped() => {
                        return Err(CliError::interrupted_after(&changed.in_words()).hint("unleak push"));
                    }
                    changed => return Err(refused::error(self.remote, &refusal, changed)),
                },
            }
        }
        Err(CliError::new(format!("{} changed in each of {ROUNDS} attempts", self.remote.called()))
            .hint("ask everyone to stop pushing, then: unleak push"))
    }

    /// What a push that was not taken has changed.
    fn after(&self, plan: &PushPlan) -> Changed {
        let Ok(seen) = self.seen() else { return Changed::Unknown };
        let is_there = |update: &&RefUpdate| seen.refs.get(&update.name) == update.new.as_ref();
        match plan.updates.iter().filter(is_there).count() {
            0 => Changed::Nothing,
            some => Changed::Some(some, plan.updates.len()),
        }
    }

    fn is_stopped(&self) -> bool {
        self.progress.stop.load(Ordering::Relaxed)
    }

    fn interrupted(&self, pushed: &[RefUpdate]) -> CliError {
        if pushed.is_empty() {
            return CliError::interrupted();
        }
        let refs = unleak_report::counted(pushed.len() as u64, "refs");
        CliError::interrupted_after(&format!("{refs} were replaced at {}", self.remote.called()))
            .hint("unleak push   # goes on")
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
    fn end(&self, seen: &Advertised, plan: &PushPlan, pushed: &[RefUpdate]) -> Result<(), CliError> {
        if !plan.hidden.is_empty() && !pushed.is_empty() {
            let count = unleak_report::counted(plan.hidden.len() as u64, "refs");
            self.terminal.note(&format!("{count} of the old history are left that only the host can change"));
        }
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
