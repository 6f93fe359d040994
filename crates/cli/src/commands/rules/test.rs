//! `unleak rules test`: which rules see a file and why, and why others whose anchor occurs do not.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use unleak_findings::{LineIndex, Secret, allow_comment};
use unleak_report::harmless;
use unleak_rules::{Confidence, Detector, Explanation, Match, Reason, Rule, Silence, Span, Unmet, explain};

use super::rule_source::{RuleSource, named};
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::output::print;

/// Files larger than this are for `unleak scan`.
const MAX_BYTES: u64 = 64 << 20;

/// Say which rules see a file and why, and why others do not
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The exit code is 0 whether something is found or not.\n\nExamples:\n  unleak rules test config.yml\n  unleak rules test config.yml --rule github-pat\n  git show HEAD:.env | unleak rules test - --name .env"
)]
pub(crate) struct TestArgs {
    #[command(flatten)]
    source: RuleSource,
    /// The file; - for standard input
    file: PathBuf,
    /// The path the file shall have for rules that look at names and paths
    #[arg(long, value_name = "PATH")]
    name: Option<PathBuf>,
    /// Only what this rule makes of the file
    #[arg(long, value_name = "ID")]
    rule: Option<String>,
    /// Show secrets in full
    #[arg(long)]
    show_secrets: bool,
}

/// Explains the file.
pub(crate) fn run(args: &TestArgs, environment: &Environment) -> Result<ExitStatus, CliError> {
    let set = args.source.load(environment)?;
    let only = args.rule.as_ref().map(|id| named(&set, id).map(|rule| rule.id.clone())).transpose()?;
    let text = read(&args.file)?;
    let path = args.path();
    let detector = Detector::new(set);
    let mut explanation = explain(&detector, &path, &text);
    if let Some(id) = &only {
        let wanted = |rule: usize| detector.rules()[rule].id == *id;
        explanation.found.retain(|found| wanted(found.rule));
        explanation.silent.retain(|silence| wanted(silence.rule));
    }
    let view =
        View { rules: detector.rules(), text: &text, lines: LineIndex::new(&text), bare: args.show_secrets };
    print(|out| view.write(&explanation, only.as_deref(), out))?;
    Ok(ExitStatus::Clean)
}

impl TestArgs {
    /// The path that rules shall see: without a name, standard input has none.
    fn path(&self) -> Vec<u8> {
        let path = match &self.name {
            Some(name) => name,
            None if self.file == Path::new("-") => return Vec::new(),
            None => &self.file,
        };
        let path = path.strip_prefix(".").unwrap_or(path);
        path.as_os_str().as_encoded_bytes().to_vec()
    }
}

fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    let shown = harmless(path.as_os_str().as_encoded_bytes());
    let fail = |error: io::Error| CliError::new(format!("'{shown}' cannot be read")).caused_by(error);
    let mut text = Vec::new();
    let input: &mut dyn Read = if path == Path::new("-") {
        &mut io::stdin().lock()
    } else {
        if fs::metadata(path).map_err(fail)?.is_dir() {
            let error = CliError::new(format!("'{shown}' is a folder"));
            return Err(error.hint(format!("unleak scan --no-git {shown}")));
        }
        &mut File::open(path).map_err(fail)?
    };
    input.take(MAX_BYTES + 1).read_to_end(&mut text).map_err(fail)?;
    if text.len() as u64 > MAX_BYTES {
        let error = CliError::new(format!("'{shown}' is larger than {} MiB", MAX_BYTES >> 20));
        return Err(error.hint(format!("unleak scan --all --no-git {shown}")));
    }
    Ok(text)
}

/// An explanation beside its text.
struct View<'a> {
    rules: &'a [Rule],
    text: &'a [u8],
    lines: LineIndex,
    /// Whether secrets are shown in full.
    bare: bool,
}

impl View<'_> {
    fn write(&self, explanation: &Explanation, only: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
        for found in &explanation.found {
            self.found(found, out)?;
        }
        if !explanation.silent.is_empty() {
            writeln!(out, "Looked and reported nothing there:")?;
            self.silent(&explanation.silent, out)?;
            writeln!(out)?;
        }
        match only {
            Some(id) if explanation.found.is_empty() && explanation.silent.is_empty() => {
                self.never(id, out)?;
            }
            _ => {}
        }
        let count = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let mut quiet: Vec<usize> = explanation.silent.iter().map(|silence| silence.rule).collect();
        quiet.dedup();
        let (found, quiet) = (count(explanation.found.len(), "finding"), count(quiet.len(), "rule"));
        writeln!(out, "{found}, {quiet} with a reason for silence")
    }

    fn found(&self, found: &Match, out: &mut dyn Write) -> io::Result<()> {
        let rule = &self.rules[found.rule];
        writeln!(out, "{}  {}", rule.id, self.place(found.secret))?;
        let mut line = |name: &str, value: &str| writeln!(out, "  {name:<12}{value}");
        line("finds", &rule.description)?;
        let secret = found.secret.of(self.text);
        let shown = if self.bare { harmless(secret) } else { Secret::new(secret).redacted() };
        line("secret", &shown)?;
        line("severity", rule.severity.as_str())?;
        line(
            "confidence",
            match found.confidence {
                Confidence::Low => "low: reported with --confidence low",
                other => other.as_str(),
            },
        )?;
        line("proof", found.proof.as_str())?;
        for fact in &found.decoded {
            line(&harmless(fact.name.as_bytes()), &harmless(fact.value.as_bytes()))?;
        }
        if let Some(why) = allow_comment(self.text, found.secret, found.span) {
            let why = if why.is_empty() { "no reason given".to_owned() } else { harmless(why.as_bytes()) };
            line("allowed", &format!("by a comment: {why}"))?;
        }
        writeln!(out)
    }

    fn silent(&self, silent: &[Silence], out: &mut dyn Write) -> io::Result<()> {
        let places: Vec<String> = silent.iter().map(|silence| self.place(silence.at)).collect();
        let id = |silence: &Silence| self.rules[silence.rule].id.len();
        let width = silent.iter().map(id).max().unwrap_or(0);
        let place_width = places.iter().map(String::len).max().unwrap_or(0);
        for (silence, place) in silent.iter().zip(&places) {
            let rule = &self.rules[silence.rule];
            let more = match silence.more {
                0 => String::new(),
                1 => " (and at 1 more place)".to_owned(),
                more => format!(" (and at {more} more places)"),
            };
            let why = why(rule, &silence.reason);
            writeln!(out, "  {:width$}  {place:place_width$}  {why}{more}", rule.id)?;
        }
        Ok(())
    }

    /// Says why a rule that was asked for has not even looked.
    fn never(&self, id: &str, out: &mut dyn Write) -> io::Result<()> {
        let Some(rule) = self.rules.iter().find(|rule| rule.id == id) else { return Ok(()) };
        let anchors: Vec<_> = rule.anchors().iter().map(|anchor| harmless(&anchor.literal)).collect();
        match (anchors.is_empty(), &rule.files) {
            (false, _) => writeln!(out, "{id}: none of its anchors occurs: {}\n", anchors.join(", ")),
            (true, Some(files)) => {
                writeln!(out, "{id}: only reads files called {}\n", files.names().join(", "))
            }
            (true, None) => writeln!(out, "{id}: nothing here looks like it\n"),
        }
    }

    fn place(&self, span: Span) -> String {
        let place = self.lines.place(self.text, span);
        format!("{}:{}", place.start_line, place.start_column)
    }
}

fn why(rule: &Rule, reason: &Reason) -> String {
    match reason {
        Reason::Filter(Unmet::Reject(at)) => {
            let pattern = rule.filter.reject.get(*at).map_or("", |pattern| pattern.as_str());
            format!("filter: `reject` has {pattern}")
        }
        Reason::Name => {
            let names = rule.files.as_ref().map(|files| files.names().join(", ")).unwrap_or_default();
            format!("{reason}: {names}")
        }
        other => other.to_string(),
    }
}
