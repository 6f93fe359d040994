//! An expression in the syntax of the crate `regex`, for those it can match as Python's `re` would.
//!
//! Left out is what it does not know (references, looks, atomic and possessive matching), and what it would match
//! otherwise: expressions that can match nothing (after an empty match Python looks for a longer one at the same
//! place), loops over what can match nothing, `$` that is not at the end.

use std::fmt::Write;

use super::syntax::{ByteSet, Edge, Greed, Node, Syntax};
use super::width::width;

/// What the text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    /// To find where matches begin and end. Groups are named `g1`, …; the line feed that a final `$` looked at is
    /// `t1`, …
    Matches,
    /// To know whether there is one.
    Existence,
}

struct Emitter {
    text: String,
    purpose: For,
    tails: usize,
}

/// The expression, `None` if it must be left to the machine.
pub(crate) fn emit(syntax: &Syntax, purpose: For) -> Option<String> {
    if purpose == For::Matches && width(&syntax.node, &[]).least == 0 {
        return None;
    }
    let mut emitter = Emitter { text: String::from("(?-u)"), purpose, tails: 0 };
    emitter.node(&syntax.node, true)?;
    Some(emitter.text)
}

impl Emitter {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Writes a node; a `tail` is followed by nothing.
    fn node(&mut self, node: &Node, tail: bool) -> Option<()> {
        match node {
            Node::Set(set) => self.set(set),
            Node::Concat(nodes) => {
                self.push("(?:");
                for (index, node) in nodes.iter().enumerate() {
                    self.node(node, tail && index + 1 == nodes.len())?;
                }
                self.push(")");
            }
            Node::Alternate(nodes) => {
                self.push("(?:");
                for (index, node) in nodes.iter().enumerate() {
                    self.push(if index == 0 { "" } else { "|" });
                    self.node(node, tail)?;
                }
                self.push(")");
            }
            Node::Group(group, node) => {
                match self.purpose {
                    For::Matches => write!(self.text, "(?P<g{group}>").ok()?,
                    For::Existence => self.push("(?:"),
                }
                // Asked for where it ends, a group must not hold the line feed of a `$`.
                self.node(node, tail && self.purpose == For::Existence)?;
                self.push(")");
            }
            Node::Repeat { node, min, max, greed } => self.repeat(node, *min, *max, *greed)?,
            Node::Edge(edge) => self.edge(*edge, tail)?,
            Node::Atomic(_)
            | Node::Ahead { .. }
            | Node::Behind { .. }
            | Node::Again { .. }
            | Node::IfGroup { .. } => return None,
        }
        Some(())
    }

    fn repeat(&mut self, node: &Node, min: u32, max: Option<u32>, greed: Greed) -> Option<()> {
        let nothing = self.purpose == For::Matches && width(node, &[]).least == 0;
        if greed == Greed::Possessive || nothing {
            return None;
        }
        self.push("(?:");
        self.node(node, false)?;
        match max {
            None => write!(self.text, "){{{min},}}").ok()?,
            Some(max) => write!(self.text, "){{{min},{max}}}").ok()?,
        }
        self.push(if greed == Greed::Lazy { "?" } else { "" });
        Some(())
    }

    fn edge(&mut self, edge: Edge, tail: bool) -> Option<()> {
        match edge {
            Edge::TextStart => self.push(r"\A"),
            Edge::TextEnd => self.push(r"\z"),
            Edge::LineStart => self.push("(?m:^)"),
            Edge::LineEnd => self.push("(?m:$)"),
            Edge::Word => self.push(r"\b"),
            // Of an empty text Python says otherwise, which can matter only to what matches nothing.
            Edge::NotWord => self.push(r"\B"),
            Edge::LastLineEnd if !tail => return None,
            Edge::LastLineEnd => {
                self.tails += 1;
                match self.purpose {
                    For::Matches => write!(self.text, r"(?:(?P<t{}>\n)\z|\z)", self.tails).ok()?,
                    For::Existence => self.push(r"\n?\z"),
                }
            }
        }
        Some(())
    }

    fn set(&mut self, set: &ByteSet) {
        self.push("[");
        let mut byte = 0_u16;
        let mut any = false;
        let holds = |byte: u16| u8::try_from(byte).is_ok_and(|byte| set.contains(byte));
        while byte < 256 {
            if !holds(byte) {
                byte += 1;
                continue;
            }
            let low = byte;
            while holds(byte) {
                byte += 1;
            }
            any = true;
            // Writing to a string cannot fail.
            let _ = write!(self.text, r"\x{low:02x}-\x{:02x}", byte - 1);
        }
        self.push(if any { "]" } else { r"a&&b]" });
    }
}
