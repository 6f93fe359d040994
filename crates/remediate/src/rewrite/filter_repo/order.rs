//! The order in which `git fast-export` writes commits: `git rev-list --topo-order --reverse`.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use unleak_objects::history::{CommitNumber, Graph};

/// What `tips` reach, each once, parents first, in git's order.
pub(super) fn exported(graph: &Graph, tips: &[CommitNumber]) -> Vec<CommitNumber> {
    let limited = by_date(graph, tips);
    let mut children: HashMap<CommitNumber, usize> = limited.iter().map(|commit| (*commit, 0)).collect();
    for parent in limited.iter().flat_map(|commit| graph.parents(*commit)) {
        *children.entry(*parent).or_default() += 1;
    }
    // What was put last comes next; of the tips the youngest.
    let mut stack: Vec<CommitNumber> =
        limited.iter().rev().filter(|commit| children[commit] == 0).copied().collect();
    let mut order = Vec::with_capacity(limited.len());
    while let Some(commit) = stack.pop() {
        for parent in graph.parents(commit) {
            if let Some(open) = children.get_mut(parent) {
                *open -= 1;
                if *open == 0 {
                    stack.push(*parent);
                }
            }
        }
        order.push(commit);
    }
    order.reverse();
    order
}

/// What `tips` reach, the youngest first; of the same age, what was seen first.
fn by_date(graph: &Graph, tips: &[CommitNumber]) -> Vec<CommitNumber> {
    let mut seen = unleak_objects::history::CommitSet::new(graph.len());
    let mut queue = BinaryHeap::new();
    let mut count = 0;
    let mut order = Vec::new();
    let mut see = |commit: CommitNumber, queue: &mut BinaryHeap<_>| {
        if !seen.contains(commit) {
            seen.insert(commit);
            count += 1;
            queue.push((graph.time(commit), Reverse(count), commit));
        }
    };
    for tip in tips {
        see(*tip, &mut queue);
    }
    while let Some((_, _, commit)) = queue.pop() {
        order.push(commit);
        graph.parents(commit).iter().for_each(|parent| see(*parent, &mut queue));
    }
    order
}
