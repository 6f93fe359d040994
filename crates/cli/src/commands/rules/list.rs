//! `unleak rules list`: one line a rule, or the number of rules by family.

use std::collections::BTreeMap;
use std::io::{self, Write};

use clap::ValueEnum;
use unleak_rules::{Confidence, Rule, Severity};

use super::rule_source::RuleSource;
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::output::print;

/// One line a rule
#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    source: RuleSource,
    /// Only rules whose id, family or description contains this
    filter: Option<String>,
    /// Only rules of this family; may be given several times
    #[arg(long, value_name = "FAMILY")]
    family: Vec<String>,
    /// Only rules of this severity; may be given several times
    #[arg(long, value_enum, value_name = "LEVEL")]
    severity: Vec<SeverityName>,
    /// Only rules of this confidence; may be given several times
    #[arg(long, value_enum, value_name = "LEVEL")]
    confidence: Vec<ConfidenceName>,
    /// Only rules whose id, alias or description contains this, in any case
    #[arg(long, value_name = "TEXT")]
    grep: Option<String>,
    /// The number of rules of each family, by name, and of all
    #[arg(long)]
    count: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SeverityName {
    Low,
    Medium,
    High,
    Critical,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ConfidenceName {
    Low,
    Medium,
    High,
}

impl SeverityName {
    fn of(severity: Severity) -> Self {
        match severity {
            Severity::Low => Self::Low,
            Severity::Medium => Self::Medium,
            Severity::High => Self::High,
            Severity::Critical => Self::Critical,
        }
    }
}

impl ConfidenceName {
    fn of(confidence: Confidence) -> Self {
        match confidence {
            Confidence::Low => Self::Low,
            Confidence::Medium => Self::Medium,
            Confidence::High => Self::High,
        }
    }
}

/// Lists what the filters leave.
pub(crate) fn run(args: &ListArgs, environment: &Environment) -> Result<ExitStatus, CliError> {
    let set = args.source.load(environment)?;
    for family in &args.family {
        if !set.rules().any(|rule| rule.family == *family) {
            let error = CliError::new(format!("there is no family '{family}'"));
            return Err(error.hint("unleak rules list --count"));
        }
    }
    let rules: Vec<&Rule> = set.rules().filter(|rule| args.wants(rule)).collect();
    print(|out| if args.count { count(&rules, out) } else { list(&rules, out) })?;
    Ok(ExitStatus::Clean)
}

impl ListArgs {
    fn wants(&self, rule: &Rule) -> bool {
        let holds = |text: &String| {
            [&rule.id, &rule.family, &rule.description].iter().any(|field| field.contains(text.as_str()))
        };
        self.filter.as_ref().is_none_or(holds)
            && (self.family.is_empty() || self.family.contains(&rule.family))
            && (self.severity.is_empty() || self.severity.contains(&SeverityName::of(rule.severity)))
            && (self.confidence.is_empty() || self.confidence.contains(&ConfidenceName::of(rule.confidence)))
            && self.grep.as_ref().is_none_or(|text| mentions(rule, text))
    }
}

fn mentions(rule: &Rule, text: &str) -> bool {
    let text = text.to_lowercase();
    [&rule.id, &rule.description]
        .into_iter()
        .chain(&rule.aliases)
        .any(|field| field.to_lowercase().contains(&text))
}

fn list(rules: &[&Rule], out: &mut dyn Write) -> io::Result<()> {
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    for rule in rules {
        writeln!(
            out,
            "{:width$}  {:8}  {:6}  {}",
            rule.id, rule.severity, rule.confidence, rule.description
        )?;
    }
    closing(rules, out)
}

fn count(rules: &[&Rule], out: &mut dyn Write) -> io::Result<()> {
    let mut families: BTreeMap<&str, usize> = BTreeMap::new();
    for rule in rules {
        *families.entry(&rule.family).or_default() += 1;
    }
    let width = families.keys().map(|family| family.len()).max().unwrap_or(0);
    for (family, count) in &families {
        writeln!(out, "{family:width$}  {count:>4}")?;
    }
    closing(rules, out)
}

fn closing(rules: &[&Rule], out: &mut dyn Write) -> io::Result<()> {
    let blank = if rules.is_empty() { "" } else { "\n" };
    match rules.len() {
        1 => writeln!(out, "{blank}1 rule"),
        count => writeln!(out, "{blank}{count} rules"),
    }
}
