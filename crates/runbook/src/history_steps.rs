//! The steps that make history forget: rewrite, prove, push.

use crate::host::HostKind;
use crate::situation::{RemoteFacts, Situation};
use crate::step::{Line, Step, Who};

fn step(id: &str, title: &str, who: Who, how: Vec<Line>, check: &str) -> Step {
    Step { id: id.to_owned(), title: title.to_owned(), who, how, check: check.to_owned(), done: None }
}

/// What names the leaks on a command line.
fn findings(situation: &Situation) -> String {
    let names: Vec<String> =
        situation.leaks.iter().map(|leak| format!("--finding {}", leak.fingerprint)).collect();
    if names.is_empty() || names.len() > 5 { "--all-findings".to_owned() } else { names.join(" ") }
}

/// Rewrite, then prove.
pub(crate) fn rewrite(situation: &Situation) -> Vec<Step> {
    let what = findings(situation);
    let mut rewrite = step(
        "rewrite",
        "Rewrite history",
        Who::You,
        vec![
            Line::Say("In a clone that has everything: every branch and tag, and the refs of requests where the host has them.".to_owned()),
            Line::Run("git fetch --all --tags --prune".to_owned()),
            Line::Run(format!("unleak rewrite {what}")),
            Line::Say("Read the plan. Then:".to_owned()),
            Line::Run("unleak rewrite --apply".to_owned()),
            Line::Say("Back, until it is made final: unleak undo.".to_owned()),
        ],
        "it ends with \"Done, and proved\"",
    );
    rewrite.how.splice(2..2, situation.remotes.iter().filter_map(requests));
    if let Some(facts) = &situation.rewrite {
        rewrite.how = vec![Line::Say(format!(
            "Done here: {} commits changed. Back, until it is made final: unleak undo.",
            facts.commits
        ))];
        rewrite.done = Some(situation.now);
    }
    let prove = step(
        "prove",
        "Prove that nothing is left",
        Who::You,
        vec![
            Line::Run(format!("unleak prove {what}")),
            Line::Say(
                "The certificate in the git directory (unleak/certificate.json) belongs to the incident."
                    .to_owned(),
            ),
        ],
        "exit code 0",
    );
    vec![rewrite, prove]
}

/// How the refs of requests are fetched, where a host has them: what they lead to is rewritten and counted, too.
fn requests(remote: &RemoteFacts) -> Option<Line> {
    let folder = match remote.host.kind {
        HostKind::GitHub | HostKind::GitHubEnterprise | HostKind::Gitea => "refs/pull",
        HostKind::GitLab => "refs/merge-requests",
        _ => return None,
    };
    Some(Line::Run(format!("git fetch {} '+{folder}/*/head:{folder}/*/head'", remote.name)))
}

/// Lift protection, push, protect again.
pub(crate) fn push(remote: &RemoteFacts, is_only: bool) -> Step {
    let to = if is_only { String::new() } else { format!(" --remote {}", remote.name) };
    let mut how = Vec::new();
    if let Some(page) = remote.host.protection_page() {
        how.push(Line::Say(format!("Lift protection for exactly the refs that change: {page}.")));
    }
    how.push(Line::Run(format!("unleak push{to} --dry-run")));
    how.push(Line::Run(format!("unleak push{to} --publish-map")));
    how.push(Line::Say("Never git push --force or --mirror: that would overwrite what others pushed meanwhile. This push has a lease for every ref and is all or nothing.".to_owned()));
    how.push(Line::Say("Protect the refs again as they were.".to_owned()));
    step(
        &format!("push:{}", remote.name),
        &format!("Push to {} ({})", remote.name, remote.address),
        Who::Administrator,
        how,
        "unleak push says that the remote has the new history, as planned",
    )
}

/// For what never left this clone.
pub(crate) fn only_here(situation: &Situation) -> Vec<Step> {
    let committed = situation.leaks.iter().any(crate::leak::Leak::is_committed);
    let what = findings(situation);
    let how = if committed {
        vec![
            Line::Run("unleak fix --unpushed".to_owned()),
            Line::Say("If that finds it on something else than a branch:".to_owned()),
            Line::Run(format!("unleak rewrite {what} --apply")),
            Line::Say("Then the old commits, for good:".to_owned()),
            Line::Run("unleak purge".to_owned()),
            Line::Say("Take the value from the environment or a secret store instead.".to_owned()),
        ]
    } else {
        vec![
            Line::Say("Take it out of the file (and out of the index: git restore --staged PATH), and read it from the environment or a secret store instead.".to_owned()),
            Line::Run("unleak scan --staged --worktree".to_owned()),
        ]
    };
    vec![
        step("rewrite", "Take it out, before anything is pushed", Who::You, how, "unleak scan finds nothing"),
        step(
            "prevent",
            "Let a gate look before the next commit",
            Who::You,
            vec![
                Line::Run("unleak install".to_owned()),
                Line::Run("unleak install --check".to_owned()),
                Line::Say("If it went another way all the same (a shared machine, a backup, a build log, a chat): rotate it.".to_owned()),
            ],
            "a commit with a made-up key is refused",
        ),
    ]
}
