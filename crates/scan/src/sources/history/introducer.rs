//! The commit that introduced a finding, as people know it.

use unleak_findings::{Commit, ObjectId};
use unleak_objects::{Buffer, Kind, ObjectStore};

use crate::draft::{Draft, Recency};

/// What people need to recognise a commit.
pub(crate) fn commit(store: &ObjectStore, id: &ObjectId, buffer: &mut Buffer) -> Option<Commit> {
    let Ok(Some((Kind::Commit, bytes))) = store.find(id, buffer) else { return None };
    let parsed = unleak_objects::commit::parse(bytes, store.hash()).ok()?;
    let seconds = |who: Option<unleak_objects::Signature<'_>>| {
        who.and_then(|who| who.time).map_or(0, |time| time.seconds)
    };
    let message = &bytes[parsed.message_offset.min(bytes.len())..];
    let subject = message.split(|&b| b == b'\n').find(|line| !line.is_empty()).unwrap_or_default();
    Some(Commit {
        committed: seconds(parsed.committer),
        id: *id,
        authored: seconds(parsed.author),
        author: parsed.author.map(|who| who.name.to_owned()).unwrap_or_default(),
        email: parsed.author.map(|who| who.email.to_owned()).unwrap_or_default(),
        subject: subject.into(),
    })
}

/// Enters commit `id` as the one that introduced what `drafts` say.
pub(crate) fn describe(store: &ObjectStore, id: &ObjectId, buffer: &mut Buffer, drafts: &mut [Draft]) {
    if drafts.is_empty() {
        return;
    }
    let commit = commit(store, id, buffer);
    for draft in drafts {
        let time = commit.as_ref().map_or(0, |commit| commit.committed);
        draft.recency = Recency::Commit(time, *id);
        for appearance in &mut draft.finding.appearances {
            appearance.commit.clone_from(&commit);
        }
    }
}
