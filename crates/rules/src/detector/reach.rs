//! How far from their anchors rules look.

use crate::rule::{Rule, Signature, Window};
use crate::whole_text;

/// How far from its anchor any rule may look, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Before the anchor's first byte.
    pub back: usize,
    /// After it.
    pub forward: usize,
}

impl Reach {
    /// The farthest of all `rules`.
    pub(super) fn of(rules: &[Rule]) -> Self {
        let mut reach = Self { back: 1, forward: 1 };
        for rule in rules {
            let looks = match &rule.signature {
                Signature::Content { window, extent, .. } => Some((*window, extent.reach())),
                Signature::Assignment { window, .. } => Some((*window, (0, 0))),
                Signature::Text(_) => {
                    Some((Window { back: whole_text::REACH, forward: whole_text::REACH }, (0, 0)))
                }
                Signature::Reader(_) | Signature::File | Signature::Path => None,
            };
            if let Some((window, (before, after))) = looks {
                let anchor = rule.anchors().iter().map(|a| a.literal.len()).max().unwrap_or(0);
                reach.back = reach.back.max(window.back + before + 1);
                reach.forward = reach.forward.max(window.forward.max(anchor) + after + 1);
            }
        }
        reach
    }
}
