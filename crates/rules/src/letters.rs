//! How likely a run of letters is part of a word: a model of letter pairs.
//!
//! The table holds `-4 log2 P(next | letter)` over the 63,000 words of three letters or more of SCOWL's American English
//! list (size 60; possessives left out, half a count added to each pair), its first row for the start of a word. Words of
//! other European languages, identifiers and abbreviations with vowels score as words too. A word of eight letters
//! costs 3.6 bits a letter in the median and 4.3 at the 95th percentile; random letters 6.3 and, at the 5th, 5.0.

/// Quarter bits: a row for the start of a word, then one for each letter.
#[rustfmt::skip]
const PAIRS: [[u8; 26]; 27] = [
    [16, 16, 14, 16, 19, 18, 19, 19, 19, 26, 26, 20, 16, 23, 22, 15, 31, 17, 12, 17, 22, 24, 21, 40, 32, 34],
[40, 19, 16, 18, 31, 27, 20, 30, 19, 39, 25, 13, 18, 11, 39, 20, 39, 12, 16, 11, 22, 24, 26, 32, 23, 30],
    [11, 19, 34, 33, 11, 39, 45, 37, 13, 31, 49, 10, 33, 34, 12, 40, 52, 14, 19, 29, 14, 37, 39, 52, 25, 58],
    [11, 46, 23, 44, 13, 51, 47, 12, 15, 62, 14, 18, 44, 44, 10, 46, 36, 16, 25, 15, 17, 49, 62, 62, 25, 43],
    [15, 29, 32, 20, 7, 32, 22, 30, 9, 31, 43, 19, 28, 29, 15, 33, 46, 18, 15, 33, 18, 29, 28, 60, 24, 41],
    [18, 28, 19, 12, 21, 25, 25, 32, 26, 39, 34, 17, 21, 13, 28, 23, 33, 9, 10, 18, 31, 25, 27, 24, 27, 36],
    [13, 36, 39, 42, 12, 14, 40, 38, 10, 47, 45, 13, 41, 39, 12, 42, 56, 14, 23, 19, 13, 56, 43, 56, 22, 56],
    [12, 35, 47, 38, 9, 36, 17, 15, 13, 45, 42, 15, 27, 19, 15, 36, 49, 13, 17, 30, 16, 52, 34, 58, 23, 41],
    [10, 29, 37, 35, 8, 32, 43, 36, 10, 43, 40, 25, 26, 27, 10, 37, 48, 19, 22, 18, 17, 49, 29, 59, 20, 48],
    [18, 25, 15, 20, 15, 23, 20, 42, 40, 43, 31, 17, 20, 7, 15, 23, 35, 21, 14, 15, 32, 21, 44, 34, 49, 21],
    [8, 46, 46, 46, 10, 39, 46, 46, 14, 46, 39, 46, 46, 46, 9, 39, 46, 39, 36, 46, 8, 46, 39, 46, 46, 46],
    [15, 26, 35, 32, 7, 29, 35, 23, 9, 38, 29, 17, 28, 19, 20, 29, 54, 24, 12, 30, 23, 54, 26, 54, 20, 54],
    [12, 31, 29, 23, 9, 30, 31, 38, 10, 50, 29, 12, 28, 33, 14, 30, 49, 37, 19, 22, 19, 29, 39, 45, 14, 47],
    [9, 17, 31, 42, 9, 33, 50, 39, 10, 60, 50, 31, 18, 28, 12, 13, 46, 36, 19, 41, 18, 42, 41, 60, 27, 53],
    [16, 32, 16, 15, 12, 25, 9, 31, 15, 35, 24, 30, 33, 22, 19, 33, 34, 32, 13, 12, 25, 28, 34, 42, 30, 37],
    [22, 23, 19, 21, 27, 26, 20, 32, 23, 40, 25, 16, 17, 9, 18, 19, 39, 12, 17, 18, 14, 21, 19, 30, 28, 34],
    [12, 35, 37, 38, 10, 38, 41, 16, 13, 47, 39, 15, 34, 36, 13, 16, 60, 12, 18, 19, 18, 54, 37, 60, 27, 54],
    [32, 38, 45, 45, 45, 45, 45, 45, 29, 45, 45, 32, 45, 45, 38, 45, 45, 45, 38, 45, 0, 45, 38, 45, 45, 45],
    [11, 25, 22, 20, 9, 29, 24, 31, 11, 40, 25, 25, 22, 22, 13, 26, 41, 21, 14, 18, 20, 28, 33, 49, 22, 44],
    [17, 32, 17, 35, 12, 32, 36, 15, 14, 44, 24, 20, 21, 24, 18, 17, 29, 36, 13, 8, 18, 39, 25, 63, 26, 50],
    [14, 33, 25, 41, 9, 32, 39, 16, 9, 48, 45, 22, 31, 32, 15, 36, 63, 14, 15, 19, 19, 45, 29, 63, 21, 33],
    [19, 19, 18, 20, 18, 25, 21, 40, 19, 40, 32, 13, 16, 11, 28, 19, 46, 12, 11, 14, 43, 33, 45, 33, 38, 31],
    [11, 48, 45, 40, 4, 48, 45, 43, 9, 54, 54, 36, 54, 45, 15, 45, 54, 35, 33, 42, 25, 34, 54, 54, 30, 54],
    [9, 26, 35, 24, 10, 31, 36, 16, 10, 54, 28, 21, 31, 17, 12, 30, 54, 19, 17, 30, 33, 54, 36, 54, 30, 39],
    [16, 37, 14, 46, 11, 34, 37, 20, 10, 46, 46, 32, 35, 37, 19, 10, 37, 37, 37, 11, 20, 26, 31, 23, 22, 40],
    [14, 21, 17, 21, 13, 27, 23, 27, 13, 36, 31, 17, 16, 16, 18, 15, 45, 18, 11, 20, 24, 37, 22, 31, 40, 29],
    [12, 34, 40, 38, 5, 49, 43, 28, 9, 49, 36, 20, 32, 34, 17, 34, 43, 40, 36, 34, 26, 34, 34, 49, 23, 15],
];

/// Mean cost of a letter of `run`, in quarter bits, whatever its case; zero for an empty run. Bytes that are no letters
/// cost what a rare pair costs.
pub(crate) fn cost(run: &[u8]) -> usize {
    const RARE: usize = 40;
    let mut row = 0;
    let mut sum = 0;
    for byte in run {
        if byte.is_ascii_alphabetic() {
            let letter = usize::from(byte.to_ascii_lowercase() - b'a');
            sum += usize::from(PAIRS[row][letter]);
            row = letter + 1;
        } else {
            sum += RARE;
            row = 0;
        }
    }
    sum.checked_div(run.len()).unwrap_or(0)
}

/// Whether a run of letters of one case (or capitalised) reads like a word or several written together.
pub(crate) fn is_word(run: &[u8]) -> bool {
    let mixed = run.len() > 1
        && run[1..].iter().any(u8::is_ascii_uppercase)
        && run.iter().any(u8::is_ascii_lowercase);
    let limit = match run.len() {
        0..3 => return false,
        3..6 => 20,
        6..10 => 19,
        _ => 18,
    };
    !mixed && cost(run) <= limit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_cost_less_than_random_letters() {
        for word in
            ["password", "hunter", "postgres", "kubernetes", "authtoken", "Zugang", "contrasena", "Wombat"]
        {
            assert!(is_word(word.as_bytes()), "{word} {}", cost(word.as_bytes()));
        }
        for run in ["xkcd", "qzvkwj", "hjkdfg", "bvcxzq", "TgBvFr", "vkjhgfdxn"] {
            assert!(!is_word(run.as_bytes()), "{run} {}", cost(run.as_bytes()));
        }
    }

    #[test]
    fn most_random_runs_are_no_words() {
        // A linear congruential generator is random enough, and the same every time.
        let mut state = 7u64;
        let mut letter = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            b'a' + u8::try_from((state >> 33) % 26).expect("less than 26")
        };
        let runs: Vec<Vec<u8>> = (0..2000).map(|_| (0..10).map(|_| letter()).collect()).collect();
        let wordy = runs.iter().filter(|run| is_word(run)).count();
        assert!(wordy < 60, "{wordy} of 2000 random runs read like words");
    }
}
