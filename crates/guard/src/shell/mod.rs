//! Command lines as a POSIX shell and bash read them: text to words, words to the programs that would run.
//!
//! Nothing is executed or looked up. What depends on the moment (a variable nobody has set in the same text, a glob, the
//! output of a command) stays as it is written and is marked.
//!
//! Source of the grammar: POSIX.1-2024, "Shell Command Language", and bash(1).

mod closing;
mod code;
mod expansion;
mod invocation;
mod lexer;
mod names;
mod options;
mod printed;
mod script;
mod word;
mod wrappers;

pub use invocation::{Invocation, NotUnderstood, Redirect, Wrappers, invocations};
pub use options::{Flag, Options};
pub use word::Arg;
pub use wrappers::Wrapper;
