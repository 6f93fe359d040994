//! One file of a tree, found by its path.

use gix_hash::ObjectId;

use super::Repository;
use super::objects::ObjectError;
use crate::kind::Kind;
use crate::tree::entries;

impl Repository {
    /// The blob at `path` (with `/` between names) in `tree`; `None` if there is none.
    pub fn file_in_tree(&self, tree: &ObjectId, path: &[u8]) -> Result<Option<ObjectId>, ObjectError> {
        let (reader, mut bytes, mut at) = (self.reader(), Vec::new(), *tree);
        let mut names = path.split(|&byte| byte == b'/').peekable();
        while let Some(name) = names.next() {
            reader.read(&at, Kind::Tree, &mut bytes)?;
            // A malformed entry ends the tree; what comes after it does not exist for git either.
            let found =
                entries(&bytes, self.hash_kind().len_in_bytes()).flatten().find(|entry| entry.name == name);
            let Some(entry) = found else { return Ok(None) };
            let Ok(id) = ObjectId::try_from(entry.id) else { return Ok(None) };
            match names.peek() {
                None => return Ok(entry.is_blob().then_some(id)),
                Some(_) if entry.is_tree() => at = id,
                Some(_) => return Ok(None),
            }
        }
        Ok(None)
    }
}
