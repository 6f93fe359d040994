//! Every object of a store, decoded once: what to decode is planned, cut into tasks, and worked off by threads.

mod derived;
mod request;

mod choice;
mod families;
mod frames;
mod trust;
mod walk;

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::spot::number_u32;
use crate::store::ObjectStore;
use crate::trouble::{Trouble, TroubleKind};

use choice::Choice;
pub use derived::{Derived, Piece};
use families::Families;
pub use request::{Progress, Select, VisitOptions, VisitOutcome, Visited, Visitor};
use walk::Walker;

/// How many objects a task holds at least, where there are that many: few enough to spread, many enough to be worth it.
const TASK_OBJECTS: u32 = 512;

/// How many parts each thread gets of a pack that is one single family. More parts spread better, and each decodes the
/// bases it starts from again.
const PARTS_PER_THREAD: u64 = 16;

/// No part of a family is smaller.
const SMALLEST_PART: u64 = 2048;

/// What is to be decoded.
struct Plan<'a> {
    families: Vec<Families<'a>>,
    /// For each pack, whether its objects are to be hashed.
    verify: Vec<bool>,
    choice: Choice,
    tasks: Vec<Task>,
}

/// A piece of work for one thread.
enum Task {
    /// Some roots of a pack.
    Roots(usize, Range<usize>),
    /// What no family of a pack holds: members of circles, and those without a valid offset.
    Outcasts(usize),
    /// Some loose objects.
    Loose(Range<usize>),
}

impl ObjectStore {
    /// Visits every object that `options` select, each id once, decoding every stored entry once.
    ///
    /// `make_visitor` is called once on each thread. Which visitor sees which object, and in which order, is undefined.
    /// A visitor that panics ends the visit with that panic.
    pub fn visit<V: Visitor>(
        &self,
        options: &VisitOptions<'_>,
        make_visitor: impl Fn() -> V + Sync,
    ) -> VisitOutcome<V> {
        let mut outcome = VisitOutcome {
            visitors: Vec::new(),
            troubles: self.troubles.clone(),
            healed: Vec::new(),
            visited: Visited::default(),
            interrupted: false,
        };
        let threads = options.threads.max(1);
        match ThreadPoolBuilder::new().num_threads(threads).build() {
            Ok(pool) => self.visit_in(&pool, options, make_visitor, &mut outcome),
            Err(error) => {
                let message = format!("{threads} threads cannot be started, so nothing was read: {error}");
                outcome.troubles.push(Trouble::with_file(&self.folders[0], TroubleKind::Unreadable, message));
            }
        }
        for list in [&mut outcome.troubles, &mut outcome.healed] {
            list.sort_by(|a, b| {
                (&a.path, &a.id, a.kind, &a.message).cmp(&(&b.path, &b.id, b.kind, &b.message))
            });
        }
        outcome
    }

    fn visit_in<V: Visitor>(
        &self,
        pool: &ThreadPool,
        options: &VisitOptions<'_>,
        make_visitor: impl Fn() -> V + Sync,
        outcome: &mut VisitOutcome<V>,
    ) {
        let plan = pool.install(|| self.plan(options, pool.current_num_threads(), &mut outcome.troubles));
        let next = AtomicUsize::new(0);
        let walkers = pool.broadcast(|_| {
            let mut walker = Walker::new(self, options, make_visitor());
            while let Some(task) = plan.tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
                plan.work(task, &mut walker);
            }
            walker.report();
            walker
        });
        for walker in walkers {
            outcome.interrupted |= walker.is_interrupted();
            outcome.visited.add(&walker.visited);
            outcome.troubles.extend(walker.troubles);
            outcome.healed.extend(walker.healed);
            outcome.visitors.push(walker.visitor);
        }
    }

    fn plan<'a>(
        &'a self,
        options: &VisitOptions<'_>,
        threads: usize,
        troubles: &mut Vec<Trouble>,
    ) -> Plan<'a> {
        let choice = Choice::new(self, troubles);
        let part = match threads {
            1 => u32::MAX,
            _ => part_size(self.packed_count(), threads as u64),
        };
        let plan_pack = |number: usize| {
            let mut troubles = Vec::new();
            let (families, doubtful) = rayon::join(
                || Families::new(self, number_u32(number), &choice, options, part),
                || trust::is_doubtful(&self.packs[number], &mut troubles),
            );
            (families, options.verify || doubtful, troubles)
        };
        let planned: Vec<_> = (0..self.packs.len()).into_par_iter().map(plan_pack).collect();
        let (mut families, mut verify, mut tasks) = (Vec::new(), Vec::new(), Vec::new());
        for (number, (pack_families, pack_verify, pack_troubles)) in planned.into_iter().enumerate() {
            tasks.push(Task::Outcasts(number));
            tasks.extend(tasks_of(&pack_families.roots).map(|range| Task::Roots(number, range)));
            families.push(pack_families);
            verify.push(pack_verify);
            troubles.extend(pack_troubles);
        }
        let loose = choice.loose.len();
        tasks.extend((0..loose).step_by(64).map(|start| Task::Loose(start..loose.min(start + 64))));
        Plan { families, verify, choice, tasks }
    }
}

impl Plan<'_> {
    fn work<V: Visitor>(&self, task: &Task, walker: &mut Walker<'_, V>) {
        match task {
            Task::Roots(number, range) => {
                let families = &self.families[*number];
                for (root, _) in &families.roots[range.clone()] {
                    if walker.is_interrupted() {
                        return;
                    }
                    walker.family(families, *root, self.verify[*number]);
                }
            }
            Task::Outcasts(number) => {
                let families = &self.families[*number];
                families.stranded.iter().for_each(|member| walker.stranded(families, *member));
                for position in families.order.strays() {
                    if !self.choice.leaves_out(families.number, *position) {
                        walker.stray(families.number, *position);
                    }
                }
            }
            Task::Loose(range) => {
                for spot in &self.choice.loose[range.clone()] {
                    if walker.is_interrupted() {
                        return;
                    }
                    walker.loose(*spot);
                }
            }
        }
    }
}

fn part_size(objects: u64, threads: u64) -> u32 {
    u32::try_from((objects / (threads * PARTS_PER_THREAD)).max(SMALLEST_PART)).unwrap_or(u32::MAX)
}

/// Consecutive roots, so many that each range holds about as many members as a task should.
fn tasks_of(roots: &[(u32, u32)]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut start = 0;
    std::iter::from_fn(move || {
        let mut members = 0u32;
        let length = roots[start..].iter().take_while(|(_, below)| {
            let full = members >= TASK_OBJECTS;
            members = members.saturating_add(*below);
            !full
        });
        let range = start..start + length.count();
        start = range.end;
        (!range.is_empty()).then_some(range)
    })
}
