//! What `HEAD` is, and what a revision such as `main~3` names.

use std::error::Error;

use bstr::{BStr, BString, ByteSlice as _};
use gix_hash::ObjectId;

use super::{
    commit::{peel_to_commit, read_commit},
    handle::Repository,
    objects::ObjectError,
    places::read_file,
    ref_file::{
        MAX_PACKED_BYTES, MAX_REF_BYTES, MAX_SYMBOLIC_STEPS, PackedLine, RefValue, parse_ids, parse_loose,
        parse_packed,
    },
};

/// Why `HEAD` is not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HeadError {
    /// `HEAD`, or a ref it leads to, holds nothing sensible or cannot be read.
    #[error("ref {name} is broken")]
    Broken {
        /// The ref.
        name: BString,
        /// Why, if it could not be read.
        source: Option<std::io::Error>,
    },
    /// The object it leads to cannot be read.
    #[error("HEAD cannot be followed")]
    Read(#[from] ObjectError),
    /// It leads to something that is no commit.
    #[error("HEAD points to object {id}, which is no commit")]
    NotACommit {
        /// The object.
        id: ObjectId,
    },
}

/// Why a revision does not name a commit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// Nothing has that name, or several objects have.
    #[error("revision {revision} is unknown")]
    Unknown {
        /// What was asked for.
        revision: String,
        /// What was tried.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Several refs of that name lead to different commits.
    #[error("revision {revision} is ambiguous: it may be {}", names.join(" or "))]
    Ambiguous {
        /// What was asked for.
        revision: String,
        /// The full names of the refs.
        names: Vec<String>,
    },
    /// The name leads to a tree or a blob.
    #[error("revision {revision} is object {id}, which is no commit")]
    NotACommit {
        /// What was asked for.
        revision: String,
        /// What it is.
        id: ObjectId,
    },
    /// The object that is named cannot be read.
    #[error("revision {revision} cannot be read")]
    Read {
        /// What was asked for.
        revision: String,
        /// Which object, and why.
        source: ObjectError,
    },
}

impl Repository {
    /// The commit that `HEAD` is at; `None` if its branch has no commit yet.
    pub fn head_commit(&self) -> Result<Option<ObjectId>, HeadError> {
        let mut name = BString::from("HEAD");
        for _ in 0..=MAX_SYMBOLIC_STEPS {
            match self.find_ref(name.as_ref())? {
                None if name == "HEAD" => break,
                None => return Ok(None),
                Some(RefValue::Symbolic(next)) => name = next,
                Some(RefValue::Id(id)) => {
                    return peel_to_commit(&self.reader(), &id)?
                        .ok_or(HeadError::NotACommit { id })
                        .map(Some);
                }
            }
        }
        Err(HeadError::Broken { name, source: None })
    }

    /// The commits that a merge in progress brings in (`MERGE_HEAD`); none if there is no merge.
    pub fn merge_heads(&self) -> Result<Vec<ObjectId>, HeadError> {
        let broken = |source| HeadError::Broken { name: "MERGE_HEAD".into(), source };
        let bytes = read_file(&self.git_dir().join("MERGE_HEAD"), MAX_PACKED_BYTES)
            .map_err(|error| broken(Some(error)))?;
        let ids = parse_ids(&bytes.unwrap_or_default(), self.hash_kind()).collect::<Option<Vec<_>>>();
        ids.ok_or_else(|| broken(None))
    }

    /// The tree of the commit that `HEAD` is at; `None` if its branch has no commit yet.
    pub fn head_tree(&self) -> Result<Option<ObjectId>, HeadError> {
        let Some(commit) = self.head_commit()? else { return Ok(None) };
        Ok(Some(self.commit_tree(&commit)?))
    }

    /// The tree of a commit.
    pub fn commit_tree(&self, commit: &ObjectId) -> Result<ObjectId, ObjectError> {
        Ok(read_commit(&self.reader(), commit, &mut Vec::new())?.tree)
    }

    /// The commit a revision names (`main~3`, `v1.0`, `origin/main`, `HEAD@{1}`, an id), tags followed. A name that git would
    /// warn of as ambiguous is an error: whoever may push a tag called `origin/main` must not choose what is compared.
    pub fn resolve(&self, revision: &str) -> Result<ObjectId, ResolveError> {
        let name = || revision.to_owned();
        let unknown =
            |source: Box<dyn Error + Send + Sync>| ResolveError::Unknown { revision: name(), source };
        // Nothing else can have a whole id for its name, and gix would read the whole index of a pack to say so.
        let whole =
            if is_whole_id(revision, self.hash_kind()) { revision.parse::<ObjectId>().ok() } else { None };
        let id = if let Some(id) = whole {
            id
        } else {
            let local = self.local();
            refuse_ambiguous(&local, revision)?;
            local.rev_parse_single(BStr::new(revision)).map_err(|error| unknown(error.into()))?.detach()
        };
        match peel_to_commit(&self.reader(), &id) {
            Ok(Some(commit)) => Ok(commit),
            Ok(None) => Err(ResolveError::NotACommit { revision: name(), id }),
            Err(source @ ObjectError::Missing { id: missing }) if whole == Some(missing) => {
                Err(unknown(source.into()))
            }
            Err(source) => Err(ResolveError::Read { revision: name(), source }),
        }
    }

    /// One ref of this worktree by its full name, without following it: the loose file, or else the packed one.
    fn find_ref(&self, name: &BStr) -> Result<Option<RefValue>, HeadError> {
        let broken = |source| HeadError::Broken { name: name.to_owned(), source };
        let relative = name.to_path().map_err(|_| broken(None))?;
        // A name from a file must not lead out of the git directory.
        let inside = relative.components().all(|part| matches!(part, std::path::Component::Normal(_)));
        if !inside {
            return Err(broken(None));
        }
        for directory in [self.git_dir(), self.common_dir()] {
            let bytes = match read_file(&directory.join(relative), MAX_REF_BYTES) {
                Ok(bytes) => bytes,
                // A directory of that name is no ref; a packed ref may be.
                Err(_) if directory.join(relative).is_dir() => None,
                Err(error) => return Err(broken(Some(error))),
            };
            if let Some(bytes) = bytes {
                return parse_loose(&bytes, self.hash_kind()).ok_or_else(|| broken(None)).map(Some);
            }
        }
        let packed = self.common_dir().join("packed-refs");
        let packed = read_file(&packed, MAX_PACKED_BYTES).map_err(|error| broken(Some(error)))?;
        Ok(packed.and_then(|bytes| find_packed(&bytes, name, self.hash_kind())).map(RefValue::Id))
    }
}

/// An error if the ref that `revision` begins with has a name that several have (gitrevisions(7), "refname"), or that is an
/// abbreviated id as well, and these are not the same.
fn refuse_ambiguous(local: &gix::Repository, revision: &str) -> Result<(), ResolveError> {
    let end = revision.find(['^', '~', ':']).into_iter().chain(revision.find("@{")).min();
    let name = &revision[..end.unwrap_or(revision.len())];
    let is_root = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte == b'@');
    let is_id = is_whole_id(name, local.object_hash());
    // Names that git takes as they are, whatever others there may be.
    if is_root || is_id || name.starts_with("refs/") {
        return Ok(());
    }
    let refs =
        ["refs/NAME", "refs/tags/NAME", "refs/heads/NAME", "refs/remotes/NAME", "refs/remotes/NAME/HEAD"];
    let names = refs.map(|rule| rule.replace("NAME", name));
    let commit = |name: &str| local.rev_parse_single(format!("{name}^{{commit}}").as_str()).ok();
    let find = |name: &String| Some((commit(name)?.detach(), name.clone()));
    let mut found: Vec<(ObjectId, String)> = names.iter().filter_map(find).collect();
    if !found.is_empty() && is_hex(name) {
        let prefix = gix_hash::Prefix::from_hex(name).ok();
        let object = prefix.and_then(|prefix| local.objects.lookup_prefix(prefix, None).ok().flatten()?.ok());
        found.extend(object.map(|id| (id, format!("object {id}"))));
    }
    let (mut ids, names): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    ids.dedup();
    if ids.len() > 1 {
        return Err(ResolveError::Ambiguous { revision: revision.to_owned(), names });
    }
    Ok(())
}

fn is_whole_id(name: &str, hash: gix_hash::Kind) -> bool {
    name.len() == hash.len_in_hex() && is_hex(name)
}

fn is_hex(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Looks at the lines only that have the name; a large repository has tens of thousands of others.
fn find_packed(bytes: &[u8], name: &BStr, kind: gix_hash::Kind) -> Option<ObjectId> {
    let wanted = [b" ", name.as_bytes()].concat();
    bytes.find_iter(&wanted).find_map(|at| {
        let start = bytes[..at].rfind_byte(b'\n').map_or(0, |newline| newline + 1);
        let end = bytes[at + 1..].find_byte(b'\n').map_or(bytes.len(), |length| at + 1 + length);
        match parse_packed(&bytes[start..end], kind).next() {
            Some(PackedLine::Ref { name: found, id }) if found == name => Some(id),
            _ => None,
        }
    })
}
