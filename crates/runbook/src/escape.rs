//! Text of others inside ours: what a file, a branch or a person is called must not command a terminal or a page.

/// Text for a terminal: no control characters, nothing that turns its direction.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if is_unsafe(c) { '\u{fffd}' } else { c }).collect()
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Text for Markdown that stands for itself. Addresses of pages become links by themselves, and only if nothing in them is
/// escaped; what they may consist of commands nothing.
pub(crate) fn markdown(text: &str) -> String {
    let text = plain(text);
    let (mut shown, mut rest) = (String::with_capacity(text.len()), text.as_str());
    while let Some(start) = rest.find("https://") {
        let (before, from) = rest.split_at(start);
        let length = from.find(|c| !is_of_address(c)).unwrap_or(from.len());
        escaped(&mut shown, before);
        shown.push_str(&from[..length]);
        rest = &from[length..];
    }
    escaped(&mut shown, rest);
    shown
}

/// What an address may hold, of which none begins anything else in Markdown once it is in a link.
fn is_of_address(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._/:?#=%+,;".contains(c)
}

fn escaped(shown: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '&' => shown.push_str("&amp;"),
            // A name after it would be told; a number would be linked.
            '@' => shown.push_str("&#64;"),
            '#' => shown.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' => shown.extend(['\\', c]),
            c => shown.push(c),
        }
    }
}

/// Text as code in a line of Markdown.
pub(crate) fn code(text: &str) -> String {
    let text = plain(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_command_nothing() {
        assert_eq!(plain("a\u{1b}[31mb\u{202e}c\n"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}");
        assert_eq!(
            markdown("@all *x* <img> [a](b) | #1"),
            "&#64;all \\*x\\* &lt;img&gt; \\[a\\](b) \\| &#35;1"
        );
        assert_eq!(
            markdown("a_b https://a.test/ORG/_x?a=b#c-d, *x* https://b.test/<i>@all"),
            "a\\_b https://a.test/ORG/_x?a=b#c-d, \\*x\\* https://b.test/&lt;i&gt;&#64;all",
            "an address is a link as it stands, and ends where one does"
        );
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("`a``b"), "``` `a``b ```");
    }
}
