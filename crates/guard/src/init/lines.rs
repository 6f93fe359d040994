//! Line ends: a text keeps its own.

/// The line end of a text: that of its first line, `\n` for one without any.
pub(crate) fn end_of(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// `text` with `lines` after its last one, in its own style.
pub(crate) fn appended(text: &str, lines: &[String]) -> String {
    let end = end_of(text);
    let mut out = text.to_owned();
    if !out.is_empty() && !out.ends_with('\n') {
        out.push_str(end);
    }
    for line in lines {
        out.push_str(line);
        out.push_str(end);
    }
    out
}
