//! What was there before a change, and so is no news.

use std::collections::HashSet;

use unleak_findings::Fingerprint;

use crate::scanner::Sighting;

/// Drops the sightings of secrets that `before` already held and returns how many they were.
pub(super) fn drop_known(sightings: &mut Vec<Sighting>, before: &[Vec<Sighting>]) -> u64 {
    let known: HashSet<Fingerprint> =
        before.iter().flatten().map(|sighting| sighting.fingerprint.clone()).collect();
    let all = sightings.len();
    sightings.retain(|sighting| !known.contains(&sighting.fingerprint));
    (all - sightings.len()) as u64
}
