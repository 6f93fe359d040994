//! The formats of other tools: valid by their schemas, every kind of finding in its place, the same bytes each time.

use serde_json::{Value, json};
use unleak_findings::{Finding, Medium, Verdict};
use unleak_rules::{Confidence, Severity};
use unleak_scan::{Outcome, SkipReason};

use crate::sample::{FORMATS, commit, committed, finding, outcome, report, staged, text_of, value, vendor};
use crate::schemas::{elements, schema, valid, validators};

fn attribute<'a>(element: &'a (String, Vec<(String, String)>), name: &str) -> &'a str {
    element.1.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap()
}

fn pushed(n: u32, path: &[u8]) -> Finding {
    committed(finding(value(n).as_bytes(), path), commit(1, b"Jane Doe", b"Add config"), true)
}

fn with(mut finding: Finding, change: impl FnOnce(&mut Finding)) -> Finding {
    change(&mut finding);
    finding
}

/// One of each kind, in report order: `a` to `k`.
fn everything() -> Outcome {
    let path = |n: u32, path: &str| finding(value(n).as_bytes(), path.as_bytes());
    let mut outcome = outcome(vec![
        pushed(1, b"a/in head.env"),
        with(pushed(2, b"b/gone.env"), |found| {
            found.reach.in_head = false;
            found.place.start_line = 9;
            found.place.end_line = 10;
            found.severity = Severity::Critical;
        }),
        staged(path(3, "c.env")),
        with(path(4, "d.env"), |found| found.verdict = Verdict::Baselined("test data".to_owned())),
        with(path(5, "e.env"), |found| found.verdict = Verdict::Allowed("sandbox".to_owned())),
        with(path(6, "f/tests/g.env"), |found| found.verdict = Verdict::Fixture),
        with(pushed(7, b"g (commit message)"), |found| found.medium = Medium::CommitMessage),
        with(pushed(8, b"h/refs/heads/x"), |found| found.medium = Medium::RefName),
        with(path(9, "i.env"), |found| {
            found.rule_id = String::from("other");
            found.description = String::new();
            found.severity = Severity::Medium;
            found.confidence = Confidence::Low;
        }),
        with(path(10, "/tmp/j.env"), |found| found.severity = Severity::Low),
        finding(value(11).as_bytes(), b"k\xff.env"),
    ]);
    outcome.coverage.skip(SkipReason::Shallow, "1a2b3c", "");
    outcome.coverage.skip(SkipReason::Submodule, "lib/zlib", "another repository");
    outcome
}

/// The result of a path that begins so.
fn at<'v>(list: &'v Value, pointer: &str, start: &str) -> &'v Value {
    let found =
        list.as_array().unwrap().iter().find(|one| {
            one.pointer(pointer).and_then(Value::as_str).is_some_and(|path| path.starts_with(start))
        });
    found.unwrap_or_else(|| panic!("{start}: {list:#}"))
}

#[test]
fn the_schemas_are_schemas() {
    for name in ["sarif", "gitlab", "codequality", "rdjson"] {
        assert!(jsonschema::meta::is_valid(&schema(name)), "{name}");
        let validator = &validators(name)[0];
        assert!(!validator.is_valid(&json!({})), "{name}");
    }
}

#[test]
fn sarif_has_every_finding_where_it_belongs() {
    let outcome = everything();
    let mut report = report(&outcome);
    report.providers = vendor("https://acme.example/tokens");
    report.tags.insert("acme-token".to_owned(), vec!["cloud".to_owned(), "secret".to_owned()]);
    let log = valid("sarif", &report);
    let run = &log["runs"][0];
    assert_eq!(run["results"].as_array().unwrap().len(), 11);
    let uri = "/locations/0/physicalLocation/artifactLocation/uri";
    let result = |start| at(&run["results"], uri, start);
    assert_eq!(
        *result("a/"),
        json!({
            "ruleId": "acme-token", "ruleIndex": 0, "level": "error",
            "message": {"text": "Acme API token, tok_… (32 bytes): pushed, since 0101010101 (2024-05-02), still in HEAD."},
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": "a/in%20head.env", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 3, "startColumn": 8, "endLine": 3, "endColumn": 40}}}],
            "partialFingerprints": {"unleak/v1": outcome.findings[1].fingerprint.as_str()},
            "baselineState": "new", "suppressions": [],
            "properties": {"severity": "high", "confidence": "high", "proof": "unchecked", "exposure": "pushed",
                "medium": "file", "verdict": "new", "introducedBy": "01".repeat(20)},
        })
    );
    for (start, suppressed, state) in [
        ("d", Some(("external", "accepted by the baseline: test data")), "unchanged"),
        ("e", Some(("inSource", "allowed by a comment beside it: sandbox")), "new"),
        ("f/", Some(("external", "every copy belongs to tests or examples")), "new"),
        ("k%FF", None, "new"),
    ] {
        let suppressions: Vec<Value> = suppressed
            .map(|(kind, why)| json!({"kind": kind, "status": "accepted", "justification": why}))
            .into_iter()
            .collect();
        assert_eq!(result(start)["suppressions"], Value::Array(suppressions), "{start}");
        assert_eq!(result(start)["baselineState"], json!(state), "{start}");
    }
    let hashed = |start| !result(start)["partialFingerprints"]["primaryLocationLineHash"].is_null();
    assert!(["b/", "g", "h"].into_iter().all(hashed), "what is not checked out has a hash of ours");
    assert!(!["a/", "c", "d", "i", "k"].into_iter().any(hashed), "GitHub's action makes the others");
    assert_eq!(
        result("file:///tmp/j.env").pointer("/locations/0/physicalLocation/artifactLocation/uriBaseId"),
        None
    );
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 2);
    assert_eq!(
        rules[0]["properties"],
        json!({"precision": "high", "security-severity": "9.5", "tags": ["security", "secret", "cloud"]})
    );
    assert!(rules[0]["help"]["text"].as_str().unwrap().contains("Revoke: https://acme.example/tokens\n"));
    assert_eq!(rules[1]["shortDescription"]["text"], json!("other."));
    assert_eq!(result("i")["ruleIndex"], json!(1));
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], json!(false));
    assert_eq!(
        invocation["toolExecutionNotifications"][0],
        json!({"descriptor": {"id": "shallow"}, "level": "error",
            "message": {"text": "Not scanned: 1 place where a shallow clone cuts history off; to get the rest: git fetch --unshallow."}})
    );
}

#[test]
fn sarif_of_too_much_holds_what_is_new() {
    let mut many: Vec<Finding> = (0..25_002).map(|n| finding(value(n).as_bytes(), b"a")).collect();
    many[0].verdict = Verdict::Baselined("x".to_owned());
    let outcome = outcome(many);
    let log: Value = serde_json::from_str(&text_of("sarif", &report(&outcome))).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["results"].as_array().unwrap().len(), 25_000);
    assert!(run["results"].as_array().unwrap().iter().all(|result| result["baselineState"] == json!("new")));
    let notice = &run["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(notice["message"]["text"], json!("2 findings are left out: GitHub takes 25000."));
}

#[test]
fn gitlab_has_what_is_new() {
    let outcome = everything();
    let mut report = report(&outcome);
    report.started = 1_714_564_800;
    report.providers = vendor("https://acme.example/tokens");
    let document = valid("gitlab", &report);
    let list = &document["vulnerabilities"];
    assert_eq!(list.as_array().unwrap().len(), 8);
    let found = |start| at(list, "/location/file", start);
    assert_eq!(
        found("a/")["location"],
        json!({"file": "a/in head.env", "start_line": 3, "end_line": 3, "commit": {"sha": "0000000"}})
    );
    assert_eq!(
        found("b/")["location"],
        json!({"file": "b/gone.env", "start_line": 3, "end_line": 4,
            "commit": {"sha": "01".repeat(20), "date": "2024-05-02T12:00:00Z"}})
    );
    assert_eq!(found("b/")["severity"], json!("Critical"));
    assert_eq!(found("i")["name"], json!("other"));
    assert!(
        found("a/")["solution"]
            .as_str()
            .unwrap()
            .starts_with("Revoke it (https://acme.example/tokens), then")
    );
    assert_eq!(document["scan"]["start_time"], json!("2024-05-01T12:00:00"));
    assert_eq!(document["scan"]["end_time"], json!("2024-05-01T12:00:04"));
    assert_eq!(document["scan"]["status"], json!("failure"));
    report.started = i64::MAX;
    assert_eq!(valid("gitlab", &report)["scan"]["end_time"], json!("1970-01-01T00:00:00"));
}

#[test]
fn code_quality_and_rdjson_have_what_is_new() {
    let outcome = everything();
    let report = report(&outcome);
    let issues = valid("codequality", &report);
    assert_eq!(issues.as_array().unwrap().len(), 8);
    let issue = at(&issues, "/location/path", "b/");
    assert_eq!(issue["severity"], json!("blocker"));
    assert_eq!(issue["location"]["lines"], json!({"begin": 9, "end": 10}));
    let fingerprints: std::collections::BTreeSet<&str> =
        issues.as_array().unwrap().iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(fingerprints.len(), 8);
    let document = valid("rdjson", &report);
    assert_eq!(document["diagnostics"].as_array().unwrap().len(), 8);
    let found = at(&document["diagnostics"], "/location/path", "b/");
    assert_eq!(found["location"]["range"], json!({"start": {"line": 9}, "end": {"line": 10}}));
    assert_eq!(found["code"], json!({"value": "acme-token"}));
}

/// What a fingerprint of a place must not depend on, and what it must.
#[test]
fn the_identity_of_a_place_survives_edits_above_it() {
    let id = |found: Finding| {
        let outcome = outcome(vec![found]);
        valid("codequality", &report(&outcome))[0]["fingerprint"].clone()
    };
    let here = || finding(value(1).as_bytes(), b"a.env");
    let moved = with(here(), |found| found.place.start_line = 900);
    assert_eq!(id(here()), id(moved));
    assert_eq!(id(here()), id(staged(here())));
    for other in [
        finding(value(2).as_bytes(), b"a.env"),
        finding(value(1).as_bytes(), b"b.env"),
        with(here(), |found| found.ordinal = 1),
        with(here(), |found| found.medium = Medium::Note),
        with(here(), |found| found.rule_id = String::from("other")),
    ] {
        assert_ne!(id(here()), id(other));
    }
}

#[test]
fn annotations_say_where_and_what() {
    let outcome = everything();
    let text = text_of("github", &report(&outcome));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 9);
    assert!(
        lines[0].starts_with(
            "::error title=Acme API token::b/gone.env:9: Acme API token, tok_… (32 bytes): pushed"
        ),
        "{text}"
    );
    assert!(
        lines[1].starts_with(
            "::error file=a/in head.env,line=3,endLine=3,col=8,endColumn=39,title=Acme API token::Acme"
        ),
        "{text}"
    );
    assert_eq!(
        lines[8],
        "::warning title=unleak could not scan everything::not scanned: 1 place where a shallow clone cuts history off"
    );
    assert_eq!(text_of("github", &report(&Outcome::default())), "");
    let many = crate::sample::outcome((0..11).map(|n| pushed(n, b"a")).collect());
    let text = text_of("github", &report(&many));
    assert_eq!(text.lines().count(), 10);
    assert_eq!(
        text.lines().last(),
        Some("::error title=unleak::and 2 findings more: the report lists all of them")
    );
    let ten = crate::sample::outcome((0..10).map(|n| pushed(n, b"a")).collect());
    assert_eq!(text_of("github", &report(&ten)).matches("::error file=a,").count(), 10);
}

#[test]
fn junit_counts_what_it_holds() {
    let outcome = everything();
    let found = elements(&text_of("junit", &report(&outcome)));
    let count = |name: &str| found.iter().filter(|element| element.0 == name).count().to_string();
    for suite in &found[..2] {
        for (attribute_name, element) in
            [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]
        {
            assert_eq!(attribute(suite, attribute_name), count(element), "{attribute_name}");
        }
    }
    assert_eq!(
        (count("failure").as_str(), count("skipped").as_str(), count("error").as_str()),
        ("8", "3", "1")
    );
    let test = found
        .iter()
        .find(|element| element.0 == "testcase" && attribute(element, "classname").starts_with('a'));
    assert_eq!(attribute(test.unwrap(), "name"), "acme-token:3:8");
    assert_eq!(attribute(test.unwrap(), "line"), "3");
    let clean = elements(&text_of("junit", &report(&crate::sample::outcome(Vec::new()))));
    assert_eq!(
        clean.iter().map(|element| element.0.as_str()).collect::<Vec<_>>(),
        ["testsuites", "testsuite", "testcase"]
    );
    assert_eq!(attribute(&clean[1], "tests"), "1");
}

#[test]
fn a_table_for_spreadsheets_reads_back() {
    let outcome = everything();
    let text = text_of("csv", &report(&outcome));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader.headers().unwrap().clone();
    let column = |name: &str| columns.iter().position(|column| column == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 11);
    let row = rows.iter().find(|row| row[column("path")].starts_with("a/")).unwrap();
    assert_eq!(&row[column("author")], "Jane Doe");
    assert_eq!(&row[column("date")], "2024-05-02T12:00:00Z");
    assert_eq!(&row[column("end_column")], "39");
    let row = rows.iter().find(|row| row[column("path")].starts_with('d')).unwrap();
    assert_eq!((&row[column("verdict")], &row[column("reason")]), ("baselined", "test data"));
    assert_eq!(text_of("csv", &report(&Outcome::default())).lines().count(), 1);
}

#[test]
fn markdown_as_a_whole() {
    let mut outcome = everything();
    outcome.findings.truncate(5);
    assert_eq!(
        text_of("md", &report(&outcome)),
        "\
### unleak: 4 secrets in 4 places in what could be read

| severity | secret | where | how far | rule |
|---|---|---|---|---|
| critical | Acme API token `tok_… (32 bytes)` | `b/gone.env:9` | pushed since `0101010101`, 2024-05-02 | `acme-token` |
| high | Acme API token `tok_… (32 bytes)` | `a/in head.env:3` | pushed since `0101010101`, 2024-05-02 | `acme-token` |
| high | Acme API token `tok_… (32 bytes)` | `c.env:3` | staged | `acme-token` |
| low | Acme API token `tok_… (32 bytes)` | `/tmp/j.env:3` | worktree | `acme-token` |

Revoke them first, where they were issued: taking a secret out of a file does not take it back. `unleak rules show \
         RULE` says where.

- accepted or below test paths: 1 place
- **not scanned**: 1 place where a shallow clone cuts history off (to get the rest: git fetch --unshallow)
"
        .replace("         RULE", "RULE")
    );
    let clean = crate::sample::outcome(Vec::new());
    assert_eq!(text_of("md", &report(&clean)), "### unleak: no new secrets\n\n");
    assert_eq!(text_of("md", &report(&Outcome::default())), "### unleak: nothing was scanned\n\n");
}

#[test]
fn markdown_fits_into_a_comment() {
    let many = outcome((0..5_000).map(|n| pushed(n, "x".repeat(4_000).as_bytes())).collect());
    let text = text_of("md", &report(&many));
    assert!(text.chars().count() < 65_536);
    let rows = text.lines().filter(|line| line.starts_with("| high")).count();
    assert!(rows > 50, "{rows}");
    assert!(
        text.contains(&format!("**{} places more** do not fit here", unleak_thousands(5_000 - rows))),
        "{rows}"
    );
}

fn unleak_thousands(count: usize) -> String {
    format!("{},{:03}", count / 1000, count % 1000)
}

#[test]
fn the_same_report_is_the_same_bytes() {
    let (one, other) = (everything(), everything());
    for (name, _) in FORMATS {
        assert_eq!(text_of(name, &report(&one)), text_of(name, &report(&other)), "{name}");
    }
}
