//! One thread of a visit: takes families and loose objects, decodes them, calls its visitor.
//!
//! A family is walked depth first with an explicit stack. The bytes of a base are dropped before its last child is
//! entered. A member that cannot be decoded is looked for in other packs and folders; its children go on from there.

use std::sync::atomic::Ordering::Relaxed;

use gix_hash::ObjectId;

use crate::buffer::Buffer;
use crate::hashing::object_id;
use crate::kind::{Kind, KindSet};
use crate::large::Content;
use crate::pack::delta::Delta;
use crate::pack::entry::Body;
use crate::spot::{Bad, Spot};
use crate::store::ObjectStore;
use crate::trouble::{Fault, Trouble};

use super::derived::{Script, Target};
use super::families::{Families, NONE};
use super::frames::{Base, Decoded, Frame, Frames};
use super::request::{VisitOptions, Visited, Visitor};

/// The state of one thread.
pub(super) struct Walker<'a, V: Visitor> {
    store: &'a ObjectStore,
    options: &'a VisitOptions<'a>,
    pub(super) visitor: V,
    pub(super) troubles: Vec<Trouble>,
    pub(super) healed: Vec<Trouble>,
    pub(super) visited: Visited,
    /// What of `visited` the progress has been told.
    told: (u64, u64),
    buffer: Buffer,
    bad: Bad,
    script: Script,
    frames: Frames<V::Memory>,
}

/// A decoded object, and what the visitor remembers of it.
type Taken<M> = (Decoded, Option<M>);

/// How many objects are visited between two reports of progress.
const REPORT_EVERY: u64 = 256;

impl<'a, V: Visitor> Walker<'a, V> {
    pub(super) fn new(store: &'a ObjectStore, options: &'a VisitOptions<'a>, visitor: V) -> Self {
        Self {
            store,
            options,
            visitor,
            troubles: Vec::new(),
            healed: Vec::new(),
            visited: Visited::default(),
            told: (0, 0),
            buffer: Buffer::default(),
            bad: Bad::new(),
            script: Script::default(),
            frames: Frames::new(store.limits.live_bytes),
        }
    }

    pub(super) fn is_interrupted(&self) -> bool {
        self.options.interrupt.load(Relaxed)
    }

    /// Decodes what is reached from `root`. With `verify`, hashes it as well.
    pub(super) fn family(&mut self, families: &Families<'_>, root: u32, verify: bool) {
        let Some(decoded) = self.decode_root(families, root, verify).transpose() else { return };
        self.enter(families, root, decoded, verify);
        while let Some(frame) = self.frames.pop() {
            if self.is_interrupted() {
                self.frames.clear();
                return;
            }
            let Frame { member, next_child: child, base, memory } = frame;
            let base = self.revive(families, member, base);
            let entered = match &base {
                Base::Live(base) => self.derive(families, child, base, memory.as_ref(), verify),
                Base::Dropped | Base::Broken => Err(Fault::BrokenBase),
            };
            let next_child = families.next_sibling(child);
            if next_child == NONE {
                if let Base::Live(base) = base {
                    self.frames.recycle(base.bytes);
                }
            } else {
                self.frames.push(Frame { member, next_child, base, memory });
            }
            match entered {
                Ok(Some((decoded, memory))) => self.keep(families, child, Some(decoded), memory),
                Ok(None) => {}
                Err(fault) => self.enter(families, child, Err(fault), verify),
            }
        }
    }

    /// Decodes a member that rests on a circle, if another pack or folder holds it or one of its bases.
    pub(super) fn stranded(&mut self, families: &Families<'_>, member: u32) {
        self.single(&families.id(member), families.spot(member), |_| Fault::Cycle);
    }

    /// Visits another copy of an object whose offset in the index of its pack is nonsense, if there is one.
    pub(super) fn stray(&mut self, pack: u32, position: u32) {
        let index = self.store.packs[pack as usize].index();
        let (id, offset) = (index.object_id(position), index.offset(position).unwrap_or(u64::MAX));
        self.replace(&id, Spot::Packed { pack, offset }, &Fault::Offset(offset));
    }

    /// Decodes one loose object.
    pub(super) fn loose(&mut self, spot: Spot) {
        let Spot::Loose { id, .. } = spot else { return };
        // Headers are cheap; a fault in one shows again below.
        let VisitOptions { kinds, select, among, .. } = self.options;
        let all = *kinds == KindSet::ALL && select.is_none() && among.is_none();
        if !all && self.store.kind_at(spot).is_ok_and(|kind| !self.is_selected(&id, kind)) {
            return;
        }
        self.single(&id, spot, |fault| fault);
    }

    /// Decodes one object on its own. `explain` turns a fault into the one to report.
    fn single(&mut self, id: &ObjectId, spot: Spot, explain: impl Fn(Fault) -> Fault) {
        match self.stream(id, spot, None) {
            Some(Ok(())) => return,
            Some(Err(fault)) => return self.replace(id, spot, &fault),
            None => {}
        }
        match self.store.resolve_at(spot, &mut self.bad, &mut self.buffer) {
            Ok(kind) => self.emit_buffer(id, kind),
            Err(fault) => self.replace(id, spot, &explain(fault)),
        }
    }

    /// Gives a large blob to the visitor in parts; `None` if this copy is none or is not stored whole.
    fn stream(&mut self, id: &ObjectId, spot: Spot, verify: Option<ObjectId>) -> Option<Result<(), Fault>> {
        if !self.is_selected(id, Kind::Blob) {
            return None;
        }
        let Self { store, visitor, buffer, .. } = self;
        let mut take = |kind, content: Content<'_>| give(visitor, id, kind, content);
        let streamed = store.stream_at(spot, verify, &mut buffer.inflater, &mut take)?;
        Some(streamed.map(|size| self.count(Kind::Blob, size)))
    }

    /// Visits another copy than `spot`, which failed, of an object on which nothing rests. Keeps the books.
    fn replace(&mut self, id: &ObjectId, spot: Spot, fault: &Fault) {
        self.bad.insert(spot);
        let Self { store, options, visitor, buffer, bad, .. } = self;
        let mut visited = None;
        let mut take = |kind, content: Content<'_>| {
            if is_selected(options, id, kind) {
                visited = Some((kind, content.size()));
                give(visitor, id, kind, content);
            }
        };
        let found = store.resolve_with(id, bad, buffer, &mut take).ok().flatten();
        if let (Some(_), Some((kind, size))) = (found, visited) {
            self.count(kind, size);
        }
        self.book(id, spot, fault, found.is_some());
    }

    /// Tells the progress what it does not know yet.
    pub(super) fn report(&mut self) {
        let now = (self.visited.objects(), self.visited.bytes);
        if let Some(progress) = self.options.progress {
            progress.objects.fetch_add(now.0 - self.told.0, Relaxed);
            progress.bytes.fetch_add(now.1 - self.told.1, Relaxed);
        }
        self.told = now;
    }

    /// The object decoding starts with: whole, or a delta where a family was divided or the base is in another pack.
    /// `None` for a large blob on which nothing rests: the visitor has it already.
    fn decode_root(
        &mut self,
        families: &Families<'_>,
        root: u32,
        verify: bool,
    ) -> Result<Option<Decoded>, Fault> {
        let spot = families.spot(root);
        let Spot::Packed { offset, .. } = spot else { return Err(Fault::Header) };
        let header = families.pack.header(offset)?;
        let Body::Whole(kind) = header.body else {
            let kind = self.store.resolve_at(spot, &mut self.bad, &mut self.buffer)?;
            return Ok(Some(self.take(kind)));
        };
        if header.size > self.store.limits.stream_above && families.first_child(root) == NONE {
            let id = families.id(root);
            if let Some(streamed) = self.stream(&id, spot, verify.then_some(id)) {
                return streamed.map(|()| None);
            }
        }
        self.store.check_size(header.size)?;
        let mut bytes = self.frames.buffer();
        let end = families.pack.inflate(&header, &mut self.buffer.inflater, &mut bytes)?;
        families.pack.check(families.position(root), offset, end)?;
        Ok(Some(Decoded { kind, bytes }))
    }

    /// Decodes a delta against `base` and gives it to the visitor. Comes back with the object if others rest on it.
    fn derive(
        &mut self,
        families: &Families<'_>,
        member: u32,
        base: &Decoded,
        memory: Option<&V::Memory>,
        verify: bool,
    ) -> Result<Option<Taken<V::Memory>>, Fault> {
        self.read_delta(families, member, base)?;
        let id = families.id(member);
        let is_base = families.first_child(member) != NONE;
        let is_chosen = families.is_chosen(member)
            && (families.kind(member) == Some(base.kind) || self.is_selected(&id, base.kind));
        let mut target = Target::new(self.frames.buffer());
        if is_base || verify || memory.is_none() {
            target.build(&base.bytes, &self.buffer.delta, &self.script);
        }
        let mut remembered = None;
        if is_chosen {
            if verify && object_id(self.store.hash, base.kind, target.built()) != Some(id) {
                self.replace(&id, families.spot(member), &Fault::WrongId);
            } else {
                let mut derived = self.script.derived(&base.bytes, &self.buffer.delta, &mut target);
                let size = derived.size() as u64;
                remembered = Some(match memory {
                    Some(memory) => self.visitor.derived(&id, base.kind, &mut derived, memory),
                    None => self.visitor.object(&id, base.kind, derived.bytes()),
                });
                self.count(base.kind, size);
            }
        }
        let bytes = target.into_bytes();
        if is_base {
            return Ok(Some((Decoded { kind: base.kind, bytes }, remembered)));
        }
        self.frames.recycle(bytes);
        Ok(None)
    }

    /// Reads a delta against `base` into the buffer and the script.
    fn read_delta(&mut self, families: &Families<'_>, member: u32, base: &Decoded) -> Result<(), Fault> {
        let offset = families.order.offset(member as usize);
        let header = families.pack.header(offset)?;
        self.store.check_size(header.size)?;
        let bytes = &mut self.buffer.delta;
        let end = families.pack.inflate(&header, &mut self.buffer.inflater, bytes)?;
        families.pack.check(families.position(member), offset, end)?;
        let delta = Delta::parse(bytes)?;
        self.store.check_size(delta.target_size)?;
        self.script.read(&delta, base.bytes.len())
    }

    /// The base in a usable state, if there is any.
    fn revive(&mut self, families: &Families<'_>, member: u32, base: Base) -> Base {
        let Base::Dropped = base else { return base };
        let decoded = self.store.resolve_at(families.spot(member), &mut self.bad, &mut self.buffer);
        let kind = decoded
            .ok()
            .or_else(|| self.store.resolve(&families.id(member), &mut self.bad, &mut self.buffer).ok()?);
        kind.map_or(Base::Broken, |kind| Base::Live(self.take(kind)))
    }

    /// Gives a member to the visitor, and keeps it while it has children.
    fn enter(&mut self, families: &Families<'_>, member: u32, decoded: Result<Decoded, Fault>, verify: bool) {
        let next_child = families.first_child(member);
        let decoded = match decoded {
            Ok(decoded) => Some(decoded),
            Err(fault) if next_child == NONE && families.is_chosen(member) => {
                return self.replace(&families.id(member), families.spot(member), &fault);
            }
            Err(fault) => {
                let report = families.is_chosen(member);
                self.rescue(&families.id(member), families.spot(member), &fault, report)
                    .map(|kind| self.take(kind))
            }
        };
        let memory = match &decoded {
            Some(decoded) if families.is_chosen(member) => {
                self.emit_member(families, member, decoded, verify)
            }
            _ => None,
        };
        self.keep(families, member, decoded, memory);
    }

    /// Keeps a member while it has children.
    fn keep(
        &mut self,
        families: &Families<'_>,
        member: u32,
        decoded: Option<Decoded>,
        memory: Option<V::Memory>,
    ) {
        let next_child = families.first_child(member);
        if next_child != NONE {
            self.frames.push(Frame {
                member,
                next_child,
                base: decoded.map_or(Base::Broken, Base::Live),
                memory,
            });
        } else if let Some(decoded) = decoded {
            self.frames.recycle(decoded.bytes);
        }
    }

    fn emit_member(
        &mut self,
        families: &Families<'_>,
        member: u32,
        decoded: &Decoded,
        verify: bool,
    ) -> Option<V::Memory> {
        let id = families.id(member);
        if families.kind(member) != Some(decoded.kind) && !self.is_selected(&id, decoded.kind) {
            return None;
        }
        if verify && object_id(self.store.hash, decoded.kind, &decoded.bytes) != Some(id) {
            self.replace(&id, families.spot(member), &Fault::WrongId);
            return None;
        }
        Some(self.emit(&id, decoded.kind, &decoded.bytes))
    }

    /// Gives what is in the buffer to the visitor.
    fn emit_buffer(&mut self, id: &ObjectId, kind: Kind) {
        if self.is_selected(id, kind) {
            let bytes = std::mem::take(&mut self.buffer.bytes);
            self.emit(id, kind, &bytes);
            self.buffer.bytes = bytes;
        }
    }

    fn emit(&mut self, id: &ObjectId, kind: Kind, bytes: &[u8]) -> V::Memory {
        let memory = self.visitor.object(id, kind, bytes);
        self.count(kind, bytes.len() as u64);
        memory
    }

    fn count(&mut self, kind: Kind, size: u64) {
        self.visited.count(kind, size);
        if self.visited.objects() - self.told.0 >= REPORT_EVERY {
            self.report();
        }
    }

    fn is_selected(&self, id: &ObjectId, kind: Kind) -> bool {
        is_selected(self.options, id, kind)
    }

    /// Decodes another copy than `spot`, which failed, into the buffer. Keeps the books, if the object is to be visited.
    fn rescue(&mut self, id: &ObjectId, spot: Spot, fault: &Fault, report: bool) -> Option<Kind> {
        self.bad.insert(spot);
        let kind = self.store.resolve(id, &mut self.bad, &mut self.buffer).ok().flatten();
        if report {
            self.book(id, spot, fault, kind.is_some());
        }
        kind
    }

    fn book(&mut self, id: &ObjectId, spot: Spot, fault: &Fault, healed: bool) {
        let books = if healed { &mut self.healed } else { &mut self.troubles };
        books.push(Trouble::with_object(*id, &self.store.path_of(&spot), fault));
    }

    /// Moves the object out of the buffer.
    fn take(&mut self, kind: Kind) -> Decoded {
        Decoded { kind, bytes: std::mem::replace(&mut self.buffer.bytes, self.frames.buffer()) }
    }
}

fn is_selected(options: &VisitOptions<'_>, id: &ObjectId, kind: Kind) -> bool {
    options.kinds.contains(kind)
        && options.among.is_none_or(|ids| ids.binary_search(id).is_ok())
        && options.select.is_none_or(|select| select(id, kind))
}

fn give(visitor: &mut impl Visitor, id: &ObjectId, kind: Kind, content: Content<'_>) {
    match content {
        Content::Whole(bytes) => drop(visitor.object(id, kind, bytes)),
        Content::Parts { size, reader } => visitor.large_blob(id, size, reader),
    }
}
