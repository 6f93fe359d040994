//! Gates in CI: the files that have every change scanned before it is merged.

/// A CI whose files are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ci {
    /// GitHub Actions.
    GitHub,
    /// GitLab CI.
    GitLab,
}

const GITHUB: &str = "\
# Scans what a change brings in. Written by `unleak init`; yours to change.
name: unleak
on:
  pull_request:
  push:
  merge_group:
permissions:
  contents: read
jobs:
  secrets:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
      - uses: actions/checkout@v5
        with:
          fetch-depth: 0 # the whole history, or there is no range to scan
          persist-credentials: false
      - run: cargo install --locked --git https://github.com/unleak/unleak unleak
      - run: unleak ci
";

const GITLAB: &str = "\
# Scans what a change brings in. Written by `unleak init`; yours to change.
unleak:
  image: rust:1
  variables:
    GIT_DEPTH: \"0\" # the whole history, or there is no range to scan
  script:
    - cargo install --locked --git https://github.com/unleak/unleak unleak
    - unleak ci
";

impl Ci {
    /// The file, from the top.
    pub fn path(self) -> &'static str {
        match self {
            Self::GitHub => ".github/workflows/unleak.yml",
            Self::GitLab => ".gitlab-ci.yml",
        }
    }

    /// The file, where there is none. One that is there is not touched: `None`.
    pub fn step(self, existing: Option<&str>) -> Option<String> {
        let text = match self {
            Self::GitHub => GITHUB,
            Self::GitLab => GITLAB,
        };
        existing.is_none().then(|| text.to_owned())
    }
}
