//! Judges a value by a rule's filter.

use crate::entropy::{distinct, shannon};
use crate::placeholder::{
    counts_up, is_alphabet, is_documented, is_masked, is_placeholder, is_reference, recites,
};
use crate::reason::Unmet;
use crate::rule::ValueFilter;
use crate::words::is_wordy;

/// What stands for any secret, however sure a rule is of the format: a mask, a reference, the alphabet, hardly more than
/// one byte.
fn is_blank(value: &[u8]) -> bool {
    is_masked(value) || is_reference(value) || is_alphabet(value) || distinct(value) < 3
}

impl ValueFilter {
    /// Whether `value` meets every condition and is not a documented example, which no rule has to say.
    pub fn accepts(&self, value: &[u8]) -> bool {
        self.unmet(value).is_none()
    }

    /// The first condition that `value` does not meet.
    pub fn unmet(&self, value: &[u8]) -> Option<Unmet> {
        self.unlikely(value).or_else(|| self.refused(value))
    }

    /// What casts doubt on `value`, if anything.
    ///
    /// # Errors
    /// The condition that refuses it.
    pub(crate) fn judge(&self, value: &[u8]) -> Result<Option<Unmet>, Unmet> {
        let unlikely = self.unlikely(value);
        if let Some(unmet) = self.refused(value) {
            return Err(unlikely.unwrap_or(unmet));
        }
        match unlikely {
            Some(unmet) if self.lower && !is_blank(value) => Ok(Some(unmet)),
            Some(unmet) => Err(unmet),
            None => Ok((self.reject_placeholder && counts_up(value)).then_some(Unmet::Counted)),
        }
    }

    /// The same for a value that a person may have chosen: what no machine draws, a person may.
    ///
    /// # Errors
    /// The condition that refuses it.
    pub(crate) fn judge_chosen(&self, value: &[u8]) -> Result<Option<Unmet>, Unmet> {
        match self.judge(value) {
            Err(unmet @ Unmet::Counted) if !is_blank(value) => Ok(Some(unmet)),
            judged => judged,
        }
    }

    /// What looks made up.
    fn unlikely(&self, value: &[u8]) -> Option<Unmet> {
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
        if self.reject_placeholder && recites(value) {
            return Some(Unmet::Counted);
        }
        if self.reject_placeholder && (is_placeholder(value) || is_reference(value)) {
            return Some(Unmet::Placeholder);
        }
        (self.reject_words && is_wordy(value)).then_some(Unmet::Words)
    }

    /// What is known to be no secret.
    fn refused(&self, value: &[u8]) -> Option<Unmet> {
        if is_documented(value) {
            return Some(Unmet::Documented);
        }
        self.reject.iter().position(|pattern| pattern.is_match(value)).map(Unmet::Reject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Pattern;
    use proptest::prelude::*;

    fn strict() -> ValueFilter {
        ValueFilter {
            min_entropy: 3.0,
            min_digits: 2,
            min_distinct: 8,
            reject_placeholder: true,
            reject: vec![Pattern::new("^0123")],
            ..ValueFilter::default()
        }
    }

    #[test]
    fn what_looks_made_up_is_doubted_by_a_lenient_filter_only() {
        let made_up = "abcd1234".repeat(4);
        assert!(matches!(
            strict().judge(made_up.as_bytes()),
            Err(Unmet::Placeholder | Unmet::Entropy { .. })
        ));
        let lenient = ValueFilter { lower: true, ..strict() };
        assert!(matches!(lenient.judge(made_up.as_bytes()), Ok(Some(_))));
        assert_eq!(lenient.judge(b"9f3ac1d27be045ab17cc"), Ok(None));
    }

    #[test]
    fn masks_references_and_rejected_values_are_refused_however_lenient() {
        let lenient = ValueFilter { lower: true, ..strict() };
        for value in [
            "xxxxxxxxxxxxxxxxxxxx",
            "sk_live_xxxxxxxxxxxx",
            "${API_KEY_FROM_VAULT}",
            "aaaaaaaabbbbbbbb",
            "0123abcdabcdabcdabcd",
        ] {
            assert!(lenient.judge(value.as_bytes()).is_err(), "{value}");
        }
    }

    #[test]
    fn what_counts_up_is_doubted_and_what_recites_the_alphabet_refused() {
        assert_eq!(strict().judge(b"k3Jd9s-1234567890-Vt7hg2Qw"), Ok(Some(Unmet::Counted)));
        assert_eq!(strict().judge(b"zYxWvUtSrQpOnMlK98zB"), Ok(Some(Unmet::Counted)));
        assert_eq!(strict().judge(b"aB1cD2eF3gH4iJ5kL6mN7oP8"), Err(Unmet::Counted));
        assert_eq!(strict().judge_chosen(b"aB1cD2eF3gH4iJ5kL6mN7oP8"), Ok(Some(Unmet::Counted)));
        assert!(strict().judge_chosen(b"12abcdefghijklmnopqrs").is_err());
        let lenient = ValueFilter { lower: true, ..strict() };
        assert_eq!(lenient.judge(b"aB1cD2eF3gH4iJ5kL6mN7oP8"), Ok(Some(Unmet::Counted)));
        assert!(lenient.judge(b"sk_abcdefghijklmnopqrstuvwxyz123456").is_err());
        let any = ValueFilter { reject_placeholder: false, ..strict() };
        assert_eq!(any.judge(b"aB1cD2eF3gH4iJ5kL6mN7oP8"), Ok(None));
    }

    proptest! {
        #[test]
        fn a_strict_filter_judges_as_it_accepts(value in "[ -~]{0,40}") {
            prop_assert_eq!(strict().judge(value.as_bytes()).is_ok(), strict().accepts(value.as_bytes()));
        }

        #[test]
        fn a_lenient_filter_accepts_no_less(value in "[ -~]{0,40}") {
            let lenient = ValueFilter { lower: true, ..strict() };
            if strict().accepts(value.as_bytes()) {
                prop_assert_eq!(lenient.judge(value.as_bytes()), Ok(None));
            }
        }
    }
}
