//! An object as a visitor gets it that is stored as a delta: the pieces it is made of, and its bytes on demand.

use std::ops::Range;

use crate::pack::delta::{Delta, Instruction};
use crate::trouble::Fault;

/// A part of an object that is made from another one, its base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'d> {
    /// These bytes of the base. Two that follow each other in the base never follow each other in the object.
    Copied(Range<usize>),
    /// New bytes.
    New(&'d [u8]),
}

/// An object that is stored as a delta.
pub struct Derived<'d> {
    base: &'d [u8],
    delta: &'d [u8],
    script: &'d Script,
    target: &'d mut Target,
}

impl Derived<'_> {
    /// The object that the pieces are copied from.
    pub fn base(&self) -> &[u8] {
        self.base
    }

    /// What the object is made of, in order; no piece is empty.
    pub fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        self.script.steps.iter().map(|step| step.piece(self.delta))
    }

    /// The object's size in bytes.
    pub fn size(&self) -> usize {
        self.script.size
    }

    /// The object's bytes, put together at the first call.
    pub fn bytes(&mut self) -> &[u8] {
        self.target.build(self.base, self.delta, self.script)
    }
}

impl Derived<'_> {
    /// The pieces and the bytes at once.
    pub fn whole(&mut self) -> (impl Iterator<Item = Piece<'_>>, &[u8]) {
        let delta = self.delta;
        let pieces = self.script.steps.iter().map(move |step| step.piece(delta));
        (pieces, self.target.build(self.base, self.delta, self.script))
    }
}

impl std::fmt::Debug for Derived<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Derived").field("size", &self.size()).finish_non_exhaustive()
    }
}

/// A delta, read and verified against the length of its base. One per thread, used again and again.
#[derive(Default)]
pub(super) struct Script {
    steps: Vec<Step>,
    size: usize,
}

/// A piece; new bytes by their place in the delta.
#[derive(Clone, Copy)]
struct Step {
    start: usize,
    length: usize,
    copied: bool,
}

impl Step {
    fn piece<'d>(&self, delta: &'d [u8]) -> Piece<'d> {
        let range = self.start..self.start + self.length;
        if self.copied { Piece::Copied(range) } else { Piece::New(&delta[range]) }
    }
}

impl Script {
    /// Reads `delta`.
    pub(super) fn read(&mut self, delta: &Delta<'_>, base_length: usize) -> Result<(), Fault> {
        self.steps.clear();
        self.size = 0;
        delta.each(base_length, |end, instruction| {
            let step = match instruction {
                Instruction::Copy { offset, length } => Step { start: offset, length, copied: true },
                Instruction::Insert(new) => Step { start: end - new.len(), length: new.len(), copied: false },
            };
            self.size += step.length;
            match self.steps.last_mut() {
                Some(last) if last.copied && step.copied && last.start + last.length == step.start => {
                    last.length += step.length;
                }
                _ => self.steps.push(step),
            }
        })
    }

    pub(super) fn derived<'d>(
        &'d self,
        base: &'d [u8],
        delta: &'d [u8],
        target: &'d mut Target,
    ) -> Derived<'d> {
        Derived { base, delta, script: self, target }
    }
}

/// Room for an object, built when somebody asks for it.
#[derive(Default)]
pub(super) struct Target {
    bytes: Vec<u8>,
    built: bool,
}

impl Target {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, built: false }
    }

    /// The object. `script` was read from `delta`, and fits `base`.
    pub(super) fn build(&mut self, base: &[u8], delta: &[u8], script: &Script) -> &[u8] {
        if !self.built {
            self.built = true;
            self.bytes.clear();
            self.bytes.reserve(script.size);
            for step in &script.steps {
                match step.piece(delta) {
                    Piece::Copied(range) => self.bytes.extend_from_slice(&base[range]),
                    Piece::New(new) => self.bytes.extend_from_slice(new),
                }
            }
        }
        &self.bytes
    }

    /// The object, if it was built.
    pub(super) fn built(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
