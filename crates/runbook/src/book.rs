//! The runbook: the right steps in the right order for what happened.

use crate::leak::Leak;
use crate::situation::Situation;
use crate::step::{Runbook, Step};
use crate::{after_steps, history_steps, rotating};

/// The version of the JSON format.
const VERSION: u32 = 1;

/// Works out what to do.
///
/// What others may have is rotated first, since nothing else ends the danger; what never left this clone needs two steps.
pub fn runbook(situation: &Situation) -> Runbook {
    let pushed = situation.is_pushed();
    let mut steps = if situation.leaks.is_empty() && situation.rewrite.is_none() {
        Vec::new()
    } else if pushed || situation.rewrite.is_some() {
        all(situation)
    } else {
        history_steps::only_here(situation)
    };
    for step in &mut steps {
        step.done = situation.done.get(&step.id).copied().or(step.done);
    }
    Runbook {
        unleak_runbook: VERSION,
        repository: situation.repository.clone(),
        summary: summary(situation, pushed),
        leaks: situation.leaks.clone(),
        steps,
    }
}

fn all(situation: &Situation) -> Vec<Step> {
    let mut steps = vec![rotating::freeze()];
    steps.extend(rotating::of(situation));
    steps.extend(history_steps::rewrite(situation));
    let is_only = situation.remotes.len() == 1;
    steps.extend(situation.remotes.iter().map(|remote| history_steps::push(remote, is_only)));
    steps.extend(situation.remotes.iter().map(|remote| after_steps::host(remote, situation)));
    steps.push(after_steps::colleagues(situation));
    steps.push(after_steps::copies(situation));
    steps.push(after_steps::prevention(situation));
    steps.push(after_steps::purge());
    steps.push(after_steps::post_mortem());
    steps
}

fn summary(situation: &Situation, pushed: bool) -> Vec<String> {
    let count = situation.leaks.len();
    let secrets = |n: usize| if n == 1 { "1 secret".to_owned() } else { format!("{n} secrets") };
    let out = situation.leaks.iter().filter(|leak| leak.is_pushed()).count();
    let mut lines = Vec::new();
    match (count, out, situation.rewrite.is_some()) {
        (0, _, false) => lines.push("Nothing was found: there is nothing to do.".to_owned()),
        (0, _, true) => lines.push(
            "History was rewritten. What was removed is not known here by its rules: rotate it.".to_owned(),
        ),
        (_, 0, _) => {
            lines.push(format!("{} in this clone only: no remote-tracking ref reaches it, so as far as this clone knows nobody else has it.", secrets(count)));
            if !pushed && situation.rewrite.is_none() {
                lines.push("Two steps are enough. A rotation is not needed unless it left this machine in another way.".to_owned());
            }
        }
        (_, out, _) => {
            lines.push(format!("{} pushed. Whoever fetched, forked or looked may have it: a rewritten history does not make it safe. Rotate first.", secrets(out)));
            if out < count {
                lines.push(format!(
                    "{} more not pushed: removed along with the others.",
                    secrets(count - out)
                ));
            }
        }
    }
    if situation.remotes.is_empty() && situation.leaks.iter().any(Leak::is_committed) {
        lines.push(
            "This repository has no remote: what was pushed from elsewhere is not known here.".to_owned(),
        );
    }
    lines
}
