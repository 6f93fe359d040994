//! A step of the runbook, and the runbook as a whole.

use serde::Serialize;

use crate::leak::Leak;

/// Who does a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// Whoever leads the response.
    You,
    /// Whoever owns the credential at its vendor.
    Owner,
    /// An administrator of the repository at its host.
    Administrator,
    /// Everyone with a clone.
    Everyone,
}

impl Who {
    /// The words people read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::You => "you",
            Self::Owner => "the owner of the credential",
            Self::Administrator => "an administrator of the repository",
            Self::Everyone => "everyone with a clone",
        }
    }
}

/// A piece of what to do. Its text may hold names as the repository has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "text")]
pub enum Line {
    /// Words.
    Say(String),
    /// A command to run, one line.
    Run(String),
    /// A text to send to others, whole.
    Send(String),
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What it is remembered by, however the list changes.
    pub id: String,
    /// What is done, in a few words.
    pub title: String,
    /// Who does it.
    pub who: Who,
    /// How.
    pub how: Vec<Line>,
    /// How to tell that it is done.
    pub check: String,
    /// When it was ticked, in seconds since 1970.
    pub done: Option<i64>,
}

/// Everything to do, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Runbook {
    /// The version of this format.
    pub unleak_runbook: u32,
    /// The repository, as its host or its folder calls it.
    pub repository: String,
    /// Why the list is as long as it is.
    pub summary: Vec<String>,
    /// What leaked.
    pub leaks: Vec<Leak>,
    /// The steps.
    pub steps: Vec<Step>,
}
