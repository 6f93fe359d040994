//! An expression of Python's `re` over bytes, ready to search: by the crate `regex` where that finds the same, by the
//! machine where it does not.

use std::fmt;
use std::ops::Range;

use regex::bytes::{CaptureLocations, Regex, RegexBuilder};

use super::emit::{For, emit};
use super::machine::{Machine, TooHard};
use super::parse::parse;
use super::program::Program;
use super::syntax::{ByteSet, Edge, Node, PatternError, Syntax};
use super::template::Template;

/// The size up to which the crate `regex` may compile an expression.
const LARGEST: usize = 64 << 20;

/// Tells where a group of a match is; the whole is 0.
type Found<'f> = dyn Fn(usize) -> Option<Range<usize>> + 'f;
/// Takes a match.
type Each<'e> = dyn FnMut(&Found<'_>) + 'e;

/// An expression.
pub(crate) struct Pattern {
    syntax: Syntax,
    engine: Engine,
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let engine = match &self.engine {
            Engine::Regex { .. } => "regex",
            Engine::Machine { .. } => "machine",
        };
        write!(f, "Pattern({engine})")
    }
}

enum Engine {
    Regex {
        regex: Regex,
        /// For each group of the expression, its number in `regex`.
        groups: Vec<Option<usize>>,
        /// The groups in `regex` that hold a line feed which is not part of the match.
        tails: Vec<usize>,
    },
    Machine {
        program: Program,
        /// The bytes a match can begin with; none if it can match nothing or begins with a condition.
        first: Option<ByteSet>,
        /// Whether it can only match at the start of the text.
        at_start: bool,
    },
}

impl Pattern {
    /// Reads and compiles an expression.
    pub(crate) fn new(text: &[u8]) -> Result<Self, PatternError> {
        let syntax = parse(text)?;
        let engine = match by_regex(&syntax) {
            Some(engine) => engine,
            None => by_machine(&syntax)?,
        };
        Ok(Self { syntax, engine })
    }

    /// What it was read as.
    pub(crate) fn syntax(&self) -> &Syntax {
        &self.syntax
    }

    /// Whether it matches anywhere in a short text, as `re.search`; like that it may take long.
    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        match &self.engine {
            Engine::Regex { regex, .. } => regex.is_match(text),
            Engine::Machine { program, .. } => {
                let mut machine = Machine::unbounded(program);
                (0..=text.len()).any(|at| matches!(machine.run(text, at, false), Ok(Some(_))))
            }
        }
    }

    /// Every match replaced, as `re.sub`; `None` if there is none.
    pub(crate) fn replace(&self, text: &[u8], template: &Template) -> Result<Option<Vec<u8>>, TooHard> {
        let (mut out, mut done, mut any) = (Vec::new(), 0, false);
        self.search(text, template.asks_for_groups(), &mut |found: &Found<'_>| {
            let whole = found(0).unwrap_or(done..done);
            any = true;
            out.extend(&text[done..whole.start]);
            template.expand(|group| found(group).map_or(&[][..], |range| &text[range]), &mut out);
            done = whole.end;
        })?;
        out.extend(if any { &text[done..] } else { &[] });
        Ok(any.then_some(out))
    }

    /// Calls `each` with every match; what it is given tells where a group matched.
    fn search(&self, text: &[u8], groups: bool, each: &mut Each<'_>) -> Result<(), TooHard> {
        match &self.engine {
            Engine::Regex { regex, groups: numbers, tails } => {
                if groups || !tails.is_empty() {
                    search_groups(regex, numbers, tails, text, each);
                } else {
                    // Never empty, so the crate's own idea of empty matches does not come in.
                    for found in regex.find_iter(text) {
                        each(&|group| (group == 0).then(|| found.range()));
                    }
                }
                Ok(())
            }
            Engine::Machine { program, first, at_start } => {
                search_machine(program, (first.as_ref(), *at_start), text, each)
            }
        }
    }
}

fn search_groups(
    regex: &Regex,
    numbers: &[Option<usize>],
    tails: &[usize],
    text: &[u8],
    each: &mut Each<'_>,
) {
    let mut places: CaptureLocations = regex.capture_locations();
    let mut at = 0;
    while let Some(found) = regex.captures_read_at(&mut places, text, at) {
        let tail = tails.iter().find_map(|tail| places.get(*tail));
        let end = tail.map_or(found.end(), |(start, _)| start);
        let whole = found.start()..end;
        let group = |group: usize| match group {
            0 => Some(whole.clone()),
            _ => numbers
                .get(group - 1)
                .copied()
                .flatten()
                .and_then(|number| places.get(number).map(|(start, end)| start..end)),
        };
        each(&group);
        at = end;
    }
}

fn search_machine(
    program: &Program,
    (first, at_start): (Option<&ByteSet>, bool),
    text: &[u8],
    each: &mut Each<'_>,
) -> Result<(), TooHard> {
    let mut machine = Machine::new(program, text);
    let (mut at, mut advance) = (0, false);
    while at <= text.len() && !(at_start && at > 0) {
        let fits = first.is_none_or(|first| text.get(at).is_some_and(|byte| first.contains(*byte)));
        let found = if fits { machine.run(text, at, advance)? } else { None };
        let Some(marks) = found else {
            (at, advance) = (at + 1, false);
            continue;
        };
        let group = |group: usize| {
            let (start, end) = (*marks.get(2 * group)?, *marks.get(2 * group + 1)?);
            (start <= end && end <= text.len()).then_some(start..end)
        };
        let end = marks[1];
        each(&group);
        // After an empty match the next one, at the same place, must not be empty.
        advance = end == at;
        at = end;
    }
    Ok(())
}

fn by_regex(syntax: &Syntax) -> Option<Engine> {
    let text = emit(syntax, For::Matches)?;
    let regex = RegexBuilder::new(&text).unicode(false).size_limit(LARGEST).build().ok()?;
    let mut groups = vec![None; syntax.groups];
    let mut tails = Vec::new();
    for (number, name) in regex.capture_names().enumerate() {
        let Some((kind, index)) = name.and_then(|name| name.split_at_checked(1)) else { continue };
        match index.parse::<usize>().ok().and_then(|index| index.checked_sub(1)) {
            Some(index) if kind == "g" => groups[index] = Some(number),
            _ => tails.push(number),
        }
    }
    Some(Engine::Regex { regex, groups, tails })
}

fn by_machine(syntax: &Syntax) -> Result<Engine, PatternError> {
    let program = Program::new(syntax)?;
    let at_start = starts_at_text_start(&syntax.node);
    Ok(Engine::Machine { program, first: first(&syntax.node), at_start })
}

fn starts_at_text_start(node: &Node) -> bool {
    match node {
        Node::Edge(Edge::TextStart) => true,
        Node::Concat(nodes) => nodes.first().is_some_and(starts_at_text_start),
        Node::Alternate(nodes) => nodes.iter().all(starts_at_text_start),
        Node::Group(_, node) | Node::Atomic(node) => starts_at_text_start(node),
        _ => false,
    }
}

/// The bytes a match begins with, `None` if that is not known.
fn first(node: &Node) -> Option<ByteSet> {
    match node {
        Node::Set(set) => Some(*set),
        Node::Concat(nodes) => {
            let looks =
                |node: &&Node| matches!(node, Node::Edge(_) | Node::Ahead { .. } | Node::Behind { .. });
            nodes.iter().find(|node| !looks(node)).and_then(first)
        }
        Node::Alternate(nodes) => nodes.iter().try_fold(ByteSet::default(), |mut all, node| {
            all.add(&first(node)?);
            Some(all)
        }),
        Node::Group(_, node) | Node::Atomic(node) => first(node),
        Node::Repeat { node, min, .. } if *min > 0 => first(node),
        _ => None,
    }
}
