//! What part of a repository a report is about, in words, so that nobody takes it for the whole.

use crate::date;
use crate::scope::Scope;
use crate::scrub::Scrubber;

/// The part, behind "only"; nothing for the whole.
pub(crate) fn words(scope: &Scope, scrubber: &Scrubber<'_>) -> Option<String> {
    let names = |names: &[String]| {
        let shown = names.iter().map(|name| scrubber.shown_name(name.as_bytes()));
        shown.collect::<Vec<_>>().join(", ")
    };
    let branches = (!scope.branches.is_empty()).then(|| format!("history of {}", names(&scope.branches)));
    let since = scope.since.map(|since| format!("what commits added since {}", date::or_seconds(since)));
    let paths = (!scope.paths.is_empty()).then(|| format!("files at {}", names(&scope.paths)));
    let words: Vec<String> = [branches, since, paths].into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join("; "))
}
