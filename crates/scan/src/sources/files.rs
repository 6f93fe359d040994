//! Files on disk: read, or streamed where they are large; symbolic links by the text of their target.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use bstr::{BString, ByteVec};
use unleak_findings::{Exposure, Medium};
use unleak_objects::lfs;

use crate::draft::{Draft, Recency, Spot};
use crate::outcome::SkipReason;
use crate::part::{Context, Part};
use crate::progress::Phase;
use crate::scanner::{Bench, Scanner, Sighting};
use crate::workers;

/// A file to scan.
pub(crate) struct FileToScan {
    /// How it is called in reports.
    pub(crate) path: BString,
    /// Where it is.
    pub(crate) on_disk: PathBuf,
    /// Whether it was listed as a file, not as a symbolic link or something else.
    pub(crate) is_plain: bool,
}

/// What came of one file.
enum Read {
    Gone,
    Skipped(SkipReason, String),
    Scanned { sightings: Vec<Sighting>, bytes: u64, skipped: Option<(SkipReason, String)> },
}

/// Scans `files` and calls the whole `source` in the ledger.
pub(crate) fn scan(context: &Context<'_>, source: &str, files: &[FileToScan]) -> Part {
    context.progress.start(Phase::Files, files.len() as u64);
    let (results, benches) = workers::each(context.threads, files, Bench::default, |bench, file| {
        if context.progress.stopped() {
            return Read::Gone;
        }
        let read = one(context, file, bench);
        if let Read::Scanned { sightings, bytes, .. } = &read {
            context.looked_at(*bytes, sightings);
        } else {
            context.looked_at(0, &[]);
        }
        read
    });
    let mut part = Part::default();
    part.benches(benches);
    for (file, read) in files.iter().zip(results) {
        match read {
            Read::Gone => {}
            Read::Skipped(reason, why) => part.coverage.skip(reason, file.path.to_string(), why),
            Read::Scanned { sightings, bytes, skipped } => {
                part.objects += 1;
                part.bytes += bytes;
                if let Some((reason, why)) = skipped {
                    part.coverage.skip(reason, file.path.to_string(), why);
                }
                part.drafts.extend(sightings.iter().map(|sighting| {
                    let spot = Spot {
                        medium: Medium::File,
                        path: file.path.clone(),
                        exposure: Exposure::Worktree,
                        blob: None,
                        recency: Recency::Worktree,
                    };
                    Draft::new(context.rules(), sighting, spot)
                }));
            }
        }
    }
    part.note_stop(context, source);
    part.coverage.scanned(source, vec![("files", part.objects)]);
    part
}

fn one(context: &Context<'_>, file: &FileToScan, bench: &mut Bench) -> Read {
    match read(context, file, bench) {
        Ok(read) => read,
        // Deleted from the working tree, or since it was listed.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Read::Gone
        }
        Err(error) => Read::Skipped(SkipReason::Unreadable, error.to_string()),
    }
}

fn read(context: &Context<'_>, file: &FileToScan, bench: &mut Bench) -> io::Result<Read> {
    // What cannot be opened as a file is looked at more closely.
    if file.is_plain
        && let Ok(input) = open_plain(&file.on_disk)
    {
        return content(context, file, input, bench);
    }
    let meta = fs::symlink_metadata(&file.on_disk)?;
    if meta.is_symlink() {
        let target = Vec::from_path_buf(fs::read_link(&file.on_disk)?)
            .unwrap_or_else(|path| path.to_string_lossy().into_owned().into_bytes());
        return Ok(scanned(context.scanner.text(&target, bench), target.len() as u64));
    }
    if !meta.is_file() {
        return Ok(Read::Skipped(SkipReason::SpecialFile, "neither a file nor a symbolic link".to_owned()));
    }
    content(context, file, open_plain(&file.on_disk)?, bench)
}

/// Opens a file that was listed as one. It may have been replaced since: no link is followed, and no pipe waited for.
fn open_plain(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
    }
    options.open(path)
}

fn content(context: &Context<'_>, file: &FileToScan, mut input: File, bench: &mut Bench) -> io::Result<Read> {
    let meta = input.metadata()?;
    if !meta.is_file() {
        return Ok(Read::Skipped(SkipReason::Unstable, "it was replaced while it was read".to_owned()));
    }
    let large = context.limits.stream_above;
    if meta.len() > large {
        return Ok(streamed(context, file, &mut input, bench));
    }
    let mut text = std::mem::take(&mut bench.text);
    let length = read_whole(&mut input, meta.len(), large, &mut text)?;
    if length as u64 > large {
        // It has grown since.
        return Ok(streamed(context, file, &mut text[..length].chain(input), bench));
    }
    let sightings = context.scanner.file(&file.path, &text[..length], bench);
    let lfs = lfs::is_pointer(&text[..length])
        .then(|| (SkipReason::LfsPointer, "its content is kept by Git LFS".to_owned()));
    if text.len() <= Scanner::PART {
        bench.text = text;
    }
    Ok(Read::Scanned { sightings, bytes: length as u64, skipped: lfs })
}

/// Reads `input`, of about `size` bytes, to its end, or just beyond `limit`. Returns how many bytes of `text` that fills:
/// what it had before stays behind them, so that nothing is cleared for nothing.
fn read_whole(input: &mut File, size: u64, limit: u64, text: &mut Vec<u8>) -> io::Result<usize> {
    let mut length = 0;
    // One more than there should be: the end shows itself.
    let mut room = usize::try_from(size).unwrap_or(usize::MAX).saturating_add(1);
    loop {
        if text.len() < room {
            text.resize(room, 0);
        }
        match input.read(&mut text[length..]) {
            Ok(0) => return Ok(length),
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if length as u64 > limit {
            return Ok(length);
        }
        if length == text.len() {
            room = room.max(text.len()).saturating_mul(2);
        }
    }
}

fn streamed(context: &Context<'_>, file: &FileToScan, input: &mut dyn io::Read, bench: &mut Bench) -> Read {
    let (sightings, read) = context.scanner.stream(&file.path, &mut context.until_stopped(input), bench);
    let (bytes, failed) = match read {
        Ok(bytes) => (bytes, None),
        // The source says so of the whole.
        Err(_) if context.progress.stopped() => (0, None),
        Err(error) => (0, Some((SkipReason::Unreadable, format!("only its beginning was read: {error}")))),
    };
    Read::Scanned { sightings, bytes, skipped: failed.or_else(|| context.left_out(&file.path)) }
}

fn scanned(sightings: Vec<Sighting>, bytes: u64) -> Read {
    Read::Scanned { sightings, bytes, skipped: None }
}

/// The path on disk of `path`, which git or a directory walk gave us as bytes, below `root`.
pub(crate) fn below(root: &Path, path: &[u8]) -> PathBuf {
    use bstr::ByteSlice;
    path.to_path().map_or_else(|_| root.join(path.to_str_lossy().as_ref()), |path| root.join(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_to_its_end_whatever_size_it_was_said_to_have() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let content: Vec<u8> = (0..10_000u32).flat_map(u32::to_le_bytes).collect();
        fs::write(&path, &content).unwrap();
        let mut text = vec![7; 100];
        for size in [0, 1, 39_999, 40_000, 40_001, 1 << 20] {
            let length = read_whole(&mut open_plain(&path).unwrap(), size, u64::MAX, &mut text).unwrap();
            assert!(text[..length] == content, "said to have {size}");
        }
        let length = read_whole(&mut open_plain(&path).unwrap(), 10, 5_000, &mut Vec::new()).unwrap();
        assert!(length > 5_000, "beyond the limit it shows that there is more");
        fs::write(&path, "").unwrap();
        assert_eq!(read_whole(&mut open_plain(&path).unwrap(), 40_000, 50_000, &mut text).unwrap(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn what_takes_a_files_place_is_not_followed_and_not_waited_for() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let folder = tempfile::tempdir().unwrap();
        let (pipe, link) = (folder.path().join("pipe"), folder.path().join("link"));
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR, 0).unwrap();
        assert!(!open_plain(&pipe).unwrap().metadata().unwrap().is_file());
        std::os::unix::fs::symlink("/etc/passwd", &link).unwrap();
        assert!(open_plain(&link).is_err());
    }
}
