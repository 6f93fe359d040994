//! Bytes a second of the detector with the built-in rules, on generated source code or on a file.
//!
//! `cargo bench --bench detector` · `cargo bench --bench detector -- FILE`

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::time::{Duration, Instant};

use unleak_rules::{Detector, Scratch, builtin};

/// Bytes of generated text.
const SIZE: usize = 64 << 20;
/// Bytes handed to the detector at once: about a large blob.
const BLOB: usize = 256 << 10;
/// Runs; the median counts.
const RUNS: usize = 9;

/// What source code is made of, so that the prefilter meets the letters it meets in life.
const WORDS: [&str; 48] = [
    "if",
    "else",
    "return",
    "function",
    "const",
    "let",
    "for",
    "while",
    "class",
    "import",
    "from",
    "public",
    "static",
    "void",
    "int",
    "string",
    "self",
    "this",
    "None",
    "null",
    "true",
    "false",
    "index",
    "value",
    "result",
    "error",
    "name",
    "type",
    "options",
    "buffer",
    "parent",
    "user",
    "config",
    "path",
    "file",
    "data",
    "list",
    "size",
    "length",
    "count",
    "get",
    "set",
    "read",
    "write",
    "test",
    "https://example.org/a",
    "# see the note above",
    "visibility",
];
/// Words that make rules look, about as often as in life: one in 512.
const ANCHORS: [&str; 4] = ["token", "password", "api_key", "secret"];
const MARKS: [&str; 16] = [
    " ",
    " ",
    " ",
    " = ",
    "(",
    ")",
    ", ",
    ".",
    "_",
    ";\n",
    " {\n    ",
    "\n",
    "\n        ",
    " == ",
    "[0]",
    ": \"x\"",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let (name, text) = match file {
        Some(path) => (path.clone(), std::fs::read(path)?),
        None => ("generated source code".to_owned(), generated()),
    };
    if text.is_empty() {
        return Err("there is nothing to measure in an empty file".into());
    }
    let started = Instant::now();
    let detector = Detector::new(builtin::rule_set());
    let built = started.elapsed();
    let mut scratch = Scratch::default();
    // The first run compiles the regexes whose anchors occur.
    let (first, found) = timed(&detector, &text, &mut scratch);
    let mut times: Vec<Duration> = (0..RUNS).map(|_| timed(&detector, &text, &mut scratch).0).collect();
    times.sort();
    println!("text      {name}, {} bytes in pieces of {BLOB}", text.len());
    println!("rules     {}, ready in {built:.1?}", detector.rules().len());
    println!("matches   {found}");
    println!("first     {} GB/s", rate(text.len(), first));
    println!("median    {} GB/s of {RUNS} runs on one thread", rate(text.len(), times[RUNS / 2]));
    println!("best      {} GB/s", rate(text.len(), times[0]));
    Ok(())
}

/// Time and number of matches of one run.
fn timed(detector: &Detector, text: &[u8], scratch: &mut Scratch) -> (Duration, usize) {
    let started = Instant::now();
    let found = text.chunks(BLOB).map(|blob| detector.scan(blob, scratch).len()).sum();
    (started.elapsed(), found)
}

/// In hundredths of 10^9 bytes a second.
fn rate(bytes: usize, time: Duration) -> String {
    let hundredths = bytes as u128 * 100 / time.as_nanos().max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// The same text on every machine.
fn generated() -> Vec<u8> {
    let mut text = Vec::with_capacity(SIZE + 64);
    // Xorshift: Marsaglia, "Xorshift RNGs" (2003).
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    while text.len() < SIZE {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let [word, mark, rare, which, ..] = state.to_le_bytes();
        let words: &[&str] = if rare == 0 && which < 128 { &ANCHORS } else { &WORDS };
        text.extend_from_slice(words[usize::from(word) % words.len()].as_bytes());
        text.extend_from_slice(MARKS[usize::from(mark) % MARKS.len()].as_bytes());
    }
    text.truncate(SIZE);
    text
}
