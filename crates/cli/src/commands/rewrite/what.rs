//! What is to be forgotten: findings, values and paths as the command line names them, read into bytes.

mod compat;
mod kept;
mod replacement;

pub(crate) use replacement::Replacement;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use unleak_findings::Finding;
use unleak_objects::repository::Repository;
use unleak_remediate::{Dialect, Forget, Mailmap, Manner, PathRule, PathRules, Replacer, Style};
use unleak_rules::Confidence;
use unleak_runbook::Leak;
use unleak_scan::{Progress, Selection};

use crate::engine::{Engine, How};
use crate::environment::Environment;
use crate::error::CliError;
use crate::history_cache;
use crate::terminal::Terminal;
use crate::trusted::Named;

/// What is to be forgotten.
#[derive(Debug, Clone, Default, clap::Args, Serialize, Deserialize)]
#[command(next_help_heading = "What to forget")]
#[serde(default)]
pub(crate) struct What {
    /// The secret with this fingerprint, as `unleak scan` prints it (its start is enough); may be given several times
    #[arg(long, value_name = "FINGERPRINT")]
    finding: Vec<String>,
    /// Every secret that `unleak scan` finds and nobody has accepted
    #[arg(long)]
    all_findings: bool,
    /// With --all-findings: only those at least this sure
    #[arg(long, value_enum, value_name = "LEVEL")]
    confidence: Option<Sure>,
    /// The findings of this JSON report of `unleak scan`
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// What this file says, in git-filter-repo's format: a value a line, `VALUE==>REPLACEMENT`, `regex:…`, `glob:…`
    #[arg(long, value_name = "FILE")]
    replace_text: Option<PathBuf>,
    /// Delete this file or folder from every commit; may be given several times
    #[arg(long, value_name = "PATH")]
    path: Vec<String>,
    /// Delete files whose path matches (`*` crosses `/`)
    #[arg(long, value_name = "GLOB")]
    path_glob: Vec<String>,
    /// Delete files in whose path this is found
    #[arg(long, value_name = "REGEX")]
    path_regex: Vec<String>,
    /// Delete the blob with this id wherever it stands
    #[arg(long, value_name = "OID")]
    blob: Vec<String>,
    /// Delete files larger than this: bytes, or with K, M, G
    #[arg(long, value_name = "SIZE")]
    strip_larger_than: Option<String>,
    /// Replace in messages only, what this file says
    #[arg(long, value_name = "FILE")]
    replace_message: Option<PathBuf>,
    /// Names and addresses of people as this file has them (gitmailmap(5))
    #[arg(long, value_name = "FILE")]
    mailmap: Option<PathBuf>,
    #[command(flatten)]
    #[serde(flatten)]
    replacement: Replacement,
    #[command(flatten)]
    #[serde(flatten)]
    compatible: compat::Compatible,
    /// Options that name files and that were used elsewhere: who has no such file cannot do the same.
    #[arg(skip)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    needs: Vec<String>,
    /// Whether findings that are not there are no mistake.
    #[arg(skip)]
    #[serde(skip)]
    lenient: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
enum Sure {
    Low,
    Medium,
    High,
}

/// What is to be forgotten, and how to speak of it.
pub(crate) struct Wanted {
    pub(crate) forget: Forget,
    /// One line each, without any value.
    pub(crate) words: Vec<String>,
    /// The fingerprints of its findings.
    found: Vec<String>,
    /// What is known of them, for what comes after.
    pub(crate) leaks: Vec<Leak>,
}

impl What {
    /// Whether nothing is named.
    pub(crate) fn is_nothing(&self) -> bool {
        let Self { finding, path, path_glob, path_regex, blob, .. } = self;
        let lists = [finding, path, path_glob, path_regex, blob];
        let files = [&self.report, &self.replace_text, &self.replace_message, &self.mailmap];
        lists.iter().all(|list| list.is_empty())
            && files.iter().all(|file| file.is_none())
            && !self.all_findings
            && self.strip_larger_than.is_none()
    }

    /// Reads files, scans for findings.
    pub(crate) fn read(
        &self,
        repository: &Repository,
        environment: &Environment,
        terminal: Terminal,
        progress: &Arc<Progress>,
    ) -> Result<Wanted, CliError> {
        if self.is_nothing() {
            return Err(CliError::new("nothing to forget is named")
                .hint("unleak rewrite --all-findings")
                .hint("unleak rewrite --path FILE"));
        }
        let (mut words, mut found, mut leaks) = (Vec::new(), Vec::new(), Vec::new());
        let dialect = self.compatible.dialect();
        let mut forget = Forget { manner: self.compatible.manner(), ..Forget::default() };
        let texts = (&mut words, &mut found, &mut leaks);
        forget.text = self.text(repository, environment, dialect, (terminal, progress), texts)?;
        if let Some(file) = &self.replace_message {
            forget.messages = Some(expressions(file, environment, dialect)?);
            words.push(format!("in messages, what {} says", file.display()));
        }
        if let Some(file) = &self.mailmap {
            let bytes = read(file, environment)?;
            let map = Mailmap::parse(&bytes, dialect).map_err(|error| unusable(file, error))?;
            forget.mailmap = Some(map);
            words.push(format!("people as {} has them", file.display()));
        }
        forget.paths = self.paths(&mut words)?;
        for hex in &self.blob {
            let id = gix_hash::ObjectId::from_hex(hex.as_bytes())
                .ok()
                .filter(|id| id.kind() == repository.hash_kind());
            let id = id.ok_or_else(|| {
                CliError::new(format!("'{hex}' is no id of an object, in full"))
                    .hint("git rev-parse HEAD:PATH")
            })?;
            forget.blobs.insert(id);
            words.push(format!("blob {id}"));
        }
        if let Some(size) = &self.strip_larger_than {
            forget.larger_than = Some(parse_size(size)?);
            words.push(format!("files larger than {size}"));
        }
        Ok(Wanted { forget, words, found, leaks })
    }

    fn paths(&self, words: &mut Vec<String>) -> Result<Option<PathRules>, CliError> {
        let exact = self.path.iter().map(|path| PathRule::Exact(path.trim_end_matches('/').into()));
        let globs = self.path_glob.iter().map(|glob| PathRule::Glob(glob.as_str().into()));
        let regexes = self.path_regex.iter().map(|regex| PathRule::Regex(regex.as_str().into()));
        let rules: Vec<PathRule> = exact.chain(globs).chain(regexes).collect();
        if rules.is_empty() {
            return Ok(None);
        }
        let options = self.compatible.paths();
        if options.keep {
            words.push("all but what is named here:".to_owned());
        }
        words.extend(self.path.iter().map(|path| format!("path {path}")));
        words.extend(self.path_glob.iter().map(|glob| format!("paths like {glob}")));
        words.extend(self.path_regex.iter().map(|regex| format!("paths in which {regex} is found")));
        let rules = PathRules::new(rules, options).map_err(|error| {
            CliError::new("a path cannot be used").caused_by(error).hint("unleak rewrite --help")
        })?;
        Ok(Some(rules))
    }

    fn text(
        &self,
        repository: &Repository,
        environment: &Environment,
        dialect: Dialect,
        (terminal, progress): (Terminal, &Arc<Progress>),
        (words, fingerprints, leaks): (&mut Vec<String>, &mut Vec<String>, &mut Vec<Leak>),
    ) -> Result<Option<Replacer>, CliError> {
        let mut text = None;
        if let Some(file) = &self.replace_text {
            text = Some(expressions(file, environment, dialect)?);
            words.push(format!("what {} says", file.display()));
        }
        if !self.finding.is_empty() || self.all_findings || self.report.is_some() {
            let found = self.findings(repository, environment, terminal, progress)?;
            fingerprints.extend(found.iter().map(|finding| finding.fingerprint.to_string()));
            fingerprints.sort();
            fingerprints.dedup();
            *leaks = Leak::of_findings(&found);
            if found.is_empty() {
                return Ok(text);
            }
            let values = values(&found, self.replacement.style(environment)?, words)?;
            text = Some(match text {
                Some(text) => values.and(text).map_err(unusable_value)?,
                None => values,
            });
        }
        Ok(text)
    }

    /// Scans for the findings that are named.
    fn findings(
        &self,
        repository: &Repository,
        environment: &Environment,
        terminal: Terminal,
        progress: &Arc<Progress>,
    ) -> Result<Vec<Finding>, CliError> {
        let mut wanted = self.finding.clone();
        if let Some(report) = &self.report {
            wanted.extend(fingerprints(report, environment)?);
        }
        // Findings that are named count however unsure they are.
        let all = !wanted.is_empty() || self.confidence == Some(Sure::Low);
        let engine = Engine::new(&How::of_everything(all), None, &Named::from(&environment.current_dir))?;
        let selection = Selection {
            staged: true,
            index_file: environment.index_file.clone(),
            worktree: true,
            history: true,
            all_objects: true,
            ..Selection::default()
        };
        let shown = terminal.show(progress);
        let (mut outcome, failures) =
            history_cache::scan(&engine, repository, &selection, progress, terminal);
        drop(shown);
        if let Some(failure) = failures.into_iter().next() {
            return Err(CliError::new("the repository could not be scanned for what is to be forgotten")
                .caused_by(failure)
                .hint("unleak scan"));
        }
        if outcome.coverage.is_interrupted() {
            return Err(CliError::interrupted());
        }
        let is_wanted = |finding: &Finding, start: &String| {
            let fingerprint = finding.fingerprint.to_string();
            fingerprint == *start || (start.len() >= 8 && fingerprint.starts_with(start.as_str()))
        };
        for start in wanted.iter().filter(|_| !self.lenient) {
            if !outcome.findings.iter().any(|finding| is_wanted(finding, start)) {
                return Err(CliError::new(format!("no finding has the fingerprint {start}"))
                    .hint("unleak scan --all --all-objects"));
            }
        }
        let accepted =
            crate::accepted::BaselineFile::read(&crate::accepted::default_path(repository), false)?;
        let (comments, fixtures) = (unleak_findings::Comments::Honoured, unleak_findings::Fixtures::Apart);
        unleak_findings::triage(
            &mut outcome.findings,
            &accepted.baseline,
            Environment::today(),
            comments,
            fixtures,
        );
        let least = match self.confidence {
            Some(Sure::High) => Confidence::High,
            Some(Sure::Low) => Confidence::Low,
            _ => Confidence::Medium,
        };
        outcome.findings.retain(|finding| {
            wanted.iter().any(|start| is_wanted(finding, start))
                || (self.all_findings && finding.is_new() && finding.confidence >= least)
        });
        if outcome.findings.is_empty() && !self.lenient {
            return Err(CliError::new("there is no finding to forget").hint("unleak scan"));
        }
        Ok(outcome.findings)
    }
}

/// These findings to be forgotten, and how one would have asked for them.
pub(crate) fn of_findings(
    found: &[Finding],
    replacement: &Replacement,
    environment: &Environment,
) -> Result<(Wanted, What), CliError> {
    let mut words = Vec::new();
    let text = Some(values(found, replacement.style(environment)?, &mut words)?);
    let forget = Forget { text, manner: Manner::Faithful, ..Forget::default() };
    let mut fingerprints: Vec<String> = found.iter().map(|finding| finding.fingerprint.to_string()).collect();
    fingerprints.sort();
    fingerprints.dedup();
    let asked = What { finding: fingerprints.clone(), replacement: replacement.clone(), ..What::default() };
    Ok((Wanted { forget, words, found: fingerprints, leaks: Leak::of_findings(found) }, asked))
}

/// What replaces the secrets of `found`; `words` get a line for each.
fn values(found: &[Finding], style: Style, words: &mut Vec<String>) -> Result<Replacer, CliError> {
    let mut secrets: Vec<Vec<u8>> = Vec::new();
    for finding in found {
        let secret = finding.secret.expose().to_vec();
        if !secrets.contains(&secret) {
            words.push(format!("{} {} ({})", finding.description, finding.secret, finding.fingerprint));
            secrets.push(secret);
        }
    }
    Replacer::for_secrets(secrets, style).map_err(unusable_value)
}

/// The fingerprints in a JSON report.
pub(crate) fn fingerprints(file: &Path, environment: &Environment) -> Result<Vec<String>, CliError> {
    let bytes = read(file, environment)?;
    let report: serde_json::Value = serde_json::from_slice(&bytes).map_err(|error| unusable(file, error))?;
    let findings = report.get("findings").and_then(serde_json::Value::as_array);
    let findings = findings.ok_or_else(|| {
        CliError::new(format!("'{}' is no report of `unleak scan`", file.display()))
            .hint("unleak scan --format json --output FILE")
    })?;
    let new = findings.iter().filter(|finding| {
        finding.get("verdict").and_then(serde_json::Value::as_str).is_none_or(|verdict| verdict == "new")
    });
    let fingerprint = |finding: &serde_json::Value| Some(finding.get("fingerprint")?.as_str()?.to_owned());
    Ok(new.filter_map(fingerprint).collect())
}

fn read(file: &Path, environment: &Environment) -> Result<Vec<u8>, CliError> {
    fs::read(environment.current_dir.join(file)).map_err(|error| unusable(file, error))
}

fn expressions(file: &Path, environment: &Environment, dialect: Dialect) -> Result<Replacer, CliError> {
    Replacer::parse_expressions(&read(file, environment)?, dialect).map_err(|error| unusable(file, error))
}

fn unusable(file: &Path, error: impl std::error::Error + Send + Sync + 'static) -> CliError {
    CliError::new(format!("'{}' cannot be used", file.display()))
        .caused_by(error)
        .hint("unleak rewrite --help")
}

fn unusable_value(error: impl std::error::Error + Send + Sync + 'static) -> CliError {
    CliError::new("a secret cannot be replaced").caused_by(error).hint("unleak scan")
}

/// A number of bytes: digits, and K, M or G for powers of 1024.
fn parse_size(text: &str) -> Result<u64, CliError> {
    let (digits, shift) = match text.as_bytes().last() {
        Some(b'K' | b'k') => (&text[..text.len() - 1], 10),
        Some(b'M' | b'm') => (&text[..text.len() - 1], 20),
        Some(b'G' | b'g') => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    let bytes = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift));
    bytes.ok_or_else(|| {
        CliError::new(format!("'{text}' is no size")).hint("unleak rewrite --strip-larger-than 10M")
    })
}
