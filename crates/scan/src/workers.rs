//! Runs the same work over many items, on one thread or several, with results in the order of the items.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Below this many items, a file each, more threads cost more than they save.
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
    let others = if items.len() < least { 0 } else { threads.saturating_sub(1) };
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(items.len()));
    let run = || {
        let mut own = state();
        let mut mine = Vec::new();
        while let Some((at, item)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, items.get(at)?)))
        {
            mine.push((at, work(&mut own, item)));
        }
        done.lock().unwrap_or_else(PoisonError::into_inner).extend(mine);
        own
    };
    // The caller's thread is one of them: what it allocates grows in larger steps, and starting it costs nothing. Where no
    // more threads are to be had, it does the work alone.
    let states = thread::scope(|scope| {
        let others: Vec<_> =
            (0..others).map_while(|_| thread::Builder::new().spawn_scoped(scope, run).ok()).collect();
        let own = run();
        let others =
            others.into_iter().map(|other| other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        std::iter::once(own).chain(others).collect()
    });
    let mut results = done.into_inner().unwrap_or_else(PoisonError::into_inner);
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
