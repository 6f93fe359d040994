//! What about the state of a repository forbids to rewrite it, one named reason at a time, each with a way out.

mod obstacle;

mod busy;
mod operations;
mod storage;

mod all;

pub use all::obstacles;
pub use obstacle::Obstacle;
