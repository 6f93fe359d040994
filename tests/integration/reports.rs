//! What comes out: the shape of JSON and JSON Lines, the words for people, files, codes, colours, closed pipes.

use serde_json::Value;
use unleak_testkit::{TestEnvironment, TestRepo, fake};

use crate::scanning::{environment, line, started};

fn leaky(environment: &TestEnvironment) -> TestRepo<'_> {
    let repo = started(environment, "work");
    repo.file("app/config.py", line(&fake::github_pat(1000))).commit("add config");
    repo
}

#[track_caller]
fn expect_finding_shape(finding: &Value) {
    for key in
        ["rule_id", "fingerprint", "severity", "confidence", "proof", "redacted", "exposure", "verdict"]
    {
        assert!(finding[key].is_string(), "{key} of {finding:#}");
    }
    assert!(finding["fingerprint"].as_str().is_some_and(|text| text.starts_with("v1:")), "{finding:#}");
    for key in ["start_line", "start_column", "end_line", "end_column"] {
        assert!(finding["location"][key].is_u64(), "{key} of {finding:#}");
    }
    assert!(finding["location"]["path"].is_string(), "{finding:#}");
    assert!(finding["appearances"].as_array().is_some_and(|list| !list.is_empty()), "{finding:#}");
    for key in ["branches", "tags", "remotes", "others"] {
        assert!(finding["reach"][key].is_array(), "{key} of {finding:#}");
    }
    for key in ["in_head", "reflog"] {
        assert!(finding["reach"][key].is_boolean(), "{key} of {finding:#}");
    }
    let object = finding.as_object().expect("an object");
    for key in ["blob_id", "commit_id", "decoded"] {
        assert!(object.contains_key(key), "{key} of {finding:#}");
    }
}

#[test]
fn json_is_one_object() {
    let environment = environment();
    let repo = leaky(&environment);
    let json = repo.unleak(["scan", "--format", "json"]).expect_code(1).json();
    assert!(json["schema_version"].is_string(), "{json:#}");
    expect_finding_shape(&json["findings"][0]);
    assert_eq!(json["findings"][0]["location"]["path"], "app/config.py");
    assert_eq!(json["findings"][0]["location"]["start_column"], 10);
    assert_eq!(json["findings"][0]["location"]["end_column"], 49);
    assert_eq!(json["findings"][0]["blob_id"], repo.id("HEAD:app/config.py"));
    assert_eq!(json["coverage"]["complete"], true);
    assert!(json["coverage"]["scanned"].is_array() && json["coverage"]["skipped"].is_array());
    assert!(json["stats"].is_object());
    let keys: Vec<_> = json.as_object().expect("an object").keys().collect();
    for key in ["coverage", "findings", "schema_version", "stats"] {
        assert!(keys.iter().any(|there| *there == key), "{keys:?}");
    }
}

#[test]
fn json_lines_are_findings_and_a_last_line() {
    let environment = environment();
    let repo = leaky(&environment);
    repo.file("b.txt", line(&fake::github_pat(1001)));
    let lines = repo.unleak(["scan", "--format", "jsonl"]).expect_code(1).json_lines();
    assert_eq!(lines.len(), 3);
    lines[..2].iter().for_each(expect_finding_shape);
    assert_eq!(lines[2]["coverage"]["complete"], true);
    let empty =
        started(&environment, "empty").unleak(["scan", "--format", "jsonl"]).expect_code(0).json_lines();
    assert_eq!(empty.len(), 1);
}

#[test]
fn people_read_what_where_and_what_to_do_next() {
    let environment = environment();
    let repo = leaky(&environment);
    let output = repo.unleak(["scan"]).expect_code(1);
    let text = output.stdout_text();
    for part in ["GitHub", "app/config.py:1", &repo.id("HEAD")[..7]] {
        assert!(text.contains(part), "expected `{part}`\n{}", output.describe());
    }
    assert!(!output.mentions("\u{1b}["), "no colour when standard output is no terminal");
}

#[test]
fn all_clear_says_what_was_scanned() {
    let environment = environment();
    let output = started(&environment, "work").unleak(["scan"]).expect_code(0);
    assert!(output.mentions("No secrets found"), "{}", output.describe());
    assert!(output.mentions("commit"), "{}", output.describe());
}

#[test]
fn colour_only_when_wanted() {
    let environment = environment();
    let repo = leaky(&environment);
    let with = |color| repo.unleak(["scan", "--color", color]).expect_code(1).mentions("\u{1b}[");
    assert!(with("always"));
    assert!(!with("auto") && !with("never"));
    assert!(
        !repo.unleak(["scan", "--color", "always", "--format", "json"]).expect_code(1).mentions("\u{1b}[")
    );
}

#[test]
fn output_file_holds_the_report() {
    let environment = environment();
    let repo = leaky(&environment);
    let file = environment.path("report.json");
    let file_text = file.to_str().expect("a UTF-8 path");
    let direct = repo.unleak(["scan", "--format", "json"]).expect_code(1).json();
    let output = repo.unleak(["scan", "--format", "json", "--output", file_text]).expect_code(1);
    assert!(output.stdout.is_empty(), "{}", output.describe());
    let written: Value = serde_json::from_slice(&std::fs::read(&file).expect("written")).expect("JSON");
    assert_eq!(written["findings"], direct["findings"]);
    // A report inside the working tree is replaced whole, not appended to.
    drop(repo.unleak(["scan", "--format", "json", "--output", file_text]).expect_code(1));
    let again: Value = serde_json::from_slice(&std::fs::read(&file).expect("written")).expect("JSON");
    assert_eq!(again["findings"], direct["findings"]);
}

#[test]
fn exit_code_of_findings_can_be_chosen() {
    let environment = environment();
    let repo = leaky(&environment);
    for (wanted, code) in [("0", 0), ("3", 3), ("77", 77)] {
        drop(repo.unleak(["scan", "--exit-code", wanted]).expect_code(code));
    }
    // Trouble keeps its own code.
    drop(repo.unleak(["scan", "--exit-code", "0", "--range", "nope..HEAD"]).expect_code(2));
}

#[test]
fn quiet_says_less_and_ends_the_same() {
    let environment = environment();
    let repo = leaky(&environment);
    let usual = repo.unleak(["scan"]).expect_code(1);
    let quiet = repo.unleak(["scan", "-q"]).expect_code(1);
    assert!(quiet.stderr.is_empty(), "{}", quiet.describe());
    assert!(quiet.stdout_text().lines().count() <= usual.stdout_text().lines().count());
    let clean = started(&environment, "clean").unleak(["scan", "-q"]).expect_code(0);
    assert!(clean.stderr.is_empty(), "{}", clean.describe());
}

#[test]
fn no_progress_without_a_terminal() {
    let environment = environment();
    let output = leaky(&environment).unleak(["scan"]).expect_code(1);
    assert!(!output.stderr_text().contains('\r'), "{}", output.describe());
}

#[test]
fn confidence_narrows_what_is_reported() {
    let environment = environment();
    let repo = leaky(&environment);
    repo.file("settings.py", format!("db_password = \"{}\"\n", fake::password(1002))).commit("generic");
    let count = |confidence| {
        let json =
            repo.unleak(["scan", "--confidence", confidence, "--format", "json"]).expect_code(1).json();
        let findings = json["findings"].as_array().expect("a list").clone();
        assert!(findings.iter().any(|found| found["rule_id"] == "github-pat"), "{json:#}");
        (findings.len(), json["stats"]["hidden"].as_u64().expect("a number"))
    };
    let (low, medium, high) = (count("low"), count("medium"), count("high"));
    assert!(low.0 >= medium.0 && medium.0 >= high.0);
    assert_eq!(high.0, 1, "only the token with its checksum is certain");
    assert_eq!(medium.0, 2, "a password under a telling name is probable");
    assert_eq!(low.0 as u64 + low.1, high.0 as u64 + high.1, "what is hidden is counted");
}

#[test]
fn closed_pipe_keeps_the_code() {
    let environment = environment();
    let repo = leaky(&environment);
    for number in 0..400 {
        repo.write(format!("many/{number}.txt"), line(&fake::github_pat(2000 + number)));
    }
    let binary = env!("CARGO_BIN_EXE_unleak");
    let script = format!("cd work\n{{ '{binary}' scan || echo $? > ../code; }} | head -n 1 > /dev/null\n");
    let script = environment.write("pipe.sh", script);
    let output = environment.script(&script, environment.root(), &[]);
    assert_eq!(
        std::fs::read_to_string(environment.path("code")).expect("written").trim(),
        "1",
        "{}",
        output.describe()
    );
    assert!(!output.mentions("panicked"), "{}", output.describe());
}

#[test]
fn completions_for_every_shell() {
    let environment = environment();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = environment.unleak(environment.root(), ["completions", shell]).expect_code(0);
        assert!(output.mentions("unleak") && output.mentions("baseline"), "{}", output.describe());
    }
    drop(environment.unleak(environment.root(), ["completions", "abacus"]).expect_code(2));
}

#[test]
fn one_run_writes_several_reports() {
    let environment = environment();
    let repo = leaky(&environment);
    let names =
        ["out.sarif", "gl.json", "junit.xml", "cq.json", "rd.json", "table.csv", "summary.md", "all.jsonl"];
    let formats = ["sarif", "gitlab", "junit", "codequality", "rdjson", "csv", "md", "jsonl"];
    let mut arguments = vec!["scan".to_owned(), "--report".to_owned(), "github=-".to_owned()];
    for (format, name) in formats.iter().zip(names) {
        arguments.push(format!("--report={format}={}", environment.path(name).display()));
    }
    let output = repo.unleak(&arguments).expect_code(1);
    let text = output.stdout_text();
    let (people, annotations) = text.split_once("::error ").expect("annotations come last");
    assert!(
        people.contains("GitHub personal access token") && people.contains("app/config.py:1:10"),
        "{text}"
    );
    assert!(
        annotations.starts_with("file=app/config.py,line=1,endLine=1,col=10,endColumn=49,title="),
        "{text}"
    );
    for (format, name) in formats.iter().zip(names) {
        let path = environment.path(name);
        let alone = repo.unleak(["scan", "--format", format]).expect_code(1);
        let written = std::fs::read(&path).expect("written");
        assert!(!written.is_empty());
        // But for the time the scan took, and when.
        if !["gitlab", "jsonl"].contains(format) {
            assert_eq!(alone.stdout, written, "{format}");
        }
        assert!(!String::from_utf8_lossy(&written).contains(&fake::github_pat(1000)), "{format}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&path).expect("written").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{format}");
        }
    }
}

#[test]
fn reports_that_cannot_end_well_are_refused_before_the_scan() {
    let environment = environment();
    let repo = leaky(&environment);
    let path = |name: &str| environment.path(name).display().to_string();
    for (arguments, why) in [
        (
            vec![format!("--report=sarif={}", path("a")), format!("--report=json={}", path("a"))],
            "two reports would go to",
        ),
        (
            vec![format!("--report=sarif={}", path("a")), format!("--output={}", path("a"))],
            "two reports would go to",
        ),
        (vec!["--report=sarif=-".to_owned()], "two reports would go to standard output"),
        (vec![format!("--report=sarif={}", path("none/a"))], "is not a folder"),
        (vec![format!("--output={}", path("none/a"))], "is not a folder"),
        (vec!["--report=xml=a".to_owned()], "no format 'xml'"),
        (vec!["--report=sarif".to_owned()], "expected FORMAT=FILE"),
        (vec!["--report=sarif=".to_owned()], "the file is missing"),
    ] {
        let arguments: Vec<String> = std::iter::once("scan".to_owned()).chain(arguments).collect();
        let output = repo.unleak(&arguments).expect_code(2);
        assert!(output.stdout.is_empty() && output.mentions(why), "{}", output.describe());
        assert!(!environment.path("a").exists());
    }
}

#[test]
fn a_report_that_cannot_be_written_leaves_the_others_whole() {
    let environment = environment();
    let repo = leaky(&environment);
    // A folder in the place of the file.
    std::fs::create_dir(environment.path("taken")).expect("a new folder");
    let arguments = [
        "scan".to_owned(),
        format!("--report=sarif={}", environment.path("taken").display()),
        format!("--report=junit={}", environment.path("junit.xml").display()),
    ];
    let output = repo.unleak(&arguments).expect_code(2);
    assert!(
        output.mentions("the report cannot be written to") && output.mentions("taken"),
        "{}",
        output.describe()
    );
    assert!(output.stdout_text().contains("app/config.py:1:10"), "{}", output.describe());
    assert!(
        std::fs::read_to_string(environment.path("junit.xml")).expect("written").ends_with("</testsuites>\n")
    );
    assert_eq!(std::fs::read_dir(environment.path("taken")).expect("a folder").count(), 0);
}
