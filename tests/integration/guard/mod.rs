//! What stops the next leak, from outside: `guard`, `init`, `doctor`, `scan --agents`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod agents_files;
mod asking;
mod doctor;
mod incidents;
mod init;
mod odd_projects;
