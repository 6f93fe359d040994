//! Gates in CI: the files that have every change scanned before it is merged.

/// A CI whose files are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ci {
    /// GitHub Actions.
    GitHub,
    /// GitLab CI.
    GitLab,
    /// Bitbucket Pipelines.
    Bitbucket,
    /// Azure Pipelines.
    Azure,
    /// `CircleCI`.
    CircleCi,
    /// Buildkite.
    Buildkite,
    /// Drone.
    Drone,
    /// Woodpecker.
    Woodpecker,
    /// A `Jenkinsfile`.
    Jenkins,
}

/// All of them, in the order in which they are looked for.
pub const ALL: [Ci; 9] = [
    Ci::GitHub,
    Ci::GitLab,
    Ci::Bitbucket,
    Ci::Azure,
    Ci::CircleCi,
    Ci::Buildkite,
    Ci::Drone,
    Ci::Woodpecker,
    Ci::Jenkins,
];

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
            Self::Bitbucket => "bitbucket-pipelines.yml",
            Self::Azure => "azure-pipelines.yml",
            Self::CircleCi => ".circleci/config.yml",
            Self::Buildkite => ".buildkite/pipeline.yml",
            Self::Drone => ".drone.yml",
            Self::Woodpecker => ".woodpecker.yml",
            Self::Jenkins => "Jenkinsfile",
        }
    }

    /// What shows that a repository uses it.
    pub fn trace(self) -> &'static str {
        match self {
            Self::GitHub => ".github/workflows",
            other => other.path(),
        }
    }

    /// What has to be put in by hand before the file runs; `None` if nothing has to be.
    pub fn open(self) -> Option<&'static str> {
        match self {
            Self::GitHub | Self::GitLab => None,
            Self::Bitbucket | Self::CircleCi | Self::Drone | Self::Woodpecker => {
                Some("name an image that has git and unleak in it")
            }
            Self::Azure | Self::Buildkite | Self::Jenkins => {
                Some("the agent needs git and unleak on its PATH")
            }
        }
    }

    /// The file, where there is none. One that is there is not touched: `None`.
    pub fn step(self, existing: Option<&str>) -> Option<String> {
        let text = match self {
            Self::GitHub => GITHUB,
            Self::GitLab => GITLAB,
            Self::Bitbucket => include_str!("../../../../docs/ci/bitbucket.yml"),
            Self::Azure => include_str!("../../../../docs/ci/azure.yml"),
            Self::CircleCi => include_str!("../../../../docs/ci/circleci.yml"),
            Self::Buildkite => include_str!("../../../../docs/ci/buildkite.yml"),
            Self::Drone => include_str!("../../../../docs/ci/drone.yml"),
            Self::Woodpecker => include_str!("../../../../docs/ci/woodpecker.yml"),
            Self::Jenkins => include_str!("../../../../docs/ci/Jenkinsfile"),
        };
        existing.is_none().then(|| text.to_owned())
    }
}
