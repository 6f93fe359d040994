//! gitleaks' configuration files as rule sets of our own.
//!
//! `file` reads one file, `merge` lays files over one another, `re2` gives patterns the meaning they have in Go. What
//! differs from gitleaks is listed in `docs/gitleaks.md`.

#[cfg(test)]
mod decoding_tests;
mod export;
mod fields;
mod file;
mod merge;
#[cfg(test)]
mod pattern_tests;
mod re2;
mod re2_class;
#[cfg(test)]
mod tests;
mod written_allow;

pub use self::export::{Exported, export};
use self::file::File;
use self::merge::Merged;
use crate::ruleset::RuleSet;
use crate::syntax::SyntaxError;

/// Files that may extend one another in a row after the first.
const MAX_EXTENDED: usize = 2;

/// A configuration, ready to detect.
#[derive(Debug)]
pub struct Imported {
    /// Its rules and allowlists, over our own rules if it says `useDefault`.
    pub rules: RuleSet,
    /// Whether it does.
    pub uses_default: bool,
    /// Rules that are its own.
    pub own_rules: usize,
    /// What was not read or has no effect, in the order of the files.
    pub warnings: Vec<SyntaxError>,
}

/// Gives name and text of a file that a configuration extends, or why it cannot be read.
pub type Load<'a> = dyn FnMut(&str) -> Result<(String, String), String> + 'a;

/// Reads the configuration `text` of the file called `name`. `ours` stands for gitleaks' default rules, `load` gives name
/// and text of a file that one extends.
///
/// # Errors
/// The first mistake, with file, line and column: what gitleaks refuses, and what it would silently do otherwise than it
/// is written.
pub fn import(
    name: &str,
    text: &str,
    ours: impl FnOnce() -> RuleSet,
    load: &mut Load<'_>,
) -> Result<Imported, SyntaxError> {
    let mut names = vec![name.to_owned()];
    let mut files: Vec<File> = vec![file::read(name, text)?];
    while let Some((path, at)) = files.last().and_then(|file| file.path.clone()) {
        let fail = |message: String| SyntaxError { message, ..at.clone() };
        if files.len() > MAX_EXTENDED {
            return Err(fail(format!("more than {MAX_EXTENDED} files extend one another")));
        }
        let (name, text) = load(&path).map_err(|why| fail(format!("'{path}' cannot be read: {why}")))?;
        if names.contains(&name) {
            return Err(fail(format!("a cycle: '{path}' leads back here")));
        }
        files.push(file::read(&name, &text)?);
        names.push(name);
    }
    let uses_default = files.last().is_some_and(|file| file.use_default);
    let own_rules = files.iter().map(|file| file.rules.len()).sum();
    let mut merged = if uses_default { Merged::over(ours()) } else { Merged::default() };
    for file in files.into_iter().rev() {
        merged.lay(file);
    }
    let (rules, warnings) = merged.finish()?;
    Ok(Imported { rules, uses_default, own_rules, warnings })
}
