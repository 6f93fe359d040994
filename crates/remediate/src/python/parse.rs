//! Reads an expression of Python's `re` (3.11) over bytes, as its own parser does.
//!
//! What Python accepts is accepted and means the same, but for what names the constructs in the errors: the flags `L`,
//! `t` and `u`, names of groups beyond ASCII, groups nested deeper than [`DEEPEST`].

use super::escape::{self, Escape};
use super::syntax::{ByteSet, Edge, Greed, Node, PatternError, Syntax};
use super::tokens::{Token, Tokens, is_name, number};
use super::width::{Width, width};

/// How deep groups may be nested.
const DEEPEST: usize = 100;

/// The flags at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of Python's")]
struct Flags {
    fold: bool,
    lines: bool,
    dot_all: bool,
    verbose: bool,
}

impl Flags {
    fn set(&mut self, letter: u8, on: bool) -> Result<(), PatternError> {
        match letter {
            b'i' => self.fold = on,
            b'm' => self.lines = on,
            b's' => self.dot_all = on,
            b'x' => self.verbose = on,
            b'a' if on => {}
            _ => return Err(PatternError::new(format!("the flag {}", char::from(letter)))),
        }
        Ok(())
    }
}

/// What `(?…` begins.
enum Opening {
    /// Nothing that can be repeated: a comment, or flags for the whole.
    Nothing,
    /// A node that is complete.
    Whole(Node),
    /// A group that is not remembered, with its flags.
    Plain(Flags),
    /// A group of this name.
    Named(String),
    Atomic,
    Ahead {
        negative: bool,
    },
    Behind {
        negative: bool,
    },
    /// The alternatives of a condition on this group.
    If(usize),
}

struct Parser<'t> {
    tokens: Tokens<'t>,
    /// The flags of the whole.
    flags: Flags,
    /// The widths of the groups; of one that is open, `None`.
    groups: Vec<Option<Width>>,
    names: Vec<(String, usize)>,
    /// How many groups there were when the outermost look-behind began.
    behind: Option<usize>,
    depth: usize,
    /// The highest group a condition asks for.
    asked: usize,
}

/// Reads an expression.
pub(crate) fn parse(text: &[u8]) -> Result<Syntax, PatternError> {
    let mut parser = Parser {
        tokens: Tokens::new(text)?,
        flags: Flags::default(),
        groups: Vec::new(),
        names: Vec::new(),
        behind: None,
        depth: 0,
        asked: 0,
    };
    let node = parser.alternatives(Flags::default())?;
    if parser.tokens.peek().is_some() {
        return Err(PatternError::new("a ) without its ("));
    }
    if parser.asked > parser.groups.len() {
        return Err(PatternError::new("a condition on a group that is not there"));
    }
    Ok(Syntax { node, groups: parser.groups.len(), names: parser.names })
}

impl Parser<'_> {
    fn alternatives(&mut self, flags: Flags) -> Result<Node, PatternError> {
        let mut nodes = vec![self.sequence(flags, self.depth == 0)?];
        while self.tokens.accept(b'|') {
            let flags = if self.depth == 0 { self.flags } else { flags };
            nodes.push(self.sequence(flags, false)?);
        }
        Ok(if nodes.len() == 1 { nodes.swap_remove(0) } else { Node::Alternate(nodes) })
    }

    /// What stands before `|` or `)`. At the `first` place of the whole there may be flags for all of it.
    fn sequence(&mut self, mut flags: Flags, first: bool) -> Result<Node, PatternError> {
        let mut nodes: Vec<Node> = Vec::new();
        while let Some(token) = self.tokens.peek() {
            if matches!(token, Token::Byte(b'|' | b')')) {
                break;
            }
            let _: Option<Token> = self.tokens.next();
            match token {
                Token::Escape(letter) => nodes.push(self.escape(letter, flags)?),
                Token::Byte(byte) if flags.verbose && b" \t\n\r\x0b\x0c".contains(&byte) => {}
                Token::Byte(b'#') if flags.verbose => {
                    while self.tokens.next().is_some_and(|token| token != Token::Byte(b'\n')) {}
                }
                Token::Byte(b'[') => nodes.push(Node::Set(escape::class(&mut self.tokens, flags.fold)?)),
                Token::Byte(byte @ (b'*' | b'+' | b'?' | b'{')) => match self.bounds(byte)? {
                    Some((min, max)) => self.repeat(&mut nodes, min, max)?,
                    None => nodes.push(byte_node(byte, flags)),
                },
                Token::Byte(b'(') => {
                    let group = self.group(flags, first && nodes.is_empty())?;
                    match group {
                        Some(node) => nodes.push(node),
                        None if self.depth == 0 => flags = self.flags,
                        None => {}
                    }
                }
                Token::Byte(byte) => nodes.push(byte_node(byte, flags)),
            }
        }
        Ok(if nodes.len() == 1 { nodes.swap_remove(0) } else { Node::Concat(nodes) })
    }

    fn escape(&mut self, letter: u8, flags: Flags) -> Result<Node, PatternError> {
        Ok(match escape::outside(letter, &mut self.tokens)? {
            Some(Escape::Byte(byte)) => literal(byte, flags),
            Some(Escape::Class(class)) => Node::Set(class),
            Some(Escape::Edge(edge)) => Node::Edge(edge),
            None => {
                let more = self.tokens.accept_if(u8::is_ascii_digit);
                let digits: Vec<u8> = std::iter::once(letter).chain(more).collect();
                let group = number(&digits)? as usize;
                self.again(group, flags)?
            }
        })
    }

    /// A reference to a group.
    fn again(&mut self, group: usize, flags: Flags) -> Result<Node, PatternError> {
        match self.groups.get(group.wrapping_sub(1)) {
            None => {
                return Err(PatternError::new(format!("a reference to group {group}, which is not there")));
            }
            Some(None) => {
                return Err(PatternError::new(format!("a reference to group {group}, which is open")));
            }
            Some(Some(_)) => self.check_behind(group)?,
        }
        Ok(Node::Again { group, fold: flags.fold })
    }

    fn check_behind(&self, group: usize) -> Result<(), PatternError> {
        let inside = self.behind.is_some_and(|before| {
            group > before || self.groups.get(group.wrapping_sub(1)).is_none_or(Option::is_none)
        });
        if inside {
            return Err(PatternError::new("a reference to a group of the same look-behind"));
        }
        Ok(())
    }

    /// The bounds of a repetition whose first byte was read; `None` if it is a `{` that stands for itself.
    fn bounds(&mut self, operator: u8) -> Result<Option<(u32, Option<u32>)>, PatternError> {
        match operator {
            b'*' => return Ok(Some((0, None))),
            b'+' => return Ok(Some((1, None))),
            b'?' => return Ok(Some((0, Some(1)))),
            _ => {}
        }
        let place = self.tokens.place();
        if self.tokens.peek() == Some(Token::Byte(b'}')) {
            return Ok(None);
        }
        let low = self.tokens.accept_while(usize::MAX, u8::is_ascii_digit);
        let comma = self.tokens.accept(b',');
        let high = if comma { self.tokens.accept_while(usize::MAX, u8::is_ascii_digit) } else { low };
        if !self.tokens.accept(b'}') {
            self.tokens.back_to(place);
            return Ok(None);
        }
        let min = if low.is_empty() { 0 } else { number(low)? };
        let max = if high.is_empty() { None } else { Some(number(high)?) };
        if max.is_some_and(|max| max < min) {
            return Err(PatternError::new("a repetition whose bounds go backwards"));
        }
        Ok(Some((min, max)))
    }

    fn repeat(&mut self, nodes: &mut Vec<Node>, min: u32, max: Option<u32>) -> Result<(), PatternError> {
        match nodes.last() {
            None | Some(Node::Edge(_)) => return Err(PatternError::new("a repetition of nothing")),
            Some(Node::Repeat { .. }) => return Err(PatternError::new("a repetition of a repetition")),
            Some(_) => {}
        }
        let greed = if self.tokens.accept(b'?') {
            Greed::Lazy
        } else if self.tokens.accept(b'+') {
            Greed::Possessive
        } else {
            Greed::Greedy
        };
        if let Some(node) = nodes.pop() {
            nodes.push(Node::Repeat { node: Box::new(node), min, max, greed });
        }
        Ok(())
    }

    /// What a `(` begins; `None` if it can be forgotten.
    fn group(&mut self, flags: Flags, first: bool) -> Result<Option<Node>, PatternError> {
        let opening = if self.tokens.accept(b'?') { Some(self.opening(flags, first)?) } else { None };
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(PatternError::new(format!("groups nested deeper than {DEEPEST}")));
        }
        let node = match opening {
            None => Some(self.remembered(flags, None)?),
            Some(Opening::Named(name)) => Some(self.remembered(flags, Some(name))?),
            Some(Opening::Nothing) => None,
            Some(Opening::Whole(node)) => Some(node),
            // Kept apart from what is around it, so that it can be repeated as a whole.
            Some(Opening::Plain(flags)) => Some(Node::Concat(vec![self.inner(flags)?])),
            Some(Opening::Atomic) => Some(Node::Atomic(Box::new(self.inner(flags)?))),
            Some(Opening::Ahead { negative }) => {
                Some(Node::Ahead { node: Box::new(self.inner(flags)?), negative })
            }
            Some(Opening::Behind { negative }) => Some(self.look_behind(flags, negative)?),
            Some(Opening::If(group)) => Some(self.condition(flags, group)?),
        };
        self.depth -= 1;
        Ok(node)
    }

    fn close(&mut self) -> Result<(), PatternError> {
        if self.tokens.accept(b')') { Ok(()) } else { Err(PatternError::new("a ( that is not closed")) }
    }

    fn inner(&mut self, flags: Flags) -> Result<Node, PatternError> {
        let node = self.alternatives(flags)?;
        self.close()?;
        Ok(node)
    }

    fn remembered(&mut self, flags: Flags, name: Option<String>) -> Result<Node, PatternError> {
        self.groups.push(None);
        let index = self.groups.len();
        if let Some(name) = name {
            if self.names.iter().any(|(known, _)| *known == name) {
                return Err(PatternError::new("two groups of one name"));
            }
            self.names.push((name, index));
        }
        let node = self.inner(flags)?;
        self.groups[index - 1] = Some(width(&node, &self.groups));
        Ok(Node::Group(index, Box::new(node)))
    }

    fn look_behind(&mut self, flags: Flags, negative: bool) -> Result<Node, PatternError> {
        let outermost = self.behind.is_none();
        self.behind.get_or_insert(self.groups.len());
        let node = self.alternatives(flags)?;
        if outermost {
            self.behind = None;
        }
        self.close()?;
        let Width { least, most } = width(&node, &self.groups);
        let fixed = usize::try_from(least).ok().filter(|_| least == most);
        let width = fixed.ok_or_else(|| PatternError::new("a look-behind whose width is not fixed"))?;
        Ok(Node::Behind { node: Box::new(node), negative, width })
    }

    fn condition(&mut self, flags: Flags, group: usize) -> Result<Node, PatternError> {
        self.check_behind(group)?;
        self.asked = self.asked.max(group);
        let yes = self.sequence(flags, false)?;
        let no = if self.tokens.accept(b'|') { self.sequence(flags, false)? } else { Node::empty() };
        if self.tokens.peek() == Some(Token::Byte(b'|')) {
            return Err(PatternError::new("a condition with more than two branches"));
        }
        self.close()?;
        Ok(Node::IfGroup { group, yes: Box::new(yes), no: Box::new(no) })
    }

    /// What `(?` begins, whose `?` was read.
    fn opening(&mut self, flags: Flags, first: bool) -> Result<Opening, PatternError> {
        let unknown = |what: &str| PatternError::new(format!("the construct (?{what}"));
        let Some(Token::Byte(letter)) = self.tokens.next() else { return Err(unknown("")) };
        Ok(match letter {
            b':' => Opening::Plain(flags),
            b'>' => Opening::Atomic,
            b'=' => Opening::Ahead { negative: false },
            b'!' => Opening::Ahead { negative: true },
            b'<' if self.tokens.accept(b'=') => Opening::Behind { negative: false },
            b'<' if self.tokens.accept(b'!') => Opening::Behind { negative: true },
            b'P' if self.tokens.accept(b'<') => {
                let name = self.tokens.until(b'>')?;
                Opening::Named(checked_name(name)?)
            }
            b'P' if self.tokens.accept(b'=') => {
                let name = checked_name(self.tokens.until(b')')?)?;
                let group = self.named(&name)?;
                Opening::Whole(self.again(group, flags)?)
            }
            b'#' => {
                let unterminated = || PatternError::new("a comment (?# that does not end");
                while self.tokens.next().ok_or_else(unterminated)? != Token::Byte(b')') {}
                Opening::Nothing
            }
            b'(' => Opening::If(self.asked_group()?),
            b'-' | b'a'..=b'z' | b'L' => self.flags(letter, flags, first)?,
            other => return Err(unknown(&char::from(other).escape_default().to_string())),
        })
    }

    fn named(&self, name: &str) -> Result<usize, PatternError> {
        let found = self.names.iter().find(|(known, _)| known == name);
        found.map(|(_, group)| *group).ok_or_else(|| PatternError::new("a reference to an unknown name"))
    }

    fn asked_group(&mut self) -> Result<usize, PatternError> {
        let name = self.tokens.until(b')')?;
        if name.iter().all(u8::is_ascii_digit) {
            return match number(name)? {
                0 => Err(PatternError::new("a condition on group 0")),
                group => Ok(group as usize),
            };
        }
        let name = checked_name(name)?;
        self.named(&name)
    }

    /// `(?i)`, which counts for the whole, and `(?i-s:`, which counts for a group; its first byte was read.
    fn flags(&mut self, letter: u8, flags: Flags, first: bool) -> Result<Opening, PatternError> {
        let ends = || PatternError::new("flags that do not end");
        let (mut inner, mut letter, mut on) = (flags, letter, true);
        let (mut added, mut removed) = (Vec::new(), Vec::new());
        loop {
            match letter {
                b')' if on && !added.is_empty() => {
                    if !first {
                        return Err(PatternError::new("flags for the whole that are not at its start"));
                    }
                    added.iter().try_for_each(|letter| self.flags.set(*letter, true))?;
                    return Ok(Opening::Nothing);
                }
                b':' if !(added.is_empty() && removed.is_empty()) && (on || !removed.is_empty()) => break,
                b'-' if on => on = false,
                _ if on => added.push(letter),
                _ => removed.push(letter),
            }
            let Some(Token::Byte(next)) = self.tokens.next() else { return Err(ends()) };
            letter = next;
        }
        if added.iter().any(|letter| removed.contains(letter)) {
            return Err(PatternError::new("a flag turned on and off"));
        }
        added.iter().try_for_each(|letter| inner.set(*letter, true))?;
        removed.iter().try_for_each(|letter| inner.set(*letter, false))?;
        Ok(Opening::Plain(inner))
    }
}

fn checked_name(name: &[u8]) -> Result<String, PatternError> {
    if is_name(name) {
        return Ok(String::from_utf8_lossy(name).into_owned());
    }
    Err(PatternError::new("a name of a group that is no ASCII name"))
}

fn literal(byte: u8, flags: Flags) -> Node {
    let set = ByteSet::one(byte);
    Node::Set(if flags.fold { set.fold() } else { set })
}

/// An unescaped byte that begins neither a class, a group nor a repetition.
fn byte_node(byte: u8, flags: Flags) -> Node {
    match byte {
        b'.' if flags.dot_all => Node::Set(ByteSet::ALL),
        b'.' => Node::Set(ByteSet::one(b'\n').complement()),
        b'^' => Node::Edge(if flags.lines { Edge::LineStart } else { Edge::TextStart }),
        b'$' => Node::Edge(if flags.lines { Edge::LineEnd } else { Edge::LastLineEnd }),
        _ => literal(byte, flags),
    }
}
