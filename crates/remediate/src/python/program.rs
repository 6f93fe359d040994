//! An expression as instructions for the machine that tries one way after the other, as Python's `re` does.

use super::syntax::{ByteSet, Edge, Greed, Node, PatternError, Syntax};

/// Where an instruction leads.
pub(super) type Place = usize;
/// A number the machine remembers and takes back.
pub(super) type Slot = usize;

/// One instruction; without a word on it, the next one follows.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// The expression matches.
    Done,
    Set(ByteSet),
    /// Bytes of one set.
    Run {
        set: ByteSet,
        min: u32,
        max: u32,
        greed: Greed,
    },
    Edge(Edge),
    Jump(Place),
    /// The next one, and if that leads nowhere, this one.
    OrElse(Place),
    /// Remembers the place in the text.
    Mark(Slot),
    /// A loop begins: its count and where its last round began.
    Enter {
        count: Slot,
        last: Slot,
    },
    /// Another round at `body`, or what follows.
    Round {
        count: Slot,
        last: Slot,
        min: u32,
        max: u32,
        lazy: bool,
        body: Place,
    },
    /// Another round, asked for by a lazy one that stands before it.
    More {
        count: Slot,
        last: Slot,
        body: Place,
    },
    /// Remembers which ways are open, and the place.
    Fence {
        ways: Slot,
        place: Slot,
    },
    /// Forgets the ways opened since the fence.
    Commit(Slot),
    /// Forgets the ways opened since the fence, and goes back to its place.
    Return {
        ways: Slot,
        place: Slot,
    },
    /// As many bytes back.
    Back(usize),
    /// No way from here; with a fence, none of those opened since and including the one right after it either.
    Fail {
        ways: Slot,
    },
    Again {
        group: usize,
        fold: bool,
    },
    /// Leads there unless the group matched.
    UnlessGroup {
        group: usize,
        no: Place,
    },
}

/// An expression, ready to be tried.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub(super) steps: Vec<Step>,
    /// How many slots the machine needs; the first ones are the groups', two each, the whole first.
    pub(super) slots: usize,
    /// How many slots are groups'.
    pub(super) marks: usize,
}

/// The most instructions.
const LONGEST: usize = 1 << 20;

impl Program {
    /// Compiles; the depth of the tree is bounded by the parser.
    pub(super) fn new(syntax: &Syntax) -> Result<Self, PatternError> {
        let marks = 2 * (syntax.groups + 1);
        let mut program = Program { steps: Vec::new(), slots: marks, marks };
        program.add(&syntax.node)?;
        program.steps.push(Step::Done);
        Ok(program)
    }

    fn slot(&mut self) -> Slot {
        self.slots += 1;
        self.slots - 1
    }

    fn here(&self) -> Place {
        self.steps.len()
    }

    /// Adds an instruction whose target is set later.
    fn push(&mut self, step: Step) -> Place {
        self.steps.push(step);
        self.steps.len() - 1
    }

    fn add(&mut self, node: &Node) -> Result<(), PatternError> {
        if self.steps.len() > LONGEST {
            return Err(PatternError::new("an expression that is too large"));
        }
        match node {
            Node::Set(set) => self.steps.push(Step::Set(*set)),
            Node::Concat(nodes) => nodes.iter().try_for_each(|node| self.add(node))?,
            Node::Alternate(nodes) => self.alternate(nodes)?,
            Node::Group(group, node) => {
                self.steps.push(Step::Mark(2 * group));
                self.add(node)?;
                self.steps.push(Step::Mark(2 * group + 1));
            }
            Node::Repeat { node, min, max, greed } => self.repeat(node, *min, *max, *greed)?,
            Node::Atomic(node) => self.atomic(|program| program.add(node))?,
            Node::Ahead { node, negative } => self.look(node, *negative, 0)?,
            Node::Behind { node, negative, width } => self.look(node, *negative, *width)?,
            Node::Again { group, fold } => self.steps.push(Step::Again { group: *group, fold: *fold }),
            Node::IfGroup { group, yes, no } => self.if_group(*group, yes, no)?,
            Node::Edge(edge) => self.steps.push(Step::Edge(*edge)),
        }
        Ok(())
    }

    fn alternate(&mut self, nodes: &[Node]) -> Result<(), PatternError> {
        let mut ends = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            if index + 1 == nodes.len() {
                self.add(node)?;
            } else {
                let split = self.push(Step::OrElse(0));
                self.add(node)?;
                ends.push(self.push(Step::Jump(0)));
                self.steps[split] = Step::OrElse(self.here());
            }
        }
        let end = self.here();
        for jump in ends {
            self.steps[jump] = Step::Jump(end);
        }
        Ok(())
    }

    fn repeat(&mut self, node: &Node, min: u32, max: Option<u32>, greed: Greed) -> Result<(), PatternError> {
        let max = max.unwrap_or(u32::MAX);
        if let Node::Set(set) = node {
            self.steps.push(Step::Run { set: *set, min, max, greed });
            return Ok(());
        }
        if greed == Greed::Possessive {
            return self.atomic(|program| program.rounds(node, min, max, false));
        }
        self.rounds(node, min, max, greed == Greed::Lazy)
    }

    /// `Enter`, a jump to `Round`, the body, `Round`.
    fn rounds(&mut self, node: &Node, min: u32, max: u32, lazy: bool) -> Result<(), PatternError> {
        let (count, last) = (self.slot(), self.slot());
        self.steps.push(Step::Enter { count, last });
        let jump = self.push(Step::Jump(0));
        let body = self.here();
        self.add(node)?;
        self.steps[jump] = Step::Jump(self.here());
        self.steps.push(Step::Round { count, last, min, max, lazy, body });
        if lazy {
            self.steps.push(Step::More { count, last, body });
        }
        Ok(())
    }

    fn atomic(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<(), PatternError>,
    ) -> Result<(), PatternError> {
        let (ways, place) = (self.slot(), self.slot());
        self.steps.push(Step::Fence { ways, place });
        inner(self)?;
        self.steps.push(Step::Commit(ways));
        Ok(())
    }

    fn look(&mut self, node: &Node, negative: bool, back: usize) -> Result<(), PatternError> {
        let (ways, place) = (self.slot(), self.slot());
        self.steps.push(Step::Fence { ways, place });
        let split = negative.then(|| self.push(Step::OrElse(0)));
        if back > 0 {
            self.steps.push(Step::Back(back));
        }
        self.add(node)?;
        match split {
            Some(split) => {
                self.steps.push(Step::Fail { ways });
                self.steps[split] = Step::OrElse(self.here());
            }
            None => self.steps.push(Step::Return { ways, place }),
        }
        Ok(())
    }

    fn if_group(&mut self, group: usize, yes: &Node, no: &Node) -> Result<(), PatternError> {
        let test = self.push(Step::UnlessGroup { group, no: 0 });
        self.add(yes)?;
        let jump = self.push(Step::Jump(0));
        self.steps[test] = Step::UnlessGroup { group, no: self.here() };
        self.add(no)?;
        self.steps[jump] = Step::Jump(self.here());
        Ok(())
    }
}
