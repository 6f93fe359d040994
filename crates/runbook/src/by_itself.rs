//! What the hosts of this repository do by themselves about a credential of this kind: nobody should wait for what does not
//! come, or be surprised by what does.

use unleak_rules::{Provider, Share};

use crate::host::HostKind;
use crate::leak::Leak;
use crate::situation::Situation;
use crate::step::Line;

/// One line for each kind of host the repository is at.
pub(crate) fn lines(leak: &Leak, provider: &Provider, situation: &Situation) -> Vec<Line> {
    let hosts = provider.hosts_of(&leak.rule);
    let mut kinds: Vec<HostKind> = situation.remotes.iter().map(|remote| remote.host.kind).collect();
    kinds.sort();
    kinds.dedup();
    let mut lines: Vec<String> = kinds
        .iter()
        .map(|kind| match kind {
            HostKind::GitHub => github(hosts.github, &provider.name),
            HostKind::GitLab => gitlab(hosts.gitlab, &provider.name),
            HostKind::GitHubEnterprise => {
                "GitHub Enterprise Server tells no vendor: nobody revokes it but you.".to_owned()
            }
            _ => "The host tells no vendor: nobody revokes it but you.".to_owned(),
        })
        .collect();
    lines.dedup();
    let is_told = kinds.contains(&HostKind::GitHub) && hosts.github != Share::No
        || kinds.contains(&HostKind::GitLab) && hosts.gitlab != Share::No;
    let automatic = provider.rotation_of(&leak.rule).and_then(|entry| entry.automatic.as_ref());
    if is_told {
        lines.push(match automatic {
            Some(automatic) => {
                format!("Then {}. Do not wait for it.", sentence(automatic, &provider.name))
            }
            None => "What the vendor does then is not known. Do not wait for it.".to_owned(),
        });
    }
    if kinds.contains(&HostKind::GitHub) && hosts.validity == Share::All {
        lines.push(
            "GitHub's alert about it, if secret scanning is on, says whether it still works.".to_owned(),
        );
    }
    lines.into_iter().map(Line::Say).collect()
}

/// What a vendor does, as a sentence about it.
fn sentence(automatic: &str, vendor: &str) -> String {
    if automatic.starts_with(vendor) { automatic.to_owned() } else { format!("{vendor} {automatic}") }
}

fn github(told: Share, vendor: &str) -> String {
    match told {
        Share::No => "GitHub tells no vendor of this kind: nobody revokes it but you.".to_owned(),
        Share::Part | Share::All if vendor == "GitHub" => {
            "GitHub looks for its own in public repositories, gists and npm packages; in private ones it does not.".to_owned()
        }
        Share::Part => format!(
            "GitHub tells {vendor} of some kinds of its credentials if they stand in a public repository, gist or npm package; whether of this one is not known."
        ),
        Share::All => {
            format!(
                "GitHub tells {vendor} if it stands in a public repository, gist or npm package; of private ones it tells nobody."
            )
        }
    }
}

fn gitlab(told: Share, vendor: &str) -> String {
    match told {
        Share::No => "GitLab tells no vendor of this kind: nobody revokes it but you.".to_owned(),
        Share::Part | Share::All if vendor == "GitLab" => {
            "GitLab looks for its own with Secret Detection in public projects of Ultimate; else it does not."
                .to_owned()
        }
        Share::Part | Share::All => format!(
            "GitLab tells {vendor} if Secret Detection finds it in a public project of Ultimate; else nobody."
        ),
    }
}
