//! `unleak prove`: looks at everything there is for what was to be forgotten.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use unleak_objects::Trouble;
use unleak_objects::repository::Repository;
use unleak_remediate::{Forget, Proof, ProofError, Prover, Scope, Starts};
use unleak_report::counted;
use unleak_scan::Progress;

use crate::commands::rewrite::shown;
use crate::commands::rewrite::what::What;
use crate::engine::{Engine, stop_on_ctrl_c};
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::terminal::Terminal;
use crate::{output, repo};

/// Look at everything that anything leads to for what was to be forgotten; exit 1 if something is left
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  unleak prove --replace-text passwords.txt      is any of these values left?\n  unleak prove --path config/.env --everything   in any object at all, reachable or not?"
)]
pub(crate) struct ProveArgs {
    /// A folder in the repository
    #[arg(long, short = 'C', value_name = "FOLDER", default_value = ".", hide_default_value = true)]
    repository: PathBuf,
    #[command(flatten)]
    what: What,
    /// Every object in the store, and the files of the git directory, as after `unleak purge`
    #[arg(long)]
    everything: bool,
}

/// Runs the command.
pub(crate) fn run(
    args: &ProveArgs,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    let repository = repo::need(&args.repository, environment)?;
    let progress = Arc::new(Progress::default());
    stop_on_ctrl_c(&progress)?;
    let wanted = args.what.read(&repository, environment, terminal, &progress)?;
    let scope = if args.everything { Scope::Everything } else { Scope::Reachable };
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
        CliError::new("the repository cannot be looked at").caused_by(error).hint("git fsck --full")
    };
    let prover =
        look(&repository, &wanted.forget, &progress, terminal).map_err(|error| failed(error.into()))?;
    let starts = Starts::read(&repository).map_err(|error| failed(error.into()))?;
    let proof = prover.prove(&repository, starts, scope, true).map_err(|error| failed(error.into()))?;
    let path = write_certificate(&repository, &proof, &wanted.forget)?;
    output::print(|out| show(out, &proof, &path))?;
    Ok(match (proof.leftovers.is_empty(), proof.is_complete()) {
        (false, _) => ExitStatus::Findings(1),
        (true, false) if proof.interrupted => ExitStatus::Interrupted,
        (true, false) => ExitStatus::Error,
        (true, true) => ExitStatus::Clean,
    })
}

/// Looks at every object, and shows how far that has come.
pub(crate) fn look<'f>(
    repository: &Repository,
    forget: &'f Forget,
    progress: &Arc<Progress>,
    terminal: Terminal,
) -> Result<Prover<'f>, ProofError> {
    progress.survey(0);
    let _shown = terminal.show(progress);
    Prover::look(repository, forget, Engine::all_threads(), &progress.stop, Some(&progress.trees))
}

/// What keeps a proof from holding, in a line.
pub(crate) fn in_words(proof: &Proof) -> String {
    let mut parts: Vec<String> = Vec::new();
    if let Some(first) = proof.leftovers.first() {
        let more = proof.leftovers.len() - 1;
        let more = if more > 0 {
            format!(" ({} more places)", unleak_report::number(more as u64))
        } else {
            String::new()
        };
        parts.push(format!("{first}{more}"));
    }
    parts.extend(proof.missing.first().map(|id| format!("object {id} is named and not there")));
    parts.extend(proof.troubles.first().map(trouble));
    parts.extend(proof.ref_troubles.first().map(|trouble| format!("ref {trouble}")));
    if proof.interrupted {
        parts.push("it was interrupted".to_owned());
    }
    parts.join("; ")
}

/// An object that cannot be read, in words.
pub(crate) fn trouble(trouble: &Trouble) -> String {
    let what = match &trouble.id {
        Some(id) => format!("object {id}"),
        None => trouble.path.display().to_string(),
    };
    format!("{what}: {}", trouble.message)
}

fn show(out: &mut dyn Write, proof: &Proof, certificate: &std::path::Path) -> io::Result<()> {
    const SHOWN: usize = 20;
    let objects = counted(proof.visited.objects(), "objects");
    if proof.holds() {
        writeln!(
            out,
            "Nothing of it is left ({objects} looked at, {}).",
            counted(proof.tips.len() as u64, "refs")
        )?;
    } else if proof.leftovers.is_empty() {
        writeln!(out, "Nothing of it was found, but not everything could be looked at: {}", in_words(proof))?;
    } else {
        writeln!(out, "It is still there:")?;
        for left in proof.leftovers.iter().take(SHOWN) {
            writeln!(out, "  {left}")?;
        }
        if proof.leftovers.len() > SHOWN {
            writeln!(
                out,
                "  and in {} more places",
                unleak_report::number((proof.leftovers.len() - SHOWN) as u64)
            )?;
        }
    }
    shown::unread(out, &proof.unread)?;
    if proof.unreachable > 0 {
        let count = counted(proof.unreachable, "objects");
        writeln!(out, "The store still has {count} with it that are no longer led to, or not only.")?;
        writeln!(out, "\nNext: unleak purge")?;
    }
    writeln!(out, "\nCertificate: {}", certificate.display())
}

/// Writes what was looked at and what came of it; ids and names, never a value.
pub(crate) fn write_certificate(
    repository: &Repository,
    proof: &Proof,
    forget: &Forget,
) -> Result<PathBuf, CliError> {
    let path = repository.common_dir().join("unleak/certificate.json");
    let key = new_key()?;
    let digest = forget.text.as_ref().map(|text| hex(&text.digest(&key)));
    let leftovers: Vec<String> = proof.leftovers.iter().map(ToString::to_string).collect();
    let unread = proof.unread.iter().map(|archive| {
        let (id, path) = (archive.id.to_string(), archive.path.to_string());
        json!({ "id": id, "path": path, "packing": archive.packing.to_string() })
    });
    let unread: Vec<_> = unread.collect();
    let tips: Vec<_> = proof
        .tips
        .iter()
        .map(|(name, id)| json!({ "ref": name.to_string(), "id": id.to_string() }))
        .collect();
    let certificate = json!({
        "unleak_certificate": 1,
        "tool": env!("CARGO_PKG_VERSION"),
        "time": Environment::now().timestamp().to_string(),
        "holds": proof.holds(),
        "scope": match proof.scope { Scope::Reachable => "reachable", Scope::Unpushed => "unpushed", Scope::Everything => "everything" },
        "values": { "hmac_sha256": digest, "key": hex(&key) },
        "looked_at": {
            "commits": proof.visited.commits, "trees": proof.visited.trees,
            "blobs": proof.visited.blobs, "tags": proof.visited.tags, "bytes": proof.visited.bytes,
        },
        "complete": proof.is_complete(),
        "left": leftovers,
        "not_looked_into": unread,
        "unreachable": proof.unreachable,
        "tips": tips,
    });
    let failed = |error: io::Error| {
        CliError::new(format!("the certificate '{}' cannot be written", path.display())).caused_by(error)
    };
    output::private_folder(&repository.common_dir().join("unleak")).map_err(failed)?;
    output::whole_file(&path, |out| {
        serde_json::to_writer_pretty(&mut *out, &certificate)?;
        out.write_all(b"\n")
    })
    .map_err(failed)?;
    Ok(path)
}

/// A key nobody has used before.
fn new_key() -> Result<[u8; 32], CliError> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| {
        CliError::new("the system gives no random bytes").caused_by(io::Error::other(error))
    })?;
    Ok(key)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
