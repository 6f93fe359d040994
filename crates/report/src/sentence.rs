//! A finding in words, for formats that have room for a sentence. Nothing in it comes from the repository but what the
//! rule says and the redacted value.

use unleak_findings::{Commit, Exposure, Finding, Medium, Verdict};

use crate::date;
use crate::harmless::harmless;

/// Hex digits of a commit's id.
const SHORT_ID: usize = 10;

/// `Acme API token, tok_… (32 bytes): pushed, since 0101010101 (2024-05-02), no longer in HEAD.`
pub(crate) fn sentence(finding: &Finding) -> String {
    let (title, value) = (title(finding), harmless(finding.secret.redacted().as_bytes()));
    let mut parts = vec![exposure(finding).to_owned()];
    parts.extend(finding.introduced().map(since));
    if matches!(finding.exposure, Exposure::Committed | Exposure::Pushed) && finding.medium == Medium::File {
        parts.push(if finding.reach.in_head { "still in HEAD" } else { "no longer in HEAD" }.to_owned());
    }
    format!("{title}, {value}: {}.", parts.join(", "))
}

/// What the rule finds; the rule's id if it does not say.
pub(crate) fn title(finding: &Finding) -> String {
    let said = if finding.description.is_empty() { &finding.rule_id } else { &finding.description };
    harmless(said.as_bytes())
}

/// The words for how far a finding has travelled.
pub(crate) fn exposure(finding: &Finding) -> &'static str {
    match finding.exposure {
        Exposure::Pushed => "pushed",
        Exposure::Committed => "committed, not pushed",
        Exposure::Staged => "staged",
        Exposure::Worktree if finding.medium == Medium::Stdin => "in the input",
        Exposure::Worktree => "worktree",
    }
}

/// Why a finding is no news, if it is none. The reason is as somebody wrote it.
pub(crate) fn accepted(finding: &Finding) -> Option<String> {
    match &finding.verdict {
        Verdict::New => None,
        Verdict::Baselined(reason) => Some(format!("accepted by the baseline: {reason}")),
        Verdict::Allowed(reason) => Some(format!("allowed by a comment beside it: {reason}")),
        Verdict::Fixture => Some("every copy belongs to tests or examples".to_owned()),
    }
}

/// As many digits of a commit's id as people need.
pub(crate) fn short_id(commit: &Commit) -> String {
    commit.id.to_hex_with_len(SHORT_ID).to_string()
}

fn since(commit: &Commit) -> String {
    let day = date::day(commit.authored).map(|day| format!(" ({day})")).unwrap_or_default();
    format!("since {}{day}", short_id(commit))
}
