//! The CI platforms: how each is known, where it says what a run is about, and what makes it fetch all of history.

mod azure;
mod bitbucket;
mod buildkite;
mod circleci;
mod drone;
mod github;
mod gitlab;
mod jenkins;
mod said;

pub use said::{Detected, PlatformError, Surroundings};

/// A CI platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// GitHub Actions, Gitea, Forgejo.
    GitHub,
    /// GitLab CI.
    GitLab,
    /// Bitbucket Pipelines.
    Bitbucket,
    /// Azure Pipelines.
    Azure,
    /// CircleCI.
    CircleCi,
    /// Buildkite.
    Buildkite,
    /// Woodpecker.
    Woodpecker,
    /// Drone.
    Drone,
    /// Jenkins.
    Jenkins,
}

/// Platforms with the variable that only they set, and its value if that tells. The first that fits counts.
const SIGNS: [(Platform, &str, Option<&str>); 9] = [
    (Platform::GitHub, "GITHUB_ACTIONS", Some("true")),
    (Platform::GitLab, "GITLAB_CI", None),
    (Platform::Bitbucket, "BITBUCKET_BUILD_NUMBER", None),
    (Platform::Azure, "TF_BUILD", None),
    (Platform::CircleCi, "CIRCLECI", Some("true")),
    (Platform::Buildkite, "BUILDKITE", Some("true")),
    (Platform::Woodpecker, "CI", Some("woodpecker")),
    (Platform::Drone, "DRONE", Some("true")),
    (Platform::Jenkins, "JENKINS_URL", None),
];

/// The platform that this is a run of; `None` if it is none that is known.
pub fn detect(surroundings: &Surroundings<'_>) -> Option<Platform> {
    let fits = |name: &str, value: Option<&str>| match value {
        Some(value) => surroundings.is(name, value),
        None => surroundings.get(name).is_some(),
    };
    SIGNS.into_iter().find(|(_, name, value)| fits(name, *value)).map(|(platform, ..)| platform)
}

impl Platform {
    /// All of them, in the order in which they are looked for.
    pub fn all() -> impl Iterator<Item = Self> {
        SIGNS.into_iter().map(|(platform, ..)| platform)
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub Actions",
            Self::GitLab => "GitLab CI",
            Self::Bitbucket => "Bitbucket Pipelines",
            Self::Azure => "Azure Pipelines",
            Self::CircleCi => "CircleCI",
            Self::Buildkite => "Buildkite",
            Self::Woodpecker => "Woodpecker",
            Self::Drone => "Drone",
            Self::Jenkins => "Jenkins",
        }
    }

    /// What the run is about.
    ///
    /// # Errors
    /// When the platform does not say, or when the run is about no change.
    pub fn read(self, surroundings: &Surroundings<'_>) -> Result<Detected, PlatformError> {
        match self {
            Self::GitHub => github::read(surroundings),
            Self::GitLab => gitlab::read(surroundings),
            Self::Bitbucket => bitbucket::read(surroundings),
            Self::Azure => azure::read(surroundings),
            Self::CircleCi => circleci::read(surroundings),
            Self::Buildkite => buildkite::read(surroundings),
            Self::Woodpecker => drone::read_woodpecker(surroundings),
            Self::Drone => drone::read_drone(surroundings),
            Self::Jenkins => jenkins::read(surroundings),
        }
    }

    /// What to add to the pipeline's file so that all of history is there: the place, and the line.
    pub fn whole_history(self) -> (&'static str, &'static str) {
        match self {
            Self::GitHub => ("the actions/checkout step", "with: { fetch-depth: 0 }"),
            Self::GitLab => ("the job", "variables: { GIT_DEPTH: \"0\" }"),
            Self::Bitbucket => ("the top of bitbucket-pipelines.yml", "clone: { depth: full }"),
            Self::Azure => ("the steps, first", "- { checkout: self, fetchDepth: \"0\" }"),
            Self::CircleCi => ("the steps, in place of `- checkout`", "- checkout: { method: full }"),
            Self::Buildkite => ("the pipeline", "env: { BUILDKITE_GIT_CLONE_FLAGS: \"-v\" }"),
            Self::Woodpecker => (
                "the top of the workflow",
                "clone: { git: { image: woodpeckerci/plugin-git, settings: { depth: 0, partial: false } } }",
            ),
            Self::Drone => ("the pipeline, in place of `clone: { depth: … }`", "clone: { disable: false }"),
            Self::Jenkins => (
                "the options of `checkout`",
                "extensions: [[$class: 'CloneOption', shallow: false, noTags: false, honorRefspec: false]]",
            ),
        }
    }
}
