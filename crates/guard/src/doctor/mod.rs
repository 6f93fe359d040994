//! The checklist that checks itself: named checks over facts that were gathered elsewhere, each with the command that mends
//! what it found. Pure; the command line gathers, fires gates and shows.

pub mod agent_hooks;
mod catalogue;
pub mod ci;
pub mod config;
pub mod env_files;
pub mod keys;
mod limits;
mod remark;
pub mod retries;
mod sarif;

pub use catalogue::{CHECKS, Check, Outcome, Summary, summary};
pub use limits::Limits;
pub use remark::{Fix, Grade, Remark};
pub use sarif::sarif;
