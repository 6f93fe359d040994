//! Which host a remote is at, told from its address alone, and where its pages are.

use bstr::{BStr, ByteSlice as _};

/// Who runs the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum HostKind {
    /// github.com.
    GitHub,
    /// A GitHub Enterprise Server.
    GitHubEnterprise,
    /// gitlab.com or an instance of GitLab.
    GitLab,
    /// bitbucket.org.
    Bitbucket,
    /// Bitbucket Data Center.
    BitbucketServer,
    /// Azure DevOps.
    Azure,
    /// Gerrit.
    Gerrit,
    /// Gitea, Forgejo, Codeberg.
    Gitea,
    /// sr.ht.
    SourceHut,
    /// A path, or a server that nothing tells from another.
    Unknown,
}

/// A remote's host and what the repository is called there.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Host {
    /// Which software or service.
    pub kind: HostKind,
    /// The name of the server; empty for a path.
    pub server: String,
    /// Owner and name: `owner/repo`, `group/sub/repo`, without `.git`.
    pub repository: String,
}

impl Host {
    /// Reads the address of a remote; a password in it is dropped.
    ///
    /// ```
    /// use unleak_runbook::{Host, HostKind};
    ///
    /// let host = Host::of("git@github.com:acme/app.git".into());
    /// assert_eq!((host.kind, host.repository.as_str()), (HostKind::GitHub, "acme/app"));
    /// ```
    pub fn of(url: &BStr) -> Self {
        let text = url.to_str_lossy();
        let (server, path) = split(&text);
        let path = path.trim_matches('/').trim_end_matches(".git");
        let kind = kind(&server, path);
        Self { kind, repository: repository(kind, path), server }
    }

    /// The name people use.
    pub fn name(&self) -> &'static str {
        match self.kind {
            HostKind::GitHub => "GitHub",
            HostKind::GitHubEnterprise => "GitHub Enterprise Server",
            HostKind::GitLab => "GitLab",
            HostKind::Bitbucket => "Bitbucket Cloud",
            HostKind::BitbucketServer => "Bitbucket Data Center",
            HostKind::Azure => "Azure DevOps",
            HostKind::Gerrit => "Gerrit",
            HostKind::Gitea => "Gitea or Forgejo",
            HostKind::SourceHut => "SourceHut",
            HostKind::Unknown => "the server",
        }
    }

    /// The repository's page; `None` where the host is not known.
    pub fn page(&self) -> Option<String> {
        let Self { server, repository, .. } = self;
        match self.kind {
            HostKind::Unknown => None,
            HostKind::Azure => Some(format!("https://dev.azure.com/{repository}")),
            HostKind::Gerrit => Some(format!("https://{server}/admin/repos/{repository}")),
            HostKind::BitbucketServer => {
                let (project, name) = repository.split_once('/').unwrap_or(("", repository));
                Some(format!("https://{server}/projects/{project}/repos/{name}"))
            }
            _ => Some(format!("https://{server}/{repository}")),
        }
    }

    /// Where protection of branches and tags is changed.
    pub fn protection_page(&self) -> Option<String> {
        let page = self.page()?;
        Some(match self.kind {
            HostKind::GitHub | HostKind::GitHubEnterprise => {
                format!(
                    "{page}/settings/rules (rulesets) and {page}/settings/branches: allow force pushes for you"
                )
            }
            HostKind::GitLab => {
                format!(
                    "{page}/-/settings/repository: Protected branches, allowed to force push; Protected tags"
                )
            }
            HostKind::Bitbucket => format!("{page}/admin/branch-restrictions: rewriting history"),
            HostKind::BitbucketServer => {
                format!(
                    "{page}/permissions: branch permissions, prevent rewriting history; and the hook \"Reject Force Push\""
                )
            }
            HostKind::Azure => {
                format!(
                    "{page}: Project settings, Repositories, Security: Force push (rewrite history, delete branches and tags)"
                )
            }
            HostKind::Gerrit => format!("{page},access: Push with the force option, Delete Reference"),
            HostKind::Gitea => format!("{page}/settings/branches: branch protection, force push"),
            HostKind::SourceHut | HostKind::Unknown => return None,
        })
    }
}

/// Server and path of an address; no server for a path.
fn split(url: &str) -> (String, String) {
    if let Some((scheme, rest)) = url.split_once("://") {
        if scheme == "file" {
            return (String::new(), rest.to_owned());
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        return (server_of(authority), path.to_owned());
    }
    // user@server:path, unless a slash comes before the colon.
    match url.split_once(':') {
        Some((server, path)) if !server.contains('/') && server.len() > 1 => {
            (server_of(server), path.to_owned())
        }
        _ => (String::new(), url.to_owned()),
    }
}

fn server_of(authority: &str) -> String {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let port = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    port.map_or(host, |(host, _)| host).to_ascii_lowercase()
}

fn kind(server: &str, path: &str) -> HostKind {
    let is = |name: &str| server == name || server.ends_with(&format!(".{name}"));
    let labels =
        |word: &str| server.split('.').any(|label| label == word || label.starts_with(&format!("{word}-")));
    match () {
        () if server.is_empty() => HostKind::Unknown,
        () if is("github.com") => HostKind::GitHub,
        () if is("bitbucket.org") => HostKind::Bitbucket,
        () if is("dev.azure.com") || is("visualstudio.com") => HostKind::Azure,
        () if is("sr.ht") => HostKind::SourceHut,
        () if is("codeberg.org") || labels("gitea") || labels("forgejo") => HostKind::Gitea,
        () if is("gitlab.com") || labels("gitlab") => HostKind::GitLab,
        () if is("googlesource.com") || labels("gerrit") || labels("review") => HostKind::Gerrit,
        () if labels("bitbucket") || path.starts_with("scm/") => HostKind::BitbucketServer,
        () if labels("github") || labels("ghe") => HostKind::GitHubEnterprise,
        () => HostKind::Unknown,
    }
}

fn repository(kind: HostKind, path: &str) -> String {
    match kind {
        HostKind::BitbucketServer => path.trim_start_matches("scm/").to_owned(),
        // ssh.dev.azure.com:v3/organisation/project/repository
        HostKind::Azure if path.starts_with("v3/") => {
            let mut parts = path.splitn(4, '/').skip(1);
            let (org, project, name) = (parts.next(), parts.next(), parts.next());
            [org.unwrap_or_default(), project.unwrap_or_default(), "_git", name.unwrap_or_default()].join("/")
        }
        HostKind::Gerrit => path.trim_start_matches("a/").to_owned(),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_from_addresses() {
        for (url, kind, repository) in [
            ("https://github.com/acme/app.git", HostKind::GitHub, "acme/app"),
            ("https://user:secret@github.com/acme/app", HostKind::GitHub, "acme/app"),
            ("git@github.com:acme/app.git", HostKind::GitHub, "acme/app"),
            ("ssh://git@ssh.github.com:443/acme/app.git", HostKind::GitHub, "acme/app"),
            ("https://github.corp.test/acme/app", HostKind::GitHubEnterprise, "acme/app"),
            ("git@gitlab.com:group/sub/app.git", HostKind::GitLab, "group/sub/app"),
            ("https://gitlab.corp.test:8443/g/app.git", HostKind::GitLab, "g/app"),
            ("git@bitbucket.org:acme/app.git", HostKind::Bitbucket, "acme/app"),
            ("https://bitbucket.corp.test/scm/PRJ/app.git", HostKind::BitbucketServer, "PRJ/app"),
            ("https://dev.azure.com/org/project/_git/app", HostKind::Azure, "org/project/_git/app"),
            ("git@ssh.dev.azure.com:v3/org/project/app", HostKind::Azure, "org/project/_git/app"),
            ("https://review.corp.test/a/app", HostKind::Gerrit, "app"),
            ("https://codeberg.org/acme/app", HostKind::Gitea, "acme/app"),
            ("git@git.sr.ht:~acme/app", HostKind::SourceHut, "~acme/app"),
            ("/srv/git/app.git", HostKind::Unknown, "srv/git/app"),
            ("file:///srv/git/app.git", HostKind::Unknown, "srv/git/app"),
            ("../app.git", HostKind::Unknown, "../app"),
            ("https://notgithub.com/acme/app", HostKind::Unknown, "acme/app"),
            ("", HostKind::Unknown, ""),
        ] {
            let host = Host::of(url.into());
            assert_eq!((host.kind, host.repository.as_str()), (kind, repository), "{url}");
            assert!(!format!("{host:?}").contains("secret"), "{url}");
        }
    }
}
