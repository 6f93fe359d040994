//! Python's answers: what git-filter-repo's rules mean, a few lines on top of its `re` and `fnmatch`.
//!
//! With `UNLEAK_TEST_FILTER_REPO=/folder/of/git_filter_repo.py` the program itself is asked. Without a Python that has
//! the dialect (3.11 to 3.13) there are no answers, and the tests that need them say so; with
//! `UNLEAK_TEST_NEEDS_PYTHON` they fail.

use std::io::Write as _;
use std::process::{Command, Stdio};

const REFERENCE: &str = include_str!("reference.py");

/// A question: its kind and its arguments.
pub(crate) type Question = (&'static str, Vec<Vec<u8>>);

/// An answer: bytes, or that there is none but an error.
pub(crate) type Answer = Result<Vec<u8>, String>;

fn hex(bytes: &[u8]) -> String {
    // A lone dash for nothing, so that words can be told apart.
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    if digits.is_empty() { "-".to_owned() } else { digits.concat() }
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = text.trim_matches('-').as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

/// Answers all questions in one run; `None` without a suitable Python.
#[allow(clippy::disallowed_methods, reason = "the tests run Python, from this file only")]
pub(crate) fn ask(questions: &[Question]) -> Option<Vec<Answer>> {
    let needed = std::env::var_os("UNLEAK_TEST_NEEDS_PYTHON").is_some();
    let started = Command::new("python3")
        .args(["-W", "ignore", "-c", REFERENCE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = started else {
        assert!(!needed, "there is no python3");
        return None;
    };
    let lines = questions.iter().map(|(kind, arguments)| {
        let words: Vec<String> = arguments.iter().map(|argument| hex(argument)).collect();
        format!("{kind} {}\n", words.join(" "))
    });
    let lines: String = lines.collect();
    let mut pipe = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || pipe.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let written = writer.join().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    if text.starts_with("unsuitable") {
        assert!(!needed, "python3 is {text}");
        return None;
    }
    written.unwrap();
    assert!(output.status.success(), "the reference failed");
    let answers: Vec<Answer> = text
        .lines()
        .map(|line| line.strip_prefix('!').map_or_else(|| Ok(unhex(line)), |error| Err(error.to_owned())))
        .collect();
    assert_eq!(answers.len(), questions.len());
    Some(answers)
}
