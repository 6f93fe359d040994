//! A plan as a file: what was asked, and what became of every ref, so that applying it gives that or nothing.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use bstr::ByteSlice as _;
use serde::{Deserialize, Serialize};
use unleak_objects::repository::Repository;
use unleak_remediate::RefUpdate;

use crate::error::CliError;
use crate::output;

use super::what::What;

/// The version of the format.
const VERSION: u32 = 1;

/// A plan. It holds ids and names, never a value.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PlanFile {
    unleak_plan: u32,
    tool: String,
    /// The common directory of the repository.
    repository: String,
    pub(crate) asked: What,
    /// What the user allows although it is refused otherwise.
    pub(crate) allow: Vec<String>,
    refs: Vec<PlannedRef>,
}

#[derive(Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct PlannedRef {
    /// Bytes that are no UTF-8 are escaped as `\xNN`.
    name: String,
    old: String,
    new: Option<String>,
}

impl PlanFile {
    pub(crate) fn new(repository: &Repository, asked: &What, allow: &[String], refs: &[RefUpdate]) -> Self {
        Self {
            unleak_plan: VERSION,
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            repository: name_of(repository),
            asked: asked.clone(),
            allow: allow.to_vec(),
            refs: refs.iter().map(PlannedRef::new).collect(),
        }
    }

    /// Reads a plan for `repository`.
    pub(crate) fn read(path: &Path, repository: &Repository) -> Result<Self, CliError> {
        let broken = |why: &str| {
            CliError::new(format!("the plan '{}' {why}", path.display())).hint("unleak rewrite …")
        };
        let bytes = fs::read(path).map_err(|error| broken("cannot be read").caused_by(error))?;
        let value: serde_json::Value =
            serde_json::from_slice(&bytes).map_err(|error| broken("is damaged").caused_by(error))?;
        match value.get("unleak_plan").and_then(serde_json::Value::as_u64) {
            Some(1) => {}
            Some(_) => return Err(broken("was written by another version of unleak; make a new one")),
            None => return Err(broken("is no plan")),
        }
        let plan: Self =
            serde_json::from_value(value).map_err(|error| broken("is damaged").caused_by(error))?;
        if plan.repository != name_of(repository) {
            return Err(broken(&format!("is for another repository, {}", plan.repository)));
        }
        Ok(plan)
    }

    /// Writes it, for its owner only.
    pub(crate) fn write(&self, path: &Path) -> Result<(), CliError> {
        let failed = |error| {
            CliError::new(format!("the plan '{}' cannot be written", path.display())).caused_by(error)
        };
        if let Some(folder) = path.parent() {
            output::private_folder(folder).map_err(failed)?;
        }
        output::whole_file(path, |out| {
            serde_json::to_writer_pretty(&mut *out, self)?;
            out.write_all(b"\n")
        })
        .map_err(failed)
    }

    /// Refuses refs that are not those of the plan: some have moved, or what was asked for reads differently now.
    pub(crate) fn check(&self, refs: &[RefUpdate]) -> Result<(), CliError> {
        let now: Vec<PlannedRef> = refs.iter().map(PlannedRef::new).collect();
        // Sets, since there may be a ref for every request there ever was.
        let (planned, found): (HashSet<&PlannedRef>, HashSet<&PlannedRef>) =
            (self.refs.iter().collect(), now.iter().collect());
        let differs = |planned: &&PlannedRef| !found.contains(planned);
        if let Some(moved) = self.refs.iter().find(differs) {
            return Err(CliError::new(format!(
                "ref {} is not what it was when the plan was made",
                moved.name
            ))
            .hint("unleak rewrite …   # make a new plan"));
        }
        if let Some(new) = now.iter().find(|update| !planned.contains(update)) {
            return Err(CliError::new(format!("ref {} would change and is not in the plan", new.name))
                .hint("unleak rewrite …   # make a new plan"));
        }
        Ok(())
    }
}

impl PlannedRef {
    fn new(update: &RefUpdate) -> Self {
        Self {
            name: update.name.escape_bytes().to_string(),
            old: update.old.to_string(),
            new: update.new.map(|new| new.to_string()),
        }
    }
}

fn name_of(repository: &Repository) -> String {
    repository.common_dir().display().to_string()
}

/// Where plans are written if the user does not say.
pub(crate) fn default_path(repository: &Repository) -> PathBuf {
    repository.common_dir().join("unleak/plan.json")
}
