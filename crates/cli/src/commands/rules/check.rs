//! `unleak rules check`: proof that every example holds, and that every family says how to rotate.

use unleak_rules::{RuleSet, prove};

use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::output::print;

/// Proves the rules of `set`, and prints what does not hold.
pub(crate) fn check(set: RuleSet) -> Result<ExitStatus, CliError> {
    let rules = set.rules().len();
    let examples: usize = set.rules().map(|rule| rule.matching.len() + rule.not_matching.len()).sum();
    let mut broken = unleak_rules::prove_rotation(&set);
    broken.extend(prove(set));
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
