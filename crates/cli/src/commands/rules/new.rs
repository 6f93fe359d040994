//! `unleak rules new`: a rule file to be filled in.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::PathBuf;

use unleak_rules::RuleSet;

use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::output::print;
use crate::rule_files;

/// Write a rule file to be filled in
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  unleak rules new acme-api-key\n  unleak rules new acme-api-key --output acme.toml"
)]
pub(crate) struct NewArgs {
    /// The rule's id: the vendor's name and what the credential is, lower case, with dashes
    id: String,
    /// Where to write it; a file that exists is left alone [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Longest id, in bytes.
const LONGEST: usize = 64;

/// Prints or writes the skeleton.
pub(crate) fn run(args: &NewArgs) -> Result<ExitStatus, CliError> {
    let id = &args.id;
    if !is_id(id) {
        let error = CliError::new(format!("'{id}' cannot be the id of a rule"));
        return Err(
            error.hint("unleak rules new acme-api-key   (lower-case letters, digits and single dashes)")
        );
    }
    let set = rule_files::with_examples()?;
    if let Some(rule) = set.get(id) {
        let error = CliError::new(format!("there is a rule '{id}' already: {}", rule.defined_at));
        return Err(error.hint(format!("unleak rules show {id}")));
    }
    let text = skeleton(&set, id);
    match &args.output {
        None => print(|out| out.write_all(text.as_bytes()))?,
        Some(path) => {
            let written = OpenOptions::new().write(true).create_new(true).open(path);
            written.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| {
                let message = format!("'{}' cannot be written", path.display());
                match error.kind() {
                    io::ErrorKind::AlreadyExists => CliError::new(format!("{message}: it exists")),
                    _ => CliError::new(message).caused_by(error),
                }
            })?;
        }
    }
    Ok(ExitStatus::Clean)
}

fn is_id(id: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    id.len() <= LONGEST && id.split('-').all(part)
}

/// The family that `id` belongs to: the longest one known that it starts with, else its first word.
fn family<'i>(set: &RuleSet, id: &'i str) -> (&'i str, bool) {
    let ends = id.match_indices('-').map(|(at, _)| at).rev();
    let known = ends.map(|end| &id[..end]).find(|family| set.provider(family).is_some());
    let first = id.split('-').next().unwrap_or(id);
    known.map_or((first, false), |family| (family, true))
}

/// What the secret may start with: four bytes at least, so that the regex implies an anchor.
fn prefix(family: &str, id: &str) -> String {
    let named = [family, id].into_iter().map(|name| format!("{}_", name.replace('-', "_")));
    named.into_iter().find(|prefix| prefix.len() >= 4).unwrap_or_else(|| format!("{id}_todo_"))
}

fn skeleton(set: &RuleSet, id: &str) -> String {
    let (family, known) = family(set, id);
    let prefix = prefix(family, id);
    let (head, tail) = prefix.split_at(prefix.len() / 2);
    let place = if known {
        format!("# The family '{family}' has a file: add the [[rules]] table below to rules/{family}.toml.")
    } else {
        format!(
            "# As a file of the project: rules/{family}.toml. As your own: unleak scan --rules {family}.toml"
        )
    };
    format!(
        r#"# Fill in every TODO, then: unleak rules check --rules {family}.toml
{place}
# All keys: https://github.com/unleak/unleak/blob/main/rules/README.md

schema = 1

[provider]
# Part of every finding's identity: never rename it.
family = "{family}"
# The vendor's name as it writes itself.
name = "TODO"
# What the credentials open, in one line.
opens = "TODO"
# Where to revoke or replace one: a page or a command.
revoke = "TODO"
# Where its use can be seen.
audit = "TODO"
# The vendor's own documentation of the format, and when you read it.
source = "TODO"

[[rules]]
# Unique, lower case, dashes.
id = "{id}"
# Names other scanners use for it.
aliases = []
# One line for people: what is found.
description = "TODO"
# low | medium | high | critical: how much it opens.
severity = "high"
# low | medium | high: how likely a match is real.
confidence = "medium"
# vendor | format | keyed | generic: who wins where two rules match.
specificity = "vendor"
# TODO: as tight as the format allows. No look-around; the group `secret` is the secret. A literal of at least four
# bytes that is rare in ordinary text must be part of every match.
regex = '''\b(?P<secret>{prefix}[0-9A-Za-z]{{32}})\b'''
# The bytes around that literal that the regex sees.
window = {{ back = 64, forward = 256 }}
# What the secret must be like: entropy in bits a byte, digits and distinct bytes at least; no placeholders.
filter = {{ entropy = 3.0, digits = 2, distinct = 10, placeholder = true }}
# Structural checks, such as "crc32-base62"; the regex then captures the groups `body` and `check`.
checks = []

[rules.examples]
# TODO: an invented secret of the right form. Keep it in parts, so that no scanner trips over this file.
match = [
  ["key = {head}", "{tail}TODO"],
]
# TODO: look-alikes that are none: too short, a placeholder.
no_match = [
  ["key = {head}", "{tail}short"],
]
"#
    )
}
