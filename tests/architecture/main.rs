//! The house keeps its own plan: which crate may use which, no circle of files inside a crate, and the shape of a file.
//!
//! Reads the sources as text, so it sees paths (`use a::b`, `a::b::c()`) and nothing that only the compiler knows: a
//! method of a type is charged to the file that names the type, not to the one with the `impl`. What `ARCHITECTURE.md`
//! says and no lint can say is checked here.

mod lexer;

mod circles;
mod imports;
mod tree;

mod crates;
mod files;
