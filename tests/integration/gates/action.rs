//! `action.yml`, its scripts run as GitHub's runner runs them: by bash, with the variables and files that it documents.
//!
//! Source: docs.github.com, "Workflow syntax" (`shell: bash`), "Variables reference", "Metadata syntax".

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use unleak_testkit::{TestRepo, fake};

use crate::scanning::{environment, line, started};

/// The file itself.
fn action() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml")).expect("it is there")
}

/// What is written below `run: |` of the step with that id.
fn script(action: &str, id: &str) -> String {
    let step = action.split("    - name: ").find(|step| step.contains(&format!("\n      id: {id}\n")));
    let body = step.and_then(|step| step.split_once("      run: |\n")).expect("a script").1;
    let lines = body.lines().map(|line| line.strip_prefix("        ").unwrap_or(line));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// What a run of the step left behind.
struct Run {
    code: String,
    log: String,
    outputs: String,
    summary: String,
}

/// Runs the scanning step in `repo` for a pull request onto `base`.
fn step(repo: &TestRepo<'_>, base: &str, inputs: &[(&str, &str)]) -> Run {
    let environment = repo.environment();
    let event = format!(
        r#"{{"pull_request": {{"base": {{"sha": "{}"}}, "head": {{"sha": "{}", "ref": "topic"}}}}}}"#,
        repo.id(base),
        repo.id("HEAD")
    );
    let event = environment.write("runner/event.json", event);
    let step = environment.write("runner/step.sh", script(&action(), "scan"));
    let [outputs, summary] =
        ["outputs", "summary.md"].map(|name| environment.write(format!("runner/{name}"), ""));
    let runner = environment.write(
        "runner/runner.sh",
        "set +e\nbash --noprofile --norc -e -o pipefail \"$STEP\" >\"$STEP.log\" 2>&1\necho $? >\"$STEP.code\"\n",
    );
    let given = |name: &str| inputs.iter().find(|(input, _)| *input == name).map_or("", |(_, value)| value);
    let variables = [
        ("GITHUB_ACTIONS", OsStr::new("true")),
        ("CI", OsStr::new("true")),
        ("GITHUB_EVENT_NAME", OsStr::new("pull_request")),
        ("GITHUB_EVENT_PATH", event.as_os_str()),
        ("GITHUB_OUTPUT", outputs.as_os_str()),
        ("GITHUB_STEP_SUMMARY", summary.as_os_str()),
        ("UNLEAK", OsStr::new(env!("CARGO_BIN_EXE_unleak"))),
        ("ARGS", OsStr::new(given("args"))),
        ("SARIF", OsStr::new(given("sarif"))),
        ("STEP", step.as_os_str()),
    ];
    drop(environment.script(&runner, repo.path(), &variables));
    let read = |path: &Path| fs::read_to_string(path).expect("the runner's file is there");
    Run {
        code: read(&step.with_extension("sh.code")).trim().to_owned(),
        log: read(&step.with_extension("sh.log")),
        outputs: read(&outputs),
        summary: read(&summary),
    }
}

#[test]
fn a_change_is_scanned_and_the_outputs_are_those_that_are_promised() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(3950));
    repo.file("it's a.txt", line(&secret)).commit("leak");
    let run =
        step(&repo, "HEAD~1", &[("sarif", "un leak.sarif"), ("args", "--confidence\nlow\n\n--fixtures\n")]);
    assert_eq!(run.code, "1", "{}", run.log);
    assert!(run.log.contains("::error file=it's a.txt,line=1"), "{}", run.log);
    assert!(run.summary.contains("it's a.txt"), "{}", run.summary);
    assert!(!run.log.contains(&secret) && !run.summary.contains(&secret), "{}", run.log);
    let sarif = fs::read_to_string(repo.file_path("un leak.sarif")).expect("written");
    assert!(sarif.contains("s%20a.txt\"") && !sarif.contains(&secret), "{sarif}");
    // Every output that the action promises is one that the step writes.
    let action = action();
    let (_, outputs) = action.split_once("\noutputs:\n").expect("outputs");
    let promised: Vec<&str> =
        outputs.split("steps.scan.outputs.").skip(1).filter_map(|rest| rest.split(' ').next()).collect();
    assert_eq!(promised.len(), 3, "{promised:?}");
    for name in promised {
        assert!(run.outputs.lines().any(|line| line.starts_with(&format!("{name}="))), "{}", run.outputs);
    }
    assert!(run.outputs.contains("findings=1\ncomplete=true\n"), "{}", run.outputs);
}

#[test]
fn a_clean_change_passes_and_an_unknown_argument_does_not() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file("b.txt", "harmless\n").commit("fine");
    let run = step(&repo, "HEAD~1", &[]);
    assert_eq!(run.code, "0", "{}", run.log);
    assert!(run.outputs.contains("findings=0\ncomplete=true\n"), "{}", run.outputs);
    // What stands on one line is one argument, whatever is in it.
    let run = step(&repo, "HEAD~1", &[("args", "--no-such; touch injected")]);
    assert_eq!(run.code, "2", "{}", run.log);
    assert!(!repo.file_path("injected").exists());
}

#[test]
fn nothing_of_the_change_decides_how_the_scanner_is_built() {
    let action = action();
    let build =
        action.split("    - name: ").find(|step| step.contains("cargo install")).expect("a step that builds");
    // rustup obeys a rust-toolchain.toml of the folder it is called in, and that may name a program.
    assert!(build.contains("\n      working-directory: ${{ github.action_path }}\n"), "{build}");
    for run in action.split("run: ").skip(1) {
        let body = run.split("\n    - ").next().unwrap_or_default();
        assert!(!body.contains("${{"), "{body}");
    }
}
