//! JSON and JSON Lines: valid by the schema, the same findings, hostile bytes kept apart.

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};
use unleak_findings::Verdict;
use unleak_report::Report;
use unleak_scan::{Outcome, SkipReason};

use crate::sample::{
    commit, committed, finding, full_of, json_text, jsonl_text, outcome, report, staged, stale, value,
};

fn schema() -> Value {
    serde_json::from_str(include_str!("../../schema/report.schema.json")).unwrap()
}

/// The validator of one definition of the schema, or of the whole document.
fn validator(definition: Option<&str>) -> Validator {
    let mut schema = schema();
    if let Some(name) = definition {
        let definitions = schema["$defs"].take();
        schema =
            json!({"$schema": schema["$schema"], "$ref": format!("#/$defs/{name}"), "$defs": definitions});
    }
    jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap()
}

#[track_caller]
fn check(validator: &Validator, text: &str) -> Value {
    let value: Value = serde_json::from_str(text).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{text}");
    value
}

/// Validates both formats and returns the JSON document.
#[track_caller]
fn valid(report: &Report<'_>) -> Value {
    let document = check(&validator(None), &json_text(report));
    let text = jsonl_text(report);
    let lines: Vec<&str> = text.strip_suffix('\n').unwrap().split('\n').collect();
    let (summary, findings) = lines.split_last().unwrap();
    let line_validator = validator(Some("finding_line"));
    let mut findings: Vec<Value> = findings.iter().map(|line| check(&line_validator, line)).collect();
    for finding in &mut findings {
        assert_eq!(finding.as_object_mut().unwrap().remove("type"), Some(json!("finding")));
    }
    assert_eq!(document["findings"], Value::Array(findings));
    let summary = check(&validator(Some("summary_line")), summary);
    for key in ["schema_version", "tool", "coverage", "stats", "baseline"] {
        assert_eq!(summary[key], document[key]);
    }
    document
}

fn everything() -> Outcome {
    let mut accepted = finding(value(2).as_bytes(), b"b.env");
    accepted.verdict = Verdict::Baselined("test data".to_owned());
    let mut outcome = outcome(vec![
        full_of(b"plain", value(1).as_bytes()),
        accepted,
        staged(finding(value(3).as_bytes(), b"c.env")),
        committed(finding(value(4).as_bytes(), b"d.env"), commit(4, b"Jane Doe", b"Add config"), false),
    ]);
    let reasons = [
        SkipReason::Interrupted,
        SkipReason::Corrupt,
        SkipReason::Missing,
        SkipReason::NotFetched,
        SkipReason::Shallow,
        SkipReason::Unreadable,
        SkipReason::BrokenRef,
        SkipReason::TooLarge,
        SkipReason::Unstable,
        SkipReason::Submodule,
        SkipReason::LfsPointer,
        SkipReason::SpecialFile,
    ];
    for reason in reasons {
        (0..30).for_each(|n| outcome.coverage.skip(reason, format!("thing {n}"), "why"));
    }
    outcome
}

#[test]
fn reports_are_as_the_schema_says() {
    let outcome = everything();
    let mut report = report(&outcome);
    report.stale = vec![stale("gone")];
    let document = valid(&report);
    assert_eq!(document["findings"].as_array().unwrap().len(), 4);
    assert_eq!(document["coverage"]["complete"], json!(false));
    assert_eq!(document["coverage"]["skipped"][1]["count"], json!(30));
    report.show_secrets = true;
    assert_eq!(valid(&report)["findings"][0]["secret"], json!(value(2)));
    valid(&crate::sample::report(&Outcome::default()));
}

#[test]
fn the_schema_is_a_schema_and_closed() {
    assert!(jsonschema::meta::is_valid(&schema()));
    let outcome = everything();
    let document: Value = serde_json::from_str(&json_text(&report(&outcome))).unwrap();
    let whole = validator(None);
    for pointer in [
        "",
        "/tool",
        "/findings/0",
        "/findings/0/location",
        "/findings/0/span",
        "/findings/0/reach",
        "/findings/0/appearances/0",
        "/coverage",
        "/coverage/scanned/0",
        "/coverage/skipped/0",
        "/coverage/skipped/0/examples/0",
        "/stats",
        "/baseline",
    ] {
        let mut more = document.clone();
        more.pointer_mut(pointer).unwrap()["surprise"] = json!(1);
        assert!(!whole.is_valid(&more), "a key too many at {pointer}");
        let keys: Vec<String> =
            document.pointer(pointer).unwrap().as_object().unwrap().keys().cloned().collect();
        for key in keys {
            let mut less = document.clone();
            less.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(&key);
            assert!(!whole.is_valid(&less), "{key} missing at {pointer}");
        }
    }
}

#[test]
fn a_finding_looks_like_this() {
    let mut finding =
        committed(finding(value(1).as_bytes(), b"a.env"), commit(1, b"Jane Doe", b"Add config"), true);
    finding.decoded = vec![
        unleak_rules::checks::Fact::new("account", "12"),
        unleak_rules::checks::Fact::new("account", "34"),
    ];
    let outcome = outcome(vec![finding]);
    let document = valid(&report(&outcome));
    let (commit, blob) = ("01".repeat(20), "b0".repeat(20));
    let appearance = json!({"exposure": "pushed", "path": "a.env", "blob_id": blob, "commit_id": commit,
        "author": "Jane Doe", "date": "2024-05-02T12:00:00Z", "subject": "Add config"});
    assert_eq!(
        document["findings"],
        json!([{
            "rule_id": "acme-token", "description": "Acme API token", "family": "acme",
            "fingerprint": outcome.findings[0].fingerprint.as_str(),
            "severity": "high", "confidence": "high", "proof": "unchecked", "redacted": "tok_… (32 bytes)",
            "location": {"path": "a.env", "start_line": 3, "start_column": 8, "end_line": 3, "end_column": 39},
            "medium": "file", "span": {"start": 20, "end": 52}, "blob_id": blob, "commit_id": commit,
            "author": "Jane Doe", "date": "2024-05-02T12:00:00Z", "subject": "Add config",
            "appearances": [appearance],
            "reach": {"in_head": true, "branches": ["refs/heads/main"], "tags": [],
                "remotes": ["refs/remotes/origin/main"], "others": [], "unnamed": 0, "reflog": false},
            "exposure": "pushed", "verdict": "new", "reason": null, "allow_comment": null,
            "decoded": {"account": "12, 34"},
        }])
    );
    assert_eq!(
        document["coverage"],
        json!({"complete": true, "interrupted": false, "skipped": [], "scanned": [
        {"source": "history", "counts": {"commits": 203_352, "blobs": 262_343}},
        {"source": "working tree", "counts": {"files": 1}}]})
    );
    assert_eq!(
        document["stats"],
        json!({"objects": 465_696, "bytes": 1_400_000_000, "hidden": 0, "unchanged": 0,
        "rules": 512, "threads": 2, "elapsed_ms": 4000})
    );
}

#[test]
fn what_is_not_utf8_comes_in_base64_too() {
    let outcome = outcome(vec![finding(b"\xffsecret-value\xfe", b"a\xff.env")]);
    let mut report = report(&outcome);
    let hidden = valid(&report);
    assert_eq!(hidden["findings"][0]["location"]["path"], json!("a\u{fffd}.env"));
    assert_eq!(hidden["findings"][0]["location"]["path_base64"], json!("Yf8uZW52"));
    assert_eq!(hidden["findings"][0].get("secret_base64"), None);
    report.show_secrets = true;
    assert_eq!(valid(&report)["findings"][0]["secret_base64"], json!("/3NlY3JldC12YWx1Zf4="));
}

#[test]
fn a_commit_from_outside_the_calendar_has_no_date() {
    let mut commit = commit(1, b"Jane", b"x");
    commit.authored = i64::MAX;
    let outcome = outcome(vec![committed(finding(value(1).as_bytes(), b"a"), commit, true)]);
    assert_eq!(valid(&report(&outcome))["findings"][0]["date"], Value::Null);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn hostile_texts_stay_inside_their_strings(text in proptest::collection::vec(any::<u8>(), 0..40)) {
        let outcome = outcome(vec![full_of(&text, value(1).as_bytes())]);
        let report = report(&outcome);
        valid(&report);
        for output in [json_text(&report), jsonl_text(&report)] {
            prop_assert!(!output.bytes().any(|b| b < b' ' && b != b'\n'));
        }
        prop_assert_eq!(jsonl_text(&report).lines().count(), 2);
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
    let outcome = everything();
    let report = report(&outcome);
    for result in [
        unleak_report::json::write(&report, &mut Closed),
        unleak_report::jsonl::write(&report, &mut Closed),
        unleak_report::human::write(&report, &unleak_report::human::Look::default(), &mut Closed),
    ] {
        assert_eq!(result.unwrap_err().kind(), std::io::ErrorKind::BrokenPipe);
    }
}
