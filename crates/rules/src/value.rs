//! Judges a value by a rule's filter.

use crate::entropy::{distinct, shannon};
use crate::placeholder::{is_documented, is_placeholder, is_reference};
use crate::rule::ValueFilter;
use crate::words::is_wordy;

impl ValueFilter {
    /// Whether `value` meets every condition and is not a documented example, which no rule has to say.
    pub fn accepts(&self, value: &[u8]) -> bool {
        value.iter().filter(|b| b.is_ascii_digit()).count() >= self.min_digits
            && (self.min_distinct == 0 || distinct(value) >= self.min_distinct)
            && (self.min_entropy <= 0.0 || shannon(value) >= self.min_entropy)
            && !(self.reject_placeholder && (is_placeholder(value) || is_reference(value)))
            && !(self.reject_words && is_wordy(value))
            && !is_documented(value)
            && !self.reject.iter().any(|pattern| pattern.is_match(value))
    }
}
