//! What is replaced and deleted: the words in which rules are written.

mod secrets;
