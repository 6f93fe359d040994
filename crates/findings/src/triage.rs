//! Decides whether a finding is news: the baseline first, then a comment beside it, then whether it is of tests only.

use bstr::ByteSlice;
use jiff::civil::Date;
use unleak_rules::Span;

use crate::baseline::{Baseline, Standing};
use crate::finding::{Finding, Verdict};
use crate::marker::marker;

/// What a comment beside a secret starts with.
const ALLOW: &[u8] = b"unleak:allow";
/// What the line before says instead.
const ALLOW_NEXT: &[u8] = b"unleak:allow-next-line";
/// Bytes around a secret in which its line is searched for a comment.
const REACH: usize = 1024;

/// The reason that a comment beside `span` gives for allowing it: `unleak:allow REASON` on one of its lines, or
/// `unleak:allow-next-line REASON` on the line before. `Some("")` when the comment gives none. Else the comment of another
/// scanner on a line of the whole `matched`, such as `gitleaks:allow`, which is then its own reason.
pub fn allow_comment(text: &[u8], span: Span, matched: Span) -> Option<String> {
    own_comment(text, span).or_else(|| {
        let earliest = matched.start.saturating_sub(REACH);
        let latest = text.len().min(matched.end.saturating_add(REACH));
        let start = text[earliest..matched.start].rfind_byte(b'\n').map_or(earliest, |at| earliest + at + 1);
        let end = text[matched.end..latest].find_byte(b'\n').map_or(latest, |at| matched.end + at);
        marker(&text[start..end], line_before(text, start)).map(str::to_owned)
    })
}

/// The line that ends where the one at `start` begins.
fn line_before(text: &[u8], start: usize) -> &[u8] {
    let Some(newline) = start.checked_sub(1) else { return &[] };
    let earliest = newline.saturating_sub(REACH);
    &text[text[earliest..newline].rfind_byte(b'\n').map_or(earliest, |at| earliest + at + 1)..newline]
}

fn own_comment(text: &[u8], span: Span) -> Option<String> {
    let earliest = span.start.saturating_sub(REACH);
    let latest = text.len().min(span.end.saturating_add(REACH));
    let start = text[earliest..span.start].rfind_byte(b'\n').map_or(earliest, |at| earliest + at + 1);
    let end = text[span.end..latest].find_byte(b'\n').map_or(latest, |at| span.end + at);
    let beside = [&text[start..span.start], &text[span.end..end]];
    let here = beside.iter().find_map(|line| reason(line, ALLOW));
    here.or_else(|| reason(line_before(text, start), ALLOW_NEXT))
}

fn reason(line: &[u8], marker: &[u8]) -> Option<String> {
    let at = line.find(marker)?;
    let rest = &line[at + marker.len()..];
    if rest.first().is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'-') {
        return None;
    }
    let text = rest.to_str_lossy();
    let text = text.trim_start_matches([':', ' ', '\t', '=']).trim();
    let text = ["*/", "-->", "#}", "--%>", "%>"]
        .iter()
        .fold(text, |text, end| text.strip_suffix(end).unwrap_or(text));
    Some(text.trim_matches(|c: char| c.is_whitespace() || c.is_control()).chars().take(200).collect())
}

/// How comments in what is scanned are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comments {
    /// A comment with a reason allows.
    Honoured,
    /// Comments only annotate: whoever wrote the secret could have written the comment.
    Noted,
}

/// How secrets of tests are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixtures {
    /// They are told apart and are no news.
    Apart,
    /// They count like others.
    Counted,
}

/// Sets the verdict of every finding.
pub fn triage(
    findings: &mut [Finding],
    baseline: &Baseline,
    today: Date,
    comments: Comments,
    fixtures: Fixtures,
) {
    for finding in findings {
        let allowed = finding.allow_comment.as_deref().filter(|reason| !reason.is_empty());
        finding.verdict = match (baseline.standing(&finding.fingerprint, today), allowed, comments) {
            (Standing::Accepted(entry), ..) => Verdict::Baselined(entry.reason.clone()),
            (_, Some(reason), Comments::Honoured) => Verdict::Allowed(reason.to_owned()),
            _ if finding.is_fixture && fixtures == Fixtures::Apart => Verdict::Fixture,
            _ => Verdict::New,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(text: &str) -> Option<String> {
        let start = text.find("SECRET").unwrap();
        let span = Span::new(start, start + 6);
        allow_comment(text.as_bytes(), span, span)
    }

    #[test]
    fn a_comment_counts_on_its_line_or_announced_on_the_line_before() {
        for (text, wanted) in [
            ("k = SECRET # unleak:allow test fixture\n", "test fixture"),
            ("<a>SECRET</a> <!-- unleak:allow: sample -->", "sample"),
            ("/* unleak:allow old */ SECRET", "old"),
            ("# unleak:allow-next-line rotated\r\nSECRET", "rotated"),
            ("SECRET # unleak:allow", ""),
            ("SECRET # gitleaks:allow", "gitleaks:allow"),
            ("# pragma: allowlist nextline secret\nSECRET", "pragma: allowlist nextline secret"),
        ] {
            let found = comment(text);
            assert!(found.as_deref().is_some_and(|reason| reason.starts_with(wanted)), "{text}: {found:?}");
        }
    }

    #[test]
    fn a_comment_elsewhere_does_not() {
        for text in [
            "# unleak:allow x\nSECRET",
            "SECRET\n# unleak:allow x",
            "# unleak:allow-next-line x\n\nSECRET",
            "SECRET # unleak:allowed x",
            "# gitleaks:allow\nSECRET",
            "SECRET # unleak:allow-next-line x",
        ] {
            assert_eq!(comment(text), None, "{text}");
        }
    }
}
