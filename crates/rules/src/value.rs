//! Judges a value by a rule's filter.

use crate::entropy::{distinct, shannon};
use crate::placeholder::{is_documented, is_placeholder, is_reference};
use crate::reason::Unmet;
use crate::rule::ValueFilter;
use crate::words::is_wordy;

impl ValueFilter {
    /// Whether `value` meets every condition and is not a documented example, which no rule has to say.
    pub fn accepts(&self, value: &[u8]) -> bool {
        self.unmet(value).is_none()
    }

    /// The first condition that `value` does not meet.
    pub fn unmet(&self, value: &[u8]) -> Option<Unmet> {
        let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
        if digits < self.min_digits {
            return Some(Unmet::Digits { has: digits, needs: self.min_digits });
        }
        if self.min_distinct > 0 && distinct(value) < self.min_distinct {
            return Some(Unmet::Distinct { has: distinct(value), needs: self.min_distinct });
        }
        if self.min_entropy > 0.0 && shannon(value) < self.min_entropy {
            return Some(Unmet::Entropy { has: shannon(value), needs: self.min_entropy });
        }
        if self.reject_placeholder && (is_placeholder(value) || is_reference(value)) {
            return Some(Unmet::Placeholder);
        }
        if self.reject_words && is_wordy(value) {
            return Some(Unmet::Words);
        }
        if is_documented(value) {
            return Some(Unmet::Documented);
        }
        self.reject.iter().position(|pattern| pattern.is_match(value)).map(Unmet::Reject)
    }
}
