//! Files of gitleaks and its relatives: read with their meaning, written in their form, moved to ours.
//!
//! With `UNLEAK_TEST_GITLEAKS=/path/to/gitleaks` the program itself is asked what it finds.

use std::process::Command;

use serde_json::Value;
use unleak_testkit::{TestRepo, fake};

use crate::scanning::{Scan, environment, line, started};

const CONFIG: &str = "[[rules]]\nid = 'acme'\ndescription = 'Acme'\nregex = '''acme_([a-z0-9]{12})'''\nkeywords = ['acme_']\ntags = ['one', 'two']\n";

fn acme(n: u32) -> String {
    format!("{}{n:012}", "acme_")
}

/// Findings in the form of gitleaks.
#[track_caller]
fn leaks(repo: &TestRepo<'_>, args: &[&str]) -> Vec<Value> {
    let output = repo.unleak(["scan", "--format", "gitleaks-json"].iter().chain(args));
    output.json().as_array().expect("an array").clone()
}

fn field<'a>(leak: &'a Value, name: &str) -> &'a str {
    leak[name].as_str().unwrap_or_else(|| panic!("no text {name} in {leak}"))
}

#[test]
fn a_configuration_in_the_repository_is_used_and_said_to_be() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file(".gitleaks.toml", CONFIG).file("a.txt", line(&acme(1))).commit("one");
    let output = repo.unleak(["scan"]).expect_code(1);
    assert!(
        output.stderr_text().contains("using .gitleaks.toml of this repository: 1 rules"),
        "{}",
        output.describe()
    );
    let output = repo.unleak(["scan", "--no-config"]).expect_code(0);
    assert!(!output.stderr_text().contains("gitleaks"));
    repo.file("other.toml", "[[rules]]\nid='x'\nregex='nothing'\n");
    drop(repo.unleak(["scan", "--config", "other.toml"]).expect_code(0));
}

#[test]
fn a_gate_takes_the_configuration_from_before_the_change() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file(".gitleaks.toml", CONFIG).commit("config");
    let lax = format!("{CONFIG}[allowlist]\npaths = ['.*']\n");
    repo.file(".gitleaks.toml", &lax).file("a.txt", line(&acme(2))).git(["add", "."]);
    drop(repo.unleak(["scan", "--staged"]).expect_code(1));
    repo.commit("lax");
    drop(repo.unleak(["scan", "--range", "HEAD~1..HEAD"]).expect_code(1));
    drop(repo.unleak(["scan"]).expect_code(0));
}

#[test]
fn the_same_is_found_in_files_index_history_and_on_standard_input() {
    let environment = environment();
    let repo = started(&environment, "work");
    let text = format!("BEGIN\n{}\nEND\n", acme(3));
    let config = "[[rules]]\nid='block'\nregex='''(?s)BEGIN(.*?)END'''\n";
    let config = repo.environment().write("c.toml", config);
    let config = config.to_str().expect("a plain path");
    repo.file("a.txt", &text).git(["add", "."]);
    let of = |args: &[&str]| leaks(&repo, &[args, &["--config", config]].concat());
    for args in [&["--staged"][..], &["--worktree"], &["--no-git"]] {
        assert_eq!(of(args).len(), 1, "{args:?}");
    }
    repo.commit("one");
    let found = of(&["--history"]);
    assert_eq!(
        (found.len(), found[0]["StartLine"].as_u64(), found[0]["EndLine"].as_u64()),
        (1, Some(1), Some(3))
    );
    let scan = Scan::of(&repo, &["--range", "HEAD~1..HEAD", "--config", config]);
    assert_eq!(scan.json["findings"].as_array().map(Vec::len), Some(1));
}

#[test]
fn paths_and_commits_count_in_history_too() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file("lib/a.txt", line(&acme(4)))
        .file("src/a.txt", line(&acme(4)))
        .file("keys/b.p12", "x")
        .commit("one");
    let config = |more: &str| {
        let path = repo.environment().write("c.toml", format!("{CONFIG}{more}"));
        path.to_str().expect("a plain path").to_owned()
    };
    let of = |more: &str| -> Vec<String> {
        let found = leaks(&repo, &["--history", "--config", &config(more)]);
        found.iter().map(|leak| format!("{} {}", field(leak, "RuleID"), field(leak, "File"))).collect()
    };
    assert_eq!(of(""), ["acme lib/a.txt", "acme src/a.txt"]);
    assert_eq!(of("[allowlist]\npaths=['^lib/']\n"), ["acme src/a.txt"]);
    assert_eq!(of("path='^lib/'\n"), ["acme lib/a.txt"]);
    let commit = repo.git(["rev-parse", "HEAD"]);
    assert!(of(&format!("[allowlist]\ncommits=['{}']\n", commit.trim())).is_empty());
    let by_path = of("[[rules]]\nid='p'\npath='''^keys/.*\\.p12$'''\n");
    assert_eq!(by_path, ["p keys/b.p12", "acme lib/a.txt", "acme src/a.txt"]);
}

#[test]
fn reports_have_the_fields_of_gitleaks() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file("a.txt", format!("one\nk = '{}'\n", acme(5))).commit("add, \"it\"");
    let config = repo.environment().write("c.toml", CONFIG);
    let config = ["--history", "--config", config.to_str().expect("a plain path")];
    let found = leaks(&repo, &config);
    let leak = &found[0];
    let names: Vec<&str> = leak.as_object().expect("an object").keys().map(String::as_str).collect();
    let mut wanted = vec![
        "RuleID",
        "Description",
        "StartLine",
        "EndLine",
        "StartColumn",
        "EndColumn",
        "Match",
        "Secret",
        "File",
        "SymlinkFile",
        "Commit",
        "Entropy",
        "Author",
        "Email",
        "Date",
        "Message",
        "Tags",
        "Fingerprint",
    ];
    wanted.sort_unstable();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, wanted);
    assert_eq!(
        (leak["StartLine"].as_u64(), leak["StartColumn"].as_u64(), leak["EndColumn"].as_u64()),
        (Some(2), Some(6), Some(22))
    );
    assert_eq!((field(leak, "Secret"), field(leak, "Match")), ("REDACTED", "acme_REDACTED"));
    let commit = repo.git(["rev-parse", "HEAD"]);
    assert_eq!(field(leak, "Fingerprint"), format!("{}:a.txt:acme:2", commit.trim()));
    assert_eq!(leak["Tags"], serde_json::json!(["one", "two"]));
    let shown = leaks(&repo, &[&config[..], &["--show-secrets"]].concat());
    assert_eq!(field(&shown[0], "Match"), acme(5));
    let csv =
        repo.unleak(["scan", "--format", "gitleaks-csv"].iter().chain(&config)).expect_code(1).stdout_text();
    assert!(csv.starts_with("RuleID,Commit,File,SymlinkFile,Secret,Match,StartLine,"), "{csv}");
    assert!(csv.contains(",\"add, \"\"it\"\"\",") && csv.contains(",one two\n"), "{csv}");
    let none = repo.unleak(["scan", "--history", "--no-config", "--format", "gitleaks-json"]).expect_code(0);
    assert_eq!(none.stdout_text(), "[]\n");
    let none = repo.unleak(["scan", "--history", "--no-config", "--format", "gitleaks-csv"]).expect_code(0);
    assert_eq!(none.stdout_text(), "");
}

#[test]
fn a_file_that_its_path_gives_away_stands_in_line_0() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file("keys/b.p12", "what it holds\nis not told\n").commit("one");
    let config = repo.environment().write("c.toml", "[[rules]]\nid='p'\npath='\\.p12$'\n");
    let args = ["--history", "--show-secrets", "--config", config.to_str().expect("a plain path")];
    let found = leaks(&repo, &args);
    let number = |name: &str| found[0][name].as_f64();
    assert_eq!(["StartLine", "EndLine", "StartColumn", "EndColumn", "Entropy"].map(number), [Some(0.0); 5]);
    assert_eq!((field(&found[0], "Secret"), field(&found[0], "Match")), ("", "file detected: keys/b.p12"));
    assert!(field(&found[0], "Fingerprint").ends_with(":keys/b.p12:p:0"), "{found:?}");
    repo.file(".gitleaksignore", "keys/b.p12:p:0\n").commit("accepted");
    assert!(leaks(&repo, &args).is_empty());
}

#[test]
fn what_gitleaks_accepts_is_accepted() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file(".gitleaks.toml", CONFIG).file("a.txt", format!("x\n{}", line(&acme(6)))).commit("one");
    let commit = repo.git(["rev-parse", "HEAD"]);
    repo.file("a.txt", format!("y\nx\n{}", line(&acme(6)))).commit("two");
    drop(repo.unleak(["scan"]).expect_code(1));
    // The line is the one of the commit that brought it in.
    for (entry, code) in [
        (format!("{}:a.txt:acme:2", commit.trim()), 0),
        ("a.txt:acme:2".to_owned(), 0),
        ("a.txt:acme:1".to_owned(), 1),
        ("a.txt:other-name-nobody-knows:2".to_owned(), 0),
        (format!("{}:a.txt:acme:2", "0".repeat(40)), 1),
    ] {
        repo.file(".gitleaksignore", format!("# known\n{entry}\nnot:readable\n"));
        let output = repo.unleak(["scan"]).expect_code(code);
        assert!(output.stderr_text().contains(".gitleaksignore:3"), "{}", output.describe());
    }
    repo.git(["rm", "-q", "--cached", "--ignore-unmatch", ".gitleaksignore"]);
    std::fs::remove_file(repo.file_path(".gitleaksignore")).expect("it was written");
    for (n, redact) in [(7, &[][..]), (8, &["--show-secrets"])] {
        let report = repo.unleak(["scan", "--format", "gitleaks-json"].iter().chain(redact)).stdout_text();
        let report = repo.environment().write("report.json", report);
        let report = report.to_str().expect("a plain path");
        drop(repo.unleak(["scan", "--baseline", report]).expect_code(0));
        repo.file("new.txt", line(&acme(n)));
        drop(repo.unleak(["scan", "--baseline", report]).expect_code(1));
        std::fs::remove_file(repo.file_path("new.txt")).expect("it was written");
    }
}

#[test]
fn comments_of_other_scanners_count_and_name_themselves() {
    let environment = environment();
    let repo = started(&environment, "work");
    let secret = fake::github_pat(1300);
    for marker in ["gitleaks:allow", "trufflehog:ignore", "ggignore", "pragma: allowlist secret"] {
        repo.file("a.txt", format!("token = \"{secret}\" # {marker}\n"));
        let scan = Scan::of(&repo, &["--worktree"]).expect_code(0);
        assert_eq!(
            (scan.one(&secret).text("/verdict"), scan.one(&secret).text("/reason")),
            ("allowed", marker)
        );
    }
    drop(repo.unleak(["scan", "--worktree", "--no-allow-comments"]).expect_code(1));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a second opinion")]
fn baselines_are_imported_and_set_ups_migrated() {
    let environment = environment();
    let repo = started(&environment, "work");
    let secret = fake::github_pat(1301);
    repo.file("a.txt", line(&secret)).commit("one");
    let path = repo.environment().write("sum", &secret);
    let sum = Command::new("sha1sum").arg(path).output().expect("coreutils are there").stdout;
    let sum = String::from_utf8_lossy(&sum)[..40].to_owned();
    let baseline = format!(
        "{{\"version\": \"1.5.0\", \"results\": {{\"a.txt\": [{{\"type\": \"GitHub Token\", \"filename\": \"a.txt\", \"hashed_secret\": \"{sum}\", \"is_verified\": false, \"line_number\": 1}}]}}}}"
    );
    repo.file(".secrets.baseline", baseline);
    drop(repo.unleak(["scan"]).expect_code(1));
    drop(repo.unleak(["baseline", "import", "--from", ".secrets.baseline"]).expect_code(0));
    drop(repo.unleak(["scan"]).expect_code(0));
    drop(repo.unleak(["migrate"]).expect_code(2));
    std::fs::remove_file(repo.file_path(".unleak-baseline.toml")).expect("it was written");
    repo.file(
        ".gitleaks.toml",
        format!("{CONFIG}[extend]\nuseDefault = true\n[allowlist]\npaths = ['^vendor/']\n"),
    );
    let output = repo.unleak(["migrate"]).expect_code(0);
    let text = output.stdout_text();
    assert!(text.contains(".unleak-rules.toml: 1 rules, 1 allowlists"), "{text}");
    assert!(text.contains("1 accepted") && !text.contains("not carried over"), "{text}");
    std::fs::remove_file(repo.file_path(".gitleaks.toml")).expect("it was written");
    repo.file("vendor/b.txt", line(&acme(8)));
    drop(repo.unleak(["scan", "--rules", ".unleak-rules.toml"]).expect_code(0));
    repo.file("b.txt", line(&acme(8)));
    drop(repo.unleak(["scan", "--rules", ".unleak-rules.toml"]).expect_code(1));
}

#[test]
fn a_mistake_is_an_error_with_its_place() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file(".gitleaks.toml", "[[rules]]\nid = 'r'\nregex = 'a(?=b)'\n");
    let output = repo.unleak(["scan"]).expect_code(2);
    assert!(
        output.stderr_text().contains(".gitleaks.toml:3:11: regex: look-around"),
        "{}",
        output.describe()
    );
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a second opinion")]
fn gitleaks_finds_the_same() {
    #[expect(clippy::disallowed_methods, reason = "where the second opinion is, if there is one")]
    let Some(gitleaks) = std::env::var_os("UNLEAK_TEST_GITLEAKS") else { return };
    let environment = environment();
    let repo = started(&environment, "work");
    let config = format!(
        "{CONFIG}entropy = 2.0\n[[rules.allowlists]]\ncondition = 'AND'\npaths = ['^test/']\nregexTarget = 'line'\nregexes = ['fake']\n\
         [[rules]]\nid = 'generic-x'\nregex = '''(?i)secret\\s*=\\s*[\"']([\\w&&-]{{8,}})[\"']'''\n\
         [[rules]]\nid = 'pair'\nregex = '''id_(\\d{{4}})'''\n[[rules.required]]\nid = 'acme'\nwithinLines = 2\n"
    );
    let config = repo.environment().write("c.toml", config);
    let secret = |n: u32| format!("acme_{}{n:04}", "ab3x9zq1");
    repo.file("a.txt", format!("x\n{}id_1234\n\n\n\nid_5678\n", line(&secret(1))))
        .file("test/a.txt", format!("{} # fake\n{}", line(&secret(2)).trim(), line(&secret(3))))
        .file("b.txt", format!("SECRET = '{}'\nsecret='a&&-b-c-d-é'\n", secret(4)))
        .commit("all");
    let report = repo.environment().path("report.json");
    let run = Command::new(gitleaks)
        .args(["git", "--no-banner", "--max-decode-depth=0", "-l", "error", "-c"])
        .args([config.as_os_str(), "-r".as_ref(), report.as_os_str(), ".".as_ref()])
        .current_dir(repo.path())
        .status()
        .expect("gitleaks starts");
    assert_eq!(run.code(), Some(1));
    let theirs: Value = serde_json::from_slice(&std::fs::read(&report).expect("a report")).expect("JSON");
    let key = |leak: &Value| {
        ["RuleID", "File", "StartLine", "Secret", "Match", "Commit", "Fingerprint"]
            .map(|name| leak[name].to_string())
    };
    let sorted = |list: &[Value]| {
        let mut keys: Vec<_> = list.iter().map(key).collect();
        keys.sort();
        keys
    };
    let config = config.to_str().expect("a plain path");
    let ours = leaks(&repo, &["--history", "--show-secrets", "--config", config]);
    assert_eq!(sorted(&ours), sorted(theirs.as_array().expect("an array")));
}
