//! Where reports go: standard output, or a file that appears whole, readable by its owner only; and the one question asked.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufRead as _, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use crate::error::CliError;

/// Calls `write` with standard output.
///
/// # Errors
/// When standard output cannot be written; a closed one is no error.
pub(crate) fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CliError> {
    to(None, write).map_err(|error| CliError::new("standard output cannot be written").caused_by(error))
}

/// Asks whether to go on; nobody at a terminal means no.
pub(crate) fn agreed(question: &str) -> Result<bool, CliError> {
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    print(|out| write!(out, "\n{question} [y/N] ").and_then(|()| out.flush()))?;
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| CliError::new("no answer could be read").caused_by(error))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Makes a folder that nobody else looks into, unless it is there.
pub(crate) fn private_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Calls `write` with the place a report goes to. A closed standard output is no error: the code already earned stays.
///
/// # Errors
/// When the file or standard output cannot be written.
pub(crate) fn to(
    path: Option<&Path>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    if let Some(path) = path {
        return whole_file(path, write);
    }
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes a new file beside `path` and renames it over `path`, so that no reader ever sees half of it. Something that is
/// no regular file, such as `/dev/stderr`, is written directly.
pub(crate) fn whole_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
        let mut file = OpenOptions::new().write(true).open(path)?;
        return write(&mut file).and_then(|()| file.flush());
    }
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    replace(&target, 0o600, write)
}

/// Puts `bytes` in place of the file at `path`, which was `before`: with the mode and the owner it had, and only if
/// `is_right`, which gets the new file just before, says so. Says whether it did.
///
/// # Errors
/// When it cannot be written, or not be given to the owner. Then the old file is there as it was.
pub(crate) fn exchange(
    path: &Path,
    bytes: &[u8],
    before: Option<&Metadata>,
    is_right: impl FnOnce(&File) -> io::Result<bool>,
) -> io::Result<bool> {
    let temporary = beside(path)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if before.is_some() { 0o600 } else { 0o666 });
    let written = (|| {
        let mut file = options.open(&temporary)?;
        file.write_all(bytes)?;
        if let Some(before) = before {
            give(&file, before)?;
            file.set_permissions(before.permissions())?;
        }
        let goes_on = is_right(&file)?;
        file.sync_all()?;
        if goes_on {
            fs::rename(&temporary, path)?;
        }
        Ok(goes_on)
    })();
    if !matches!(written, Ok(true)) {
        // What cannot be removed now was never there as far as readers of `path` can tell.
        drop(fs::remove_file(&temporary));
    }
    written
}

/// Gives a file to the owner of another one.
#[cfg(unix)]
fn give(file: &File, like: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let own = file.metadata()?;
    if (own.uid(), own.gid()) == (like.uid(), like.gid()) {
        return Ok(());
    }
    fchown(file, Some(like.uid()), Some(like.gid()))
}

#[cfg(not(unix))]
fn give(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

/// Writes a program that everybody may run, likewise whole or not at all.
pub(crate) fn program(path: &Path, text: &[u8]) -> io::Result<()> {
    replace(path, 0o755, |out| out.write_all(text))
}

fn beside(path: &Path) -> io::Result<PathBuf> {
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    Ok(path.with_file_name(name))
}

fn replace(target: &Path, mode: u32, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let temporary = beside(target)?;
    let result = write_temporary(&temporary, mode, write).and_then(|()| fs::rename(&temporary, target));
    if result.is_err() {
        // What cannot be removed now was never there as far as readers of `path` can tell.
        drop(fs::remove_file(&temporary));
    }
    result
}

#[cfg_attr(not(unix), expect(unused_variables, reason = "modes are for Unix"))]
fn write_temporary(
    path: &Path,
    mode: u32,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    let mut out = BufWriter::new(options.open(path)?);
    write(&mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        whole_file(&path, |out| out.write_all(b"old")).unwrap();
        let failed = whole_file(&path, |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("disk full"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777,
            0o600
        );
    }
}
