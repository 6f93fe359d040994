//! ENV001 to ENV007: env files, what git makes of them and what is in them.

use std::collections::BTreeMap;

use unleak_rules::dotenv;
use unleak_rules::placeholder::is_placeholder;

use crate::doctor::remark::{Fix, Remark};
use crate::env_file::{entries, is_of_development, looks_like_production};
use crate::init::env_example;
use crate::scanner::Scanner;

/// How git stands to an env file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// In the index.
    Tracked,
    /// Ignored by a file of the repository.
    Ignored,
    /// Ignored by the user's own file or `info/exclude`.
    IgnoredPrivately,
    /// Neither.
    Free,
}

/// An env file, or a key file.
#[derive(Clone, Debug)]
pub struct PrivateFile {
    /// From the top.
    pub path: String,
    /// Its content.
    pub text: Vec<u8>,
    /// How git sees it.
    pub seen: Seen,
    /// Whether others than its owner may read it.
    pub is_open: bool,
}

/// What there is to say. `example` is the text of the example file, with its name; `production` are words of production.
pub fn check(
    env_files: &[PrivateFile],
    key_files: &[PrivateFile],
    example: (&str, Option<&str>),
    production: &[String],
    scanner: &Scanner,
) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for file in env_files {
        remarks.extend(standing(file));
        remarks.extend(hosts(file, production));
    }
    remarks.extend(shared(env_files, scanner));
    let env = env_files.iter().find(|file| file.path == ".env");
    let missing =
        env.map(|env| env_example::missing(example.1.unwrap_or_default(), &env.text)).unwrap_or_default();
    if !missing.is_empty() {
        let text = format!(
            "{} of .env {} not in it: {}",
            count(missing.len(), "key"),
            is(missing.len()),
            missing.join(", ")
        );
        remarks.push(Remark::warn("ENV006", text, "unleak init").at(example.0).fixed_by(Fix::Init));
    }
    for file in env_files.iter().chain(key_files).filter(|file| file.is_open && file.seen != Seen::Tracked) {
        let remark =
            Remark::warn("ENV007", "others on this machine may read it", format!("chmod 600 {}", file.path));
        remarks.push(remark.at(&file.path).fixed_by(Fix::Private(file.path.clone())));
    }
    remarks
}

fn standing(file: &PrivateFile) -> Option<Remark> {
    let path = &file.path;
    let remark = match file.seen {
        Seen::Ignored => return None,
        Seen::Tracked => Remark::fail(
            "ENV001",
            "git tracks it: whether it is ignored makes no difference any more. What is in it has to be revoked",
            format!("git rm --cached -- {path}"),
        ),
        Seen::Free => {
            Remark::fail("ENV002", "the next `git add .` takes it", "unleak init").fixed_by(Fix::Init)
        }
        Seen::IgnoredPrivately => Remark::warn(
            "ENV003",
            "only you ignore it: info/exclude and your own excludes are not shared",
            "unleak init",
        )
        .fixed_by(Fix::Init),
    };
    Some(remark.at(path))
}

/// One secret in the files of two environments.
fn shared(files: &[PrivateFile], scanner: &Scanner) -> Vec<Remark> {
    let mut places: BTreeMap<String, Vec<(&str, String)>> = BTreeMap::new();
    for file in files {
        for (key, value) in entries(&file.text) {
            for secret in secrets(&key, &value, scanner) {
                let known = places.entry(secret).or_default();
                if !known.iter().any(|(path, _)| *path == file.path) {
                    known.push((&file.path, key.clone()));
                }
            }
        }
    }
    let mut remarks = Vec::new();
    for known in places.values().filter(|known| known.len() > 1) {
        let (first, key) = &known[0];
        let others: Vec<&str> = known[1..].iter().map(|(path, _)| *path).collect();
        let text =
            format!("{key} has the same value as in {}: who gets the one has the other", others.join(", "));
        remarks.push(
            Remark::fail(
                "ENV004",
                text,
                format!("make a credential of its own for each, then put it into {first}"),
            )
            .at(*first),
        );
    }
    remarks
}

/// The secrets in a value. One that is too weak for a rule is one still where its name says so.
fn secrets(key: &str, value: &str, scanner: &Scanner) -> Vec<String> {
    let hits = scanner.named(Some(key), value);
    let found = hits.iter().filter_map(|hit| value.get(hit.span.start..hit.span.end)).map(str::to_owned);
    let is_one =
        value.len() >= 8 && dotenv::secret_like_key(key.as_bytes()) && !is_placeholder(value.as_bytes());
    if hits.is_empty() && is_one { vec![value.to_owned()] } else { found.collect() }
}

/// Addresses of production in a file for development.
fn hosts(file: &PrivateFile, production: &[String]) -> Vec<Remark> {
    if !is_of_development(&file.path) {
        return Vec::new();
    }
    let mut remarks = Vec::new();
    for (key, value) in entries(&file.text) {
        let upper = key.to_ascii_uppercase();
        let is_address = value.contains("://")
            || ["HOST", "URL", "URI", "DSN", "ENDPOINT", "SERVER"].iter().any(|word| upper.contains(word));
        if is_address && looks_like_production(&value, production) {
            let line = file
                .text
                .split(|byte| *byte == b'\n')
                .position(|line| bstr::ByteSlice::contains_str(line, &key));
            let text = format!("{key} leads to what looks like production, in a file for development");
            let remark = Remark::warn(
                "ENV005",
                text,
                format!("put a development address for {key} into {}", file.path),
            );
            remarks.push(remark.at(&file.path).on(line.unwrap_or(0) + 1));
        }
    }
    remarks
}

fn count(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}

fn is(number: usize) -> &'static str {
    if number == 1 { "is" } else { "are" }
}
