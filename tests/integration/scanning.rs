//! Runs `unleak scan` and reads its JSON report, with the promises every run has to keep checked on the way.
//!
//! A finding is tied to a secret by its fingerprint, which the program itself gives when the secret comes on standard
//! input: the report never shows the value.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use serde_json::Value;
use unleak_testkit::{Output, TestEnvironment, TestRepo};

/// A closed world that knows the built binary.
pub(crate) fn environment() -> TestEnvironment {
    TestEnvironment::new().with_unleak(env!("CARGO_BIN_EXE_unleak"))
}

/// A repository with one harmless commit on `main`.
pub(crate) fn started<'env>(environment: &'env TestEnvironment, name: &str) -> TestRepo<'env> {
    let repo = TestRepo::init(environment, name);
    repo.file("README", "harmless\n").commit("start");
    repo
}

/// Runs the script `name` of `tests/fixtures` in the environment's root. Every secret is the variable `SECRET_<n>`,
/// counted from 1.
#[track_caller]
pub(crate) fn fixture(environment: &TestEnvironment, name: &str, secrets: &[&str]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    let names: Vec<String> = (1..=secrets.len()).map(|number| format!("SECRET_{number}")).collect();
    let variables: Vec<(&str, &OsStr)> =
        names.iter().zip(secrets).map(|(name, secret)| (name.as_str(), OsStr::new(secret))).collect();
    drop(environment.script(&script, environment.root(), &variables));
}

/// Adds a line `token = "…"`, as most leaks look.
pub(crate) fn line(secret: &str) -> String {
    format!("token = \"{secret}\"\n")
}

/// A finished scan and its JSON report.
#[must_use = "a scan nobody looks at tests nothing"]
pub(crate) struct Scan<'env> {
    environment: &'env TestEnvironment,
    pub(crate) output: Output,
    pub(crate) json: Value,
}

/// One finding of a report.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found<'a>(pub(crate) &'a Value);

impl<'env> Scan<'env> {
    /// `unleak scan --format json` with `args`, in the repository.
    #[track_caller]
    pub(crate) fn of(repo: &TestRepo<'env>, args: &[&str]) -> Self {
        Self::run(repo.environment(), repo.path(), args, &[], b"")
    }

    /// The same with a directory, variables and standard input of its own.
    #[track_caller]
    pub(crate) fn run(
        environment: &'env TestEnvironment,
        directory: &Path,
        args: &[&str],
        variables: &[(&str, &OsStr)],
        stdin: &[u8],
    ) -> Self {
        let all = ["scan", "--format", "json"].iter().chain(args);
        let output = environment.unleak_with(directory, all, variables, stdin);
        expect_no_panic(&output);
        let json = output.json();
        let scan = Self { environment, output, json };
        scan.expect_consistent();
        scan
    }

    /// Panics unless the scan ended with `code`.
    #[track_caller]
    pub(crate) fn expect_code(self, code: i32) -> Self {
        assert!(self.output.code == Some(code), "expected exit code {code}\n{}", self.output.describe());
        self
    }

    /// Panics unless everything was looked at.
    #[track_caller]
    pub(crate) fn expect_complete(self) -> Self {
        assert!(self.is_complete(), "expected complete coverage\n{}", self.output.describe());
        self
    }

    /// Panics unless the report says that something was skipped for `reason`.
    #[track_caller]
    pub(crate) fn expect_incomplete(self, reason: &str) -> Self {
        assert!(!self.is_complete(), "expected incomplete coverage\n{}", self.output.describe());
        assert!(
            self.skipped(reason) > 0,
            "expected `{reason}` among the skipped\n{}",
            self.output.describe()
        );
        self
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.json["coverage"]["complete"].as_bool().expect("coverage.complete is there")
    }

    /// How many things were skipped for `reason`.
    pub(crate) fn skipped(&self, reason: &str) -> u64 {
        let skipped = self.json["coverage"]["skipped"].as_array().expect("coverage.skipped is there");
        let counts = skipped.iter().filter(|skip| skip["reason"] == reason);
        counts.map(|skip| skip["count"].as_u64().expect("a skip has a count")).sum()
    }

    /// All findings in report order.
    pub(crate) fn findings(&self) -> Vec<Found<'_>> {
        self.json["findings"].as_array().expect("findings is there").iter().map(Found).collect()
    }

    /// The findings of `secret`, which the output must not show.
    #[track_caller]
    pub(crate) fn all(&self, secret: &str) -> Vec<Found<'_>> {
        assert!(!self.output.mentions(secret), "the output shows a secret\n{}", self.output.describe());
        let fingerprint = fingerprint(self.environment, secret);
        self.findings().into_iter().filter(|found| found.text("/fingerprint") == fingerprint).collect()
    }

    /// The finding of `secret`, of which there must be exactly one.
    #[track_caller]
    pub(crate) fn one(&self, secret: &str) -> Found<'_> {
        let all = self.all(secret);
        assert!(
            all.len() == 1,
            "expected one finding of the secret, got {}\n{}",
            all.len(),
            self.output.describe()
        );
        all[0]
    }

    /// Panics when `secret` was found.
    #[track_caller]
    pub(crate) fn expect_none(&self, secret: &str) {
        let all = self.all(secret);
        assert!(all.is_empty(), "expected no finding of the secret\n{}", self.output.describe());
    }

    /// The report without what may differ between two runs: the wall time and the number of threads.
    #[track_caller]
    pub(crate) fn comparable(&self) -> (String, Value) {
        let text = self.output.stdout_text();
        let end = text.find("\"stats\"").expect("the report has stats");
        let mut stats = self.json["stats"].as_object().expect("stats is an object").clone();
        stats.retain(|name, _| !name.starts_with("elapsed") && name != "threads");
        (text[..end].to_owned(), Value::Object(stats))
    }

    /// What has to hold between any report and the exit code.
    #[track_caller]
    fn expect_consistent(&self) {
        let new = self.findings().iter().filter(|found| found.text("/verdict") == "new").count();
        // Damage is an error whatever was found; what is left out for lack of a full clone is not.
        let damaged =
            ["corrupt", "missing", "unreadable", "broken-ref"].iter().any(|reason| self.skipped(reason) > 0);
        let allowed: &[i32] = match (new, self.is_complete()) {
            (0, true) => &[0],
            (0, false) => &[2],
            (_, true) => &[1],
            (_, false) if damaged => &[2],
            (_, false) => &[1, 2],
        };
        let describe = || self.output.describe();
        let code = self.output.code.unwrap_or(-1);
        assert!(allowed.contains(&code), "{new} new findings: one of {allowed:?} is due\n{}", describe());
        for found in self.findings() {
            assert!(found.number("/location/start_line") >= 1, "lines count from 1\n{}", describe());
            assert!(found.number("/location/start_column") >= 1, "columns count from 1\n{}", describe());
        }
    }
}

impl<'a> Found<'a> {
    /// The text at a JSON pointer.
    #[track_caller]
    pub(crate) fn text(self, pointer: &str) -> &'a str {
        let value = self.0.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_else(|| panic!("no text at {pointer} in {:#}", self.0))
    }

    /// The number at a JSON pointer.
    #[track_caller]
    pub(crate) fn number(self, pointer: &str) -> u64 {
        let value = self.0.pointer(pointer).and_then(Value::as_u64);
        value.unwrap_or_else(|| panic!("no number at {pointer} in {:#}", self.0))
    }

    /// The texts of the list at a JSON pointer.
    #[track_caller]
    pub(crate) fn list(self, pointer: &str) -> Vec<&'a str> {
        let value = self.0.pointer(pointer).and_then(Value::as_array);
        let items = value.unwrap_or_else(|| panic!("no list at {pointer} in {:#}", self.0));
        items.iter().map(|item| item.as_str().expect("a list of texts")).collect()
    }

    #[track_caller]
    pub(crate) fn path(self) -> &'a str {
        self.text("/location/path")
    }

    #[track_caller]
    pub(crate) fn exposure(self) -> &'a str {
        self.text("/exposure")
    }

    /// The commit that introduced it.
    #[track_caller]
    pub(crate) fn commit(self) -> &'a str {
        self.text("/commit_id")
    }

    /// Whether a boolean of `reach` is set.
    #[track_caller]
    pub(crate) fn reach(self, name: &str) -> bool {
        let value = self.0["reach"][name].as_bool();
        value.unwrap_or_else(|| panic!("no truth value reach.{name} in {:#}", self.0))
    }
}

/// Panics when the program has panicked, whatever it did afterwards.
#[track_caller]
pub(crate) fn expect_no_panic(output: &Output) {
    for sign in ["panicked at", "RUST_BACKTRACE", "stack backtrace", "fatal runtime error"] {
        assert!(!output.mentions(sign), "the program panicked\n{}", output.describe());
    }
}

/// Panics unless the run ended as trouble has to: a code, `error:` with a `hint:`, no panic and no all-clear.
#[track_caller]
pub(crate) fn expect_trouble(output: &Output) {
    expect_no_panic(output);
    assert!(output.code == Some(2), "expected exit code 2\n{}", output.describe());
    let stderr = output.stderr_text();
    for heading in ["error: ", "hint: "] {
        let there = stderr.lines().any(|line| line.starts_with(heading));
        assert!(there, "expected a line `{heading}…` on standard error\n{}", output.describe());
    }
    assert!(!output.mentions("No secrets found."), "trouble must not sound clean\n{}", output.describe());
}

/// The fingerprint the program gives `secret`.
#[track_caller]
fn fingerprint(environment: &TestEnvironment, secret: &str) -> String {
    static KNOWN: OnceLock<Mutex<HashMap<String, String>>> = OnceLock::new();
    let known = KNOWN.get_or_init(Mutex::default);
    if let Some(fingerprint) = known.lock().expect("no holder panics").get(secret) {
        return fingerprint.clone();
    }
    let args = ["scan", "--stdin", "--format", "json"];
    let output =
        environment.unleak_with(environment.root(), args, &[], line(secret).as_bytes()).expect_code(1);
    let json = output.json();
    let fingerprint =
        json["findings"][0]["fingerprint"].as_str().expect("a finding has a fingerprint").to_owned();
    assert!(json["findings"].as_array().is_some_and(|all| all.len() == 1), "{}", output.describe());
    known.lock().expect("no holder panics").insert(secret.to_owned(), fingerprint.clone());
    fingerprint
}

/// Every file below `folder` whose name ends in `.lock`.
pub(crate) fn locks(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(directory) = pending.pop() {
        for entry in std::fs::read_dir(&directory).expect("a readable folder") {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() && !path.is_symlink() {
                pending.push(path);
            } else if path.extension().is_some_and(|end| end == "lock") {
                found.push(path);
            }
        }
    }
    found
}
