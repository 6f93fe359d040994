//! The checks by name, and what a list of remarks comes to for each of them.

use serde::Serialize;

use crate::doctor::remark::{Grade, Remark};

/// A check.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Its name, for ever.
    pub id: &'static str,
    /// What holds where it passes.
    pub title: &'static str,
}

const fn check(id: &'static str, title: &'static str) -> Check {
    Check { id, title }
}

/// All of them, in the order in which they are shown.
pub const CHECKS: [Check; 27] = [
    check("ENV001", "no env file is tracked"),
    check("ENV002", "env files are ignored"),
    check("ENV003", "env files are ignored for everybody"),
    check("ENV004", "no two environments share a secret"),
    check("ENV005", "no development file leads to production"),
    check("ENV006", ".env.example names every key of .env"),
    check("ENV007", "env files and keys can be read by their owner only"),
    check("HOOK001", "git's hooks refuse a planted secret"),
    check("HOOK002", "nothing leads git past its hooks"),
    check("HOOK003", "other tools' hook files are complete"),
    check("AGENT001", "every agent that is used here asks the guard"),
    check("AGENT002", "no agent's hook is dead"),
    check("AGENT003", "the agents' guard refuses a planted secret"),
    check("AGENT004", "no agent runs past its rules"),
    check("AGENT005", "no agent commits past git's hooks"),
    check("GIT001", "local bare remotes refuse forced pushes"),
    check("GIT002", "no credential in remote addresses and configuration"),
    check("GIT003", "nothing is pushed or stored that was not meant"),
    check("KEY001", "every live secret is younger than its limit"),
    check("KEY002", "no clean-up was left unfinished"),
    check("GCP001", "no key of a service account in tree or history"),
    check("GCP002", "no service account is owner or editor"),
    check("CI001", "a gate in CI scans what is to be merged"),
    check("CI002", "the gate sees the whole history"),
    check("CI003", "the gate can fail the build"),
    check("LOOP001", "no endless loop around an API"),
    check("AGENT006", "the guard's own policies are in order"),
];

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// There was nothing to say.
    Pass,
    /// It was not looked at.
    Skip,
    /// Something could be better.
    Warn,
    /// Something is wrong.
    Fail,
}

/// A check with its remarks.
#[derive(Clone, Debug, Serialize)]
pub struct Summary<'r> {
    /// The check's name.
    pub id: &'static str,
    /// What holds where it passes.
    pub title: &'static str,
    /// What it came to.
    pub outcome: Outcome,
    /// Its remarks.
    pub remarks: Vec<&'r Remark>,
}

/// Every check with what was said. Of those that were `left_out`, nothing is known.
pub fn summary<'r>(remarks: &'r [Remark], left_out: &[&str]) -> Vec<Summary<'r>> {
    CHECKS
        .iter()
        .map(|check| {
            let own: Vec<&Remark> = remarks.iter().filter(|remark| remark.check == check.id).collect();
            let worst = own.iter().map(|remark| match remark.grade {
                Grade::Skip => Outcome::Skip,
                Grade::Warn => Outcome::Warn,
                Grade::Fail => Outcome::Fail,
            });
            let unsaid = if left_out.contains(&check.id) { Outcome::Skip } else { Outcome::Pass };
            let outcome = worst.max().unwrap_or(unsaid);
            Summary { id: check.id, title: check.title, outcome, remarks: own }
        })
        .collect()
}
