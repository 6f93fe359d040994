//! Tries an expression at a place of a text: one way after the other, in the order of Python's `re`.
//!
//! Ways that are still open lie on a stack of its own, not on the thread's, and are bounded, as is the number of
//! steps: a text for which that is too little is an error, never a wrong answer.

use std::cmp::Ordering;

use super::program::{Program, Slot, Step};
use super::syntax::{Edge, Greed};

/// The most ways that may be open.
const MOST_WAYS: usize = 1 << 22;
/// Steps for any text, and further ones for each of its bytes.
const STEPS: u64 = 20_000_000;
const STEPS_A_BYTE: u64 = 200;
/// A slot that holds nothing.
const NONE: usize = usize::MAX;

/// The text asks for more ways or steps than there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooHard;

/// A way that is still open.
#[derive(Debug, Clone, Copy)]
struct Way {
    step: usize,
    at: usize,
    /// Up to here (or down to here), one byte at a time; the same as `at` for one way.
    until: usize,
    /// How many changes of slots to keep.
    changes: usize,
}

/// What is remembered while a text is searched.
pub(super) struct Machine<'p> {
    program: &'p Program,
    slots: Vec<usize>,
    changes: Vec<(Slot, usize)>,
    ways: Vec<Way>,
    /// How many ways may be open, and how many steps are left.
    most_ways: usize,
    left: u64,
}

impl<'p> Machine<'p> {
    pub(super) fn new(program: &'p Program, text: &[u8]) -> Self {
        let left = STEPS + STEPS_A_BYTE.saturating_mul(text.len() as u64);
        Self { left, most_ways: MOST_WAYS, ..Self::unbounded(program) }
    }

    /// Without bounds, for short texts.
    pub(super) fn unbounded(program: &'p Program) -> Self {
        Self {
            program,
            slots: vec![NONE; program.slots],
            changes: Vec::new(),
            ways: Vec::new(),
            most_ways: usize::MAX / 4,
            left: u64::MAX,
        }
    }

    /// Tries the expression at `start`. With `advance`, a match must not be empty. The marks of the groups, two each.
    pub(super) fn run(
        &mut self,
        text: &[u8],
        start: usize,
        advance: bool,
    ) -> Result<Option<&[usize]>, TooHard> {
        self.slots.fill(NONE);
        self.changes.clear();
        self.ways.clear();
        let (mut step, mut at) = (0, start);
        loop {
            self.left = self.left.checked_sub(1).ok_or(TooHard)?;
            if matches!(self.program.steps[step], Step::Done) && !(advance && at == start) {
                self.slots[0] = start;
                self.slots[1] = at;
                return Ok(Some(&self.slots[..self.program.marks]));
            }
            let next = self.step(text, step, at)?.or_else(|| self.reopen());
            let Some(next) = next else { return Ok(None) };
            (step, at) = next;
        }
    }

    /// The newest way that is still open, slots as they were.
    fn reopen(&mut self) -> Option<(usize, usize)> {
        let way = self.ways.last_mut()?;
        let (step, at, changes) = (way.step, way.at, way.changes);
        match way.at.cmp(&way.until) {
            Ordering::Equal => drop(self.ways.pop()),
            Ordering::Less => way.at += 1,
            Ordering::Greater => way.at -= 1,
        }
        while self.changes.len() > changes
            && let Some((slot, old)) = self.changes.pop()
        {
            self.slots[slot] = old;
        }
        Some((step, at))
    }

    fn open(&mut self, step: usize, at: usize, until: usize) -> Result<(), TooHard> {
        if self.ways.len() >= self.most_ways {
            return Err(TooHard);
        }
        self.ways.push(Way { step, at, until, changes: self.changes.len() });
        Ok(())
    }

    fn remember(&mut self, slot: Slot, value: usize) -> Result<(), TooHard> {
        if self.changes.len() >= 4 * self.most_ways {
            return Err(TooHard);
        }
        // Without an open way nobody takes it back.
        if !self.ways.is_empty() {
            self.changes.push((slot, self.slots[slot]));
        }
        self.slots[slot] = value;
        Ok(())
    }

    /// What follows a step, `None` if nothing.
    fn step(&mut self, text: &[u8], step: usize, at: usize) -> Result<Option<(usize, usize)>, TooHard> {
        let program = self.program;
        let next = Some((step + 1, at));
        Ok(match &program.steps[step] {
            Step::Done => None,
            Step::Set(set) => text.get(at).filter(|byte| set.contains(**byte)).map(|_| (step + 1, at + 1)),
            Step::Run { set, min, max, greed } => {
                let most = text.len() - at;
                let (min, max) = (*min as usize, (*max as usize).min(most));
                let run = text[at..at + max].iter().take_while(|byte| set.contains(**byte)).count();
                self.left = self.left.saturating_sub(run as u64 / 8);
                if run < min { None } else { Some((step + 1, self.run_of(step, at, (min, run), *greed)?)) }
            }
            Step::Edge(edge) => next.filter(|_| holds(*edge, text, at)),
            Step::Jump(place) => Some((*place, at)),
            Step::OrElse(place) => {
                self.open(*place, at, at)?;
                next
            }
            Step::Mark(slot) => {
                self.remember(*slot, at)?;
                next
            }
            Step::Enter { count, last } => {
                self.remember(*count, 0)?;
                self.remember(*last, NONE)?;
                next
            }
            Step::Round { .. } => self.round(step, at)?,
            Step::More { count, last, body } => {
                self.remember(*count, self.slots[*count] + 1)?;
                self.remember(*last, at)?;
                Some((*body, at))
            }
            Step::Fence { ways, place } => {
                self.remember(*ways, self.ways.len())?;
                self.remember(*place, at)?;
                next
            }
            Step::Commit(ways) => {
                self.ways.truncate(self.slots[*ways]);
                next
            }
            Step::Return { ways, place } => {
                self.ways.truncate(self.slots[*ways]);
                Some((step + 1, self.slots[*place]))
            }
            Step::Back(bytes) => at.checked_sub(*bytes).map(|at| (step + 1, at)),
            Step::Fail { ways } => {
                self.ways.truncate(self.slots[*ways]);
                None
            }
            Step::Again { group, fold } => self.again(text, *group, *fold, at).map(|at| (step + 1, at)),
            Step::UnlessGroup { group, no } => {
                if self.group(*group).is_some() {
                    next
                } else {
                    Some((*no, at))
                }
            }
        })
    }

    /// Where a run of between `bounds` bytes ends first; the other ends are opened.
    fn run_of(
        &mut self,
        step: usize,
        at: usize,
        bounds: (usize, usize),
        greed: Greed,
    ) -> Result<usize, TooHard> {
        let (short, long) = (at + bounds.0, at + bounds.1);
        if short < long {
            match greed {
                Greed::Greedy => self.open(step + 1, long - 1, short)?,
                Greed::Lazy => self.open(step + 1, short + 1, long)?,
                Greed::Possessive => {}
            }
        }
        Ok(if greed == Greed::Lazy { short } else { long })
    }

    /// Another round of a loop, or what follows it. A round that matched nothing is the last.
    fn round(&mut self, step: usize, at: usize) -> Result<Option<(usize, usize)>, TooHard> {
        let Step::Round { count, last, min, max, lazy, body } = self.program.steps[step] else {
            return Ok(None);
        };
        let rounds = self.slots[count];
        if rounds < min as usize {
            self.remember(count, rounds + 1)?;
            return Ok(Some((body, at)));
        }
        let more = (rounds < max as usize || max == u32::MAX) && at != self.slots[last];
        let after = if lazy { step + 2 } else { step + 1 };
        if !more {
            return Ok(Some((after, at)));
        }
        if lazy {
            // After it stands the step that goes for another round.
            self.open(step + 1, at, at)?;
            return Ok(Some((after, at)));
        }
        self.open(after, at, at)?;
        self.remember(count, rounds + 1)?;
        self.remember(last, at)?;
        Ok(Some((body, at)))
    }

    /// Where a group matched.
    fn group(&self, group: usize) -> Option<(usize, usize)> {
        let (start, end) = (self.slots[2 * group], self.slots[2 * group + 1]);
        (start != NONE && end != NONE && start <= end).then_some((start, end))
    }

    /// Where the text of a group ends that stands here once more.
    fn again(&self, text: &[u8], group: usize, fold: bool, at: usize) -> Option<usize> {
        let (start, end) = self.group(group)?;
        let (once, more) = (&text[start..end], text.get(at..at + (end - start))?);
        let same = if fold { once.eq_ignore_ascii_case(more) } else { once == more };
        same.then_some(at + once.len())
    }
}

/// Whether a condition on the place holds.
fn holds(edge: Edge, text: &[u8], at: usize) -> bool {
    let word = |at: Option<usize>| {
        at.and_then(|at| text.get(at)).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    };
    let boundary = || word(at.checked_sub(1)) != word(Some(at));
    match edge {
        Edge::TextStart => at == 0,
        Edge::TextEnd => at == text.len(),
        Edge::LastLineEnd => at == text.len() || (at + 1 == text.len() && text[at] == b'\n'),
        Edge::LineStart => at == 0 || text[at - 1] == b'\n',
        Edge::LineEnd => at == text.len() || text[at] == b'\n',
        Edge::Word => boundary(),
        Edge::NotWord => !text.is_empty() && !boundary(),
    }
}
