//! A push as people read it: the plan, what arrived, the command, and what comes next.

use std::io::{self, Write};

use bstr::ByteSlice as _;
use gix_hash::ObjectId;
use unleak_remediate::{Arrivals, PushPlan, RefUpdate, Remote, push_command};
use unleak_report::{counted, harmless, number};

/// How many of a kind are listed.
const SHOWN: usize = 20;

fn short(name: &[u8]) -> String {
    harmless(name.strip_prefix(b"refs/heads/").unwrap_or(name))
}

fn abbreviated(id: ObjectId) -> String {
    id.to_hex_with_len(10).to_string()
}

/// The refs that change, and how many do not.
pub(super) fn plan(out: &mut dyn Write, remote: &Remote, plan: &PushPlan) -> io::Result<()> {
    writeln!(out, "Remote: {} ({})", remote.called(), harmless(&remote.shown()))?;
    if plan.updates.is_empty() && plan.arrived.is_empty() {
        writeln!(out, "Nothing of the old history is there that could be replaced.")?;
    }
    let width = plan.updates.iter().take(SHOWN).map(|update| short(&update.name).len()).max().unwrap_or(0);
    for RefUpdate { name, old, new } in plan.updates.iter().take(SHOWN) {
        let new = new.map_or_else(|| "deleted".to_owned(), abbreviated);
        writeln!(out, "  {:<width$}  {} -> {new}", short(name), abbreviated(*old))?;
    }
    if plan.updates.len() > SHOWN {
        writeln!(out, "  and {} more", number((plan.updates.len() - SHOWN) as u64))?;
    }
    writeln!(
        out,
        "{} to replace, {} stay as they are.",
        counted(plan.updates.len() as u64, "refs"),
        number(plan.unchanged as u64)
    )?;
    if !plan.hidden.is_empty() {
        let count = counted(plan.hidden.len() as u64, "refs");
        writeln!(
            out,
            "{count} lead to the old history and can only be changed by the host (pull or merge requests): left out."
        )?;
    }
    if plan.unseen > 0 {
        let count = counted(plan.unseen as u64, "refs");
        writeln!(
            out,
            "{count} of the host's own, never fetched here: whether they lead there is not known."
        )?;
    }
    for (name, id) in plan.arrived.iter().take(SHOWN) {
        writeln!(out, "  {}  {} arrived since: to be fetched and rewritten", short(name), abbreviated(*id))?;
    }
    Ok(())
}

/// What others have pushed.
pub(super) fn arrivals(out: &mut dyn Write, arrivals: &Arrivals) -> io::Result<()> {
    let names: Vec<String> = arrivals.refs.iter().take(SHOWN).map(|(name, _)| short(name)).collect();
    let commits = counted(arrivals.commits.len() as u64, "commits");
    writeln!(out, "Arrived since the rewrite on {}: {commits}", names.join(", "))?;
    for commit in arrivals.commits.iter().take(SHOWN) {
        let (id, author) = (abbreviated(commit.id), harmless(&commit.author));
        writeln!(out, "  {id}  {author}  {}", harmless(&commit.subject))?;
    }
    if arrivals.commits.len() > SHOWN {
        writeln!(out, "  and {} more", number((arrivals.commits.len() - SHOWN) as u64))?;
    }
    Ok(())
}

/// The plan and the command, or the command alone.
pub(super) fn command_only(
    out: &mut dyn Write,
    alone: bool,
    remote: &Remote,
    what: &PushPlan,
) -> io::Result<()> {
    if !alone {
        plan(out, remote, what)?;
    }
    if what.updates.is_empty() {
        return Ok(());
    }
    if !alone {
        writeln!(out, "\nNothing has been pushed. The same by hand:\n")?;
    }
    let words: Vec<String> = push_command(remote, what).words.iter().map(|word| quoted(word)).collect();
    writeln!(out, "git {}", words.join(" "))
}

/// A word that a shell takes as it is.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// How it ended.
pub(super) fn taken(out: &mut dyn Write, plan: &PushPlan, atomic: bool) -> io::Result<()> {
    let refs = counted(plan.updates.len() as u64, "refs");
    if atomic {
        writeln!(out, "Replaced {refs} at once.")?;
    } else {
        writeln!(
            out,
            "Replaced {refs} one by one, the default branch last: this server knows no atomic push."
        )?;
    }
    Ok(())
}

/// What comes next.
pub(super) fn next(out: &mut dyn Write, remote: &Remote, published: bool) -> io::Result<()> {
    writeln!(out, "{} has the new history, as planned.", remote.called().as_bstr())?;
    if !published {
        writeln!(out, "\nFor clones of others: unleak push --publish-map, and there unleak rejoin")?;
    }
    writeln!(
        out,
        "\nNext: unleak probe   # what the host still gives away\n      unleak runbook # what else is to be done"
    )
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_shell_takes_every_word_as_it_is() {
        assert_eq!(quoted("1:refs/heads/main"), "1:refs/heads/main");
        assert_eq!(quoted("refs/heads/$(id)"), "'refs/heads/$(id)'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
    }
}
