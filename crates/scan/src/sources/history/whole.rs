//! What was found in all of history, written down without the secrets, to be looked up while nothing has changed.
//!
//! The secrets are read again from the objects that hold them, by the same rules; what does not come out as it was makes
//! the whole record void. A record is only kept if reading it back gives exactly what the scan gave.

use std::collections::{BTreeSet, HashMap};
use std::hash::BuildHasher;

use bstr::BString;
use unleak_findings::{Appearance, Commit, Exposure, Medium, ObjectId, Reach, Secret};
use unleak_objects::{Buffer, Content, Kind, ObjectStore, Visited};
use unleak_rules::{Span, file_name};

use super::scope::short;
use super::starts::Starts;
use super::state::Witness;
use super::{introducer, message};
use crate::codec::{In, Out};
use crate::draft::{Draft, Recency, Spot};
use crate::outcome::{SkipReason, Skipped};
use crate::part::{Context, Part};
use crate::scanner::{Bench, Sighting};
use crate::sources::refs;

/// What a record is made of.
pub(super) struct Found<'p> {
    pub(super) part: &'p Part,
    /// How many of its first drafts are about names of refs.
    pub(super) about_refs: usize,
    pub(super) visited: Visited,
    pub(super) witnesses: Vec<Witness>,
}

/// Where records are written and read.
#[derive(Clone, Copy)]
pub(super) struct Desk<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) store: &'a ObjectStore,
    pub(super) starts: &'a Starts,
}

/// What may be missing in a scan that is kept: it is missing as long as no object comes in. All else may pass.
const LASTING: [SkipReason; 4] =
    [SkipReason::Missing, SkipReason::NotFetched, SkipReason::Shallow, SkipReason::LfsPointer];

/// How an object is read.
const AS_TEXT: u8 = 0;
const BY_NAME: u8 = 1;
const BY_PATH: u8 = 2;

const MEDIA: [Medium; 6] =
    [Medium::File, Medium::CommitMessage, Medium::TagMessage, Medium::Note, Medium::RefName, Medium::Stdin];
const EXPOSURES: [Exposure; 4] =
    [Exposure::Worktree, Exposure::Staged, Exposure::Committed, Exposure::Pushed];

/// Shorter secrets are part of names by chance.
const TELLING: usize = 8;

impl Desk<'_> {
    /// The record of `found`; `None` if it cannot be kept.
    pub(super) fn write(self, found: &Found<'_>) -> Option<Vec<u8>> {
        let (part, tips) = (found.part, &self.starts.tips);
        if !part.coverage.skipped.keys().all(|reason| LASTING.contains(reason)) {
            return None;
        }
        let Visited { commits, trees, blobs, tags, bytes } = found.visited;
        let mut out = Out::default();
        for number in [commits, trees, blobs, tags, bytes] {
            out.number(number);
        }
        let mut texts = BTreeSet::new();
        out.count(part.coverage.skipped.len());
        for (reason, skipped) in &part.coverage.skipped {
            out.count(LASTING.iter().position(|lasting| lasting == reason)?);
            out.number(skipped.count);
            out.list(&skipped.examples, |out, (what, why)| {
                for text in [what, why] {
                    out.bytes(text.as_bytes());
                    texts.insert(text.as_bytes());
                }
            });
        }
        out.list(&found.witnesses, |out, (id, name)| {
            out.id(id);
            out.bytes(name);
        });
        texts.extend(found.witnesses.iter().map(|(_, name)| name.as_slice()));
        let drafts = part.drafts.get(found.about_refs..)?;
        texts.extend(drafts.iter().map(|draft| draft.finding.path.as_slice()));
        let names = tips.iter().enumerate().map(|(at, tip)| {
            let name = refs::mask(self.context)(&tip.name);
            (short(tip.class, &name), at)
        });
        let names: HashMap<BString, usize> = names.collect();
        let mut reader = Reader::new(self);
        out.count(drafts.len());
        for draft in drafts {
            reader.write(&mut out, draft, &names)?;
        }
        let again = self.read(&out.0)?;
        (self.are_harmless(&texts, drafts) && is_same(&again, part)).then_some(out.0)
    }

    /// What [`Self::write`] was given; `None` if it cannot be had that way.
    pub(super) fn read(self, record: &[u8]) -> Option<Part> {
        let tips = &self.starts.tips;
        let mut input = In::new(record, self.store.hash());
        let mut part = refs::scan(self.context, tips.iter().map(|tip| (&tip.name, tip.class)));
        let [commits, trees, blobs, tags, bytes] = [(); 5].map(|()| input.number());
        let visited = Visited { commits: commits?, trees: trees?, blobs: blobs?, tags: tags?, bytes: bytes? };
        part.history_read(&visited, tips.len());
        let text = |input: &mut In<'_>| String::from_utf8(input.bytes()?.to_vec()).ok();
        let skipped = input.list(|input| {
            let reason = *LASTING.get(input.count()?)?;
            let count = input.number()?;
            Some((reason, count, input.list(|input| Some((text(input)?, text(input)?)))?))
        })?;
        for (reason, count, examples) in skipped {
            part.coverage.skipped.insert(reason, Skipped { count, examples });
        }
        let mut reader = Reader::new(self);
        for (id, name) in input.list(|input| Some((input.id()?, input.bytes()?)))? {
            let mode = if name.is_empty() { AS_TEXT } else { BY_NAME };
            reader.sightings(&id, mode, name)?;
        }
        part.hidden.extend(std::mem::take(&mut reader.bench.hidden));
        let drafts = input.list(|input| reader.read(input))?;
        part.drafts.extend(drafts);
        input.is_at_end().then_some(part)
    }

    /// Whether no secret is part of the texts of a record, and nothing in them looks like one.
    fn are_harmless(self, texts: &BTreeSet<&[u8]>, drafts: &[Draft]) -> bool {
        let mut bench = Bench::default();
        let is_clean = texts.iter().all(|text| self.context.scanner.text(text, &mut bench).is_empty());
        let texts = Secret::new(texts.iter().copied().collect::<Vec<_>>().join(&b'\n'));
        let secrets: HashMap<_, _> =
            drafts.iter().map(|draft| (&draft.finding.fingerprint, &draft.finding.secret)).collect();
        let spelt = |secret: &Secret| secret.len() >= TELLING && texts.contains(secret);
        is_clean && bench.hidden.is_empty() && !secrets.into_iter().any(|(_, secret)| spelt(secret))
    }
}

fn is_same(a: &Part, b: &Part) -> bool {
    let same = |a: &Draft, b: &Draft| {
        let secrets = |draft: &Draft| (draft.finding.secret.clone(), draft.finding.matched.clone());
        secrets(a) == secrets(b) && format!("{a:?}") == format!("{b:?}")
    };
    a.drafts.len() == b.drafts.len()
        && a.drafts.iter().zip(&b.drafts).all(|(a, b)| same(a, b))
        && (a.objects, a.bytes, a.unchanged) == (b.objects, b.bytes, b.unchanged)
        && a.coverage == b.coverage
        && a.hidden == b.hidden
}

/// What was sighted in an object, for commits and tags with where in it.
type Sightings = Vec<(Option<(Medium, BString)>, Sighting)>;

/// Reads objects again, each once.
struct Reader<'a> {
    desk: Desk<'a>,
    buffer: Buffer,
    bench: Bench,
    seen: HashMap<(ObjectId, u8, BString), Sightings>,
    commits: HashMap<ObjectId, Option<Commit>>,
    names: HashMap<usize, BString>,
}

/// What tells a sighting from the others in an object.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Mark {
    rule: usize,
    span: Span,
    secret: Span,
    ordinal: usize,
}

impl Mark {
    fn of(draft: &Draft) -> Self {
        let (found, ordinal) = (&draft.found, draft.finding.ordinal);
        Self { rule: found.rule, span: found.span, secret: found.secret, ordinal }
    }

    fn fits(self, sighting: &Sighting) -> bool {
        let found = &sighting.found;
        let (rule, span, secret, ordinal) = (found.rule, found.span, found.secret, sighting.ordinal);
        self == Self { rule, span, secret, ordinal }
    }
}

impl<'a> Reader<'a> {
    fn new(desk: Desk<'a>) -> Self {
        Self {
            desk,
            buffer: Buffer::default(),
            bench: Bench::default(),
            seen: HashMap::default(),
            commits: HashMap::default(),
            names: HashMap::default(),
        }
    }

    /// Scans an object, once.
    fn sightings(&mut self, id: &ObjectId, mode: u8, path: &[u8]) -> Option<&Sightings> {
        let name = match mode {
            AS_TEXT => b"",
            BY_NAME => file_name(path),
            _ => path,
        };
        let key = (*id, mode, BString::from(name));
        if !self.seen.contains_key(&key) {
            let Self { desk, buffer, bench, .. } = self;
            let mut sightings = None;
            let mut take =
                |kind, content: Content<'_>| sightings = look(*desk, kind, mode, name, content, bench);
            desk.store.find_with(id, buffer, &mut take).ok()??;
            self.seen.insert(key.clone(), sightings?);
        }
        self.seen.get(&key)
    }

    fn sighting(
        &mut self,
        id: &ObjectId,
        mode: u8,
        what: (Medium, &BString),
        mark: Mark,
    ) -> Option<Sighting> {
        let sightings = self.sightings(id, mode, what.1)?;
        let fits = |said: &Option<(Medium, BString)>, sighting: &Sighting| {
            said.as_ref().is_none_or(|(medium, path)| (*medium, path) == what) && mark.fits(sighting)
        };
        sightings.iter().find(|(said, sighting)| fits(said, sighting)).map(|(_, sighting)| sighting.clone())
    }

    fn write<S: BuildHasher>(
        &mut self,
        out: &mut Out,
        draft: &Draft,
        names: &HashMap<BString, usize, S>,
    ) -> Option<()> {
        let (finding, object, mark) = (&draft.finding, draft.object?, Mark::of(draft));
        let what = (finding.medium, &finding.path);
        let mut modes = [AS_TEXT, BY_NAME, BY_PATH].into_iter();
        let is_it = |seen: &Sighting| seen.found == draft.found && seen.place == finding.place;
        let mode =
            modes.find(|mode| self.sighting(&object, *mode, what, mark).as_ref().is_some_and(is_it))?;
        out.id(&object);
        out.number(u64::from(mode));
        out.count(MEDIA.iter().position(|medium| *medium == finding.medium)?);
        out.bytes(&finding.path);
        let Mark { rule, span, secret, ordinal } = mark;
        for number in [rule, span.start, span.end, secret.start, secret.end, ordinal] {
            out.count(number);
        }
        out.maybe_id(finding.blob.as_ref());
        exposure(out, finding.exposure);
        match &draft.recency {
            Recency::Commit(time, id) => {
                out.count(0);
                out.time(*time);
                // One that stands for no commit has its own length.
                out.maybe_id(Some(id).filter(|id| id.kind() == object.kind() && !id.is_null()));
            }
            Recency::Head => out.count(1),
            Recency::Index => out.count(2),
            Recency::Worktree => return None,
        }
        let reach = &finding.reach;
        out.number(u64::from(reach.in_head) | u64::from(reach.reflog) << 1);
        out.number(reach.unnamed);
        for list in [&reach.branches, &reach.tags, &reach.remotes, &reach.others] {
            let numbers: Option<Vec<usize>> = list.iter().map(|name| names.get(name).copied()).collect();
            out.list(&numbers?, |out, number| out.count(*number));
        }
        out.list(&finding.appearances, |out, appearance| {
            exposure(out, appearance.exposure);
            out.maybe_id(appearance.blob.as_ref());
            out.maybe_id(appearance.commit.as_ref().map(|commit| &commit.id));
            out.number(appearance.line);
        });
        Some(())
    }

    fn read(&mut self, input: &mut In<'_>) -> Option<Draft> {
        let object = input.id()?;
        let mode = u8::try_from(input.number()?).ok()?;
        let medium = *MEDIA.get(input.count()?)?;
        let path = BString::from(input.bytes()?);
        let [rule, start, end, from, to, ordinal] = [(); 6].map(|()| input.count());
        let (start, end, from, to) = (start?, end?, from?, to?);
        if start > end || from > to {
            return None;
        }
        let mark = Mark {
            rule: rule?,
            span: Span { start, end },
            secret: Span { start: from, end: to },
            ordinal: ordinal?,
        };
        let blob = input.maybe_id()?;
        let exposure = *EXPOSURES.get(input.count()?)?;
        let recency = match input.count()? {
            0 => Recency::Commit(
                input.time()?,
                input.maybe_id()?.unwrap_or_else(|| ObjectId::null(gix_hash::Kind::Sha1)),
            ),
            1 => Recency::Head,
            2 => Recency::Index,
            _ => return None,
        };
        let sighting = self.sighting(&object, mode, (medium, &path), mark)?;
        let spot = Spot { medium, path: path.clone(), exposure, blob, recency };
        let mut draft = Draft::new(self.desk.context.rules(), &sighting, spot);
        draft.object = Some(object);
        draft.finding.reach = self.reach(input)?;
        draft.finding.appearances = input.list(|input| self.appearance(input, &path))?;
        Some(draft)
    }

    fn reach(&mut self, input: &mut In<'_>) -> Option<Reach> {
        let flags = input.number()?;
        let unnamed = input.number()?;
        let [branches, tags, remotes, others] =
            [(); 4].map(|()| input.list(|input| input.count().and_then(|number| self.name(number))));
        Some(Reach {
            in_head: flags & 1 != 0,
            branches: branches?,
            tags: tags?,
            remotes: remotes?,
            others: others?,
            unnamed,
            reflog: flags & 2 != 0,
        })
    }

    fn appearance(&mut self, input: &mut In<'_>, path: &BString) -> Option<Appearance> {
        let exposure = *EXPOSURES.get(input.count()?)?;
        let blob = input.maybe_id()?;
        let commit = match input.maybe_id()? {
            Some(id) => Some(self.commit(&id)?),
            None => None,
        };
        Some(Appearance { exposure, path: path.clone(), blob, commit, line: input.number()? })
    }

    fn commit(&mut self, id: &ObjectId) -> Option<Commit> {
        let Self { desk, buffer, commits, .. } = self;
        commits.entry(*id).or_insert_with(|| introducer::commit(desk.store, id, buffer)).clone()
    }

    /// The name of a ref, by its number.
    fn name(&mut self, number: usize) -> Option<BString> {
        let tip = self.desk.starts.tips.get(number)?;
        let context = self.desk.context;
        let name = || short(tip.class, &refs::mask(context)(&tip.name));
        Some(self.names.entry(number).or_insert_with(name).clone())
    }
}

fn exposure(out: &mut Out, exposure: Exposure) {
    out.count(EXPOSURES.iter().position(|known| *known == exposure).unwrap_or_default());
}

fn look(
    desk: Desk<'_>,
    kind: Kind,
    mode: u8,
    name: &[u8],
    content: Content<'_>,
    bench: &mut Bench,
) -> Option<Sightings> {
    let (scanner, hash) = (&desk.context.scanner, desk.store.hash());
    let plain = |found: Vec<Sighting>| Some(found.into_iter().map(|sighting| (None, sighting)).collect());
    match (kind, mode, content) {
        (Kind::Commit | Kind::Tag, AS_TEXT, Content::Whole(bytes)) => {
            let said = if kind == Kind::Commit { message::commit } else { message::tag };
            let said = said(scanner, bytes, hash, bench).into_iter();
            Some(said.map(|(medium, path, sighting)| (Some((medium, path)), sighting)).collect())
        }
        (Kind::Blob, AS_TEXT, Content::Whole(bytes)) => plain(scanner.text(bytes, bench)),
        (Kind::Blob, AS_TEXT, Content::Parts { reader, .. }) => plain(scanner.stream(b"", reader, bench).0),
        (Kind::Blob, BY_NAME, content) => plain(desk.context.named_blob(name, content, bench).sightings),
        (Kind::Blob, BY_PATH, Content::Whole(bytes)) => plain(scanner.path(name, bytes, bench)),
        _ => None,
    }
}
