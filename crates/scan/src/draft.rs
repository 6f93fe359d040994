//! Findings in the making: what each source saw, joined into one finding a secret and place.

use bstr::BString;
use unleak_findings::{
    Appearance, BY_PATH, Exposure, Finding, Medium, ObjectId, Reach, Secret, Verdict, sort,
};
use unleak_rules::rule::Signature;
use unleak_rules::{Detector, Match, Rule};

use crate::eclipse;
use crate::scanner::Sighting;

/// A finding as one source sees it, and how new what it saw is.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) finding: Finding,
    pub(crate) recency: Recency,
    /// The object it was seen in, where it was seen in one.
    pub(crate) object: Option<ObjectId>,
    /// What path and commit have a say in.
    pub(crate) found: Match,
}

/// Which of several versions of a file describes a finding: the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Recency {
    /// In a commit of that time.
    Commit(i64, ObjectId),
    /// In the checked-out commit.
    Head,
    /// In the index.
    Index,
    /// In the working tree, or outside git.
    Worktree,
}

/// Where a sighting was made.
pub(crate) struct Spot {
    pub(crate) medium: Medium,
    pub(crate) path: BString,
    pub(crate) exposure: Exposure,
    pub(crate) blob: Option<ObjectId>,
    pub(crate) recency: Recency,
}

impl Draft {
    /// A draft of what was sighted at `spot`, with that as its one appearance.
    pub(crate) fn new(rules: &[Rule], sighting: &Sighting, spot: Spot) -> Self {
        let rule = &rules[sighting.found.rule];
        let appearance = Appearance {
            exposure: spot.exposure,
            path: spot.path.clone(),
            blob: spot.blob,
            commit: None,
            line: sighting.match_place.start_line,
        };
        let by_path = matches!(rule.signature, Signature::Path)
            .then(|| Secret::new([BY_PATH, &spot.path[..]].concat()));
        let finding = Finding {
            rule_id: rule.id.clone(),
            description: rule.description.clone(),
            family: rule.family.clone(),
            severity: rule.severity,
            confidence: sighting.found.confidence,
            proof: sighting.found.proof,
            decoded: sighting.found.decoded.clone(),
            secret: sighting.secret.clone(),
            fingerprint: sighting.fingerprint.clone(),
            medium: spot.medium,
            path: spot.path,
            ordinal: sighting.ordinal,
            place: sighting.place,
            matched: by_path.or_else(|| sighting.matched.clone()),
            match_place: sighting.match_place,
            span: sighting.found.secret,
            blob: spot.blob,
            appearances: vec![appearance],
            reach: Reach::default(),
            exposure: spot.exposure,
            verdict: Verdict::New,
            is_fixture: false,
            allow_comment: sighting.allow_comment.clone(),
        };
        Self { finding, recency: spot.recency, object: spot.blob, found: sighting.found.clone() }
    }

    fn key(&self) -> (&BString, Medium, &unleak_findings::Fingerprint, usize, &str) {
        let finding = &self.finding;
        (&finding.path, finding.medium, &finding.fingerprint, finding.ordinal, &finding.rule_id)
    }

    /// Takes over what an older draft of the same finding knows.
    fn absorb(&mut self, older: Self) {
        let (mine, theirs) = (&mut self.finding, older.finding);
        mine.appearances.extend(theirs.appearances);
        // An unmodified file of the working tree is the blob that git has of it.
        if mine.blob.is_none() && (mine.place, mine.span) == (theirs.place, theirs.span) {
            mine.blob = theirs.blob;
        }
        mine.exposure = mine.exposure.max(theirs.exposure);
        mine.confidence = mine.confidence.max(theirs.confidence);
        mine.reach.absorb(theirs.reach);
    }
}

/// Joins the drafts of all sources into findings, in report order, but for those that path or commit allow.
pub(crate) fn joined(mut drafts: Vec<Draft>, detector: &Detector) -> Vec<Finding> {
    let stands = |draft: Draft| {
        let finding = &draft.finding;
        let path: &[u8] = if finding.medium == Medium::File { &finding.path } else { b"" };
        let commit = finding.introduced().map(|commit| commit.id.to_string());
        detector.stands(&draft.found, path, commit.as_deref()).then_some(draft.finding)
    };
    drafts.sort_by(|a, b| (a.key(), b.recency).cmp(&(b.key(), a.recency)));
    let mut findings: Vec<Finding> = Vec::new();
    let mut current: Option<Draft> = None;
    for draft in drafts {
        match &mut current {
            Some(newest) if newest.key() == draft.key() => newest.absorb(draft),
            _ => findings.extend(current.replace(draft).and_then(stands)),
        }
    }
    findings.extend(current.and_then(stands));
    eclipse::drop_generic(&mut findings, detector);
    for finding in &mut findings {
        finding.appearances.sort_by(|a, b| (&a.commit, a).cmp(&(&b.commit, b)));
        finding.appearances.dedup();
    }
    sort(&mut findings);
    findings
}
