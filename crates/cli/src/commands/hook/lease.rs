//! What a forced push would take away: refused where nobody here can know it, said where it is known.

use bstr::ByteSlice as _;
use unleak_findings::ObjectId;
use unleak_gates::{Erased, Erasure, RefUpdate, erased};
use unleak_objects::repository::Tip;
use unleak_report::counted;

use super::call::Call;
use crate::error::CliError;

/// Commits that are named.
const NAMED: usize = 5;

/// Why `updates` must not be pushed to `remote`. Says what else they take away.
pub(super) fn refusals(
    call: &Call<'_>,
    tips: &[Tip],
    remote: &[u8],
    updates: &[RefUpdate],
) -> Result<Vec<CliError>, CliError> {
    let erasures = erased(call.repository, tips, remote, updates).map_err(|error| {
        CliError::new("it is not known what this push would take away from the remote: the push is refused")
            .caused_by(error)
            .hint("git fetch --unshallow")
    })?;
    let remote = remote.to_str_lossy();
    let mut refusals = Vec::new();
    for erasure in &erasures {
        match &erasure.erased {
            Erased::Seen { commits } => call.terminal.note(&format!(
                "this push takes {} away from {} of {remote}: {}",
                counted(commits.len() as u64, "commits"),
                erasure.name,
                names(commits)
            )),
            Erased::Unseen | Erased::Moved { .. } => refusals.push(refusal(erasure, &remote)),
        }
    }
    Ok(refusals)
}

fn refusal(erasure: &Erasure, remote: &str) -> CliError {
    let (name, old) = (&erasure.name, erasure.old);
    let what = match &erasure.erased {
        Erased::Moved { fetched, commits } => format!(
            "{name} of {remote} has moved since it was fetched, from {} to {}: this push would erase {}: {}",
            short(fetched),
            short(&old),
            counted(commits.len() as u64, "commits"),
            names(commits)
        ),
        Erased::Unseen | Erased::Seen { .. } => format!(
            "{name} of {remote} is at {}, which this clone has never seen: this push would erase it and what came \
             before it unseen",
            short(&old)
        ),
    };
    let local = if erasure.local.is_empty() { name } else { &erasure.local };
    CliError::new(what)
        .hint(format!("git fetch {remote} && git log --oneline {} ^{local}", short(&old)))
        .hint(format!("if those may go: git push --force-with-lease={name}:{old} {remote} {local}:{name}"))
}

fn names(commits: &[ObjectId]) -> String {
    let mut names: Vec<String> = commits.iter().take(NAMED).map(short).collect();
    if commits.len() > NAMED {
        names.push(format!("{} more", commits.len() - NAMED));
    }
    names.join(", ")
}

fn short(id: &ObjectId) -> String {
    id.to_hex_with_len(10).to_string()
}
