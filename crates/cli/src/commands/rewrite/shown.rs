//! A plan as people read it.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};

use unleak_objects::repository::RefClass;
use unleak_remediate::{Archive, RefUpdate, Rewritten};
use unleak_report::{counted, number as grouped};

use super::what::Wanted;

/// As many of a list are shown.
const SHOWN: usize = 10;

/// Writes what would become of the repository.
pub(crate) fn plan(out: &mut dyn Write, wanted: &Wanted, rewritten: &Rewritten) -> io::Result<()> {
    let (change, effects) = (&rewritten.change, &rewritten.effects);
    writeln!(out, "To forget:")?;
    for words in &wanted.words {
        writeln!(out, "  {words}")?;
    }
    let changed = change.commits.iter().filter(|(old, new)| Some(*old) != *new).count() as u64;
    let row = |out: &mut dyn Write, name: &str, text: String| writeln!(out, "  {name:<12}{text}");
    writeln!(out, "\nWhat changes:")?;
    row(out, "commits", format!("{} of {}", grouped(changed), grouped(change.commits.len() as u64)))?;
    row(out, "refs", classes(&change.refs))?;
    if effects.blobs_changed + effects.blobs_gone > 0 {
        row(out, "files", files(effects.blobs_changed, effects.blobs_gone))?;
    }
    // All of them may be there already.
    if effects.trees_changed > 0 {
        row(out, "folders", counted(effects.trees_changed, "versions"))?;
    }
    if effects.tags_changed > 0 {
        row(out, "tags", grouped(effects.tags_changed))?;
    }
    if effects.notes_moved > 0 {
        row(out, "notes", format!("{} of notes follow", counted(effects.notes_moved, "commits")))?;
    }
    let signed = (effects.commits_signed.len() + effects.tags_signed.len()) as u64;
    if signed > 0 {
        row(out, "signatures", format!("{} are lost, because what they sign changes", grouped(signed)))?;
    }
    let hosted = change.refs.iter().filter(|update| update_class(update) == RefClass::Pull).count() as u64;
    if hosted > 0 {
        row(
            out,
            "requests",
            format!("{} refs of pull or merge requests, which only the host can change", grouped(hosted)),
        )?;
    }
    first(out, rewritten)?;
    orphans(out, &effects.lfs_orphaned)?;
    let (held, rest): (Vec<_>, Vec<_>) = effects.archives.iter().cloned().partition(|archive| archive.holds);
    archives(out, "Archives with it in them (--blob ID takes one out of history):", &held)?;
    unread(out, &rest)
}

/// Archives that nobody could look into.
pub(crate) fn unread(out: &mut dyn Write, unread: &[Archive]) -> io::Result<()> {
    archives(out, "Archives that were not looked into, or not to their end:", unread)
}

fn archives(out: &mut dyn Write, title: &str, archives: &[Archive]) -> io::Result<()> {
    if archives.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title}")?;
    for Archive { path, id, packing, .. } in archives.iter().take(SHOWN) {
        writeln!(out, "  {id}  {packing:<8}  {}", unleak_report::harmless(path))?;
    }
    more(out, archives.len())
}

/// What Git LFS keeps for pointers that are no more.
fn orphans(out: &mut dyn Write, orphans: &[String]) -> io::Result<()> {
    if orphans.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nOrphaned at the server of Git LFS, which alone can remove them:")?;
    for target in orphans.iter().take(SHOWN) {
        writeln!(out, "  {target}")?;
    }
    more(out, orphans.len())
}

/// How many a list has beyond those shown.
fn more(out: &mut dyn Write, all: usize) -> io::Result<()> {
    if all > SHOWN { writeln!(out, "  and {} more", grouped((all - SHOWN) as u64)) } else { Ok(()) }
}

/// The first commits that change: what hosts ask for.
fn first(out: &mut dyn Write, rewritten: &Rewritten) -> io::Result<()> {
    let change = &rewritten.change;
    let changed: HashSet<_> =
        change.commits.iter().filter(|(old, new)| Some(*old) != *new).map(|(old, _)| *old).collect();
    let first = change.commits.iter().zip(&change.parents).filter(|((old, _), parents)| {
        changed.contains(old) && !parents.iter().any(|parent| changed.contains(parent))
    });
    let first: Vec<_> = first.map(|((old, new), _)| (old, new)).collect();
    if first.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nFirst changed commits:")?;
    for (old, new) in first.iter().take(SHOWN) {
        match new {
            Some(new) => writeln!(out, "  {old} -> {new}")?,
            None => writeln!(out, "  {old} -> nothing")?,
        }
    }
    more(out, first.len())
}

fn files(changed: u64, gone: u64) -> String {
    match (changed, gone) {
        (changed, 0) => format!("{} rewritten", counted(changed, "versions")),
        (0, gone) => format!("{} deleted", counted(gone, "versions")),
        (changed, gone) => format!("{} rewritten, {} deleted", counted(changed, "versions"), grouped(gone)),
    }
}

/// How many refs of which kind.
fn classes(refs: &[RefUpdate]) -> String {
    let mut counts: BTreeMap<RefClass, u64> = BTreeMap::new();
    for update in refs {
        *counts.entry(update_class(update)).or_default() += 1;
    }
    let named = |(class, count): (&RefClass, &u64)| {
        let (one, many) = words(*class);
        format!("{} {}", grouped(*count), if *count == 1 { one } else { many })
    };
    let parts: Vec<String> = counts.iter().map(named).collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

fn update_class(update: &RefUpdate) -> RefClass {
    RefClass::of(update.name.as_ref())
}

/// One of a class, and many.
fn words(class: RefClass) -> (&'static str, &'static str) {
    match class {
        RefClass::Head => ("HEAD", "HEADs"),
        RefClass::Branch => ("branch", "branches"),
        RefClass::Tag => ("tag", "tags"),
        RefClass::RemoteTracking => ("remote-tracking branch", "remote-tracking branches"),
        RefClass::Pull => ("pull request ref", "pull request refs"),
        RefClass::Stash => ("stash", "stashes"),
        RefClass::Note => ("ref of notes", "refs of notes"),
        RefClass::Worktree => ("ref of another worktree", "refs of other worktrees"),
        _ => ("other", "others"),
    }
}
