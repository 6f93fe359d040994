//! The guard as a library: payloads to answers, command lines to verdicts, in a world made up for the test.

mod commands;
mod payloads;
mod protocols;
mod schemas;
mod world;
