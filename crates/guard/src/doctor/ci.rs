//! CI001 to CI003: is there a gate in CI, does it see everything, and can it fail?

use crate::doctor::remark::Remark;

/// Tools that scan for secrets; a gate of another one is a gate.
const SCANNERS: [&str; 6] = ["unleak", "gitleaks", "trufflehog", "ggshield", "kingfisher", "betterleaks"];

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

fn gate(path: &str, text: &str) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let is_github = path.contains(".github");
    let has = |needle: &str| lines(text).any(|(_, line)| line.replace(['"', '\''], "").contains(needle));
    let line_of =
        |needle: &str| lines(text).find(|(_, line)| line.contains(needle)).map_or(1, |(number, _)| number);
    if is_github && has("actions/checkout") && !has("fetch-depth: 0") {
        let text = "the checkout has one commit, so the gate sees neither the others nor what they removed";
        let remark = Remark::fail("CI002", text, "with: {fetch-depth: 0} below actions/checkout");
        remarks.push(remark.at(path).on(line_of("actions/checkout")));
    }
    if path.contains("gitlab") && !has("GIT_DEPTH: 0") {
        let text = "GitLab fetches 20 commits, so the gate does not see the whole of a larger change";
        remarks.push(
            Remark::fail("CI002", text, "variables: {GIT_DEPTH: \"0\"} in the job")
                .at(path)
                .on(line_of("unleak")),
        );
    }
    let name = scanner(text).unwrap_or("unleak");
    for (file, depth, said) in [
        ("bitbucket-pipelines.yml", "depth: full", "Bitbucket fetches 50 commits"),
        ("azure-pipelines.yml", "fetchDepth: 0", "Azure fetches one commit in new pipelines"),
    ] {
        if path == file && !has(depth) {
            let text = format!("{said}, so the gate does not see the whole of a larger change");
            let remark = Remark::fail("CI002", text, format!("{depth}, as in docs/ci"));
            remarks.push(remark.at(path).on(line_of(name)));
        }
    }
    for (number, line) in lines(text) {
        let swallowed = line.contains(name)
            && ["|| true", "|| :", "|| exit 0", "; true"].iter().any(|end| line.contains(end));
        let allowed =
            ["continue-on-error: true", "allow_failure: true"].iter().any(|word| line.contains(word));
        if swallowed || allowed {
            let text = format!(
                "`{}`: whatever the gate finds, the build goes on",
                line.trim().trim_start_matches("- ")
            );
            remarks.push(Remark::fail("CI003", text, "remove it").at(path).on(number));
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
    }
}
