//! What people do once a secret has leaked, in the right order: findings, a rewrite and remotes in, steps out.
//!
//! Everything here is a pure function of what it is given: no network, no clock, no files, no output.

mod bans;
mod pre_receive;

mod host;
mod leak;
mod situation;
mod step;

mod message;
mod ticket;

mod by_itself;

mod after_steps;
mod history_steps;
mod rotating;

mod book;

mod escape;
mod page;
mod text;

pub use bans::{BanList, BanListError};
pub use book::runbook;
pub use host::{Host, HostKind};
pub use leak::{Leak, LeakCommit};
pub use page::markdown_page;
pub use pre_receive::pre_receive_hook;
pub use situation::{RemoteFacts, RewriteFacts, Situation};
pub use step::{Line, Runbook, Step, Who};
pub use text::{status, text};
