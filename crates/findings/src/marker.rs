//! Comments of other scanners beside a secret.

use bstr::ByteSlice;

/// What stands on one of the lines of a match and allows it, to the tool of that name.
const MARKERS: [&str; 5] =
    ["gitleaks:allow", "betterleaks:allow", "trufflehog:ignore", "kingfisher:ignore", "ggignore"];

/// The marker in `lines` (those of a match), or in the line before them, that allows what is there.
pub(crate) fn marker(lines: &[u8], before: &[u8]) -> Option<&'static str> {
    let here = MARKERS.into_iter().find(|marker| lines.find(marker).is_some());
    here.or_else(|| pragma(lines, &["", ""]).then_some("pragma: allowlist secret")).or_else(|| {
        pragma(before, &["nextline ", "nextline-"]).then_some("pragma: allowlist nextline secret")
    })
}

/// detect-secrets: `pragma: allowlist secret`, with or without the space, `-` for the last one, `whitelist` in older
/// versions; `next` are the words before `secret`.
fn pragma(line: &[u8], next: &[&str; 2]) -> bool {
    line.find_iter("pragma:").any(|at| {
        let rest = line[at + "pragma:".len()..].trim_ascii_start();
        let rest = rest.strip_prefix(b"allowlist").or_else(|| rest.strip_prefix(b"whitelist"));
        let Some([b' ' | b'-', rest @ ..]) = rest else { return false };
        next.iter()
            .any(|next| rest.strip_prefix(next.as_bytes()).is_some_and(|rest| rest.starts_with(b"secret")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tool_s_comment_is_known_where_it_counts() {
        for (line, wanted) in [
            ("k = x # gitleaks:allow", Some("gitleaks:allow")),
            ("k = x // betterleaks:allow", Some("betterleaks:allow")),
            ("k = x # trufflehog:ignore", Some("trufflehog:ignore")),
            ("k = x # kingfisher:ignore", Some("kingfisher:ignore")),
            ("k = x # ggignore", Some("ggignore")),
            ("k = x  # pragma: allowlist secret", Some("pragma: allowlist secret")),
            ("k = x  # pragma:whitelist-secret", Some("pragma: allowlist secret")),
            ("k = x  # pragma: allowlist nextline secret", None),
            ("k = x  # pragma: allow secret", None),
            ("k = x", None),
        ] {
            assert_eq!(marker(line.as_bytes(), b""), wanted, "{line}");
        }
        let next = "# pragma: allowlist nextline secret";
        assert_eq!(marker(b"k = x", next.as_bytes()), Some("pragma: allowlist nextline secret"));
        assert_eq!(marker(b"k = x", b"# gitleaks:allow pragma: allowlist secret"), None);
    }
}
