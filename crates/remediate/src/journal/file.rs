//! Journals on disk: records appended and synced, read back up to the last whole line.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use bstr::ByteSlice as _;
use sha2::{Digest as _, Sha256};

use super::record::{Begin, Record, State};
use crate::durable::{
    FileError, Mode, entries, fail, make_folder, options, read, remove_folder, sync_folder,
};

/// Bumped whenever a journal of before cannot be read as one of today.
pub(super) const VERSION: u32 = 1;
const SUM_DIGITS: usize = 16;

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// It cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Something else than its last line is damaged.
    #[error("line {line} of {} is damaged", path.display())]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
    /// Another version of this program wrote it.
    #[error("{} is a journal of another version ({version}); this program knows version {VERSION}", path.display())]
    Version {
        /// The journal.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
}

/// The folder for what runs leave behind.
pub(crate) fn folder(common_dir: &Path) -> PathBuf {
    common_dir.join("unleak")
}

/// A journal that is open for more records.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    number: u32,
}

impl Journal {
    /// Begins the journal of a new run in the folder for them.
    pub(crate) fn begin(folder: &Path, time: i64, begin: Begin) -> Result<Self, JournalError> {
        let number = numbers(folder)?.last().map_or(1, |last| last + 1);
        let path = path_of(folder, number);
        let file =
            options(Mode::Private).append(true).create_new(true).open(&path).map_err(fail("made", &path))?;
        let mut journal = Self { path, file, number };
        make_folder(&journal.run_folder(), Mode::Private)?;
        let begin = Begin { version: VERSION, time, ..begin };
        journal.append(&[Record::Begin(begin), Record::State { state: State::Init }])?;
        sync_folder(folder)?;
        Ok(journal)
    }

    /// Opens the journal of a run of before. A torn last line is cut off first.
    pub(crate) fn reopen(folder: &Path, number: u32) -> Result<Self, JournalError> {
        let path = path_of(folder, number);
        let bytes = read(&path)?.unwrap_or_default();
        let valid = bytes.lines_with_terminator().take_while(|line| parse(line).is_some());
        let whole: usize = valid.map(<[u8]>::len).sum();
        let file = options(Mode::Private).append(true).open(&path).map_err(fail("opened", &path))?;
        // Only then: when it was last written tells what is older.
        if whole < bytes.len() {
            file.set_len(whole as u64).map_err(fail("written", &path))?;
        }
        Ok(Self { path, file, number })
    }

    /// Adds records, and returns when they are on disk.
    pub(crate) fn append(&mut self, records: &[Record]) -> Result<(), JournalError> {
        let mut lines = Vec::new();
        for record in records {
            let text = serde_json::to_vec(record)
                .map_err(std::io::Error::other)
                .map_err(fail("written", &self.path))?;
            lines.extend_from_slice(sum(&text).as_bytes());
            lines.push(b' ');
            lines.extend_from_slice(&text);
            lines.push(b'\n');
        }
        let written = self.file.write_all(&lines).and_then(|()| self.file.sync_all());
        Ok(written.map_err(fail("written", &self.path))?)
    }

    /// Says how far the run has come.
    pub(crate) fn reach(&mut self, state: State) -> Result<(), JournalError> {
        self.append(&[Record::State { state }])
    }

    /// Which run it is.
    pub(crate) fn number(&self) -> u32 {
        self.number
    }

    /// Where the run keeps what is too large for a line.
    pub(crate) fn run_folder(&self) -> PathBuf {
        run_folder_of(&self.path, self.number)
    }

    /// When it was last written.
    pub(crate) fn modified(&self) -> Option<std::time::SystemTime> {
        self.file.metadata().and_then(|metadata| metadata.modified()).ok()
    }

    /// Removes what the run has kept besides the journal.
    pub(crate) fn forget_folder(&self) -> Result<(), FileError> {
        remove_folder(&self.run_folder())
    }
}

fn path_of(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("journal-{number}"))
}

fn run_folder_of(journal: &Path, number: u32) -> PathBuf {
    journal.with_file_name(format!("run-{number}"))
}

fn sum(text: &[u8]) -> String {
    let bytes = &Sha256::digest(text)[..SUM_DIGITS / 2];
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|half| char::from_digit(half.into(), 16))
        .collect()
}

/// The numbers of all runs, in order.
pub(super) fn numbers(folder: &Path) -> Result<Vec<u32>, FileError> {
    let names = entries(folder)?.into_iter().map(|entry| entry.file_name());
    let mut numbers: Vec<u32> =
        names.filter_map(|name| name.to_str()?.strip_prefix("journal-")?.parse().ok()).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// All records of a run but a torn one at its end, which was never acted upon.
pub(super) fn read_records(folder: &Path, number: u32) -> Result<Vec<Record>, JournalError> {
    let path = path_of(folder, number);
    let bytes = read(&path)?.unwrap_or_default();
    let lines: Vec<&[u8]> = bytes.lines_with_terminator().collect();
    let mut records = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        match parse(line) {
            Some(record) => records.push(record),
            None if at + 1 == lines.len() => break,
            None => return Err(JournalError::Damaged { path, line: at + 1 }),
        }
        if let Some(Record::Begin(Begin { version, .. })) = records.last()
            && *version != VERSION
        {
            return Err(JournalError::Version { path, version: *version });
        }
    }
    Ok(records)
}

fn parse(line: &[u8]) -> Option<Record> {
    let line = line.strip_suffix(b"\n")?;
    let (digits, rest) = line.split_at_checked(SUM_DIGITS)?;
    let text = rest.strip_prefix(b" ")?;
    if digits != sum(text).as_bytes() {
        return None;
    }
    serde_json::from_slice(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin() -> Begin {
        Begin { version: 0, time: 0, backup: None, pack: None, reports: false }
    }

    #[test]
    fn a_torn_end_never_was() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::begin(folder.path(), 7, begin()).unwrap();
        journal.reach(State::Snapshot).unwrap();
        let whole = read_records(folder.path(), 1).unwrap();
        assert_eq!(whole.len(), 3);
        let path = path_of(folder.path(), 1);
        let bytes = std::fs::read(&path).unwrap();
        for cut in 0..bytes.len() {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            let lines = bytes[..cut].find_iter(b"\n").count();
            assert_eq!(read_records(folder.path(), 1).unwrap(), whole[..lines], "cut at {cut}");
            Journal::reopen(folder.path(), 1).unwrap().reach(State::RolledBack).unwrap();
            let records = read_records(folder.path(), 1).unwrap();
            assert_eq!(records[lines..], [Record::State { state: State::RolledBack }], "cut at {cut}");
        }
    }

    #[test]
    fn damage_and_other_versions_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::begin(folder.path(), 7, begin()).unwrap();
        journal.reach(State::Snapshot).unwrap();
        let path = path_of(folder.path(), 1);
        let bytes = std::fs::read(&path).unwrap();
        let mut damaged = bytes.clone();
        damaged[30] ^= 1;
        std::fs::write(&path, &damaged).unwrap();
        let error = read_records(folder.path(), 1).unwrap_err();
        assert!(matches!(error, JournalError::Damaged { line: 1, .. }), "{error:?}");

        let text = serde_json::to_vec(&Record::Begin(Begin { version: 2, ..begin() })).unwrap();
        let line = [sum(&text).as_bytes(), b" ", &text, b"\n"].concat();
        std::fs::write(&path, line).unwrap();
        let error = read_records(folder.path(), 1).unwrap_err();
        assert!(matches!(error, JournalError::Version { version: 2, .. }), "{error:?}");
    }

    #[cfg(unix)]
    #[test]
    fn it_is_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::begin(folder.path(), 7, begin()).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path_of(folder.path(), 1)), 0o600);
        assert_eq!(mode(&journal.run_folder()), 0o700);
    }
}
