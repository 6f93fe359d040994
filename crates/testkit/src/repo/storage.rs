//! What changes how objects lie on disk, and what damages them.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use super::TestRepo;

/// How objects are to lie on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Every object in a file of its own.
    Loose,
    /// Everything reachable in one pack, deltas by offset, garbage removed.
    One,
    /// One pack without any delta.
    WithoutDeltas,
    /// One pack whose deltas name their base by id, as fetched packs may.
    DeltasById,
    /// One pack with deep chains.
    DeepDeltas,
    /// What is loose now in a further pack, older packs untouched.
    OneMore,
    /// Several packs with a multi-pack index over them.
    MultiPackIndex,
    /// What is reachable in one pack, all else in a cruft pack.
    Cruft,
}

impl TestRepo<'_> {
    /// Packs, prunes and packs refs, as `git gc` does for a person.
    #[track_caller]
    pub fn gc(&self) -> &Self {
        self.git(["gc", "--quiet", "--prune=now"]);
        self
    }

    /// Lays the objects out as asked.
    #[track_caller]
    pub fn repack(&self, packing: Packing) -> &Self {
        match packing {
            Packing::Loose => return self.unpack_all(),
            Packing::One => self.git(["repack", "-a", "-d", "-f", "--quiet"]),
            Packing::WithoutDeltas => {
                self.git(["repack", "-a", "-d", "-F", "--depth=0", "--window=0", "--quiet"])
            }
            Packing::DeltasById => {
                let setting = ["-c", "repack.useDeltaBaseOffset=false"];
                self.git(setting.iter().chain(&["repack", "-a", "-d", "-f", "--quiet"]))
            }
            Packing::DeepDeltas => {
                self.git(["repack", "-a", "-d", "-F", "--depth=250", "--window=50", "--quiet"])
            }
            Packing::Cruft => self.git(["repack", "--cruft", "-d", "-f", "--quiet"]),
            Packing::OneMore => self.git(["repack", "-d", "--quiet"]),
            Packing::MultiPackIndex => {
                self.git(["repack", "-d", "--quiet"]);
                self.git(["multi-pack-index", "write"])
            }
        };
        self
    }

    /// The paths of the packs, oldest name first.
    #[track_caller]
    pub fn packs(&self) -> Vec<PathBuf> {
        let folder = self.objects_dir().join("pack");
        let entries =
            std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let paths = entries.map(|entry| entry.expect("a readable folder").path());
        let mut packs: Vec<_> =
            paths.filter(|path| path.extension().is_some_and(|end| end == "pack")).collect();
        packs.sort();
        packs
    }

    /// The file of a loose object.
    #[track_caller]
    pub fn loose_object(&self, id: &str) -> PathBuf {
        self.objects_dir().join(&id[..2]).join(&id[2..])
    }

    /// Deletes the file of a loose object, as a broken disk or a careless copy would.
    #[track_caller]
    pub fn remove_loose_object(&self, id: &str) -> &Self {
        let path = self.loose_object(id);
        std::fs::remove_file(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        self
    }

    /// Cuts a file to `length` bytes, write-protected or not.
    #[track_caller]
    pub fn truncate(&self, path: &Path, length: u64) -> &Self {
        make_writable(path);
        let file =
            OpenOptions::new().write(true).open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        file.set_len(length).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        self
    }

    /// Inverts `count` bytes of a file from `offset` on, write-protected or not.
    #[track_caller]
    pub fn damage(&self, path: &Path, offset: usize, count: usize) -> &Self {
        make_writable(path);
        let mut bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for byte in &mut bytes[offset..offset + count] {
            *byte = !*byte;
        }
        std::fs::write(path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        self
    }

    /// The object directory of this repository, shared with its linked working trees.
    #[track_caller]
    pub fn objects_dir(&self) -> PathBuf {
        let common = self.git(["rev-parse", "--path-format=absolute", "--git-common-dir"]);
        PathBuf::from(common).join("objects")
    }

    /// Moves the packs away and unpacks them into loose objects.
    #[track_caller]
    fn unpack_all(&self) -> &Self {
        for pack in self.packs() {
            let outside = self.environment().path("unpacking.pack");
            std::fs::rename(&pack, &outside).expect("both lie in the test's directory");
            for extension in ["idx", "rev", "bitmap", "mtimes"] {
                let companion = pack.with_extension(extension);
                if companion.exists() {
                    std::fs::remove_file(&companion).expect("the file was just seen");
                }
            }
            let bytes = std::fs::read(&outside).expect("the file was just moved");
            self.git_with_input(["unpack-objects", "-q"], bytes);
            std::fs::remove_file(&outside).expect("the file was just read");
        }
        self
    }
}

/// Objects and packs are written read-only; damaging one needs the owner's write bit.
fn make_writable(path: &Path) {
    let metadata = std::fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut permissions = metadata.permissions();
    #[allow(clippy::permissions_set_readonly_false, reason = "the file lies in a temporary directory")]
    permissions.set_readonly(false);
    std::fs::set_permissions(path, permissions).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
