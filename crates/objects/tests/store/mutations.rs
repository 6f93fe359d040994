//! Stores changed at random, over and over, with and without checksums that fit again: no panic, no endless loop, no
//! memory out of proportion, nothing false, and what the change does not touch is read.
//!
//! `UNLEAK_MUTATIONS=1000000` runs longer, `UNLEAK_MUTATION_SEED=7` somewhere else; a failure prints the seed of the one
//! change that caused it.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use gix_hash::Kind::Sha1;
use unleak_objects::{Buffer, KindSet, Limits, ObjectStore, VisitOptions};
use unleak_testkit::Random;

use crate::damage::overwrite;
use crate::git::Git;
use crate::seen::{Objects, assert_true, visit, visit_with};

/// Each takes some milliseconds.
const CHANGES: u64 = 400;
/// One change must not keep the reader busy for longer; a debug build on a busy machine included.
const PATIENCE: Duration = Duration::from_secs(20);
/// What the whole run may take. Bytes.
#[cfg(target_os = "linux")]
const MEMORY: u64 = 1 << 30;

/// A store with its files as git wrote them.
struct Sample {
    git: Git,
    truth: Objects,
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl Sample {
    fn new(git: Git) -> Self {
        let truth = git.all_objects();
        let mut files = Vec::new();
        let mut folders = vec![git.objects()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push((path.clone(), fs::read(path).unwrap()));
                }
            }
        }
        files.retain(|(path, _)| !path.ends_with("info/packs"));
        files.sort();
        Self { git, truth, files }
    }

    /// Changes one file, reads the store in every way, and puts the file back. Returns whether something was amiss.
    fn change(&self, seed: u64) -> bool {
        let mut random = Random::new(seed);
        let (path, good) = random.pick(&self.files);
        let mut bytes = good.clone();
        let other = &random.pick(&self.files).1;
        for _ in 0..=random.below(3) {
            mutate(&mut random, &mut bytes, other);
        }
        let is_sealed = random.one_in(2) && seal(path, &mut bytes);
        overwrite(path, &bytes);
        let start = Instant::now();
        let read = catch_unwind(AssertUnwindSafe(|| self.read(is_sealed)));
        let elapsed = start.elapsed();
        overwrite(path, good);
        assert!(elapsed < PATIENCE, "seed {seed}, {}: {elapsed:?}", path.display());
        read.unwrap_or_else(|panic| {
            #[allow(clippy::print_stderr, reason = "the seed is what makes a failure of use")]
            {
                eprintln!("UNLEAK_MUTATION_SEED={seed} UNLEAK_MUTATIONS=1, {}", path.display());
            }
            resume_unwind(panic)
        })
    }

    fn read(&self, is_sealed: bool) -> bool {
        let limits = Limits { max_object_size: 1 << 24, live_bytes: 1 << 16, ..Limits::default() };
        let Ok(store) = ObjectStore::open_with(&self.git.objects(), Sha1, limits) else { return true };
        let interrupt = AtomicBool::new(false);
        let mut options = VisitOptions::new(KindSet::ALL, 2, &interrupt);
        options.verify = true;
        let (seen, outcome) = visit_with(&store, &options);
        assert_true(&seen, Sha1);
        // A list that fits its own checksum may leave an object out; any other change is noticed.
        let lost: BTreeSet<_> = self.truth.keys().filter(|id| !seen.contains_key(*id)).collect();
        assert!(
            is_sealed || lost.is_empty() || !outcome.troubles.is_empty(),
            "{lost:?} were lost in silence"
        );
        for trouble in &outcome.troubles {
            assert!(
                trouble.id.is_some() || !trouble.path.as_os_str().is_empty(),
                "{trouble:?} names nothing"
            );
        }
        let mut buffer = Buffer::default();
        for (id, (kind, bytes)) in &self.truth {
            // One by one, too, what is seen is found, and nothing else is taken for it.
            if let Ok(Some(found)) = store.find(id, &mut buffer) {
                assert_eq!(found, (*kind, bytes.as_slice()), "{id}");
            } else {
                // No search finds what stands in the wrong row of a list. Its checksum tells, if it does not fit.
                let is_told = is_sealed || !outcome.troubles.is_empty();
                assert!(is_told || !seen.contains_key(id), "{id} is seen, not found, and nothing is said");
            }
            let _any = store.header(id);
        }
        // Where nobody asks for hashes, false objects may come; no true one is missing for that.
        let (plain, _) = visit(&store, 1);
        assert!(seen.keys().all(|id| plain.contains_key(id)));
        !outcome.troubles.is_empty()
    }
}

/// One change: bits, bytes, numbers, and ranges that go, come or change places.
fn mutate(random: &mut Random, bytes: &mut Vec<u8>, other: &[u8]) {
    if bytes.is_empty() {
        bytes.extend(random.bytes(8));
        return;
    }
    // Headers and tables are small and matter most.
    let reach = if random.one_in(3) { bytes.len().min(64) } else { bytes.len() };
    let at = random.below(reach);
    let length = (1 + random.below(40)).min(bytes.len() - at);
    match random.below(9) {
        0 | 1 => bytes[at] ^= 1 << random.below(8),
        2 => bytes[at] = *random.pick(&[0, 1, 0x7f, 0x80, 0xff]),
        3 => {
            let number: u64 =
                *random.pick(&[0, 1, 2, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, u64::MAX, u64::MAX >> 1]);
            let number = number.to_be_bytes();
            let width = *random.pick(&[4, 8]);
            for (place, byte) in bytes[at..].iter_mut().zip(&number[8 - width..]) {
                *place = *byte;
            }
        }
        4 => bytes.truncate(at),
        5 => drop(bytes.drain(at..at + length)),
        6 => {
            let copy = bytes[at..at + length].to_vec();
            let to = random.below(bytes.len() + 1);
            bytes.splice(to..to, copy);
        }
        7 => {
            let to = random.below(bytes.len() - length + 1);
            bytes.copy_within(at..at + length, to);
        }
        _ if other.is_empty() => {}
        _ => {
            let from = random.below(other.len());
            for (place, byte) in bytes[at..at + length].iter_mut().zip(&other[from..]) {
                *place = *byte;
            }
        }
    }
}

/// Makes the checksum fit at the end of a pack, an index or a multi-pack-index. Returns whether there is one.
fn seal(path: &Path, bytes: &mut [u8]) -> bool {
    let is_named = path.parent().is_some_and(|folder| folder.ends_with("pack"));
    if !is_named || bytes.len() < 20 {
        return false;
    }
    let (text, checksum) = bytes.split_at_mut(bytes.len() - 20);
    let mut hasher = gix_hash::hasher(Sha1);
    hasher.update(text);
    checksum.copy_from_slice(hasher.try_finalize().unwrap().as_slice());
    true
}

fn setting(name: &str) -> Option<u64> {
    #[allow(clippy::disallowed_methods, reason = "who looks for bugs says here for how long")]
    std::env::var(name).ok()?.parse().ok()
}

fn samples() -> Vec<Sample> {
    let packed = |arguments: &[&[&str]]| {
        let git = Git::with_history(Sha1, 5);
        for arguments in arguments {
            git.run(arguments);
        }
        Sample::new(git)
    };
    let several = Git::with_history(Sha1, 3);
    several.run(&["repack", "-dq"]);
    several.import("main", 3..5);
    several.run(&["repack", "-dq"]);
    several.run(&["multi-pack-index", "write"]);
    vec![
        packed(&[]),
        packed(&[&["repack", "-adfq", "--depth=250"]]),
        packed(&[&["-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq"]]),
        packed(&[&["-c", "pack.indexVersion=1", "repack", "-adfq"]]),
        Sample::new(several),
    ]
}

#[test]
fn stores_changed_at_random() {
    let samples = samples();
    let changes = setting("UNLEAK_MUTATIONS").unwrap_or(CHANGES);
    let first = setting("UNLEAK_MUTATION_SEED").unwrap_or(1);
    let amiss = (first..first + changes)
        .filter(|seed| samples[usize::try_from(*seed).unwrap() % samples.len()].change(*seed))
        .count();
    assert!(changes < 100 || amiss as u64 > changes / 2, "{amiss} of {changes} changes did harm");
    #[cfg(target_os = "linux")]
    {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        assert!(peak << 10 < MEMORY, "{peak} kB");
    }
}
