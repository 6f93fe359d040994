//! The literals a regex implies: every match contains one of them.
//!
//! Works on the regex's syntax tree. Runs of literals and small classes are multiplied out (`gh[pousr]_` gives five
//! literals, `api[_-]?key` three), alternations are united, and of all candidate sets along a concatenation the one
//! whose shortest literal is longest wins.

use std::borrow::Cow;

use regex_syntax::hir::{Class, Hir, HirKind};

/// Literals shorter than this occur everywhere and are refused.
pub const MIN_ANCHOR: usize = 4;
/// Literals in one set, at most; larger sets slow the search down without narrowing it.
const MAX_LITERALS: usize = 64;
/// Past this length a literal gains nothing.
const LONG_ENOUGH: usize = 24;

/// A literal that every match of a rule contains.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Anchor {
    /// The bytes; lower case if `fold`.
    pub literal: Cow<'static, [u8]>,
    /// Whether ASCII case is ignored.
    pub fold: bool,
    /// Where in it the search looks, if that was found out beforehand: for the built-in rules, when they are built in.
    pub place: Option<usize>,
}

impl Anchor {
    /// An anchor that nobody has placed.
    pub(crate) fn new(literal: Vec<u8>, fold: bool) -> Self {
        Self { literal: literal.into(), fold, place: None }
    }

    /// Whether `text` starts with the anchor.
    pub fn begins(&self, text: &[u8]) -> bool {
        text.get(..self.literal.len()).is_some_and(|head| {
            if self.fold { head.eq_ignore_ascii_case(&self.literal) } else { head == &*self.literal }
        })
    }
}

/// Parses a regex the way rules are compiled: bytes, no Unicode tables.
///
/// # Errors
/// A syntax error with its span in `pattern`.
pub fn parse(pattern: &str) -> Result<Hir, Box<regex_syntax::Error>> {
    regex_syntax::ParserBuilder::new().utf8(false).unicode(false).build().parse(pattern).map_err(Box::new)
}

/// The anchors that `hir` implies, each at least `shortest` bytes; empty when there is no such set.
pub fn implied(hir: &Hir, shortest: usize) -> Vec<Anchor> {
    let node = literals(hir);
    let exact = node.exact.filter(is_candidate);
    let mut best = better(exact, node.required).unwrap_or_default();
    if best.iter().any(|anchor| anchor.literal.len() < shortest) {
        return Vec::new();
    }
    best.sort();
    best.dedup();
    best
}

type Literals = Vec<Anchor>;

/// What one node of the tree implies.
#[derive(Default)]
struct Node {
    /// All strings the node can match, when they are few.
    exact: Option<Literals>,
    /// Strings one of which every match of the node contains.
    required: Option<Literals>,
}

fn empty() -> Literals {
    vec![Anchor::new(Vec::new(), false)]
}

fn is_candidate(set: &Literals) -> bool {
    !set.is_empty() && set.iter().all(|anchor| !anchor.literal.is_empty())
}

/// Recursion depth is bounded by the parser's nest limit.
fn literals(hir: &Hir) -> Node {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Node { exact: Some(empty()), required: None },
        HirKind::Literal(literal) => {
            Node { exact: Some(vec![Anchor::new(literal.0.to_vec(), false)]), required: None }
        }
        HirKind::Class(class) => Node { exact: class_members(class), required: None },
        HirKind::Capture(capture) => literals(&capture.sub),
        HirKind::Repetition(repetition) => {
            repeated(literals(&repetition.sub), repetition.min, repetition.max)
        }
        HirKind::Concat(parts) => concatenated(parts.iter().map(literals)),
        HirKind::Alternation(parts) => united(parts.iter().map(literals)),
    }
}

/// The members of a class, when it is one letter in both cases or at most four bytes.
fn class_members(class: &Class) -> Option<Literals> {
    let bytes: Vec<u8> = match class {
        Class::Bytes(class) => {
            class.iter().flat_map(|range| range.start()..=range.end()).take(MAX_LITERALS).collect()
        }
        Class::Unicode(class) => class
            .iter()
            .flat_map(|range| range.start()..=range.end())
            .take(MAX_LITERALS)
            .map(|c| u8::try_from(c).ok().filter(u8::is_ascii))
            .collect::<Option<_>>()?,
    };
    match bytes[..] {
        [a, b] if a.is_ascii_alphabetic() && a.eq_ignore_ascii_case(&b) => {
            Some(vec![Anchor::new(vec![a.to_ascii_lowercase()], true)])
        }
        _ if (1..=12).contains(&bytes.len()) => {
            Some(bytes.iter().map(|&byte| Anchor::new(vec![byte], false)).collect())
        }
        _ => None,
    }
}

fn repeated(inner: Node, min: u32, max: Option<u32>) -> Node {
    if min == 0 {
        let exact = match (max, inner.exact) {
            (Some(1), Some(mut set)) if set.len() < 4 => {
                set.extend(empty());
                Some(set)
            }
            _ => None,
        };
        return Node { exact, required: None };
    }
    let mut required = inner.required;
    let Some(once) = inner.exact else { return Node { exact: None, required } };
    let mut run = once.clone();
    for _ in 1..min.min(16) {
        match product(&run, &once) {
            Some(longer) => run = longer,
            None => break,
        }
    }
    if max == Some(min)
        && min <= 16
        && run.first().map(|a| a.literal.len()) == once.first().map(|a| a.literal.len() * min as usize)
    {
        return Node { exact: Some(run), required };
    }
    if is_candidate(&run) {
        required = better(Some(run), required);
    }
    Node { exact: None, required }
}

fn concatenated(parts: impl Iterator<Item = Node>) -> Node {
    let mut run = empty();
    let mut whole = true;
    let mut best = None;
    for part in parts {
        let longer = part.exact.as_ref().and_then(|set| product(&run, set));
        if let Some(longer) = longer {
            run = longer;
        } else {
            whole = false;
            best = better(best, Some(std::mem::replace(&mut run, empty())).filter(is_candidate));
            if let Some(set) = part.exact {
                run = set;
            }
        }
        best = better(best, part.required);
    }
    if whole {
        return Node { exact: Some(run), required: best };
    }
    Node { exact: None, required: better(best, Some(run).filter(is_candidate)) }
}

fn united(parts: impl Iterator<Item = Node>) -> Node {
    let (mut exact, mut required) = (Some(Vec::new()), Some(Vec::new()));
    for part in parts {
        let one = better(part.exact.clone().filter(is_candidate), part.required);
        required = required.zip(one).map(|(all, one): (Literals, Literals)| [all, one].concat());
        exact = exact.zip(part.exact).map(|(all, one): (Literals, Literals)| [all, one].concat());
    }
    let few = |set: &Literals| set.len() <= MAX_LITERALS;
    Node { exact: exact.filter(few), required: required.filter(few) }
}

/// Every string of `left` followed by every string of `right`; `None` when that would be too many or pointless.
fn product(left: &Literals, right: &Literals) -> Option<Literals> {
    let shortest = left.iter().map(|anchor| anchor.literal.len()).min().unwrap_or(0);
    let longest = left.iter().map(|anchor| anchor.literal.len()).max().unwrap_or(0);
    let widens = right.len() > 4 && shortest >= MIN_ANCHOR;
    if widens || longest >= LONG_ENOUGH || left.len() * right.len() > MAX_LITERALS {
        return None;
    }
    let join = |l: &Anchor, r: &Anchor| {
        let fold = l.fold || r.fold;
        let mut literal = [&l.literal[..], &r.literal[..]].concat();
        if fold {
            literal.make_ascii_lowercase();
        }
        Anchor::new(literal, fold)
    };
    Some(left.iter().flat_map(|l| right.iter().map(move |r| join(l, r))).collect())
}

/// The set whose shortest literal is longer; of equals, the smaller set.
fn better(a: Option<Literals>, b: Option<Literals>) -> Option<Literals> {
    let worth = |set: &Literals| {
        let shortest = set.iter().map(|anchor| anchor.literal.len()).min().unwrap_or(0);
        (shortest.min(8), usize::MAX - set.len())
    };
    match (a, b) {
        (Some(a), Some(b)) => Some(if worth(&b) > worth(&a) { b } else { a }),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anchors(pattern: &str) -> Vec<String> {
        let found = implied(&parse(pattern).unwrap(), MIN_ANCHOR);
        found
            .iter()
            .map(|a| format!("{}{}", if a.fold { "i:" } else { "" }, String::from_utf8_lossy(&a.literal)))
            .collect()
    }

    #[test]
    fn literals_are_multiplied_out_and_the_most_selective_set_wins() {
        assert_eq!(anchors(r"\bgh[pousr]_[0-9A-Za-z]{36}\b"), ["gho_", "ghp_", "ghr_", "ghs_", "ghu_"]);
        assert_eq!(anchors(r"api[_-]?key"), ["api-key", "api_key", "apikey"]);
        assert_eq!(anchors(r"(?i)Password\s*="), ["i:password"]);
        assert_eq!(anchors(r"(?:AKIA|ASIA)[A-Z2-7]{16}"), ["AKIA", "ASIA"]);
        assert_eq!(anchors(r"sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"), ["T3BlbkFJ"]);
        assert_eq!(
            anchors(r"(?:postgres(?:ql)?|mysql)://[^:]+:(?P<secret>[^@]+)@"),
            ["mysql://", "postgres://", "postgresql://"]
        );
        assert_eq!(anchors(r"(abc){3}x+"), ["abcabcabc"]);
    }

    #[test]
    fn a_regex_without_a_long_literal_has_no_anchor() {
        for pattern in
            [r"\d{8}:AA[\w-]{33}", r"[a-z]+", r"(?:token)?[a-z]{9}", r"a|password", r"", r"SK[0-9a-f]{32}"]
        {
            assert!(anchors(pattern).is_empty(), "{pattern}");
        }
    }

    #[test]
    fn every_match_contains_an_anchor() {
        let cases: &[(&str, &[&str])] = &[
            (r"(?i)(?:api|app)[_.-]?(?:key|secret)s?\s*=", &["APIKey=", "app.secrets =", "api-key="]),
            (r"(?:ab){2,5}cd", &["ababcd", "ababababcd"]),
            (r"x?(?:hello|help)me", &["hellome", "xhelpme"]),
            (r"[ab][cd]efgh", &["acefgh", "bdefgh"]),
        ];
        for (pattern, texts) in cases {
            let regex = regex::bytes::Regex::new(pattern).unwrap();
            let found = implied(&parse(pattern).unwrap(), MIN_ANCHOR);
            assert!(!found.is_empty(), "{pattern}");
            for text in *texts {
                assert!(regex.is_match(text.as_bytes()));
                let held = (0..text.len()).any(|at| found.iter().any(|a| a.begins(&text.as_bytes()[at..])));
                assert!(held, "{pattern} on {text}: {found:?}");
            }
        }
    }
}
