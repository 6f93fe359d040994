//! How many bytes an expression can match.

use super::syntax::Node;

/// The fewest and the most bytes; a most of `u64::MAX` is no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Width {
    pub(crate) least: u64,
    pub(crate) most: u64,
}

impl Width {
    fn exactly(bytes: u64) -> Width {
        Width { least: bytes, most: bytes }
    }

    fn then(self, other: Width) -> Width {
        Width { least: self.least.saturating_add(other.least), most: self.most.saturating_add(other.most) }
    }

    fn or(self, other: Width) -> Width {
        Width { least: self.least.min(other.least), most: self.most.max(other.most) }
    }
}

/// The width of `node`, whose references lead to groups of these widths (by number from 1).
pub(crate) fn width(node: &Node, groups: &[Option<Width>]) -> Width {
    match node {
        Node::Set(_) => Width::exactly(1),
        Node::Concat(nodes) => nodes.iter().fold(Width::default(), |sum, node| sum.then(width(node, groups))),
        Node::Alternate(nodes) => {
            let mut widths = nodes.iter().map(|node| width(node, groups));
            let first = widths.next().unwrap_or_default();
            widths.fold(first, Width::or)
        }
        Node::Group(_, node) | Node::Atomic(node) => width(node, groups),
        Node::Repeat { node, min, max, .. } => {
            let one = width(node, groups);
            let most = match max {
                None if one.most == 0 => 0,
                None => u64::MAX,
                Some(max) => one.most.saturating_mul(u64::from(*max)),
            };
            Width { least: one.least.saturating_mul(u64::from(*min)), most }
        }
        Node::Ahead { .. } | Node::Behind { .. } | Node::Edge(_) => Width::default(),
        Node::Again { group, .. } => groups.get(group - 1).copied().flatten().unwrap_or_default(),
        Node::IfGroup { yes, no, .. } => width(yes, groups).or(width(no, groups)),
    }
}
