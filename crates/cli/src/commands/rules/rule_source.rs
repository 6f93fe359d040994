//! Which rules the subcommands of `unleak rules` are about.

use std::path::PathBuf;

use unleak_rules::{Rule, RuleSet};

use crate::environment::Environment;
use crate::error::CliError;
use crate::gitleaks_config::{self, ConfigArgs};
use crate::rule_files;
use crate::trusted::{Named, Trusted};

/// Where the rules come from.
#[derive(Debug, clap::Args)]
pub(crate) struct RuleSource {
    /// A rule file to lay over the built-in rules; may be given several times
    #[arg(long = "rules", value_name = "FILE")]
    rules: Vec<PathBuf>,
    /// A configuration of gitleaks, in place of the built-in rules
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl RuleSource {
    /// The rules, with their examples.
    ///
    /// # Errors
    /// When a file cannot be read or has a mistake.
    pub(crate) fn load(&self, environment: &Environment) -> Result<RuleSet, CliError> {
        let ours = rule_files::with_examples()?;
        let args = ConfigArgs { config: self.config.clone(), ..ConfigArgs::default() };
        let named = Named::from(&environment.current_dir);
        let load = |ours| gitleaks_config::load(&args, &Trusted::Nowhere, &named, || ours);
        let set = match &self.config {
            None => ours,
            Some(_) => load(ours)?.map(|imported| imported.rules).unwrap_or_default(),
        };
        rule_files::overlaid(set, &self.rules, &named, &mut Vec::new())
    }
}

/// The rule called `id`, or known by that name elsewhere.
///
/// # Errors
/// When there is none.
pub(crate) fn named<'s>(set: &'s RuleSet, id: &str) -> Result<&'s Rule, CliError> {
    set.get(id).ok_or_else(|| {
        CliError::new(format!("there is no rule '{id}'")).hint(format!("unleak rules list --grep {id}"))
    })
}
