//! What was asked for, kept for later and for others: no value is in it, and no report that may be gone.

use std::path::PathBuf;

use super::{Replacement, Wanted, What};
use crate::environment::Environment;
use crate::error::CliError;

impl What {
    /// As it is kept with a rewrite: findings by what they turned out to be, files by where they are.
    pub(crate) fn kept(&self, wanted: &Wanted, environment: &Environment) -> Self {
        let place = |file: &Option<PathBuf>| file.as_ref().map(|file| environment.current_dir.join(file));
        Self {
            finding: wanted.found.clone(),
            all_findings: false,
            confidence: None,
            report: None,
            replace_text: place(&self.replace_text),
            replace_message: place(&self.replace_message),
            mailmap: place(&self.mailmap),
            replacement: Replacement {
                replacement_key: place(&self.replacement.replacement_key),
                ..self.replacement.clone()
            },
            ..self.clone()
        }
    }

    /// As others may see it: without the places of files.
    pub(crate) fn published(mut self) -> Self {
        let files = [
            (&mut self.replace_text, "--replace-text"),
            (&mut self.replace_message, "--replace-message"),
            (&mut self.mailmap, "--mailmap"),
            (&mut self.replacement.replacement_key, "--replacement-key"),
        ];
        for (file, option) in files {
            if file.take().is_some() {
                self.needs.push(option.to_owned());
            }
        }
        self
    }

    /// Several rewrites as one. Findings that are not there are no mistake then: they may be gone, or elsewhere.
    pub(crate) fn merged(all: Vec<Self>) -> Result<Self, CliError> {
        let mut merged = Self { lenient: true, ..Self::default() };
        let different = || {
            CliError::new("the rewrites of this history asked for things that do not go together")
                .hint("name what was to be forgotten yourself: --replace-text FILE, --path …")
        };
        for (at, what) in all.into_iter().enumerate() {
            let lists = [
                (&mut merged.finding, what.finding),
                (&mut merged.path, what.path),
                (&mut merged.path_glob, what.path_glob),
                (&mut merged.path_regex, what.path_regex),
                (&mut merged.blob, what.blob),
                (&mut merged.needs, what.needs),
            ];
            for (mine, theirs) in lists {
                mine.extend(theirs);
                mine.sort();
                mine.dedup();
            }
            let files = [
                (&mut merged.replace_text, what.replace_text),
                (&mut merged.replace_message, what.replace_message),
                (&mut merged.mailmap, what.mailmap),
            ];
            for (mine, theirs) in files {
                if mine.is_some() && theirs.is_some() && *mine != theirs {
                    return Err(different());
                }
                *mine = mine.take().or(theirs);
            }
            let ways = (what.replacement, what.compatible, what.strip_larger_than);
            let own = (merged.replacement.clone(), merged.compatible, merged.strip_larger_than.clone());
            if at > 0 && ways != own {
                return Err(different());
            }
            (merged.replacement, merged.compatible, merged.strip_larger_than) = ways;
        }
        Ok(merged)
    }

    /// Takes the files that were needed elsewhere from `given`; the first that is missing is an error.
    pub(crate) fn with_files(mut self, given: &Self) -> Result<Self, String> {
        self.replace_text = given.replace_text.clone().or(self.replace_text);
        self.replace_message = given.replace_message.clone().or(self.replace_message);
        self.mailmap = given.mailmap.clone().or(self.mailmap);
        let key = &mut self.replacement.replacement_key;
        *key = given.replacement.replacement_key.clone().or(key.take());
        let has = |option: &str| match option {
            "--replace-text" => self.replace_text.is_some(),
            "--replace-message" => self.replace_message.is_some(),
            "--mailmap" => self.mailmap.is_some(),
            "--replacement-key" => self.replacement.replacement_key.is_some(),
            _ => false,
        };
        match self.needs.iter().find(|option| !has(option)) {
            Some(option) => Err(option.clone()),
            None => Ok(self),
        }
    }
}
