//! Rules over whole texts, and what must be near their matches.

use std::ops::Range;

use crate::matching::Match;
use crate::prefilter::RuleIndex;
use crate::rule::{Signature, TextSignature};
use crate::whole_text::{self, Parts};

use super::{Detector, Scratch};

impl Detector {
    /// The matches of one rule over whole texts that start in `range` and have near them what they must.
    pub(super) fn over_text(
        &self,
        index: RuleIndex,
        text: &[u8],
        range: &Range<usize>,
        scratch: &mut Scratch,
        found: &mut Vec<Match>,
    ) {
        let Some((signature, mut own)) = self.text_matches(index, text, range, scratch) else { return };
        let ends = if own.is_empty() || signature.required.is_empty() {
            Vec::new()
        } else {
            whole_text::line_ends(text)
        };
        for required in &signature.required {
            // Rules are sorted by id.
            let part = self.rules.binary_search_by(|rule| rule.id.as_str().cmp(&required.id));
            let (Ok(part), false) = (part, own.is_empty()) else { return };
            if matches!(self.rules[part].signature, Signature::Text(_)) {
                let everywhere = 0..text.len();
                let mut parts = self
                    .text_matches(part, text, &everywhere, scratch)
                    .map(|(_, found)| found)
                    .unwrap_or_default();
                self.provisions.sift(&self.rules, text, &mut parts, 0);
                let parts = Parts::new(&parts, &ends);
                own.retain(|found| parts.near(&ends, found.span.start, required));
            }
            if self.rules[part].path.is_some() {
                for found in &mut own {
                    found.provisos.paths.push(part);
                }
            }
        }
        found.extend(own);
    }

    fn text_matches(
        &self,
        index: RuleIndex,
        text: &[u8],
        range: &Range<usize>,
        scratch: &mut Scratch,
    ) -> Option<(&TextSignature, Vec<Match>)> {
        let rule = &self.rules[index];
        let Signature::Text(signature) = &rule.signature else { return None };
        let regex = scratch.regex(index, &signature.pattern)?;
        Some((signature, whole_text::matches(rule, index, signature, regex, text, range)))
    }
}
