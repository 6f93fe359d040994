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

#[cfg(test)]
mod tests {
    use unleak_rules::{Provider, Rotation};

    use super::*;
    use crate::host::Host;
    use crate::leak::LeakCommit;
    use crate::situation::{RemoteFacts, RewriteFacts};
    use crate::step::Line;

    fn leak(family: &str, exposure: &str) -> Leak {
        Leak {
            fingerprint: format!("v1:{family}"),
            rule: format!("{family}-key"),
            family: family.to_owned(),
            description: format!("{family} key"),
            redacted: "abcd… (20 bytes)".to_owned(),
            exposure: exposure.to_owned(),
            commit: Some(LeakCommit { id: "1".repeat(40), time: 1_700_000_000, ..LeakCommit::default() }),
            facts: vec![("key id".to_owned(), "KEY7".to_owned())],
            ..Leak::default()
        }
    }

    fn remote(url: &str) -> RemoteFacts {
        RemoteFacts { name: "origin".to_owned(), address: url.to_owned(), host: Host::of(url.into()) }
    }

    fn situation(leaks: Vec<Leak>, urls: &[&str]) -> Situation {
        let rotation = Rotation {
            kind: "key".to_owned(),
            revoke: "acme revoke {id}".to_owned(),
            audit: "acme log {id} {from} {to}".to_owned(),
            ..Rotation::default()
        };
        let acme = Provider { family: "acme".to_owned(), rotation: vec![rotation], ..Provider::default() };
        Situation {
            leaks,
            providers: [("acme".to_owned(), acme)].into(),
            remotes: urls.iter().map(|url| remote(url)).collect(),
            now: 1_700_086_400,
            ..Situation::default()
        }
    }

    fn ids(book: &Runbook) -> Vec<&str> {
        book.steps.iter().map(|step| step.id.as_str()).collect()
    }

    fn all_text(book: &Runbook) -> String {
        let line = |line: &Line| match line {
            Line::Say(text) | Line::Run(text) | Line::Send(text) => format!("{text}\n"),
        };
        book.steps.iter().flat_map(|step| step.how.iter().map(line)).collect()
    }

    #[test]
    fn the_order_is_that_of_danger() {
        let leaks = vec![leak("acme", "pushed"), leak("other", "pushed"), leak("local", "committed")];
        let book = runbook(&situation(leaks, &["https://github.com/a/b"]));
        let expected = "freeze rotate:v1:acme rotate:v1:other audit:v1:acme audit:v1:other rewrite prove push:origin host:origin \
                        colleagues copies prevent purge post-mortem";
        assert_eq!(ids(&book).join(" "), expected.split_whitespace().collect::<Vec<_>>().join(" "));
        let text = all_text(&book);
        let filled = [
            "acme revoke KEY7",
            "acme log KEY7 2023-11-14T22:13:20Z 2023-11-15T22:13:20Z",
            "GitHub tells no vendor",
            "git fetch origin '+refs/pull/*/head:refs/pull/*/head'",
        ];
        assert!(filled.iter().all(|words| text.contains(words)), "{text}");
    }

    #[test]
    fn what_stayed_here_is_two_steps_and_a_clean_repository_none() {
        for exposure in ["worktree", "staged", "committed"] {
            let book = runbook(&situation(vec![leak("acme", exposure)], &["https://github.com/a/b"]));
            assert_eq!(ids(&book), ["rewrite", "prevent"], "{exposure}");
        }
        assert!(runbook(&situation(Vec::new(), &["https://github.com/a/b"])).steps.is_empty());
    }

    #[test]
    fn what_is_ticked_stays_so_and_a_rewrite_ticks_itself() {
        let mut situation = situation(vec![leak("acme", "pushed")], &["/srv/a.git"]);
        situation.done.insert("freeze".to_owned(), 5);
        situation.rewrite = Some(RewriteFacts::default());
        let done: Vec<String> = runbook(&situation)
            .steps
            .into_iter()
            .filter(|step| step.done.is_some())
            .map(|step| step.id)
            .collect();
        assert_eq!(done, ["freeze", "rewrite"]);
    }

    #[test]
    fn every_host_has_a_way_and_only_its_own() {
        let first = "f".repeat(40);
        for (url, words) in [
            ("https://github.com/a/b", "support.github.com"),
            ("https://github.corp.test/a/b", "ghe-repo-gc"),
            ("https://gitlab.com/a/b", "gitlab.com/a/b/-/settings/repository"),
            ("https://bitbucket.org/a/b", "garbage collection on a/b"),
            ("https://bitbucket.corp.test/scm/A/b.git", "git gc --prune=now"),
            ("https://dev.azure.com/o/p/_git/r", "Abandon pull requests"),
            ("https://review.corp.test/b", "gerrit ban-commit"),
            ("https://codeberg.org/a/b", "Garbage-collect"),
            ("https://git.sr.ht/~a/b", "Delete the repository"),
            ("/srv/b.git", "git reflog expire"),
        ] {
            let mut situation = situation(vec![leak("acme", "pushed")], &[url]);
            situation.rewrite = Some(RewriteFacts { first: vec![first.clone()], ..RewriteFacts::default() });
            let text = all_text(&runbook(&situation));
            assert!(text.contains(words), "{url}: {text}");
            assert_eq!(text.contains("support.github.com"), url.contains("github.com"), "{url}");
        }
    }
}
