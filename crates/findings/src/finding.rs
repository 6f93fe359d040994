//! One secret in one place, with all that is known about it.

use bstr::BString;
use gix_hash::ObjectId;
use unleak_rules::checks::Fact;
use unleak_rules::{Confidence, Proof, Severity, Span};

use crate::fingerprint::Fingerprint;
use crate::location::Place;
use crate::origin::{Appearance, Exposure, Medium, Reach};
use crate::secret::Secret;

/// What gitleaks, and we, write before the path of a file that is found by its path.
pub const BY_PATH: &[u8] = b"file detected: ";

/// Whether a finding is news.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nobody has decided about it.
    New,
    /// An entry of the baseline accepts it, for this reason.
    Baselined(String),
    /// A comment beside it allows it, for this reason.
    Allowed(String),
    /// It belongs to tests, fixtures or examples, and those were not asked for.
    Fixture,
}

impl Verdict {
    /// The word used in reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Baselined(_) => "baselined",
            Self::Allowed(_) => "allowed",
            Self::Fixture => "fixture",
        }
    }

    /// Why it is not news.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::New | Self::Fixture => None,
            Self::Baselined(reason) | Self::Allowed(reason) => Some(reason),
        }
    }
}

/// The n-th occurrence of one secret at one path, over all versions of the file.
///
/// [`Self::place`], [`Self::span`] and [`Self::blob`] describe the newest version that holds it: working tree before
/// index before HEAD before history. [`Self::appearances`] lists every one, oldest first.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that matched.
    pub rule_id: String,
    /// What the rule finds, one line.
    pub description: String,
    /// The vendor.
    pub family: String,
    /// How much the credential opens.
    pub severity: Severity,
    /// How likely it is one.
    pub confidence: Confidence,
    /// What the structural checks said.
    pub proof: Proof,
    /// What was decoded without the network.
    pub decoded: Vec<Fact>,
    /// The value.
    pub secret: Secret,
    /// Its identity.
    pub fingerprint: Fingerprint,
    /// What kind of text it is in.
    pub medium: Medium,
    /// Where that text is: a path, or a stand-in such as `(commit message)`.
    pub path: BString,
    /// Which of the secret's occurrences at this path, from 0.
    pub ordinal: usize,
    /// Lines and columns in the newest version.
    pub place: Place,
    /// All that the rule matched around the secret, where that is more than the secret and not too long to keep.
    pub matched: Option<Secret>,
    /// Lines and columns of the match in the newest version.
    pub match_place: Place,
    /// Bytes in the newest version.
    pub span: Span,
    /// The newest version's blob, when it is one.
    pub blob: Option<ObjectId>,
    /// Every version seen.
    pub appearances: Vec<Appearance>,
    /// Which refs reach it.
    pub reach: Reach,
    /// How far it has travelled.
    pub exposure: Exposure,
    /// Whether it is news.
    pub verdict: Verdict,
    /// Whether every copy lies below test paths, and it is of a kind that is made up for tests: a key, a value without a vendor's format.
    pub is_fixture: bool,
    /// The reason given in a comment beside it, honoured or not.
    pub allow_comment: Option<String>,
}

impl Finding {
    /// The oldest commit that introduced it.
    pub fn introduced(&self) -> Option<&crate::origin::Commit> {
        self.appearances.iter().filter_map(|appearance| appearance.commit.as_ref()).min()
    }

    /// The oldest appearance in a commit, else the first.
    pub fn first_appearance(&self) -> Option<&Appearance> {
        let in_history = self.appearances.iter().filter(|appearance| appearance.commit.is_some());
        in_history.min_by_key(|appearance| appearance.commit.as_ref()).or(self.appearances.first())
    }

    /// Whether it is about the file's path, as rules that know nothing else make it: the file as such, whatever it holds.
    pub fn is_path(&self) -> bool {
        let by_path = || Secret::new([BY_PATH, &self.path[..]].concat());
        self.matched.as_ref().is_some_and(|matched| *matched == by_path())
    }

    /// Whether `line` of a report of gitleaks is where this `appearance` is. What is found by its path stands in line 0.
    pub(crate) fn is_at(&self, line: u64, appearance: &Appearance) -> bool {
        line == appearance.line || (line == 0 && self.is_path())
    }

    /// Whether it counts against the exit code.
    pub fn is_new(&self) -> bool {
        self.verdict == Verdict::New
    }

    fn key(&self) -> impl Ord + '_ {
        (
            &self.path,
            self.medium,
            self.place.start_line,
            self.place.start_column,
            &self.rule_id,
            &self.fingerprint,
            self.ordinal,
            self.span,
        )
    }
}

/// Sorts findings into the one order every report uses: by path, place, rule.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| a.key().cmp(&b.key()));
}
