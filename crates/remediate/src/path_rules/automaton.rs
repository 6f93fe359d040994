//! Expressions for whole paths as one automaton over their bytes, as small as it can be.
//!
//! The smaller it is the more directories look alike to it, and the more of a tree need be walked only once.

use std::collections::HashMap;

use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind};

/// How large an automaton may become, in bytes, and on the way there.
const LARGEST: usize = 16 << 20;
/// How much may be done to make it smaller, in transitions looked at.
const EFFORT: usize = 200_000_000;

/// An automaton. A state is a number.
#[derive(Debug)]
pub(super) struct Automaton {
    /// The class of each byte.
    classes: Vec<u8>,
    /// How many classes there are.
    stride: usize,
    /// For each state and class, the next state.
    next: Vec<u32>,
    /// Whether what was read so far is a path that matches.
    accepts: Vec<bool>,
    /// Whether no longer path matches.
    never: Vec<bool>,
    /// Whether every longer path matches.
    always: Vec<bool>,
    start: u32,
    /// The states a directory can begin in whose content is not decided yet; and the top's.
    open: Vec<u32>,
}

impl Automaton {
    /// Of expressions for whole paths; `None` if it would be too large.
    pub(super) fn new(wholes: &[&str]) -> Option<Self> {
        let pattern = format!(r"(?-u)\A(?:{})\z", wholes.join("|"));
        let config = dense::Config::new()
            .start_kind(StartKind::Anchored)
            .match_kind(MatchKind::All)
            .dfa_size_limit(Some(LARGEST))
            .determinize_size_limit(Some(4 * LARGEST));
        let dfa = dense::Builder::new()
            .configure(config)
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .thompson(thompson::Config::new().utf8(false).nfa_size_limit(Some(LARGEST)))
            .build(&pattern)
            .ok()?;
        let mut automaton = Self::explore(&dfa)?;
        automaton.shrink();
        automaton.judge();
        Some(automaton)
    }

    /// Reads the states that can be reached out of the other representation.
    fn explore(dfa: &dense::DFA<Vec<u32>>) -> Option<Self> {
        let classes: Vec<u8> = (0..=255).map(|byte| dfa.byte_classes().get(byte)).collect();
        let stride = usize::from(*classes.iter().max()?) + 1;
        let examples: Vec<u8> = (0..stride)
            .map(|class| classes.iter().position(|known| usize::from(*known) == class))
            .map(|byte| byte.and_then(|byte| u8::try_from(byte).ok()))
            .collect::<Option<_>>()?;
        let first = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).ok()?;
        let mut known: HashMap<StateID, u32> = HashMap::from([(first, 0)]);
        let mut states = vec![first];
        let (mut next, mut accepts) = (Vec::new(), Vec::new());
        let mut at = 0;
        while let Some(state) = states.get(at).copied() {
            if dfa.is_quit_state(state) {
                return None;
            }
            for byte in &examples {
                let target = dfa.next_state(state, *byte);
                let number = *known.entry(target).or_insert_with(|| {
                    states.push(target);
                    u32::try_from(states.len() - 1).unwrap_or(u32::MAX)
                });
                next.push(number);
            }
            accepts.push(dfa.is_match_state(dfa.next_eoi_state(state)));
            at += 1;
        }
        let empty = Vec::new;
        Some(Self {
            classes,
            stride,
            next,
            accepts,
            never: empty(),
            always: empty(),
            start: 0,
            open: Vec::new(),
        })
    }

    fn len(&self) -> usize {
        self.accepts.len()
    }

    fn targets(&self, state: usize) -> &[u32] {
        &self.next[state * self.stride..(state + 1) * self.stride]
    }

    /// Merges states that no path tells apart (Moore's algorithm), unless that is too much work.
    fn shrink(&mut self) {
        let mut groups: Vec<u32> = self.accepts.iter().map(|accepts| u32::from(*accepts)).collect();
        let (mut count, mut effort) = (0, 0);
        loop {
            let mut known: HashMap<Vec<u32>, u32> = HashMap::new();
            let mut refined = Vec::with_capacity(self.len());
            for state in 0..self.len() {
                let targets = self.targets(state).iter().map(|target| groups[*target as usize]);
                let key: Vec<u32> = std::iter::once(groups[state]).chain(targets).collect();
                let fresh = u32::try_from(known.len()).unwrap_or(u32::MAX);
                refined.push(*known.entry(key).or_insert(fresh));
            }
            let settled = known.len() == count;
            (groups, count) = (refined, known.len());
            if settled {
                break;
            }
            effort += self.next.len();
            if effort > EFFORT {
                return;
            }
        }
        self.merge(&groups, count);
    }

    fn merge(&mut self, groups: &[u32], count: usize) {
        let mut next = vec![0; count * self.stride];
        let mut accepts = vec![false; count];
        for (state, group) in groups.iter().enumerate() {
            let group = *group as usize;
            accepts[group] = self.accepts[state];
            for (class, target) in self.targets(state).iter().enumerate() {
                next[group * self.stride + class] = groups[*target as usize];
            }
        }
        self.start = groups[self.start as usize];
        (self.next, self.accepts) = (next, accepts);
    }

    /// Works out in which states what follows is decided, and in which it is not.
    fn judge(&mut self) {
        let leads_to = |wanted: bool| -> Vec<bool> { self.reaches(wanted) };
        let (accepting, refusing) = (leads_to(true), leads_to(false));
        self.never = accepting.iter().map(|can| !can).collect();
        self.always = refusing.iter().map(|can| !can).collect();
        let slash = usize::from(self.classes[usize::from(b'/')]);
        let after_slash = (0..self.len()).map(|state| self.targets(state)[slash]);
        let mut open: Vec<u32> = after_slash.chain([self.start]).collect();
        open.sort_unstable();
        open.dedup();
        let decided = |state: u32| self.always(state) && state != self.start;
        open.retain(|state| !self.never(*state) && !decided(*state));
        self.open = open;
    }

    /// For each state, whether some path of one byte and more leads to a state that accepts (or does not).
    fn reaches(&self, accepting: bool) -> Vec<bool> {
        let mut sources: Vec<Vec<u32>> = vec![Vec::new(); self.len()];
        for state in 0..self.len() {
            let mut targets = self.targets(state).to_vec();
            targets.sort_unstable();
            targets.dedup();
            for target in targets {
                sources[target as usize].push(u32::try_from(state).unwrap_or(u32::MAX));
            }
        }
        let mut reaches = vec![false; self.len()];
        let mut pending: Vec<usize> =
            (0..self.len()).filter(|state| self.accepts[*state] == accepting).collect();
        while let Some(state) = pending.pop() {
            for source in std::mem::take(&mut sources[state]) {
                if !std::mem::replace(&mut reaches[source as usize], true) {
                    pending.push(source as usize);
                }
            }
        }
        reaches
    }

    pub(super) fn start(&self) -> u32 {
        self.start
    }

    fn step(&self, state: u32, byte: u8) -> u32 {
        self.next[state as usize * self.stride + usize::from(self.classes[usize::from(byte)])]
    }

    fn walk(&self, state: u32, name: &[u8]) -> u32 {
        name.iter().fold(state, |state, byte| self.step(state, *byte))
    }

    pub(super) fn enter(&self, state: u32, name: &[u8]) -> u32 {
        self.step(self.walk(state, name), b'/')
    }

    pub(super) fn file(&self, state: u32, name: &[u8]) -> bool {
        self.accepts[self.walk(state, name) as usize]
    }

    pub(super) fn never(&self, state: u32) -> bool {
        self.never[state as usize]
    }

    pub(super) fn always(&self, state: u32) -> bool {
        self.always[state as usize]
    }

    /// Whether an entry `name` of some directory that is not decided yet matches, as a file, or with all it holds.
    pub(super) fn may_end_with(&self, name: &[u8]) -> bool {
        let mut states = self.open.clone();
        for byte in name {
            for state in &mut states {
                *state = self.step(*state, *byte);
            }
            states.sort_unstable();
            states.dedup();
        }
        states.iter().any(|state| self.accepts[*state as usize] || self.always(self.step(*state, b'/')))
    }
}
