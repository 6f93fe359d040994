//! What a check says about one thing.

use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// It could not be looked at.
    Skip,
    /// Better otherwise.
    Warn,
    /// Wrong.
    Fail,
}

/// What can be mended without asking anybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fix {
    /// What `unleak init` does.
    Init,
    /// The file is for its owner only from now on.
    Private(String),
}

/// One remark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// The check, such as `ENV001`.
    pub check: &'static str,
    /// How bad it is.
    pub grade: Grade,
    /// The file, from the top of the working tree; none for what is in no file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What is wrong. Never holds a secret.
    pub text: String,
    /// The command that mends it.
    pub remedy: String,
    /// What `--fix` does.
    #[serde(skip)]
    pub fix: Option<Fix>,
}

impl Remark {
    /// Something wrong.
    pub fn fail(check: &'static str, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        let (text, remedy) = (text.into(), remedy.into());
        Self { check, grade: Grade::Fail, path: None, line: None, text, remedy, fix: None }
    }

    /// Something that could be better.
    pub fn warn(check: &'static str, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { grade: Grade::Warn, ..Self::fail(check, text, remedy) }
    }

    /// Something that could not be looked at.
    pub fn skip(check: &'static str, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { grade: Grade::Skip, ..Self::fail(check, text, remedy) }
    }

    /// In this file.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// On this line.
    #[must_use]
    pub fn on(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    /// Which `--fix` can mend.
    #[must_use]
    pub fn fixed_by(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }
}
