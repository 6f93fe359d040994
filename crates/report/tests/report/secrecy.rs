//! No format lets a secret out unless it is asked to, wherever in the repository it was written.

use proptest::prelude::*;
use unleak_report::human::Look;
use unleak_scan::{Outcome, SkipReason};

use crate::sample::{
    finding, full_of, human_text, json_text, jsonl_text, outcome, report, staged, stale, value,
};

/// An outcome that has `secret` in every text that can come from a repository.
fn soaked(secret: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(secret).into_owned();
    let mut first = full_of(secret, secret);
    first.verdict = unleak_findings::Verdict::Allowed(text.clone());
    let mut outcome = outcome(vec![first, full_of(secret, secret), finding(secret, secret)]);
    outcome.coverage.scanned(format!("range {text}..HEAD"), Vec::new());
    outcome.coverage.skip(SkipReason::Unreadable, &text, &text);
    outcome
}

/// Every output of every format that is to hide secrets.
fn outputs(outcome: &Outcome, target: &str, reason: &str) -> Vec<String> {
    let mut report = report(outcome);
    report.target = target;
    report.stale = vec![stale(reason)];
    let wide = Look { width: usize::MAX, verbose: true, ..Look::default() };
    vec![
        human_text(&report, &Look::default()),
        human_text(&report, &wide),
        human_text(&report, &Look { color: true, ..wide }),
        json_text(&report),
        jsonl_text(&report),
    ]
}

fn contains(text: &str, secret: &[u8]) -> bool {
    text.as_bytes().windows(secret.len()).any(|window| window == secret)
}

/// The secret as JSON writes it and as a terminal is shown it, too.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(secret);
    let quoted = serde_json::to_string(&text).unwrap();
    vec![secret.to_vec(), quoted[1..quoted.len() - 1].into(), unleak_report::harmless(secret).into_bytes()]
}

#[track_caller]
fn assert_hidden(secret: &[u8]) {
    let text = String::from_utf8_lossy(secret);
    let gate = outcome(vec![staged(finding(secret, secret))]);
    for output in [soaked(secret), gate].iter().flat_map(|outcome| outputs(outcome, &text, &text)) {
        for form in forms(secret) {
            assert!(!contains(&output, &form), "{output}");
        }
    }
}

proptest! {
    #[test]
    fn printable_secrets_stay_hidden(secret in "[!-~]{7,60}[A-Z0-9]") {
        assert_hidden(secret.as_bytes());
    }

    #[test]
    fn any_text_stays_hidden(secret in "[A-Z]\\PC{7,40}") {
        assert_hidden(secret.as_bytes());
    }
}

#[test]
fn multi_line_and_binary_secrets_stay_hidden() {
    assert_hidden(b"line one\nline two\n");
    assert_hidden(b"\x00\x01\x1b[31m\x7f\x07 tail");
    assert_hidden(
        ["-----BEGIN ", "PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END"].concat().as_bytes(),
    );
}

#[test]
fn the_longer_of_two_secrets_that_begin_alike_is_cut_out() {
    let (short, long) = ("Abcdefgh1", "Abcdefgh12345");
    let outcome = outcome(vec![
        finding(short.as_bytes(), b"a"),
        finding(long.as_bytes(), format!("x-{long}-{short}").as_bytes()),
    ]);
    let json = json_text(&report(&outcome));
    assert!(json.contains("\"path\": \"x-[redacted]-[redacted]\""), "{json}");
}

#[test]
fn a_path_keeps_its_words_and_a_sentence_does_not() {
    let outcome = outcome(vec![full_of(b"docker/postgres", b"postgres")]);
    let json = json_text(&report(&outcome));
    assert!(json.contains("\"path\": \"path docker/postgres z\""), "{json}");
    assert!(json.contains("\"subject\": \"subject docker/[redacted] z\""), "{json}");
}

#[test]
fn who_asks_for_the_value_gets_it_whole() {
    let secret = value(1);
    let outcome = soaked(secret.as_bytes());
    let mut report = report(&outcome);
    report.show_secrets = true;
    for output in [human_text(&report, &Look::default()), json_text(&report), jsonl_text(&report)] {
        assert!(output.contains(&secret));
        assert!(!output.contains("[redacted]"));
    }
}
