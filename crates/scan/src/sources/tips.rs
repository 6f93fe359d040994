//! What the refs that lead into a range bring with them: their names, and the annotated tags on the way to a commit.

use std::collections::{BTreeMap, HashSet};

use bstr::BString;
use unleak_findings::{Exposure, ObjectId};
use unleak_objects::repository::{RefClass, Tip};
use unleak_objects::{Buffer, Kind, ObjectStore, tag};

use crate::draft::{Draft, Recency, Spot};
use crate::outcome::SkipReason;
use crate::part::{Context, Part};
use crate::scanner::Bench;
use crate::sources::history::message;
use crate::sources::history::scope::short;
use crate::sources::{refs, unread};

/// As many tags as may stand between a ref and a commit.
const MAX_TAGS: usize = 100;

/// Annotated tags, with the refs that lead to them.
type Tags<'t> = BTreeMap<ObjectId, Vec<&'t Tip>>;

/// Scans the names of refs that lead to a commit `inside`, and of those that are `named`, or that one of these stands for;
/// and the annotated tags that they lead to it by. Counts tags as objects.
pub(super) fn scan(
    context: &Context<'_>,
    store: &ObjectStore,
    tips: &[Tip],
    inside: &HashSet<ObjectId>,
    mut named: HashSet<BString>,
) -> Part {
    let meant = tips.iter().filter(|tip| named.contains(&tip.name)).filter_map(|tip| tip.symbolic.clone());
    let meant: Vec<_> = meant.collect();
    named.extend(meant);
    scan_named(context, store, tips, inside, &named)
}

/// The same for refs that are `named` by their full names.
pub(super) fn scan_named(
    context: &Context<'_>,
    store: &ObjectStore,
    tips: &[Tip],
    inside: &HashSet<ObjectId>,
    named: &HashSet<BString>,
) -> Part {
    let (mut counted, mut tags, mut skipped) = (Vec::new(), Tags::new(), Part::default());
    let mut buffer = Buffer::default();
    for tip in tips {
        if context.progress.stopped() {
            break;
        }
        let is_named = named.contains(&tip.name);
        // Most refs lead elsewhere, and `packed-refs` says of most tags where to.
        if !is_named && tip.peeled.is_some_and(|peeled| !inside.contains(&peeled)) {
            continue;
        }
        let (chain, end) = match chain(store, tip, inside, &mut buffer) {
            Ok(found) => found,
            Err((reason, why)) => {
                let what = format!("ref {}", refs::mask(context)(&tip.name));
                skipped.coverage.skip(reason, what, why);
                continue;
            }
        };
        if is_named || inside.contains(&end) {
            counted.push((&tip.name, tip.class));
            for id in chain {
                tags.entry(id).or_default().push(tip);
            }
        }
    }
    let mut part = refs::scan(context, counted);
    part.merge(skipped);
    let mut bench = Bench::default();
    for (id, tips) in &tags {
        one(context, store, id, tips, &mut buffer, &mut bench, &mut part);
    }
    part.benches([bench]);
    part
}

/// The refs that git would take `revisions` for (gitrevisions(7), "refname").
pub(super) fn meant_by(revisions: &[String]) -> HashSet<BString> {
    let prefixes = ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"];
    let candidates = revisions.iter().flat_map(|revision| {
        let revision = if revision == "@" { "HEAD" } else { revision.as_str() };
        prefixes.map(|prefix| BString::from([prefix, revision].concat()))
    });
    candidates.collect()
}

/// The tags that a ref leads through, and what it ends at: a commit `inside`, or anything else that is no tag.
fn chain(
    store: &ObjectStore,
    tip: &Tip,
    inside: &HashSet<ObjectId>,
    buffer: &mut Buffer,
) -> Result<(Vec<ObjectId>, ObjectId), (SkipReason, String)> {
    let (mut tags, mut id) = (Vec::new(), tip.target);
    while !inside.contains(&id) {
        match store.header(&id) {
            Ok(Some((Kind::Tag, _))) => {}
            // What is not there is not in the range.
            Ok(_) => break,
            Err(error) => return Err((unread::reason_of_read(&error), unread::chain(&error))),
        }
        let bytes = match store.find(&id, buffer) {
            Ok(Some((_, bytes))) => bytes,
            Ok(None) => break,
            Err(error) => return Err((unread::reason_of_read(&error), unread::chain(&error))),
        };
        tags.push(id);
        if tags.len() > MAX_TAGS {
            return Err((SkipReason::Corrupt, "it leads through too many tags".to_owned()));
        }
        match tag::parse(bytes, store.hash()) {
            Ok(tag) => id = tag.target,
            Err(error) => return Err((SkipReason::Corrupt, format!("tag {id}: {error}"))),
        }
    }
    Ok((tags, id))
}

/// Scans one annotated tag.
fn one(
    context: &Context<'_>,
    store: &ObjectStore,
    id: &ObjectId,
    tips: &[&Tip],
    buffer: &mut Buffer,
    bench: &mut Bench,
    part: &mut Part,
) {
    // It was read just now.
    let Ok(Some((Kind::Tag, bytes))) = store.find(id, buffer) else { return };
    part.objects += 1;
    part.bytes += bytes.len() as u64;
    let remote = tips.iter().any(|tip| {
        matches!(tip.class, RefClass::RemoteTracking | RefClass::Pull) || tip.name == "FETCH_HEAD"
    });
    for (medium, path, sighting) in message::tag(&context.scanner, bytes, store.hash(), bench) {
        let exposure = if remote { Exposure::Pushed } else { Exposure::Committed };
        let spot = Spot { medium, path, exposure, blob: None, recency: Recency::Commit(0, *id) };
        let mut draft = Draft::new(context.rules(), &sighting, spot);
        for tip in tips {
            let reach = &mut draft.finding.reach;
            let names = match tip.class {
                RefClass::Tag => &mut reach.tags,
                RefClass::Branch => &mut reach.branches,
                RefClass::RemoteTracking => &mut reach.remotes,
                _ => &mut reach.others,
            };
            names.push(short(tip.class, &refs::mask(context)(&tip.name)));
        }
        part.drafts.push(draft);
    }
}
