//! Puts the rules together: built-in ones and the user's files over them.

use std::path::PathBuf;

use unleak_rules::{RuleSet, builtin, syntax};

use crate::error::CliError;
use crate::trusted::{Found, Named};

/// The built-in rules with their examples, which detecting does not need.
///
/// # Errors
/// When a built-in file has a mistake.
pub(crate) fn with_examples() -> Result<RuleSet, CliError> {
    builtin::with_examples()
        .map_err(|error| CliError::new("a built-in rule file has a mistake").caused_by(error))
}

/// Lays `files` over `set`, in order, as `named` gives them, and adds what was read to `texts`.
///
/// # Errors
/// When a file cannot be read or has a mistake; the error names file, line and column.
pub(crate) fn overlaid(
    mut set: RuleSet,
    files: &[PathBuf],
    named: &Named<'_>,
    texts: &mut Vec<u8>,
) -> Result<RuleSet, CliError> {
    for path in files {
        let name = path.display().to_string();
        let fail = |error: Box<dyn std::error::Error + Send + Sync>| {
            CliError::new(format!("the rule file '{name}' cannot be used"))
                .caused_by(error)
                .hint(format!("unleak rules check --rules {name}"))
        };
        let (read_as, text) = match named.read(path).map_err(|why| fail(why.into()))? {
            Found::File(read_as, text) => (read_as, text),
            Found::Brought => continue,
            Found::Nowhere => return Err(fail("there is no such file".into())),
        };
        for part in [read_as.as_bytes(), &text] {
            texts.extend_from_slice(&(part.len() as u64).to_le_bytes());
            texts.extend_from_slice(part);
        }
        let text = String::from_utf8(text)
            .map_err(|error| fail(format!("{name}: {}", error.utf8_error()).into()))?;
        let file = syntax::read(&read_as, &text).map_err(|error| fail(error.into()))?;
        for rule in &file.rules {
            if let Some(Err(error)) = rule.pattern().map(unleak_rules::Pattern::try_compile) {
                return Err(fail(format!("{}: rule '{}': {error}", rule.defined_at, rule.id).into()));
            }
        }
        set = set.overlay(&read_as, file).map_err(|error| fail(error.into()))?;
    }
    Ok(set)
}
