//! Puts the rules together: built-in ones and the user's files over them.

use std::fs;
use std::path::PathBuf;

use unleak_rules::{RuleSet, builtin, syntax};

use crate::error::CliError;

/// Rule files larger than this are a mistake.
const MAX_BYTES: u64 = 8 << 20;

/// The built-in rules with their examples, which detecting does not need.
///
/// # Errors
/// When a built-in file has a mistake.
pub(crate) fn with_examples() -> Result<RuleSet, CliError> {
    builtin::with_examples()
        .map_err(|error| CliError::new("a built-in rule file has a mistake").caused_by(error))
}

/// Lays `files` over `set`, in order.
///
/// # Errors
/// When a file cannot be read or has a mistake; the error names file, line and column.
pub(crate) fn overlaid(mut set: RuleSet, files: &[PathBuf]) -> Result<RuleSet, CliError> {
    for path in files {
        let name = path.display().to_string();
        let fail = |error: Box<dyn std::error::Error + Send + Sync>| {
            CliError::new(format!("the rule file '{name}' cannot be used"))
                .caused_by(error)
                .hint(format!("unleak rules check --rules {name}"))
        };
        let size = fs::metadata(path).map_err(|error| fail(error.into()))?.len();
        if size > MAX_BYTES {
            return Err(fail(format!("{name}: larger than {} MiB", MAX_BYTES >> 20).into()));
        }
        let text = fs::read_to_string(path).map_err(|error| fail(error.into()))?;
        let file = syntax::read(&name, &text).map_err(|error| fail(error.into()))?;
        for rule in &file.rules {
            if let Some(Err(error)) = rule.pattern().map(unleak_rules::Pattern::try_compile) {
                return Err(fail(format!("{}: rule '{}': {error}", rule.defined_at, rule.id).into()));
            }
        }
        set = set.overlay(&name, file).map_err(|error| fail(error.into()))?;
    }
    Ok(set)
}
