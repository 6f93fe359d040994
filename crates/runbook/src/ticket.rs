//! What to write to a host so that it removes what only it can.

use crate::host::HostKind;
use crate::situation::{RemoteFacts, RewriteFacts, Situation};
use crate::step::Line;

/// How many ids a ticket lists.
const LISTED: usize = 50;

/// How the host is brought to forget.
pub(crate) fn ticket(remote: &RemoteFacts, situation: &Situation) -> Vec<Line> {
    let facts = situation.rewrite.clone().unwrap_or_default();
    let page = remote.host.page().unwrap_or_default();
    let say = |text: String| Line::Say(text);
    match remote.host.kind {
        HostKind::GitHub => vec![
            say("Pull requests, cached views and forks still lead to the old commits. Only GitHub Support removes them, once the key is revoked: https://support.github.com/request".into()),
            Line::Send(github(remote, &facts)),
        ],
        HostKind::GitHubEnterprise => vec![
            say("An administrator of the server, over SSH:".into()),
            Line::Run(format!("ghe-repo-gc -v --prune {}", remote.host.repository)),
            say("Pull requests that lead to the old commits must be dereferenced first; the network of forks is cleaned likewise. Then the stafftools page of the repository shows no old commit.".into()),
            Line::Send(github(remote, &facts)),
        ],
        HostKind::GitLab => gitlab(&page, &facts),
        HostKind::Bitbucket => vec![
            say("Bitbucket Cloud collects garbage only on request: https://support.atlassian.com/contact/".into()),
            Line::Send(format!("Please run garbage collection on {} and remove cached diffs of its pull requests: a secret was removed from its history. First changed commits:\n{}", remote.host.repository, listed(&facts.first))),
        ],
        HostKind::BitbucketServer => vec![say("An administrator: decline or delete pull requests that lead to the old commits, then git gc --prune=now in the repository's folder on the server.".into())],
        HostKind::Azure => vec![say(format!("Azure DevOps keeps unreachable commits, and they can be read by id. Abandon pull requests that lead to them. To be rid of them for good: push the new history to a new repository and delete the old one ({page}), or ask https://azure.microsoft.com/support/devops/."))],
        HostKind::Gerrit => vec![
            say("An administrator: reject the old commits for good, delete the changes that lead to them (refs/changes), then run garbage collection.".into()),
            Line::Run(format!("ssh -p 29418 {} gerrit ban-commit {} {}", remote.host.server, remote.host.repository, first_few(&facts))),
            Line::Run(format!("ssh -p 29418 {} gerrit gc {}", remote.host.server, remote.host.repository)),
        ],
        HostKind::Gitea => vec![say("An administrator: delete pull requests that lead to the old commits (their refs/pull stay on disk), then Site Administration, Maintenance: Garbage-collect all repositories; or git gc --prune=now in the repository's folder.".into())],
        HostKind::SourceHut => vec![say("Delete the repository and push it anew, or write to ~sircmpwn/sr.ht-support@lists.sr.ht without naming the secret.".into())],
        HostKind::Unknown => vec![
            say("On the server, in the repository's folder:".into()),
            Line::Run("git reflog expire --expire=now --all && git gc --prune=now".into()),
        ],
    }
}

/// A line each, and each with its end.
fn listed(ids: &[String]) -> String {
    if ids.is_empty() {
        return "- (to be filled in: filter-repo/first-changed-commits in the git directory after the rewrite)\n".to_owned();
    }
    let mut lines: Vec<String> = ids.iter().take(LISTED).map(|id| format!("- {id}")).collect();
    if ids.len() > LISTED {
        lines.push(format!("- and {} more", ids.len() - LISTED));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn first_few(facts: &RewriteFacts) -> String {
    let ids: Vec<&str> = facts.first.iter().take(5).map(String::as_str).collect();
    if ids.is_empty() { "FIRST_CHANGED_COMMIT".to_owned() } else { ids.join(" ") }
}

/// Everything GitHub's instructions ask for.
fn github(remote: &RemoteFacts, facts: &RewriteFacts) -> String {
    let requests = if facts.requests > 0 {
        facts.requests.to_string()
    } else {
        "none that was fetched (all: git ls-remote origin 'refs/pull/*/head')".to_owned()
    };
    let lfs =
        if facts.lfs.is_empty() { "none\n".to_owned() } else { format!("yes:\n{}", listed(&facts.lfs)) };
    format!(
        "Subject: Removal of sensitive data from {repository}\n\n\
         We have removed a secret from the history of {repository}, revoked it, and pushed the new history with leases.\n\
         Please dereference or delete the affected pull requests, run garbage collection, and remove cached views.\n\n\
         Repository: {repository}\n\
         Affected pull requests: {requests}\n\
         First changed commits:\n{first}\
         Git LFS objects orphaned: {lfs}",
        repository = remote.host.repository,
        first = listed(&facts.first),
    )
}

fn gitlab(page: &str, facts: &RewriteFacts) -> Vec<Line> {
    let blobs: Vec<&str> = facts.blobs.iter().take(LISTED).map(String::as_str).collect();
    let mut lines = vec![Line::Say(format!(
        "An owner, at {page}/-/settings/repository, Repository maintenance: either upload filter-repo/commit-map of the git directory under Repository cleanup (in parts of 20,000 lines if it times out), or Remove blobs with this list; Redact text is for hosts' own rewriting and not needed any more."
    ))];
    if !blobs.is_empty() {
        lines.push(Line::Send(blobs.join("\n")));
    }
    lines.push(Line::Say(format!("Then {page}/edit, Advanced: Run housekeeping; wait for half an hour; Prune unreachable objects. That removes refs of merge requests, keep-around refs and pipelines that lead to the old commits; what is cached of single commits may be seen a while longer.")));
    lines.push(Line::Say("A fork of a public project, or a project with public forks, shares its objects with them: only GitLab's support can clean that (https://support.gitlab.com).".to_owned()));
    lines
}
