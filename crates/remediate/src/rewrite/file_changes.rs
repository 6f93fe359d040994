//! What a commit changes in the files of another, path by path.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

use bstr::BString;
use gix_hash::ObjectId;
use unleak_objects::tree::{self, Entry};

use super::tree_edits::{Changes, Trees};
use super::tree_entries::{File, Key, order};
use super::trees_error::TreesError;

/// What is to be done to turn the files of `from` into those of `to`; no tree is one without files.
pub(crate) fn between(
    trees: &mut Trees<'_>,
    from: Option<ObjectId>,
    to: Option<ObjectId>,
) -> Result<Changes, TreesError> {
    let mut changes = Changes::new();
    let mut pending = vec![(BString::default(), from, to)];
    while let Some((folder, from, to)) = pending.pop() {
        if from == to {
            continue;
        }
        for (key, before, after) in differences(trees, from, to)? {
            let path: BString = [folder.as_slice(), key.as_slice()].concat().into();
            if key.ends_with(b"/") {
                pending.push((path, before.map(|(_, id)| id), after.map(|(_, id)| id)));
            } else if after.is_some() || !changes.contains_key(&path) {
                changes.insert(path, after);
            }
        }
    }
    Ok(changes)
}

/// An entry that is not the same in two trees, by its name, with a slash if it is a folder's, and what it is in each.
type Difference = (BString, Option<File>, Option<File>);

fn differences(
    trees: &mut Trees<'_>,
    from: Option<ObjectId>,
    to: Option<ObjectId>,
) -> Result<Vec<Difference>, TreesError> {
    let mut bytes = |id: Option<ObjectId>| -> Result<_, TreesError> {
        id.map(|id| Ok((id, trees.get(&id)?))).transpose()
    };
    let (old, new) = (bytes(from)?, bytes(to)?);
    let (old, new) = (entries(old.as_ref())?, entries(new.as_ref())?);
    Ok(if is_sorted(&old) && is_sorted(&new) { merged(&old, &new) } else { joined(&old, &new) })
}

fn entries(tree: Option<&(ObjectId, Rc<[u8]>)>) -> Result<Vec<Entry<'_>>, TreesError> {
    let Some((id, bytes)) = tree else { return Ok(Vec::new()) };
    let list = tree::entries(bytes, id.as_slice().len());
    list.collect::<Result<_, _>>().map_err(|error| TreesError::Malformed(*id, error))
}

/// Whether no two entries are called the same, and all stand where they should.
fn is_sorted(entries: &[Entry<'_>]) -> bool {
    entries.is_sorted_by(|one, next| order(key(one), key(next)) == Ordering::Less)
}

fn key<'a>(entry: &Entry<'a>) -> Key<'a> {
    (entry.name, entry.is_tree())
}

/// Of sorted entries, read side by side.
fn merged(old: &[Entry<'_>], new: &[Entry<'_>]) -> Vec<Difference> {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    let mut found = Vec::new();
    loop {
        let side = match (old.peek(), new.peek()) {
            (None, None) => return found,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(before), Some(after)) => order(key(before), key(after)),
        };
        let before = if side.is_le() { old.next() } else { None };
        let after = if side.is_ge() { new.next() } else { None };
        let file = |entry: Option<&Entry<'_>>| entry.and_then(|entry| named(entry).map(|(_, file)| file));
        if before.map(|entry| (entry.mode, entry.id)) != after.map(|entry| (entry.mode, entry.id))
            && let Some((name, _)) = before.or(after).and_then(named)
        {
            found.push((name, file(before), file(after)));
        }
    }
}

/// Of entries in any order; of two with one name the last counts.
fn joined(old: &[Entry<'_>], new: &[Entry<'_>]) -> Vec<Difference> {
    let by_name = |entries: &[Entry<'_>]| entries.iter().filter_map(named).collect::<BTreeMap<_, _>>();
    let (old, new) = (by_name(old), by_name(new));
    let names = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)));
    let all = names.map(|key| (key.clone(), old.get(key).copied(), new.get(key).copied()));
    all.filter(|(_, before, after)| before != after).collect()
}

/// An entry by its name, with a slash if it is a folder's.
fn named(entry: &Entry<'_>) -> Option<(BString, File)> {
    let mut name = entry.name.to_owned();
    if entry.is_tree() {
        name.push(b'/');
    }
    Some((name, (entry.mode, ObjectId::try_from(entry.id).ok()?)))
}

#[cfg(test)]
mod tests {
    use unleak_testkit::Random;

    use super::*;

    type Line = (String, u32, usize);

    const IDS: [[u8; 20]; 2] = [[1; 20], [2; 20]];

    fn tree(random: &mut Random) -> Vec<Line> {
        let line = |random: &mut Random| {
            let length = 1 + random.below(3);
            let mode = *random.pick(&[0o100_644, 0o100_755, 0o40_000, 0o160_000]);
            (random.text(b"ab-/~", length), mode, random.below(2))
        };
        let mut tree: Vec<Line> = (0..random.below(6)).map(|_| line(random)).collect();
        if !random.one_in(4) {
            let slash = |mode: u32| if mode == 0o40_000 { "/" } else { "" };
            tree.sort_by_key(|(name, mode, _)| format!("{name}{}", slash(*mode)));
        }
        tree
    }

    fn borrowed(tree: &[Line]) -> Vec<Entry<'_>> {
        tree.iter()
            .map(|(name, mode, id)| Entry { mode: *mode, name: name.as_str().into(), id: &IDS[*id] })
            .collect()
    }

    #[test]
    fn trees_read_side_by_side_differ_as_by_name() {
        let mut random = Random::new(3);
        let (mut sorted, mut seen) = (0, 0);
        for _ in 0..20_000 {
            let (one, other) = (tree(&mut random), tree(&mut random));
            let (one, other) = (borrowed(&one), borrowed(&other));
            if is_sorted(&one) && is_sorted(&other) {
                let (mut merged, mut joined) = (merged(&one, &other), joined(&one, &other));
                merged.sort_unstable();
                joined.sort_unstable();
                assert_eq!(merged, joined);
                sorted += 1;
                seen += merged.len();
            }
        }
        assert!(sorted > 4000 && seen > 8000, "{sorted} {seen}");
    }
}
