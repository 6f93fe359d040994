//! Runs the same work over many items, on one thread or several, with results in the order of the items.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Below this many items, a file each, a pool costs more than it saves.
const SMALL: usize = 32;
/// The same for items that are many files each.
const FEW: usize = 4;

/// Applies `work` to every item. Each thread has a state of its own, made by `state` and given back at the end.
pub(crate) fn each<T: Sync, S: Send, R: Send>(
    threads: usize,
    items: &[T],
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &T) -> R + Sync,
) -> (Vec<R>, Vec<S>) {
    spread(threads, (items, SMALL), state, work)
}

/// The same for items that take long: commits, not files.
pub(crate) fn each_of_few<T: Sync, S: Send, R: Send>(
    threads: usize,
    items: &[T],
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &T) -> R + Sync,
) -> (Vec<R>, Vec<S>) {
    spread(threads, (items, FEW), state, work)
}

fn spread<T: Sync, S: Send, R: Send>(
    threads: usize,
    (items, least): (&[T], usize),
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &T) -> R + Sync,
) -> (Vec<R>, Vec<S>) {
    let pool = (threads > 1 && items.len() >= least)
        .then(|| rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok())
        .flatten();
    let Some(pool) = pool else {
        let mut own = state();
        let results = items.iter().map(|item| work(&mut own, item)).collect();
        return (results, vec![own]);
    };
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(items.len()));
    let states = pool.broadcast(|_| {
        let mut own = state();
        let mut mine = Vec::new();
        while let Some((at, item)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, items.get(at)?)))
        {
            mine.push((at, work(&mut own, item)));
        }
        done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend(mine);
        own
    });
    let mut results = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    results.sort_unstable_by_key(|(at, _)| *at);
    (results.into_iter().map(|(_, result)| result).collect(), states)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items_for_any_number_of_threads() {
        let items: Vec<u32> = (0..1000).collect();
        for threads in [1, 2, 7] {
            let (results, states) = each(
                threads,
                &items,
                || 0u32,
                |seen, item| {
                    *seen += 1;
                    item * 2
                },
            );
            assert_eq!(results, items.iter().map(|item| item * 2).collect::<Vec<_>>());
            assert_eq!(states.iter().sum::<u32>(), 1000);
        }
    }
}
