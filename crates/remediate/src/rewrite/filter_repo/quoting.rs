//! How git-filter-repo and git spell a path to each other: where they differ, a path never seems unchanged.

use bstr::{BStr, ByteSlice as _, ByteVec as _};

/// Whether git-filter-repo recognises the line in which `git fast-import` tells what stands at `path`: it expects its own
/// spelling, and splits the line at white space.
pub(super) fn is_recognised(path: &BStr) -> bool {
    let theirs = by_git(path);
    theirs == by_filter_repo(path) && !theirs.iter().any(u8::is_ascii_whitespace)
}

/// `quote_c_style` of git, with `core.quotePath` on, as it is by default.
fn by_git(path: &BStr) -> Vec<u8> {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    if path.iter().all(is_plain) {
        return path.to_vec();
    }
    quoted(path, is_plain)
}

/// Quotes only where `git fast-import` could not read it otherwise.
fn by_filter_repo(path: &BStr) -> Vec<u8> {
    if !path.starts_with(b"\"") && !path.contains(&b'\n') {
        return path.to_vec();
    }
    quoted(path, |byte| *byte < 127 && !matches!(byte, 7..=13 | b'"' | b'\\'))
}

fn quoted(path: &BStr, is_plain: impl Fn(&u8) -> bool) -> Vec<u8> {
    let mut out = vec![b'"'];
    for byte in path.bytes() {
        match byte {
            byte if is_plain(&byte) => out.push_byte(byte),
            7..=13 => out.extend([b'\\', b"abtnvfr"[usize::from(byte - 7)]]),
            b'"' | b'\\' => out.extend([b'\\', byte]),
            _ => out.push_str(format!("\\{byte:03o}")),
        }
    }
    out.push(b'"');
    out
}

#[cfg(test)]
mod tests {
    use super::is_recognised;

    #[test]
    fn only_plain_paths_and_lines_broken_in_two_are() {
        for path in ["a/b.txt", "a\nb", "\"a\"", "\"a\\b\x07"] {
            assert!(is_recognised(path.into()), "{path:?}");
        }
        for path in ["a b", "ü", "a\tb", "a\"b", "a\\b", "a\n b", "\x01", "a\n\x01"] {
            assert!(!is_recognised(path.into()), "{path:?}");
        }
        assert!(is_recognised(bstr::BStr::new(b"a\n\x80")));
    }
}
