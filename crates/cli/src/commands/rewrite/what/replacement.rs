//! What takes the place of a secret, as the command line asks for it.

use std::path::PathBuf;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use unleak_remediate::Style;

use crate::environment::Environment;
use crate::error::CliError;

/// What takes the place of a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Replacement {
    /// What takes the place of a secret
    #[arg(long, value_enum, default_value_t, value_name = "STYLE", help_heading = "How")]
    pub(super) replacement_style: ReplacementStyle,
    /// With --replacement-style keyed: a file with a key of any kind; whoever has it can try values
    #[arg(long, value_name = "FILE", help_heading = "How")]
    pub(super) replacement_key: Option<PathBuf>,
}

/// What takes the place of a secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub(super) enum ReplacementStyle {
    /// `***REMOVED***`
    #[default]
    Fixed,
    /// `REMOVED-` and eight digits, the same for the same secret
    Keyed,
    /// As many asterisks as the secret has bytes
    SameLength,
}

impl Replacement {
    /// The same, its key read.
    pub(super) fn style(&self, environment: &Environment) -> Result<Style, CliError> {
        match (self.replacement_style, &self.replacement_key) {
            (ReplacementStyle::Keyed, Some(file)) => {
                let key = super::read(file, environment)?;
                if key.trim_ascii().is_empty() {
                    return Err(CliError::new(format!("the key '{}' is empty", file.display()))
                        .hint("head -c 32 /dev/urandom | base64 > KEYFILE"));
                }
                Ok(Style::keyed(key.trim_ascii()))
            }
            (ReplacementStyle::Keyed, None) => Err(CliError::new("--replacement-style keyed needs a key")
                .hint("head -c 32 /dev/urandom | base64 > KEYFILE")
                .hint("unleak rewrite … --replacement-style keyed --replacement-key KEYFILE")),
            (ReplacementStyle::Fixed, _) => Ok(Style::Fixed),
            (ReplacementStyle::SameLength, _) => Ok(Style::SameLength),
        }
    }
}
