//! What a stranger names a file, a ref or a commit stays text in every format.

use proptest::prelude::*;
use unleak_findings::Verdict;
use unleak_scan::{Outcome, SkipReason};

use crate::sample::{FORMATS, finding, full_of, outcome, report, staged, text_of, value, vendor};
use crate::schemas::{elements, valid};

const TEXTS: [&[u8]; 14] = [
    b"a\n::error::x",
    b"::error file=x::y",
    b"##[error]x",
    b"a%0A::set-env name=x::y",
    b"a,col=1,title=x::y",
    b"a|b`c`|d",
    b"<script>alert(1)</script>",
    b"]]><x y='z\"'/>&amp;",
    b"\xff\xfe\x80",
    "a\u{202e}gpj\u{200b}\u{feff}\u{ffff}".as_bytes(),
    b"=HYPERLINK(\"http://x\")",
    b"@everyone #1 https://example.org",
    b"\x1b]8;;http://x\x07y\x00",
    b"{0} [x](1) \\",
];

/// An outcome with `text` in every place that a stranger can name, alone and among other words.
fn named(text: &[u8]) -> Outcome {
    let lossy = String::from_utf8_lossy(text).into_owned();
    let mut rule = staged(finding(value(1).as_bytes(), text));
    rule.rule_id = format!("r{lossy}");
    rule.description.clone_from(&lossy);
    let mut accepted = full_of(text, value(2).as_bytes());
    accepted.verdict = Verdict::Baselined(lossy.clone());
    let mut outcome = outcome(vec![rule, accepted, full_of(text, value(3).as_bytes())]);
    outcome.coverage.skip(SkipReason::Unreadable, &lossy, &lossy);
    outcome
}

#[track_caller]
fn check(text: &[u8]) {
    let outcome = named(text);
    let mut report = report(&outcome);
    let lossy = String::from_utf8_lossy(text).into_owned();
    report.target = &lossy;
    report.providers = vendor(&lossy);
    for name in ["sarif", "gitlab", "codequality", "rdjson"] {
        valid(name, &report);
    }
    for (name, _) in FORMATS {
        let output = text_of(name, &report);
        let allowed: &[char] = if name == "csv" { &['\r', '\n'] } else { &['\n'] };
        // The formats of gitleaks are gitleaks' own.
        if name != "gitleaks-csv" {
            assert!(!output.chars().any(|c| c < ' ' && !allowed.contains(&c)), "{name}: {output:?}");
        }
    }
    check_commands(&text_of("github", &report));
    check_markdown(&text_of("md", &report));
    let xml = text_of("junit", &report);
    assert!(!xml.contains(['\u{fffe}', '\u{ffff}']));
    let found = elements(&xml);
    assert_eq!(found.iter().filter(|element| element.0 == "failure").count(), 2, "{xml}");
    assert_eq!(found.len(), 2 + 2 * 4, "{xml}");
    let table = text_of("csv", &report);
    let mut reader = csv::ReaderBuilder::new().from_reader(table.as_bytes());
    for row in reader.records().map(Result::unwrap) {
        assert_eq!(row.len(), 20);
        assert!(!row.iter().any(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{row:?}");
    }
    assert_eq!(table.lines().count(), 4, "{table}");
}

/// Reads workflow commands as the runner does: one a line, properties up to the first `::` behind the name.
#[track_caller]
fn check_commands(text: &str) {
    assert_eq!(text.lines().count(), 3, "{text}");
    for line in text.lines() {
        let (name, rest) = line.strip_prefix("::").unwrap().split_once(' ').unwrap();
        assert!(["error", "warning"].contains(&name), "{line}");
        let (properties, _) = rest.split_once("::").unwrap();
        let keys: Vec<&str> =
            properties.split(',').map(|property| property.split_once('=').unwrap().0).collect();
        let located = ["file", "line", "endLine", "col", "endColumn", "title"];
        assert!(keys == located || keys == ["title"], "{line}");
    }
}

/// Every row has five cells, and outside code spans there is nothing but words.
#[track_caller]
fn check_markdown(text: &str) {
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), 4, "{text}");
    for row in &rows[2..] {
        assert_eq!(row.matches('|').count(), 6, "{row}");
        assert_eq!(row.matches('`').count() % 2, 0, "{row}");
        let outside: String = row.split('`').step_by(2).collect();
        assert!(!outside.contains(['<', '[', '@', '#', '_', '\\', ':']), "{row}");
    }
    assert_eq!(text.lines().count(), 11, "{text}");
}

#[test]
fn known_tricks_stay_text() {
    TEXTS.into_iter().for_each(check);
    check("x".repeat(10_000).as_bytes());
    check("%:,|`\n".repeat(1_000).as_bytes());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_bytes_stay_text(text in proptest::collection::vec(any::<u8>(), 1..40)) {
        check(&text);
    }

    #[test]
    fn marks_stay_text(text in "[a:,%|`<>&'\"=@#\\[\\]\n\r{}_*\\\\ -]{1,30}") {
        check(text.as_bytes());
    }
}

#[test]
fn a_closed_pipe_is_told_as_one() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let outcome = named(b"a");
    for (name, write) in FORMATS {
        let error = write(&report(&outcome), &mut Closed).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe, "{name}");
    }
}
