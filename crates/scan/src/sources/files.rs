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
use crate::scanner::{Bench, Sighting};
use crate::workers;

/// A file to scan.
pub(crate) struct FileToScan {
    /// How it is called in reports.
    pub(crate) path: BString,
    /// Where it is.
    pub(crate) on_disk: PathBuf,
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
    let meta = fs::symlink_metadata(&file.on_disk)?;
    if meta.is_symlink() {
        let target = Vec::from_path_buf(fs::read_link(&file.on_disk)?)
            .unwrap_or_else(|path| path.to_string_lossy().into_owned().into_bytes());
        return Ok(scanned(context.scanner.text(&target, bench), target.len() as u64));
    }
    if !meta.is_file() {
        return Ok(Read::Skipped(SkipReason::SpecialFile, "neither a file nor a symbolic link".to_owned()));
    }
    let mut input = File::open(&file.on_disk)?;
    // It may have been replaced since.
    if !input.metadata()?.is_file() {
        return Ok(Read::Skipped(SkipReason::Unstable, "it was replaced while it was read".to_owned()));
    }
    let large = context.limits.stream_above;
    if meta.len() > large {
        return Ok(streamed(context, file, &mut input, bench));
    }
    let mut text = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or_default());
    (&mut input).take(large.saturating_add(1)).read_to_end(&mut text)?;
    if text.len() as u64 > large {
        // It has grown since.
        return Ok(streamed(context, file, &mut text.as_slice().chain(input), bench));
    }
    let sightings = context.scanner.file(&file.path, &text, bench);
    let lfs =
        lfs::is_pointer(&text).then(|| (SkipReason::LfsPointer, "its content is kept by Git LFS".to_owned()));
    Ok(Read::Scanned { sightings, bytes: text.len() as u64, skipped: lfs })
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
