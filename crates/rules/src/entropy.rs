//! Shannon entropy of a value.

use std::collections::BTreeMap;

/// Shannon entropy of `value` in bits a byte, 0.0 for an empty one (Shannon, A Mathematical Theory of Communication,
/// 1948).
pub fn shannon(value: &[u8]) -> f64 {
    if value.is_empty() {
        return 0.0;
    }
    let mut counts = [0u32; 256];
    for &byte in value {
        counts[usize::from(byte)] += 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "values are far shorter than 2^52 bytes")]
    let total = value.len() as f64;
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| {
            let share = f64::from(count) / total;
            -share * share.log2()
        })
        .sum()
}

/// The entropy that gitleaks compares and reports: shares are of characters (a byte that is no UTF-8 counts as U+FFFD),
/// but in all the bytes. The same as [`shannon`] for ASCII.
pub fn shannon_of_characters(value: &[u8]) -> f64 {
    if value.is_ascii() {
        return shannon(value);
    }
    let mut counts = BTreeMap::<char, u32>::new();
    for chunk in value.utf8_chunks() {
        let broken = chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER);
        chunk.valid().chars().chain(broken).for_each(|c| *counts.entry(c).or_default() += 1);
    }
    #[expect(clippy::cast_precision_loss, reason = "values are far shorter than 2^52 bytes")]
    let total = value.len() as f64;
    let share = |count: u32| f64::from(count) / total;
    counts.into_values().map(|count| -share(count) * share(count).log2()).sum()
}

/// Number of distinct bytes in `value`.
pub(crate) fn distinct(value: &[u8]) -> usize {
    let mut seen = [false; 256];
    for &byte in value {
        seen[usize::from(byte)] = true;
    }
    seen.iter().filter(|&&is| is).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        assert!((shannon(b"") - 0.0).abs() < 1e-12);
        assert!((shannon(b"aaaa") - 0.0).abs() < 1e-12);
        assert!((shannon(b"abcd") - 2.0).abs() < 1e-12);
        assert!((shannon(b"aab") - 0.918_295_834_054_489_6).abs() < 1e-12);
        assert_eq!(distinct(b"abca"), 3);
    }
}
