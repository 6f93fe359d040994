//! HOOK002, GIT002, GIT003, AGENT005: what git's configuration, and aider's, give away or switch off.

use crate::doctor::remark::Remark;
use crate::scanner::Scanner;

/// A setting of git, `section.subsection.key`, section and key in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The whole name.
    pub name: String,
    /// The value. May hold a credential.
    pub value: String,
    /// The file it stands in, as people name it.
    pub file: String,
}

/// What there is to say.
pub fn check(settings: &[Setting], scanner: &Scanner) -> Vec<Remark> {
    settings.iter().filter_map(|setting| one(setting, scanner)).collect()
}

fn one(setting: &Setting, scanner: &Scanner) -> Option<Remark> {
    let Setting { name, value, file } = setting;
    let remove = || format!("git config --file {file} --unset '{name}'");
    if name == "core.hookspath" && !value.contains(".husky") {
        let text = format!("core.hooksPath leads to '{value}' ({file}): hooks in .git/hooks do not run");
        return Some(Remark::warn("HOOK002", text, remove()));
    }
    if name.starts_with("hook.") && name.ends_with(".enabled") && value == "false" {
        return Some(Remark::fail("HOOK002", format!("{name} is false ({file})"), remove()));
    }
    if name.starts_with("remote.")
        && ([Some("url"), Some("pushurl")].contains(&name.rsplit('.').next()))
        && holds_password(value)
    {
        let text = format!("{name} holds a credential ({file}); every program here can read it");
        return Some(Remark::fail(
            "GIT002",
            text,
            format!("revoke it; git remote set-url {} ADDRESS-WITHOUT-IT", remote(name)),
        ));
    }
    if name.starts_with("url.") && holds_password(name.strip_prefix("url.").unwrap_or_default()) {
        return Some(Remark::fail(
            "GIT002",
            format!("an url.….insteadOf holds a credential ({file})"),
            "revoke it, and use a credential helper",
        ));
    }
    if name.starts_with("http.")
        && name.ends_with("extraheader")
        && value.to_ascii_lowercase().contains("authorization")
    {
        return Some(Remark::fail(
            "GIT002",
            format!("{} holds a credential ({file})", harmless(name)),
            "revoke it, and use a credential helper",
        ));
    }
    if name == "push.default" && value == "matching" {
        let text =
            format!("push.default is matching ({file}): git push takes every branch that the remote knows");
        return Some(Remark::warn("GIT003", text, format!("git config --file {file} push.default simple")));
    }
    if name.starts_with("credential.") && name.ends_with("helper") && value.split(' ').next() == Some("store")
    {
        let text = format!("the credential helper 'store' keeps passwords in plain text ({file})");
        return Some(Remark::warn("GIT003", text, "a helper of the system: osxkeychain, libsecret, manager"));
    }
    // `github.token`, `sendemail.smtpPass`, and whatever else programs keep there.
    let key = name.rsplit('.').next().unwrap_or(name);
    (!scanner.named(Some(key), value).is_empty()).then(|| {
        let text = format!("{} holds a credential ({file}); every program here can read it", harmless(name));
        Remark::fail("GIT002", text, format!("revoke it; {}", remove()))
    })
}

fn remote(name: &str) -> &str {
    name.strip_prefix("remote.").and_then(|rest| rest.rsplit_once('.')).map_or(name, |(remote, _)| remote)
}

/// A name may be an address with a password in it.
fn harmless(name: &str) -> &str {
    if holds_password(name) { "http.….extraHeader" } else { name }
}

/// `https://user:password@host` and `https://token@host`.
fn holds_password(address: &str) -> bool {
    let Some((scheme, rest)) = address.split_once("://") else { return false };
    let Some((user, _)) = rest.split('/').next().unwrap_or(rest).rsplit_once('@') else { return false };
    // A user's name alone is how ssh works; over http a long one is a token.
    user.contains(':') && !user.ends_with(':') || scheme.starts_with("http") && user.len() >= 20
}

/// What aider's configuration, if there is one, says of git's hooks.
pub fn aider(is_used: bool, config: Option<&str>) -> Option<Remark> {
    let verifies =
        config.is_some_and(|text| text.lines().any(|line| line.replace(' ', "") == "git-commit-verify:true"));
    (is_used && !verifies).then(|| {
        Remark::fail(
            "AGENT005",
            "aider commits with --no-verify unless it is told otherwise",
            "echo 'git-commit-verify: true' >> .aider.conf.yml",
        )
        .at(".aider.conf.yml")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(name: &str, value: &str) -> Option<&'static str> {
        let setting = Setting { name: name.into(), value: value.into(), file: ".git/config".into() };
        let scanner = Scanner::new(unleak_rules::builtin::rule_set());
        check(&[setting], &scanner).first().map(|remark| remark.check)
    }

    #[test]
    fn settings_are_told_good_from_bad() {
        let token = ["https://gh", "p_0123456789abcdefghij@github.com/a/b"].concat();
        let key = unleak_testkit::fake::github_pat(30);
        for (name, value, wanted) in [
            ("core.hookspath", "/x", Some("HOOK002")),
            ("core.hookspath", ".husky/_", None),
            ("hook.unleak.enabled", "false", Some("HOOK002")),
            ("remote.origin.url", "https://u:secret@h/x", Some("GIT002")),
            ("remote.origin.url", &token[..], Some("GIT002")),
            ("remote.origin.url", "https://user@h/x", None),
            ("remote.origin.url", "git@github.com:a/b", None),
            ("remote.origin.url", "ssh://git@github.com/a/b@c", None),
            ("http.https://h/.extraheader", "AUTHORIZATION: basic x", Some("GIT002")),
            ("push.default", "matching", Some("GIT003")),
            ("push.default", "simple", None),
            ("credential.helper", "store --file x", Some("GIT003")),
            ("credential.helper", "osxkeychain", None),
            ("github.token", &key, Some("GIT002")),
            ("github.user", "ada", None),
            ("user.signingkey", "0123456789ABCDEF0123456789ABCDEF01234567", None),
        ] {
            assert_eq!(checks(name, value), wanted, "{name} {value}");
        }
        assert!(aider(true, None).is_some() && aider(true, Some("git-commit-verify: true\n")).is_none());
        assert!(aider(false, None).is_none());
    }
}
