//! What is replaced and deleted: the words in which rules are written.

mod expressions;
mod forms;
mod generate;
mod mailmap;
mod paths;
mod python;
mod secrets;
