//! What stops the next leak, from outside: `guard`, `init`, `doctor`, `scan --agents`.

mod agents_files;
mod asking;
mod doctor;
mod incidents;
mod init;
