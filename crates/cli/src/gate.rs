//! A gate: what is about to be published is scanned, and the answer is yes or no. Every hook and `unleak ci` come through
//! here.

use std::path::PathBuf;

use unleak_findings::{Comments, Fixtures};
use unleak_objects::repository::Repository;
use unleak_runbook::BanList;
use unleak_scan::{CommitsToScan, Outcome, Progress, ScanError, Selection, scan_message, scan_repository};

use crate::accepted::{self, BaselineFile};
use crate::banned;
use crate::engine::{Engine, How};
use crate::error::CliError;
use crate::gitleaks_config;
use crate::judged::{self, Word};
use crate::terminal::Terminal;
use crate::trusted::{Named, Trusted};

/// What every gate can be asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct GateArgs {
    #[command(flatten)]
    pub(crate) how: How,
    /// The baseline: findings that were looked at and accepted [default: .unleak-baseline.toml, if there is one]
    #[arg(long, value_name = "FILE", help_heading = "Accepted findings")]
    baseline: Option<PathBuf>,
    /// Count what every copy of belongs to tests, fixtures or examples (keys, values without a vendor's format)
    #[arg(long, help_heading = "Accepted findings")]
    fixtures: bool,
}

/// Rules, and by whose word a finding is no news.
pub(crate) struct Gate {
    pub(crate) engine: Engine,
    pub(crate) accepted: BaselineFile,
    comments: Comments,
    fixtures: Fixtures,
    bans: BanList,
}

/// Who decides what is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judge {
    /// Whoever commits and pushes here: baseline and ignore files of the working tree count, and comments.
    Here,
    /// Somebody else: files count as the trusted revision has them, and comments for nothing.
    Elsewhere,
}

/// The commits of a range, or nothing of it.
pub(crate) fn of_range(range: CommitsToScan) -> Selection {
    Selection { range: Some(range), ..Selection::default() }
}

impl Gate {
    /// Reads rules and what is accepted. Configurations count as `trusted` has them, whoever decides.
    pub(crate) fn new(
        args: &GateArgs,
        judge: Judge,
        repository: &Repository,
        trusted: &Trusted<'_>,
        named: &Named<'_>,
        terminal: Terminal,
    ) -> Result<Self, CliError> {
        let rules = gitleaks_config::rules(&args.how.config, trusted, named, terminal)?;
        let engine = Engine::new(&args.how, rules, named)?;
        let mut accepted = match (&args.baseline, judge) {
            (Some(path), _) => BaselineFile::named(path, named)?,
            (None, Judge::Here) => BaselineFile::read(&accepted::default_path(repository), false)?,
            (None, Judge::Elsewhere) => accepted::of_trusted(trusted)?,
        };
        match judge {
            Judge::Here => accepted.foreign.read_ignore(&Trusted::top(repository), terminal)?,
            Judge::Elsewhere => accepted.foreign.read_ignore(trusted, terminal)?,
        }
        let comments = if judge == Judge::Here { Comments::Honoured } else { Comments::Noted };
        let fixtures = if args.fixtures { Fixtures::Counted } else { Fixtures::Apart };
        let bans = banned::list(repository, trusted)?;
        Ok(Self { engine, accepted, comments, fixtures, bans })
    }

    /// Bans what another revision bans, too.
    pub(crate) fn ban_too(&mut self, repository: &Repository, trusted: &Trusted<'_>) -> Result<(), CliError> {
        self.bans.add(banned::list(repository, trusted)?);
        Ok(())
    }

    /// Why commits of this range must not come back, if one of them is of a history that was rewritten.
    pub(crate) fn banned(
        &self,
        repository: &Repository,
        range: &CommitsToScan,
    ) -> Result<Option<CliError>, CliError> {
        let named = range.brought.iter().map(|brought| brought.target);
        let tips: Vec<_> = range.include.iter().copied().chain(named).collect();
        let found = banned::find(repository, &self.bans, &tips, &range.exclude)?;
        Ok(found.map(|banned| banned.refusal()))
    }

    /// Scans what is selected and sets every verdict.
    pub(crate) fn scan(
        &self,
        repository: &Repository,
        selection: &Selection,
        progress: &Progress,
    ) -> (Outcome, Vec<ScanError>) {
        let (mut outcome, failures) = scan_repository(&self.engine.request(progress), repository, selection);
        self.judge(&mut outcome);
        (outcome, failures)
    }

    /// The same for the message of a commit.
    pub(crate) fn scan_message(&self, text: &[u8], progress: &Progress) -> Outcome {
        let mut outcome = scan_message(&self.engine.request(progress), text);
        self.judge(&mut outcome);
        outcome
    }

    fn judge(&self, outcome: &mut Outcome) {
        let word = Word { accepted: &self.accepted, comments: self.comments, fixtures: self.fixtures };
        judged::judge(outcome, &self.engine, &word);
    }
}
