//! The steps after the push: the host, the colleagues, copies elsewhere, and that it does not come back.

use unleak_rules::Share;

use crate::host::HostKind;
use crate::leak::Leak;
use crate::message::message;
use crate::situation::{RemoteFacts, Situation};
use crate::step::{Line, Step, Who};
use crate::ticket::ticket;

fn say(text: &str) -> Line {
    Line::Say(text.to_owned())
}

/// What only the host can remove.
pub(crate) fn host(remote: &RemoteFacts, situation: &Situation) -> Step {
    let mut how = ticket(remote, situation);
    how.push(say("Forks and their network: a fork keeps the old commits, and any commit of a network of forks can be read by its id from any of them. Each owner must clean or delete theirs; ask the host what it can do."));
    let to = if situation.remotes.len() > 1 { format!(" --remote {}", remote.name) } else { String::new() };
    how.push(Line::Run(format!("unleak probe{to}")));
    Step {
        id: format!("host:{}", remote.name),
        title: format!("Have {} remove what only it can ({})", remote.host.name(), remote.address),
        who: Who::Administrator,
        how,
        check: "unleak probe ends with exit code 0".to_owned(),
        done: None,
    }
}

/// The message, and what they do.
pub(crate) fn colleagues(situation: &Situation) -> Step {
    Step {
        id: "colleagues".to_owned(),
        title: "Tell everyone with a clone".to_owned(),
        who: Who::You,
        how: vec![
            say("One stale clone that merges and pushes brings everything back. Send this, and set a time:"),
            Line::Send(message(situation)),
        ],
        check: "everyone has answered; machines that build have fresh clones".to_owned(),
        done: None,
    }
}

/// Copies that no push reaches.
pub(crate) fn copies(situation: &Situation) -> Step {
    let mut how = vec![say(
        "Build logs, artifacts, caches and workspaces of CI; images and packages that were built from the old commits; release archives; mirrors; backups; search indexes; review apps; machines that deploy from a clone.",
    )];
    for kind in situation.remotes.iter().map(|remote| remote.host.kind) {
        let text = match kind {
            HostKind::GitHub | HostKind::GitHubEnterprise => {
                "GitHub: Actions logs, artifacts and caches (gh cache delete --all; gh run delete ID), Releases, Packages, Pages, the wiki (a repository of its own), gists, Codespaces."
            }
            HostKind::GitLab => {
                "GitLab: job logs and artifacts (Build, Artifacts), pipeline caches (Clear runner caches), package and container registry, Pages, the wiki and snippets (repositories of their own)."
            }
            HostKind::Bitbucket => "Bitbucket: Pipelines logs, caches and artifacts, Downloads.",
            HostKind::Azure => "Azure DevOps: pipeline runs with their logs and artifacts, feeds, the wiki.",
            _ => continue,
        };
        if !how.iter().any(|line| *line == say(text)) {
            how.push(say(text));
        }
    }
    how.push(say("unleak scan --no-git FOLDER looks through whatever can be downloaded."));
    Step {
        id: "copies".to_owned(),
        title: "Clear caches, artifacts and copies".to_owned(),
        who: Who::Administrator,
        how,
        check: "a search for the old value finds nothing".to_owned(),
        done: None,
    }
}

/// That it does not come back.
pub(crate) fn prevention(situation: &Situation) -> Step {
    let mut how = vec![
        say("Every clone and CI: the list of what must not come back, at the top of the tree."),
        Line::Run("unleak ban --output .unleak-bans && git add .unleak-bans && git commit -m 'Ban what was removed from history'".to_owned()),
        say("CI, as a check that is required before a merge:"),
        Line::Run("unleak ci".to_owned()),
    ];
    let own = |kind| {
        !matches!(kind, HostKind::GitHub | HostKind::Bitbucket | HostKind::Azure | HostKind::SourceHut)
    };
    if situation.remotes.iter().any(|remote| own(remote.host.kind)) || situation.remotes.is_empty() {
        how.push(say("A server of your own: a pre-receive hook for its administrator."));
        how.push(Line::Run("unleak ban --pre-receive > pre-receive".to_owned()));
    }
    if situation.remotes.iter().any(|remote| remote.host.kind == HostKind::GitHub) {
        how.push(say("GitHub has no list of banned commits: require pull requests and the check above, and switch push protection on (Settings, Advanced Security)."));
        how.extend(not_protected(situation));
    }
    how.push(say("Gates of everyone, before commits and pushes:"));
    how.push(Line::Run("unleak install".to_owned()));
    Step {
        id: "prevent".to_owned(),
        title: "See to it that it does not come back".to_owned(),
        who: Who::Administrator,
        how,
        check: "a push of the old branch from a stale clone is refused".to_owned(),
        done: None,
    }
}

/// Kinds that leaked and that GitHub's push protection would let pass again.
fn not_protected(situation: &Situation) -> Option<Line> {
    let is_known = |leak: &&Leak| {
        let provider = situation.providers.get(&leak.family);
        provider.is_some_and(|provider| provider.hosts_of(&leak.rule).push_protection == Share::All)
    };
    let mut unknown: Vec<&str> =
        situation.leaks.iter().filter(|leak| !is_known(leak)).map(|leak| leak.description.as_str()).collect();
    unknown.sort_unstable();
    unknown.dedup();
    let kinds = unknown.join(", ");
    (!unknown.is_empty()).then(|| {
        Line::Say(format!(
            "Push protection does not know, or not always: {kinds}. Only a gate of your own stops that."
        ))
    })
}

/// Final, here.
pub(crate) fn purge() -> Step {
    Step {
        id: "purge".to_owned(),
        title: "Make it final here".to_owned(),
        who: Who::You,
        how: vec![Line::Run("unleak purge".to_owned()), Line::Run("unleak prove --everything --replace-text FILE   # the old values, a line each; delete the file".to_owned())],
        check: "the proof holds; the backup is gone".to_owned(),
        done: None,
    }
}

/// What is learned.
pub(crate) fn post_mortem() -> Step {
    Step {
        id: "post-mortem".to_owned(),
        title: "Write down what happened".to_owned(),
        who: Who::You,
        how: vec![say(
            "When it leaked, when it was found and by whom, how long it worked, what was done with it, what kept it from being found sooner. Whether somebody must be told (customers, authorities, insurers). Why the value was in a file, and where it lives now.",
        )],
        check: "the incident is closed, with the certificate of the proof".to_owned(),
        done: None,
    }
}
