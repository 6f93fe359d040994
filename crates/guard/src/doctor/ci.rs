//! CI001 to CI003: is there a gate in CI, does it see everything, and can it fail?

use crate::doctor::remark::Remark;

/// Tools that scan for secrets; a gate of another one is a gate.
const SCANNERS: [&str; 6] = ["unleak", "gitleaks", "trufflehog", "ggshield", "kingfisher", "betterleaks"];

/// Ends of a command that hide its exit code.
const SWALLOWED: [&str; 5] = ["|| true", "|| :", "|| exit 0", "|| echo", "; true"];
/// What lets a build go on after a failure: GitHub, GitLab, Azure, Buildkite, Drone and Woodpecker, Jenkins.
const ALLOWED: [&str; 6] = [
    "continue-on-error: true",
    "allow_failure: true",
    "continueOnError: true",
    "soft_fail: true",
    "failure: ignore",
    "catchError",
];

/// What there is to say of these CI files, `(path, text)`.
pub fn check(files: &[(String, String)]) -> Vec<Remark> {
    let gates: Vec<&(String, String)> = files.iter().filter(|(_, text)| scanner(text).is_some()).collect();
    if gates.is_empty() {
        let (text, remedy) = if files.is_empty() {
            ("there is no CI here", "unleak init --ci github")
        } else {
            ("no file of the CI here runs a scanner", "unleak init")
        };
        return vec![Remark::warn("CI001", text, remedy)];
    }
    gates.into_iter().flat_map(|(path, text)| gate(path, text)).collect()
}

/// Lines that are no comments, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with(['#', '/']))
}

fn scanner(text: &str) -> Option<&'static str> {
    SCANNERS.into_iter().find(|name| lines(text).any(|(_, line)| line.contains(name)))
}

/// The lines of the job that runs the scanner, with their numbers: other jobs may do as they like. `depth` is how far jobs
/// stand in.
fn job<'t>(text: &'t str, name: &str, depth: usize) -> Vec<(usize, &'t str)> {
    let all: Vec<(usize, &str)> = lines(text).filter(|(_, line)| !line.trim().is_empty()).collect();
    let begins =
        |line: &str| line.len() - line.trim_start().len() == depth && !line.trim_start().starts_with('-');
    let Some(at) =
        all.iter().position(|(_, line)| line.contains(name) && line.trim_start().len() + depth < line.len())
    else {
        return all;
    };
    let start = (0..=at).rev().find(|at| begins(all[*at].1)).unwrap_or(0);
    let end = (at + 1..all.len()).find(|at| all[*at].1.len() - all[*at].1.trim_start().len() <= depth);
    all[start..end.unwrap_or(all.len())].to_vec()
}

fn gate(path: &str, text: &str) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let name = scanner(text).unwrap_or("unleak");
    let is_github = path.contains(".github");
    let own = match () {
        () if is_github => job(text, name, 2),
        () if path.contains("gitlab") => job(text, name, 0),
        () => lines(text).collect(),
    };
    let has = |needle: &str| own.iter().any(|(_, line)| line.replace(['"', '\''], "").contains(needle));
    let anywhere = |needle: &str| lines(text).any(|(_, line)| line.replace(['"', '\''], "").contains(needle));
    let line_of =
        |needle: &str| own.iter().find(|(_, line)| line.contains(needle)).map_or(1, |(number, _)| *number);
    if is_github && has("actions/checkout") && !has("fetch-depth: 0") {
        let text = "the checkout has one commit, so the gate sees neither the others nor what they removed";
        let remark = Remark::fail("CI002", text, "with: {fetch-depth: 0} below actions/checkout");
        remarks.push(remark.at(path).on(line_of("actions/checkout")));
    }
    for (file, depth, said) in [
        (".gitlab-ci.yml", "GIT_DEPTH: 0", "GitLab fetches 20 commits"),
        ("bitbucket-pipelines.yml", "depth: full", "Bitbucket fetches 50 commits"),
        ("azure-pipelines.yml", "fetchDepth: 0", "Azure fetches one commit in new pipelines"),
    ] {
        if path == file && !anywhere(depth) {
            let text = format!("{said}, so the gate does not see the whole of a larger change");
            let remark = Remark::fail("CI002", text, format!("{depth}, as in docs/ci"));
            remarks.push(remark.at(path).on(line_of(name)));
        }
    }
    for (number, line) in &own {
        let swallowed = line.contains(name) && SWALLOWED.iter().any(|end| line.contains(end));
        if swallowed || ALLOWED.iter().any(|word| line.replace(['"', '\''], "").contains(word)) {
            let text = format!(
                "`{}`: whatever the gate finds, the build goes on",
                line.trim().trim_start_matches("- ")
            );
            remarks.push(Remark::fail("CI003", text, "remove it").at(path).on(*number));
        }
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::ci::ALL;

    fn checks(path: &str, text: &str) -> Vec<&'static str> {
        check(&[(path.to_owned(), text.to_owned())]).iter().map(|remark| remark.check).collect()
    }

    #[test]
    fn gates_are_told_good_from_bad() {
        for ci in ALL {
            assert_eq!(checks(ci.path(), &ci.step(None).unwrap()), [""; 0]);
        }
        let shallow = "steps:\n  - uses: actions/checkout@v5\n  - run: unleak ci || true\n    continue-on-error: true\n";
        assert_eq!(checks(".github/workflows/a.yml", shallow), ["CI002", "CI003", "CI003"]);
        assert_eq!(checks(".github/workflows/a.yml", "# unleak\nrun: make\n"), ["CI001"]);
        assert_eq!(checks(".gitlab-ci.yml", "job:\n  script: gitleaks git\n"), ["CI002"]);
        assert_eq!(checks("bitbucket-pipelines.yml", "script: unleak ci\n"), ["CI002"]);
        assert_eq!(checks("azure-pipelines.yml", "- script: unleak ci\n"), ["CI002"]);
        assert_eq!(check(&[])[0].check, "CI001");
        for (path, text) in [
            (
                "azure-pipelines.yml",
                "- checkout: self\n  fetchDepth: 0\n- script: unleak ci\n  continueOnError: true\n",
            ),
            (".buildkite/pipeline.yml", "steps:\n  - command: unleak ci\n    soft_fail: true\n"),
            (".woodpecker.yml", "steps:\n  - name: a\n    failure: ignore\n    commands: [unleak ci]\n"),
            ("Jenkinsfile", "catchError { sh 'unleak ci' }\n"),
            (
                ".gitlab-ci.yml",
                "x:\n  variables: {GIT_DEPTH: 0}\n  allow_failure: true\n  script: unleak ci\n",
            ),
        ] {
            assert_eq!(checks(path, text), ["CI003"], "{path}");
        }
    }

    #[test]
    fn only_the_job_that_scans_counts() {
        let other = "jobs:\n  lint:\n    continue-on-error: true\n    steps:\n      - uses: actions/checkout@v5\n        with:\n          fetch-depth: 0\n";
        let scans = "  secrets:\n    steps:\n      - uses: actions/checkout@v5\n      - run: unleak ci\n";
        let path = ".github/workflows/a.yml";
        assert_eq!(checks(path, &[other, scans].concat()), ["CI002"]);
        let whole = scans.replace("      - run", "        with: {fetch-depth: 0}\n      - run");
        assert_eq!(checks(path, &[other, &whole].concat()), [""; 0]);
        let lint = "lint:\n  allow_failure: true\n";
        let gitlab = "unleak:\n  variables: {GIT_DEPTH: \"0\"}\n  script: unleak ci\n";
        assert_eq!(checks(".gitlab-ci.yml", &[lint, gitlab].concat()), [""; 0]);
    }
}
