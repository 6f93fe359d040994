//! What every command that scans needs: rules, keys, thresholds, threads, and a way to stop.

use std::io;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

use clap::ValueEnum;
use unleak_findings::Fingerprinter;
use unleak_objects::Limits;
use unleak_rules::{Confidence, Detector, RuleSet, builtin};
use unleak_scan::{Cache, Progress, Request, Threshold, Versions};

use crate::environment::Environment;
use crate::error::CliError;
use crate::gitleaks_config::ConfigArgs;
use crate::rule_files;
use crate::trusted::Named;

/// How to scan.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "How to scan")]
pub(crate) struct How {
    /// Report findings at least this sure
    #[arg(long, value_enum, default_value_t = Level::Medium, value_name = "LEVEL")]
    confidence: Level,
    /// Report everything: of any confidence, and what failed its structural check
    #[arg(long)]
    all: bool,
    /// A rule file to lay over the built-in rules; may be given several times. With --range, a file that git tracks is read
    /// as the base has it
    #[arg(long, value_name = "FILE")]
    rules: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Threads [default: one a core]; the result does not depend on it
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// A file whose content keys the fingerprints, so that nobody without it can confirm a guessed secret
    #[arg(long, value_name = "FILE")]
    fingerprint_key: Option<PathBuf>,
    /// Scan every version of every file whole, not by what is new in it: slower, with the same result
    #[arg(long)]
    whole_versions: bool,
    /// Scan all of history again, and keep nothing for the next scan. What is kept, in the folder `unleak` of the git
    /// directory, says which objects hold nothing, and where secrets are, never what they are
    #[arg(long)]
    no_cache: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Level {
    Low,
    Medium,
    High,
}

impl How {
    /// As without any flag; with `all`, findings of any confidence.
    pub(crate) fn of_everything(all: bool) -> Self {
        Self {
            confidence: Level::Low,
            all,
            rules: Vec::new(),
            config: ConfigArgs::default(),
            jobs: None,
            fingerprint_key: None,
            no_cache: false,
            whole_versions: false,
        }
    }
}

/// What is known before anything is scanned.
pub(crate) struct Engine {
    pub(crate) detector: Detector,
    fingerprinter: Fingerprinter,
    threshold: Threshold,
    threads: usize,
    versions: Versions,
    /// What else than the request decides about findings; `None` where nothing is to be kept.
    identity: Option<Vec<u8>>,
}

/// The built-in rules, made ready while something else was done.
pub(crate) struct Ready(Option<Detector>);

/// Does `work` on a thread of its own while the built-in rules are made ready, if it is they that are asked for: each
/// takes a few milliseconds, and a gate has not many more.
pub(crate) fn meanwhile<T: Send>(how: &How, work: impl Fn() -> T + Sync) -> (T, Ready) {
    if !how.rules.is_empty() || how.config.config.is_some() {
        return (work(), Ready(None));
    }
    thread::scope(|scope| {
        let other = thread::Builder::new().spawn_scoped(scope, &work);
        let ready = Ready(Some(Detector::new(builtin::rule_set())));
        let done = match other {
            Ok(other) => other.join().unwrap_or_else(|panic| resume_unwind(panic)),
            // No more threads are to be had.
            Err(_) => work(),
        };
        (done, ready)
    })
}

impl Engine {
    /// Reads rules, as `named` gives them, and keys. `configured` are the rules in place of the built-in ones.
    pub(crate) fn new(how: &How, configured: Option<RuleSet>, named: &Named<'_>) -> Result<Self, CliError> {
        Self::with(how, configured, named, Ready(None))
    }

    /// The same where the built-in rules may be ready.
    pub(crate) fn with(
        how: &How,
        configured: Option<RuleSet>,
        named: &Named<'_>,
        ready: Ready,
    ) -> Result<Self, CliError> {
        let mut identity = [env!("CARGO_PKG_VERSION").as_bytes(), b"\0"].concat();
        // Imported rules see whole texts. Whoever wants every version scanned whole wants no short cut.
        let is_kept = configured.is_none() && !how.no_cache && !how.whole_versions;
        let detector = match (configured, ready) {
            (None, Ready(Some(detector))) if how.rules.is_empty() => detector,
            (configured, _) => {
                let rules = configured.unwrap_or_else(builtin::rule_set);
                Detector::new(rule_files::overlaid(rules, &how.rules, named, &mut identity)?)
            }
        };
        let key = how.fingerprint_key.as_deref().map(read_key).transpose()?.unwrap_or_default();
        let confidence = match how.confidence {
            _ if how.all => Confidence::Low,
            Level::Low => Confidence::Low,
            Level::Medium => Confidence::Medium,
            Level::High => Confidence::High,
        };
        let threads = match how.jobs {
            Some(jobs) => usize::from(jobs),
            None => Self::all_threads(),
        };
        let threshold = Threshold { confidence, invalid: how.all };
        let versions = if how.whole_versions { Versions::Whole } else { Versions::ByChange };
        let fingerprinter = Fingerprinter::new(&key);
        let identity = is_kept.then_some(identity);
        Ok(Self { detector, fingerprinter, threshold, threads, versions, identity })
    }

    /// An empty cache for scans of history; `None` where nothing is to be kept.
    pub(crate) fn cache(&self, request: &Request<'_>) -> Option<Cache> {
        let mut identity = self.identity.clone()?;
        // The program's own file tells one build from another, and the rules tell themselves: some package managers give
        // all files one date.
        identity.extend(Environment::build());
        identity.extend(builtin::digest());
        Cache::new(&self.detector, self.threshold, request.limits, &identity)
    }

    /// How many threads work.
    pub(crate) fn all_threads() -> usize {
        thread::available_parallelism().map_or(1, std::num::NonZero::get)
    }

    /// A request to scan with this engine.
    pub(crate) fn request<'a>(&'a self, progress: &'a Progress) -> Request<'a> {
        Request {
            detector: &self.detector,
            fingerprinter: &self.fingerprinter,
            threshold: self.threshold,
            threads: self.threads,
            versions: self.versions,
            limits: Limits::default(),
            progress,
        }
    }
}

fn read_key(path: &Path) -> Result<Vec<u8>, CliError> {
    let fail = |why: io::Error| {
        CliError::new(format!("the fingerprint key '{}' cannot be used", path.display())).caused_by(why)
    };
    let key = std::fs::read(path).map_err(fail)?;
    if key.trim_ascii().is_empty() {
        return Err(fail(io::Error::other("it is empty")).hint("head -c 32 /dev/urandom | base64 > KEYFILE"));
    }
    Ok(key.trim_ascii().to_vec())
}

/// Ctrl-C asks the scan to end; a second one ends the process.
pub(crate) fn stop_on_ctrl_c(progress: &Arc<Progress>) -> Result<(), CliError> {
    let progress = Arc::clone(progress);
    ctrlc::set_handler(move || {
        if progress.stop.swap(true, Ordering::Relaxed) {
            #[expect(
                clippy::exit,
                clippy::disallowed_methods,
                reason = "the user asked twice; a scan holds no lock"
            )]
            std::process::exit(130);
        }
    })
    .map_err(|error| CliError::new("Ctrl-C cannot be caught").caused_by(error))
}
