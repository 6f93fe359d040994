//! The bases that a walk keeps while what rests on them is decoded, within a budget of bytes.

use crate::kind::Kind;

/// A decoded object.
pub(super) struct Decoded {
    pub(super) kind: Kind,
    pub(super) bytes: Vec<u8>,
}

/// A member with children that are not decoded yet.
pub(super) struct Frame<M> {
    pub(super) member: u32,
    pub(super) next_child: u32,
    pub(super) base: Base,
    /// What the visitor remembers of it, if it took it.
    pub(super) memory: Option<M>,
}

/// The bytes of a member.
pub(super) enum Base {
    Live(Decoded),
    /// Dropped to save memory; decoded again when needed.
    Dropped,
    Broken,
}

impl Base {
    fn size(&self) -> u64 {
        match self {
            Self::Live(decoded) => decoded.bytes.len() as u64,
            Self::Dropped | Self::Broken => 0,
        }
    }
}

/// The path from the root of a family to where the walk is.
pub(super) struct Frames<M> {
    stack: Vec<Frame<M>>,
    /// The bytes held by `stack`.
    live: u64,
    budget: u64,
    /// Buffers to use again.
    spare: Vec<Vec<u8>>,
}

/// How many buffers are kept, and how large they may be.
const SPARE_COUNT: usize = 16;
const SPARE_SIZE: usize = 4 << 20;

impl<M> Frames<M> {
    /// Holds at most `budget` bytes, the topmost base excepted.
    pub(super) fn new(budget: u64) -> Self {
        Self { stack: Vec::new(), live: 0, budget, spare: Vec::new() }
    }

    pub(super) fn clear(&mut self) {
        self.stack.clear();
        self.live = 0;
    }

    pub(super) fn pop(&mut self) -> Option<Frame<M>> {
        let frame = self.stack.pop()?;
        self.live -= frame.base.size();
        Some(frame)
    }

    pub(super) fn push(&mut self, frame: Frame<M>) {
        self.live += frame.base.size();
        self.stack.push(frame);
        let (_, below) = self.stack.split_last_mut().expect("a frame was pushed just now");
        for frame in below {
            if self.live <= self.budget {
                break;
            }
            self.live -= frame.base.size();
            if let Base::Live(_) = frame.base {
                frame.base = Base::Dropped;
            }
        }
    }

    /// An empty or used buffer.
    pub(super) fn buffer(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_default()
    }

    pub(super) fn recycle(&mut self, bytes: Vec<u8>) {
        if self.spare.len() < SPARE_COUNT && bytes.capacity() <= SPARE_SIZE {
            self.spare.push(bytes);
        }
    }
}
