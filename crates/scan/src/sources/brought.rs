//! What refs bring that are about to be written, besides commits: their names, the annotated tags that they lead
//! through, and the trees and blobs that they name directly.

use std::collections::HashSet;

use bstr::{BStr, BString};
use unleak_findings::{Exposure, Medium, ObjectId};
use unleak_objects::repository::{ObjectError, RefClass, Repository, Tip};
use unleak_objects::{Kind, ObjectStore};

use crate::draft::{Draft, Recency, Spot};
use crate::outcome::SkipReason;
use crate::part::{Context, Part};
use crate::scanner::Bench;
use crate::sources::blobs::{BlobReader, Blobs};
use crate::sources::commits::{BroughtRef, CommitsToScan};
use crate::sources::history::scope::short;
use crate::sources::{refs, tips};

/// Refs whose commits are told apart; what more than so many bring is said of all of them.
const MOST_REFS: usize = 50;

/// Scans what `brought` bring besides the commits `inside`.
pub(super) fn scan(
    context: &Context<'_>,
    repository: &Repository,
    store: &ObjectStore,
    brought: &[BroughtRef],
    inside: &HashSet<ObjectId>,
) -> Part {
    if brought.is_empty() {
        return Part::default();
    }
    let tip = |brought: &BroughtRef| Tip {
        name: brought.name.clone(),
        target: brought.target,
        peeled: None,
        symbolic: None,
        class: RefClass::of(brought.name.as_ref()),
    };
    let tips: Vec<Tip> = brought.iter().map(tip).collect();
    let names: HashSet<BString> = tips.iter().map(|tip| tip.name.clone()).collect();
    let mut part = tips::scan_named(context, store, &tips, inside, &names);
    let blobs = Blobs::new(context, repository);
    let (mut reader, mut bench) = (blobs.reader(), Bench::default());
    for tip in &tips {
        let name = refs::mask(context)(&tip.name);
        let peeled = match repository.peel(&tip.target) {
            Ok(peeled) => peeled,
            Err(error) => {
                note(&blobs, &error, format!("ref {name}"), &mut part);
                continue;
            }
        };
        let files = match peeled.kind {
            Kind::Blob => Ok(vec![(name.clone(), peeled.id)]),
            Kind::Tree => repository.files_of_tree(peeled.id, BStr::new("")).map(|files| {
                let files = files.into_iter().filter(|(_, _, mode)| mode.is_blob());
                files.map(|(path, id, _)| (path, id)).collect()
            }),
            Kind::Commit | Kind::Tag => Ok(Vec::new()),
        };
        match files {
            Ok(files) => {
                for (path, id) in files {
                    file(context, &blobs, &mut reader, (tip, &path, id), &mut bench, &mut part);
                }
            }
            Err(error) => note(&blobs, &error, format!("the tree of ref {name}"), &mut part),
        }
    }
    part.benches([bench]);
    part
}

/// Scans a file that a ref names without a commit.
fn file(
    context: &Context<'_>,
    blobs: &Blobs<'_>,
    reader: &mut BlobReader,
    (tip, path, id): (&Tip, &BString, ObjectId),
    bench: &mut Bench,
    part: &mut Part,
) {
    if context.progress.stopped() {
        return;
    }
    let looked = match blobs.scan(reader, &id, path, bench) {
        Ok(looked) => looked,
        Err(unread) => return part.coverage.skip(unread.reason, path.to_string(), unread.why),
    };
    part.objects += 1;
    part.bytes += looked.bytes;
    let lfs = looked.lfs.then(|| (SkipReason::LfsPointer, "its content is kept by Git LFS".to_owned()));
    for (reason, why) in lfs.into_iter().chain(looked.left_out) {
        part.coverage.skip(reason, path.to_string(), why);
    }
    context.looked_at(looked.bytes, &looked.sightings);
    for sighting in &looked.sightings {
        let spot = Spot {
            medium: Medium::File,
            path: path.clone(),
            exposure: Exposure::Committed,
            blob: Some(id),
            recency: Recency::Commit(0, tip.target),
        };
        let mut draft = Draft::new(context.rules(), sighting, spot);
        name_in(&mut draft, tip.class, &refs::mask(context)(&tip.name));
        part.drafts.push(draft);
    }
}

fn note(blobs: &Blobs<'_>, error: &ObjectError, what: String, part: &mut Part) {
    let unread = blobs.unread(error);
    part.coverage.skip(unread.reason, what, unread.why);
}

fn name_in(draft: &mut Draft, class: RefClass, name: &BString) {
    let reach = &mut draft.finding.reach;
    let names = match class {
        RefClass::Branch => &mut reach.branches,
        RefClass::Tag => &mut reach.tags,
        RefClass::RemoteTracking => &mut reach.remotes,
        _ => &mut reach.others,
    };
    names.push(short(class, name));
}

/// Fills in which of the refs that are about to be written bring what was found in a commit. No other ref is asked: the
/// range is where they lead and nothing else does yet.
pub(super) fn reach(
    context: &Context<'_>,
    repository: &Repository,
    range: &CommitsToScan,
    drafts: &mut [Draft],
) {
    if drafts.is_empty() {
        return;
    }
    let head = repository.head_tree().ok().flatten();
    for draft in drafts.iter_mut() {
        let finding = &mut draft.finding;
        let now = head.and_then(|tree| repository.file_in_tree(&tree, &finding.path).ok().flatten());
        finding.reach.in_head = finding.medium == Medium::File && now.is_some() && now == finding.blob;
    }
    let all = range.brought.len() > MOST_REFS;
    for brought in range.brought.iter().take(MOST_REFS) {
        let Ok(peeled) = repository.peel(&brought.target) else { continue };
        let commits: HashSet<ObjectId> = match peeled.kind {
            Kind::Commit if !all => match repository.commits_in_range(&[peeled.id], &range.exclude) {
                Ok(range) => range.commits.into_iter().collect(),
                Err(_) => continue,
            },
            _ => HashSet::new(),
        };
        let class = RefClass::of(brought.name.as_ref());
        let name = refs::mask(context)(&brought.name);
        for draft in drafts.iter_mut() {
            let of = draft.finding.appearances.iter().filter_map(|appearance| appearance.commit.as_ref());
            if all || of.into_iter().any(|commit| commits.contains(&commit.id)) {
                name_in(draft, class, &name);
            }
        }
    }
}
