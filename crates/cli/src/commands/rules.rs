//! `unleak rules`: what is looked for, and proof that the rules do what they say.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Subcommand;
use unleak_rules::readers::Encoding;
use unleak_rules::rule::{Extent, Signature, TextSignature};
use unleak_rules::{Rule, RuleSet, prove};

use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::gitleaks_config::{self, ConfigArgs, Trusted};
use crate::{output, rule_files};

/// List, show and check the rules
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  unleak rules list\n  unleak rules show github-pat\n  unleak rules check --rules my-rules.toml"
)]
pub(crate) struct RulesArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// One line a rule
    List {
        #[command(flatten)]
        files: Files,
        /// Only rules whose id, family or description contains this
        filter: Option<String>,
    },
    /// Everything about one rule
    Show {
        #[command(flatten)]
        files: Files,
        /// The rule's id, or a name another scanner uses for it
        id: String,
    },
    /// Prove that every example of every rule holds
    Check {
        #[command(flatten)]
        files: Files,
    },
}

#[derive(Debug, clap::Args)]
struct Files {
    /// A rule file to lay over the built-in rules; may be given several times
    #[arg(long = "rules", value_name = "FILE")]
    rules: Vec<PathBuf>,
    /// A configuration of gitleaks, in place of the built-in rules
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Files {
    /// The rules, with their examples.
    fn load(&self, environment: &Environment) -> Result<RuleSet, CliError> {
        let ours = rule_files::with_examples()?;
        let args = ConfigArgs { config: self.config.clone(), ..ConfigArgs::default() };
        let load = |ours| gitleaks_config::load(&args, &Trusted::Nowhere, &environment.current_dir, || ours);
        let set = match &self.config {
            None => ours,
            Some(_) => load(ours)?.map(|imported| imported.rules).unwrap_or_default(),
        };
        rule_files::overlaid(set, &self.rules)
    }
}

/// Runs the command.
pub(crate) fn run(args: &RulesArgs, environment: &Environment) -> Result<ExitStatus, CliError> {
    match &args.action {
        Action::List { files, filter } => {
            let set = files.load(environment)?;
            print(|out| list(&set, filter.as_deref(), out))?;
            Ok(ExitStatus::Clean)
        }
        Action::Show { files, id } => {
            let set = files.load(environment)?;
            let rule = set
                .get(id)
                .ok_or_else(|| CliError::new(format!("there is no rule '{id}'")).hint("unleak rules list"))?;
            print(|out| show(&set, rule, out))?;
            Ok(ExitStatus::Clean)
        }
        Action::Check { files } => check(files.load(environment)?),
    }
}

fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CliError> {
    output::to(None, write)
        .map_err(|error| CliError::new("standard output cannot be written").caused_by(error))
}

fn list(set: &RuleSet, filter: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let wanted = |rule: &&Rule| {
        filter.is_none_or(|text| {
            [&rule.id, &rule.family, &rule.description].iter().any(|field| field.contains(text))
        })
    };
    let rules: Vec<_> = set.rules().filter(wanted).collect();
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    for rule in &rules {
        writeln!(
            out,
            "{:width$}  {:8}  {:6}  {}",
            rule.id, rule.severity, rule.confidence, rule.description
        )?;
    }
    writeln!(out, "\n{} rules", rules.len())
}

fn show(set: &RuleSet, rule: &Rule, out: &mut dyn Write) -> io::Result<()> {
    let mut line = |name: &str, value: &str| writeln!(out, "{name:<12}{value}");
    line("id", &rule.id)?;
    line("finds", &rule.description)?;
    line("family", &rule.family)?;
    line("severity", rule.severity.as_str())?;
    line("confidence", rule.confidence.as_str())?;
    if !rule.aliases.is_empty() {
        line("known as", &rule.aliases.join(", "))?;
    }
    match &rule.signature {
        Signature::Content { pattern, anchors, unanchored, window, extent } => {
            line("regex", pattern.as_str())?;
            let literal = |anchor: &unleak_rules::anchor::Anchor| {
                let text = String::from_utf8_lossy(&anchor.literal).into_owned();
                if anchor.fold { format!("{text} (any case)") } else { text }
            };
            match unanchored {
                Some(why) => line("anchors", &format!("none, looks at the start of every line: {why}"))?,
                None => line("anchors", &anchors.iter().map(literal).collect::<Vec<_>>().join(", "))?,
            }
            line("window", &format!("{} bytes before, {} after the anchor", window.back, window.forward))?;
            match extent {
                Extent::Window => {}
                Extent::Until { pattern, max } => {
                    line("until", &format!("{} (at most {max} bytes on)", pattern.as_str()))?;
                }
                Extent::Object { max, .. } => {
                    line("object", &format!("the JSON object around it (at most {max} bytes each way)"))?;
                }
                Extent::Document { reader, max } => {
                    let reads = format!("{}, what is around (at most {max} bytes each way)", reader.as_str());
                    line("reader", &reads)?;
                }
            }
        }
        Signature::Assignment { names, anchors, window } => {
            line("reads", &format!("values assigned to names of {names:?}s").to_lowercase())?;
            let words: Vec<_> =
                anchors.iter().map(|a| String::from_utf8_lossy(&a.literal).into_owned()).collect();
            line("keywords", &words.join(" "))?;
            line("window", &format!("{} bytes before the keyword, {} after", window.back, window.forward))?;
        }
        Signature::Reader(reader) => line("reader", &format!("{}, value by value", reader.as_str()))?,
        Signature::File => line("reads", "the file's name")?,
        Signature::Path => line("reads", "the file's path")?,
        Signature::Text(text) => show_text(text, &mut line)?,
    }
    if let Some(path) = &rule.path {
        line("path", path.as_str())?;
    }
    if !rule.allow.is_empty() || !set.allowlists().is_empty() {
        let counts = format!("{} of its own, {} for all rules", rule.allow.len(), set.allowlists().len());
        line("allowlists", &counts)?;
    }
    if rule.encoding != Encoding::Plain {
        line("encoding", rule.encoding.as_str())?;
    }
    if let Some(files) = &rule.files {
        line("files", &files.names().join(", "))?;
        if !files.except().is_empty() {
            line("but not", &files.except().join(", "))?;
        }
    }
    for check in &rule.checks {
        line("check", &check.to_string())?;
    }
    let counts = format!("{} that match, {} that do not", rule.matching.len(), rule.not_matching.len());
    line("examples", &counts)?;
    for (name, examples) in [("match", &rule.matching), ("no match", &rule.not_matching)] {
        for example in examples {
            let text = unleak_report::harmless(&example.text);
            line(&format!("  {name}"), &text.chars().take(160).collect::<String>())?;
        }
    }
    if let Some(provider) = set.provider(&rule.family) {
        line("vendor", &provider.name)?;
        let facts = [
            ("opens", &provider.opens),
            ("revoke", &provider.revoke),
            ("audit", &provider.audit),
            ("source", &provider.source),
        ];
        for (name, fact) in facts {
            if let Some(fact) = fact {
                line(name, fact)?;
            }
        }
    }
    line("defined at", &rule.defined_at)
}

fn show_text(text: &TextSignature, line: &mut dyn FnMut(&str, &str) -> io::Result<()>) -> io::Result<()> {
    line("regex", text.pattern.as_str())?;
    line("searches", "the whole text, over any number of lines (above 64 MiB: parts of 4 MiB)")?;
    if text.keywords.is_empty() {
        line("keywords", "none: every text is searched")?
    } else {
        line("keywords", &text.keywords.join(", "))?
    }
    for part in &text.required {
        let limit = |limit: Option<u64>, of: &str| {
            limit.map_or(String::new(), |limit| format!(" within {limit} {of}"))
        };
        let limits = [limit(part.lines, "lines"), limit(part.columns, "columns")].concat();
        line("requires", &format!("{}{limits}", part.id))?;
    }
    if text.part_only {
        line("reported", "never: it only counts as a part that others require")?;
    }
    Ok(())
}

fn check(set: RuleSet) -> Result<ExitStatus, CliError> {
    let rules = set.rules().len();
    let examples: usize = set.rules().map(|rule| rule.matching.len() + rule.not_matching.len()).sum();
    let broken = prove(set);
    print(|out| {
        for broken in &broken {
            writeln!(out, "{}: {}: {}", broken.defined_at, broken.rule, broken.why)?;
        }
        match broken.len() {
            0 => writeln!(out, "{rules} rules, {examples} examples: all hold"),
            count => writeln!(out, "{rules} rules, {examples} examples: {count} do not hold"),
        }
    })?;
    Ok(if broken.is_empty() { ExitStatus::Clean } else { ExitStatus::Findings(1) })
}
