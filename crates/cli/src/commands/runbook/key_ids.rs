//! The ids that vendors' commands and logs know keys by, where they are inside of what leaked: filled in if the user asks.

use std::collections::{BTreeMap, BTreeSet};

use unleak_findings::Finding;
use unleak_rules::Detector;
use unleak_runbook::Leak;

/// The name of the fact.
const KEY_ID: &str = "key id";

/// The ids by fingerprint.
pub(super) type KeyIds = BTreeMap<String, String>;

/// The ids inside of findings.
pub(super) fn inside<'f>(findings: impl Iterator<Item = &'f Finding>, detector: &Detector) -> KeyIds {
    let id = |finding: &Finding| {
        let rotation = detector.provider(&finding.family)?.rotation_of(&finding.rule_id)?;
        Some((finding.fingerprint.to_string(), rotation.id_in(finding.secret.expose())?))
    };
    findings.filter_map(id).collect()
}

/// Gives each leak the id that is inside of it, or else the only one of its kind in the same file: the secret half of a
/// key goes by the id of the other half. Of another kind it would be somebody else's.
pub(super) fn fill(leaks: &mut [Leak], ids: &KeyIds, detector: &Detector) {
    let kind = |leak: &Leak| {
        let rotation = detector.provider(&leak.family)?.rotation_of(&leak.rule)?;
        Some((leak.family.clone(), rotation.kind.clone()))
    };
    let mut beside: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for leak in &*leaks {
        let Some((id, kind)) = ids.get(&leak.fingerprint).zip(kind(leak)) else { continue };
        for file in files(leak) {
            beside.entry((kind.clone(), file.to_owned())).or_default().insert(id);
        }
    }
    for leak in leaks.iter_mut().filter(|leak| leak.key_id().is_none()) {
        let Some(kind) = kind(leak) else { continue };
        let near = files(leak).filter_map(|file| beside.get(&(kind.clone(), file.to_owned())));
        let near: BTreeSet<&str> = near.flatten().copied().collect();
        let only = near.first().copied().filter(|_| near.len() == 1);
        let id = ids.get(&leak.fingerprint).map(String::as_str).or(only);
        leak.facts.extend(id.map(|id| (KEY_ID.to_owned(), id.to_owned())));
    }
}

/// The files that it stands in.
fn files(leak: &Leak) -> impl Iterator<Item = &str> {
    leak.places.iter().filter_map(|place| Some(place.rsplit_once(':')?.0))
}
