//! Development only: hermetic environments, odd repositories and fake secrets for the project's tests.
//!
//! Nothing here depends on the project's own crates, so that a test built with it is a second opinion.
//! Everything panics with the whole command output when a step fails: a test that cannot be set up must not pass.
//!
//! ```
//! use unleak_testkit::{TestEnvironment, TestRepo, fake};
//!
//! let environment = TestEnvironment::new();
//! let repo = TestRepo::init(&environment, "work");
//! let commit = repo.file("deploy.env", format!("TOKEN={}\n", fake::github_pat(1))).commit("add deploy settings");
//! assert_eq!(repo.git(["rev-parse", "HEAD"]), commit);
//! ```

mod random;

mod checksum;
pub mod fake;

mod output;
mod process;

mod environment;

mod repo;

mod random_history;

mod state;

pub use environment::TestEnvironment;
pub use output::Output;
pub use process::Running;
pub use random::Random;
pub use random_history::{Planted, RandomHistory, random_history};
pub use repo::TestRepo;
pub use repo::storage::Packing;
pub use state::RepoState;
