//! The steps that end a credential: first of all, and for each one that leaked.

use unleak_rules::Provider;
use unleak_rules::Rotation;

use crate::by_itself;
use crate::leak::Leak;
use crate::situation::{Situation, duration, rfc3339};
use crate::step::{Line, Step, Who};

/// Freeze and note the time.
pub(crate) fn freeze() -> Step {
    Step {
        id: "freeze".to_owned(),
        title: "Freeze: nobody pushes, and the time is noted".to_owned(),
        who: Who::You,
        how: vec![
            Line::Say("Ask everyone to stop pushing, say where the response is led, keep a log with times.".to_owned()),
            Line::Run("date -u +%FT%TZ".to_owned()),
            Line::Say("Change nothing yet that would destroy evidence: no new clone over the old one, no deleted branch.".to_owned()),
        ],
        check: "the message is out, and the time stands in the incident".to_owned(),
        done: None,
    }
}

/// Rotate, then read the log, for each leak that others may have.
pub(crate) fn of(situation: &Situation) -> Vec<Step> {
    let leaks = || situation.leaks.iter().filter(|leak| leak.is_pushed());
    let rotate = leaks().map(|leak| rotate(leak, situation));
    let audit = leaks().map(|leak| audit(leak, situation));
    rotate.chain(audit).collect()
}

fn provider<'s>(leak: &Leak, situation: &'s Situation) -> Option<(&'s Provider, Option<&'s Rotation>)> {
    let provider = situation.providers.get(&leak.family)?;
    Some((provider, provider.rotation_of(&leak.rule)))
}

/// The credential as a title can name it.
fn name(leak: &Leak) -> String {
    let vendor_id = leak.key_id().map(|id| format!(", key id {id}")).unwrap_or_default();
    format!("{} {}{vendor_id}", leak.description, leak.redacted)
}

/// Fills in what is known; what is not stays a word in capitals.
fn filled(text: &str, leak: &Leak, situation: &Situation) -> String {
    let from = leak.commit.as_ref().map_or_else(|| "FROM".to_owned(), |commit| rfc3339(commit.time));
    text.replace("{id}", leak.key_id().unwrap_or("KEY_ID"))
        .replace("{from}", &from)
        .replace("{to}", &rfc3339(situation.now))
}

fn rotate(leak: &Leak, situation: &Situation) -> Step {
    let mut how = vec![Line::Say(whereabouts(leak, situation))];
    let mut check =
        "a call with the old value is refused; everything that needs it runs with the new one".to_owned();
    if let Some((provider, rotation)) = provider(leak, situation) {
        how.extend(provider.opens.as_ref().map(|opens| Line::Say(format!("It opens: {opens}."))));
        if let Some(rotation) = rotation {
            how.push(Line::Say(format!("Revoke: {}", filled(&rotation.revoke, leak, situation))));
            let overlap = rotation.overlap.as_ref();
            how.extend(overlap.map(|overlap| Line::Say(format!("Without downtime: {overlap}."))));
            how.extend(by_itself::lines(leak, provider, situation));
            how.push(Line::Say(format!("Source: {} (read {})", rotation.source, rotation.read)));
        } else {
            how.extend(provider.revoke.as_ref().map(|revoke| Line::Say(format!("Revoke: {revoke}"))));
            how.extend(by_itself::lines(leak, provider, situation));
            how.extend(provider.source.as_ref().map(|source| Line::Say(format!("Source: {source}"))));
        }
        if provider.family == "private-key" {
            "the old public half is nowhere any more; a login with the old key is refused"
                .clone_into(&mut check);
        }
    } else {
        how.push(Line::Say(
            "Find out what it belongs to, replace it there, and end what it began.".to_owned(),
        ));
    }
    Step {
        id: format!("rotate:{}", leak.fingerprint),
        title: format!("Rotate and revoke: {}", name(leak)),
        who: Who::Owner,
        how,
        check,
        done: None,
    }
}

/// Where it stands, since when, who brought it.
fn whereabouts(leak: &Leak, situation: &Situation) -> String {
    let mut parts = vec![format!("In {}", leak.places.first().map_or("this repository", String::as_str))];
    if leak.places.len() > 1 {
        parts.push(format!("and {} more places", leak.places.len() - 1));
    }
    let mut parts = vec![parts.join(" ")];
    if let Some(commit) = &leak.commit {
        let id: String = commit.id.chars().take(10).collect();
        let (at, subject) = (rfc3339(commit.time), &commit.subject);
        let since = duration(situation.now.saturating_sub(commit.time));
        let author = &commit.author;
        parts.push(format!(
            "since commit {id} by {author} on {at} (\"{subject}\"), exposed for up to {since}"
        ));
    }
    if !leak.refs.is_empty() {
        let shown: Vec<&str> = leak.refs.iter().take(5).map(String::as_str).collect();
        let more = leak.refs.len() - shown.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        parts.push(format!("on {}{more}", shown.join(", ")));
    }
    parts.push(if leak.is_pushed() { "pushed." } else { "not pushed." }.to_owned());
    parts.join("; ")
}

fn audit(leak: &Leak, situation: &Situation) -> Step {
    let mut how = Vec::new();
    match provider(leak, situation) {
        Some((_, Some(rotation))) => {
            how.push(Line::Say(format!("Read: {}", filled(&rotation.audit, leak, situation))));
            how.push(Line::Say(format!("Look for: {}.", rotation.after)));
        }
        Some((provider, None)) => {
            how.extend(provider.audit.as_ref().map(|audit| Line::Say(format!("Read: {audit}"))));
            how.push(Line::Say(
                "Look for: use from addresses and at times that are not yours, and for new credentials."
                    .to_owned(),
            ));
        }
        None => how.push(Line::Say("Read the log of the service it belongs to.".to_owned())),
    }
    let from = leak.commit.as_ref().map_or_else(|| "the leak".to_owned(), |commit| rfc3339(commit.time));
    Step {
        id: format!("audit:{}", leak.fingerprint),
        title: format!("Read the audit log of {}, from {from} to now", name(leak)),
        who: Who::Owner,
        how,
        check: "every use in that time is one of yours, or is in the incident".to_owned(),
        done: None,
    }
}
