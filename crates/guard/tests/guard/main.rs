//! The guard as a library: payloads to answers, command lines to verdicts, in a world made up for the test.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::needless_pass_by_value, reason = "values are written where they are needed")]

mod command_lines;
mod commands;
mod everyday_lines;
mod payloads;
mod protocols;
mod roundabout_lines;
mod schemas;
mod world;
