//! Where the archives of a store stand that are not known to be clean.

use std::collections::BTreeMap;

use bstr::BString;
use gix_hash::ObjectId;
use unleak_objects::history::{Forest, Thing, TreeNumber};

use crate::archive::{Archive, Inside, Packing};

/// The archives that stand somewhere below `roots`, each with the first path found; sorted.
pub(crate) fn placed(
    forest: &Forest,
    archives: &BTreeMap<ObjectId, (Packing, Inside)>,
    roots: impl Iterator<Item = ObjectId>,
) -> Vec<Archive> {
    let mut wanted = vec![None; forest.files()];
    let mut missing = 0;
    for (id, (packing, inside)) in archives {
        if let Some(file) = forest.file(id) {
            wanted[file as usize] = Some((*id, *packing, *inside == Inside::Holds));
            missing += 1;
        }
    }
    let (mut found, mut seen) = (Vec::new(), vec![false; forest.len()]);
    for root in roots.filter_map(|root| forest.number(&root)) {
        if found.len() == missing {
            break;
        }
        let mut enter = |tree: TreeNumber| !std::mem::replace(&mut seen[tree as usize], true);
        let mut stack = if enter(root) { vec![(root, 0, 0)] } else { Vec::new() };
        let mut path = BString::default();
        while let Some((tree, next, length)) = stack.last_mut() {
            path.truncate(*length);
            let Some(standing) = forest.standing(*tree, *next) else {
                stack.pop();
                continue;
            };
            *next += 1;
            path.extend_from_slice(forest.name(standing.name));
            match standing.what {
                Thing::Tree(below) if enter(below) => {
                    path.push(b'/');
                    stack.push((below, 0, path.len()));
                }
                Thing::File(file) => {
                    if let Some((id, packing, holds)) = wanted[file as usize].take() {
                        found.push(Archive { path: path.clone(), id, packing, holds });
                    }
                }
                Thing::Tree(_) | Thing::MissingTree => {}
            }
        }
    }
    found.sort_unstable();
    found
}
