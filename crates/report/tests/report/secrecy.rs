//! No format lets a secret out unless it is asked to, wherever in the repository it was written.

use proptest::prelude::*;
use unleak_report::human::Look;
use unleak_scan::{Outcome, SkipReason};

use crate::sample::{
    FORMATS, commit, committed, finding, full_of, human_text, json_text, outcome, report, staged, stale,
    text_of, value, vendor,
};

/// Formats that are made to be shown around: no flag makes them show a secret.
const PUBLIC: [&str; 6] = ["sarif", "github", "junit", "codequality", "rdjson", "md"];

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
    let looks = [Look::default(), wide, Look { color: true, ..wide }];
    let mut outputs: Vec<String> = looks.iter().map(|look| human_text(&report, look)).collect();
    outputs.extend(FORMATS.map(|(name, _)| text_of(name, &report)));
    report.show_secrets = true;
    outputs.extend(PUBLIC.map(|name| text_of(name, &report)));
    outputs
}

fn contains(text: &str, secret: &[u8]) -> bool {
    text.as_bytes().windows(secret.len()).any(|window| window == secret)
}

/// The secret as each format could write it: in JSON, on a terminal, in a URI, in XML, in a workflow command, in CSV,
/// in a code span.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(secret);
    let quoted = serde_json::to_string(&text).unwrap();
    let shown = unleak_report::harmless(secret);
    let encoded: String = secret.iter().fold(String::new(), |encoded, &byte| match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            encoded + &char::from(byte).to_string()
        }
        _ => encoded + &format!("%{byte:02X}"),
    });
    let xml = shown.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    vec![
        secret.to_vec(),
        quoted[1..quoted.len() - 1].into(),
        encoded.into(),
        xml.replace('"', "&quot;").replace('\'', "&apos;").into(),
        xml.into(),
        shown.replace('%', "%25").replace(':', "%3A").replace(',', "%2C").into(),
        shown.replace('%', "%25").into(),
        shown.replace('"', "\"\"").into(),
        shown.replace('`', r"\x60").replace('|', r"\x7c").into(),
        shown.into(),
    ]
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
    let mut outputs = vec![human_text(&report, &Look::default())];
    outputs
        .extend(["json", "jsonl", "csv", "gitleaks-json", "gitleaks-csv"].map(|name| text_of(name, &report)));
    for output in outputs {
        assert!(output.contains(&secret));
        assert!(!output.contains("[redacted]"));
    }
    report.providers = vendor("https://acme.example");
    let outcome = outcome_of_new(&secret);
    let mut report = crate::sample::report(&outcome);
    assert!(!text_of("gitlab", &report).contains("raw_source_code_extract"));
    report.show_secrets = true;
    assert!(text_of("gitlab", &report).contains(&format!("\"raw_source_code_extract\": \"{secret}\"")));
}

fn outcome_of_new(secret: &str) -> Outcome {
    outcome(vec![finding(secret.as_bytes(), b"a.env")])
}

#[test]
fn a_mail_address_stays_at_home() {
    let secret = value(1);
    let named = |author: &[u8]| {
        outcome(vec![committed(finding(secret.as_bytes(), b"a"), commit(1, author, b"Add config"), true)])
    };
    for outcome in [named(b"Jane Doe"), named(b"jane@example.org")] {
        for show_secrets in [false, true] {
            let mut report = report(&outcome);
            report.show_secrets = show_secrets;
            for name in ["sarif", "gitlab", "github", "junit", "codequality", "rdjson", "csv", "md"] {
                let text = text_of(name, &report);
                assert!(!text.contains("jane@"), "{name}: {text}");
                assert!(name == "csv" || !text.contains("Jane"), "{name}: {text}");
            }
        }
    }
}
