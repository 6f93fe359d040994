//! Looks at every object once: which blobs, commits and tags hold something to forget, and how commits descend.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, Read};
use std::sync::atomic::AtomicBool;

use gix_hash::ObjectId;
use unleak_objects::history::{Ancestry, Graph};
use unleak_objects::{
    Derived, Kind, KindSet, ObjectStore, Piece, Progress, Trouble, TroubleKind, VisitOptions, Visited,
    Visitor, commit, tag,
};

use crate::archive::{self, Inside, Packing};
use crate::forget::Forget;
use crate::replacer::{Literals, Replacer};

/// What was found in a store.
#[derive(Debug)]
pub(crate) struct Survey {
    /// Blobs that hold something, or are to go.
    pub blobs: HashSet<ObjectId>,
    /// Commits whose own text holds something.
    pub commits: HashSet<ObjectId>,
    /// Annotated tags whose own text holds something.
    pub tags: HashSet<ObjectId>,
    /// What each annotated tag names.
    pub tag_targets: HashMap<ObjectId, ObjectId>,
    /// All commits, reachable or not.
    pub graph: Graph,
    /// The tree of each commit.
    pub roots: Vec<ObjectId>,
    /// Archives that hold something, or that nobody could look into; not those that are to go.
    pub archives: BTreeMap<ObjectId, (Packing, Inside)>,
    /// What makes ids.
    pub hash: gix_hash::Kind,
    /// How much was looked at.
    pub visited: Visited,
    /// What could not be read.
    pub troubles: Vec<Trouble>,
    /// Whether it was broken off.
    pub interrupted: bool,
}

impl Survey {
    /// Looks at all of `store`.
    pub(crate) fn read(
        store: &ObjectStore,
        forget: &Forget,
        threads: usize,
        interrupt: &AtomicBool,
        progress: Option<&Progress>,
    ) -> Self {
        let kinds = if forget.asks_for_blobs() {
            KindSet::of(&[Kind::Blob, Kind::Commit, Kind::Tag])
        } else {
            KindSet::of(&[Kind::Commit, Kind::Tag])
        };
        let mut options = VisitOptions::new(kinds, threads, interrupt);
        options.progress = progress;
        let outcome = store.visit(&options, || Surveyor::new(forget, store));
        let mut found = Found { blobs: forget.blobs.clone(), ..Found::default() };
        for surveyor in outcome.visitors {
            found.merge(surveyor.found);
        }
        let tag_targets = found.ancestry.tags().clone();
        let (graph, roots) = Graph::of(found.ancestry);
        Self {
            blobs: found.blobs,
            commits: found.commits,
            tags: found.tags,
            tag_targets,
            graph,
            roots,
            archives: found.archives,
            hash: store.hash(),
            visited: outcome.visited,
            troubles: [outcome.troubles, found.malformed].concat(),
            interrupted: outcome.interrupted,
        }
    }

    /// Whether a blob holds something, also if it is an archive.
    pub(crate) fn holds(&self, id: &ObjectId) -> bool {
        self.blobs.contains(id) || self.archives.get(id).is_some_and(|(_, inside)| *inside == Inside::Holds)
    }

    /// Follows annotated tags from `id` to what they name in the end.
    pub(crate) fn peeled(&self, mut id: ObjectId) -> ObjectId {
        // Tags of tags are finite; the bound is for a circle that only a broken hash function could make.
        for _ in 0..1000 {
            match self.tag_targets.get(&id) {
                Some(target) => id = *target,
                None => break,
            }
        }
        id
    }
}

#[derive(Default)]
struct Found {
    blobs: HashSet<ObjectId>,
    commits: HashSet<ObjectId>,
    tags: HashSet<ObjectId>,
    ancestry: Ancestry,
    archives: BTreeMap<ObjectId, (Packing, Inside)>,
    /// Commits and tags that cannot be parsed: what they lead to is not known.
    malformed: Vec<Trouble>,
}

impl Found {
    fn merge(&mut self, other: Self) {
        self.blobs.extend(other.blobs);
        self.commits.extend(other.commits);
        self.tags.extend(other.tags);
        self.ancestry.merge(other.ancestry);
        self.archives.extend(other.archives);
        self.malformed.extend(other.malformed);
    }
}

/// Looks at objects on one thread.
struct Surveyor<'a> {
    forget: &'a Forget,
    store: &'a ObjectStore,
    found: Found,
    /// New bytes of an object with what surrounds them.
    seam: Vec<u8>,
}

/// An object that is there and says not what it should.
pub(crate) fn malformed(store: &ObjectStore, id: ObjectId, why: &dyn std::error::Error) -> Trouble {
    let path = store.folders().first().cloned().unwrap_or_default();
    Trouble { id: Some(id), path, kind: TroubleKind::Damaged, message: why.to_string() }
}

/// What an object that is made from another begins like.
fn packing_of(derived: &Derived<'_>) -> Option<Packing> {
    let (mut start, mut length) = ([0; archive::START], 0);
    for piece in derived.pieces() {
        let bytes = match &piece {
            Piece::New(new) => new,
            Piece::Copied(range) => &derived.base()[range.clone()],
        };
        let more = bytes.len().min(archive::START - length);
        start[length..length + more].copy_from_slice(&bytes[..more]);
        length += more;
        if length == archive::START {
            break;
        }
    }
    Packing::of(&start[..length])
}

/// Where an object holds something; of most objects nothing.
type Hits = Vec<(usize, usize)>;

impl<'a> Surveyor<'a> {
    fn new(forget: &'a Forget, store: &'a ObjectStore) -> Self {
        Self { forget, store, found: Found::default(), seam: Vec::new() }
    }

    fn blob(&mut self, id: &ObjectId, bytes: &[u8]) -> Hits {
        let mut hits = Vec::new();
        let too_large = self.forget.larger_than.is_some_and(|limit| bytes.len() as u64 > limit);
        let holds = self.forget.text.as_ref().is_some_and(|text| match text.literals() {
            // Where some bytes are spared, as in compatible ways, hits alone do not decide.
            Some(literals) => {
                literals.each(bytes, &mut |hit| hits.push((hit.start, hit.end)));
                !hits.is_empty() && text.finds(bytes)
            }
            None => text.finds(bytes),
        });
        if too_large || holds {
            self.found.blobs.insert(*id);
        }
        if !too_large {
            self.archive(id, bytes);
        }
        hits
    }

    /// Looks into a blob if it is an archive, in which no text is replaced.
    fn archive(&mut self, id: &ObjectId, bytes: &[u8]) {
        let (Some(packing), Some(text)) = (Packing::of(bytes), self.forget.text_elsewhere()) else { return };
        let inside = archive::look(bytes, packing, &|bytes| text.finds(bytes));
        if inside != Inside::Clean && !self.forget.blobs.contains(id) {
            self.found.archives.insert(*id, (packing, inside));
        }
    }

    /// Whether a blob made from one with `hits` may hold something, by what is new in it.
    fn may_hold(&mut self, literals: &Literals, derived: &Derived<'_>, hits: &Hits) -> bool {
        // A hit that lies across the border of a copy may hide another behind it, which ends within twice the length.
        let reach = 2 * literals.longest();
        self.seam.clear();
        for piece in derived.pieces() {
            match piece {
                Piece::New(new) => self.seam.extend_from_slice(new),
                Piece::Copied(range) => {
                    if hits.iter().any(|(start, end)| range.start <= *start && *end <= range.end) {
                        return true;
                    }
                    let copied = &derived.base()[range];
                    if copied.len() <= 2 * reach {
                        self.seam.extend_from_slice(copied);
                        continue;
                    }
                    self.seam.extend_from_slice(&copied[..reach]);
                    if literals.any_in(&self.seam) {
                        return true;
                    }
                    self.seam.clear();
                    self.seam.extend_from_slice(&copied[copied.len() - reach..]);
                }
            }
        }
        literals.any_in(&self.seam)
    }

    fn commit(&mut self, id: &ObjectId, bytes: &[u8]) {
        let commit = match commit::parse(bytes, self.store.hash()) {
            Ok(commit) => commit,
            Err(error) => return self.found.malformed.push(malformed(self.store, *id, &error)),
        };
        let Forget { messages, mailmap, .. } = self.forget;
        let mut people = [commit.author, commit.committer].into_iter().flatten();
        let holds = self.forget.text_elsewhere().is_some_and(|text| text.finds(bytes))
            || messages.as_ref().is_some_and(|messages| messages.finds(&bytes[commit.message_offset..]))
            || mailmap.as_ref().is_some_and(|map| people.any(|who| map.map(who.name, who.email).is_some()));
        if holds {
            self.found.commits.insert(*id);
        }
        self.found.ancestry.commit(id, commit);
    }

    fn tag(&mut self, id: &ObjectId, bytes: &[u8]) {
        let tag = match tag::parse(bytes, self.store.hash()) {
            Ok(tag) => tag,
            Err(error) => return self.found.malformed.push(malformed(self.store, *id, &error)),
        };
        let Forget { messages, mailmap, .. } = self.forget;
        let holds = self.forget.text_elsewhere().is_some_and(|text| text.finds(bytes))
            || messages.as_ref().is_some_and(|messages| messages.finds(&bytes[tag.message_offset..]))
            || mailmap
                .as_ref()
                .is_some_and(|map| tag.tagger.is_some_and(|who| map.map(who.name, who.email).is_some()));
        if holds {
            self.found.tags.insert(*id);
        }
        self.found.ancestry.tag(id, tag.target);
    }
}

impl Visitor for Surveyor<'_> {
    type Memory = Hits;

    fn object(&mut self, id: &ObjectId, kind: Kind, bytes: &[u8]) -> Hits {
        match kind {
            Kind::Blob => return self.blob(id, bytes),
            Kind::Commit => self.commit(id, bytes),
            Kind::Tag => self.tag(id, bytes),
            Kind::Tree => {}
        }
        Hits::new()
    }

    fn derived(&mut self, id: &ObjectId, kind: Kind, derived: &mut Derived<'_>, memory: &Hits) -> Hits {
        let literals = self.forget.text.as_ref().and_then(|text| text.literals());
        if let (Kind::Blob, Some(literals), None) = (kind, literals, self.forget.larger_than)
            && !self.may_hold(literals, derived, memory)
            && packing_of(derived).is_none()
        {
            return Hits::new();
        }
        self.object(id, kind, derived.bytes())
    }

    fn large_blob(&mut self, id: &ObjectId, size: u64, content: &mut dyn Read) {
        if self.forget.larger_than.is_some_and(|limit| size > limit) {
            self.found.blobs.insert(*id);
            return;
        }
        // A text that cannot be decided in parts is held whole; what fails is reported by the visit.
        let mut start = Vec::new();
        drop((&mut *content).take(archive::START as u64).read_to_end(&mut start));
        // To look into one that large would take it whole.
        if let (Some(packing), Some(_)) = (Packing::of(&start), self.forget.text_elsewhere()) {
            self.found.archives.insert(*id, (packing, Inside::Unread));
        }
        let mut content = start.as_slice().chain(content);
        let holds = self.forget.text.as_ref().is_some_and(|text| {
            if let Some(literals) = text.literals() {
                return holds_in_parts(text, literals, &mut content).unwrap_or(false);
            }
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes).is_ok() && text.finds(&bytes)
        });
        if holds {
            self.found.blobs.insert(*id);
        }
    }
}

/// Reads all of `content`, so that it is verified, and says whether it holds what `text`, which has these literals and no
/// expressions, replaces.
pub(crate) fn holds_in_parts(
    text: &Replacer,
    literals: &Literals,
    content: &mut dyn Read,
) -> io::Result<bool> {
    const PART: usize = 1 << 20;
    let reach = literals.extent().saturating_sub(1);
    let (mut held, mut holds) = (Vec::with_capacity(PART + reach), false);
    loop {
        let read = (&mut *content).take(PART as u64).read_to_end(&mut held)?;
        if read == 0 {
            return Ok(holds);
        }
        holds = holds || literals.any_in(&held) && text.holds_part(&held);
        held.drain(..held.len().saturating_sub(reach));
    }
}
