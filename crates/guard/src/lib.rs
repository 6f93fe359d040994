//! What stops the next leak: verdicts on the tool calls of coding agents, steps that harden a repository, checks of one.
//!
//! Pure: an event, policies and [`Facts`] about the repository in, an answer in the agent's protocol out; texts of files
//! in, better texts out. No command that is judged is ever run.
//!
//! ```
//! use unleak_guard::{agents, payload};
//!
//! let event = payload::read(br#"{"hook_event_name": "SessionStart", "session_id": "1"}"#)?;
//! assert!(event.acts.is_empty());
//! # Ok::<(), unleak_guard::payload_error::PayloadError>(())
//! ```

pub mod agents;
mod checks;
pub mod doctor;
pub mod env_file;
mod event;
mod facts;
mod git_call;
pub mod init;
mod judge;
mod leaves;
mod line;
mod patch;
pub mod payload;
pub mod payload_error;
mod places;
pub mod policy;
mod scanner;
pub mod shell;
mod tool;
pub mod transcripts;
mod verdict;

pub use checks::{Binding, bindings, service_account};
pub use event::{Act, Agent, Event, Moment};
pub use facts::{Adding, Candidate, Facts, Standing};
pub use judge::Judge;
pub use line::line_of;
pub use scanner::{Hit, Scanner};
pub use verdict::{Decision, Reason, Verdict};
