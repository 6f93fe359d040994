//! Proves that the examples in rule files hold.

use crate::detector::{Detector, Scratch};
use crate::grade::Proof;
use crate::rule::{Example, Rule};
use crate::ruleset::RuleSet;

/// A rule that does not do what its file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The rule.
    pub rule: String,
    /// Where it is defined.
    pub defined_at: String,
    /// What does not hold. Names the example by its number, from 1.
    pub why: String,
}

/// Checks every rule of `set`: it has examples both ways, its regex compiles, each `match` example is found by it and
/// not invalid, each `no_match` example is not (or only as invalid).
pub fn prove(set: RuleSet) -> Vec<Broken> {
    let detector = Detector::new(set);
    let mut scratch = Scratch::default();
    let mut broken = Vec::new();
    for (index, rule) in detector.rules().iter().enumerate() {
        let mut fail = |why: String| {
            broken.push(Broken { rule: rule.id.clone(), defined_at: rule.defined_at.clone(), why });
        };
        if let Some(Err(error)) = rule.pattern().map(crate::pattern::Pattern::try_compile) {
            fail(error.to_string());
            continue;
        }
        if rule.matching.is_empty() || rule.not_matching.is_empty() {
            fail("needs at least one `match` and one `no_match` example".to_owned());
        }
        for (number, example) in rule.matching.iter().enumerate() {
            if let Err(why) = holds(&detector, index, rule, example, &mut scratch) {
                fail(format!("match example {}: {why}", number + 1));
            }
        }
        for (number, example) in rule.not_matching.iter().enumerate() {
            if !secrets(&detector, index, rule, example, &mut scratch).is_empty() {
                fail(format!("no_match example {} matches", number + 1));
            }
        }
    }
    broken
}

fn holds(
    detector: &Detector,
    index: usize,
    rule: &Rule,
    example: &Example,
    scratch: &mut Scratch,
) -> Result<(), String> {
    let secrets = secrets(detector, index, rule, example, scratch);
    match &example.secret {
        _ if secrets.is_empty() => Err("is not found by this rule, or fails its checks".to_owned()),
        Some(wanted) if !secrets.contains(wanted) => Err("matches, but yields another secret".to_owned()),
        _ => Ok(()),
    }
}

/// The secrets that rule `index` reports in an example, leaving out invalid ones.
fn secrets(
    detector: &Detector,
    index: usize,
    rule: &Rule,
    example: &Example,
    scratch: &mut Scratch,
) -> Vec<Vec<u8>> {
    let path = example.path.clone().unwrap_or_else(|| any_name(rule));
    let mut found = detector.scan_file(&path, &example.text, scratch);
    found.extend(detector.scan_path(&path, &example.text));
    found
        .into_iter()
        .filter(|found| found.rule == index && found.proof != Proof::Invalid)
        .filter(|found| detector.stands(found, &path, None))
        .map(|found| found.secret.of(&example.text).to_vec())
        .collect()
}

/// A name the rule asks for: its first pattern without wildcards.
fn any_name(rule: &Rule) -> Vec<u8> {
    let pattern = rule.files.as_ref().and_then(|files| files.names().first());
    match pattern {
        None => b"example.txt".to_vec(),
        Some(pattern) => pattern.replace('*', "x").into_bytes(),
    }
}
