//! Pointers of Git LFS: small blobs that stand for content kept elsewhere.
//!
//! Source: the specification, `docs/spec.md` of git-lfs.

/// A pointer is shorter. Bytes.
pub const POINTER: usize = 1024;

const VERSION: &[u8] = b"version https://git-lfs.github.com/spec/v1\n";

/// Whether `text` only points to content that Git LFS keeps elsewhere.
pub fn is_pointer(text: &[u8]) -> bool {
    text.len() < POINTER && text.starts_with(VERSION)
}

/// What a pointer points to: `sha256:…`. `None` if `text` is none.
pub fn target(text: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(text).ok().filter(|text| is_pointer(text.as_bytes()))?;
    text.lines().find_map(|line| line.strip_prefix("oid "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_says_what_it_points_to() {
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
        assert_eq!(target(pointer.as_bytes()), Some("sha256:4d7a"));
        for other in [&pointer[1..], "oid sha256:4d7a\n", "", &pointer.repeat(20)] {
            assert_eq!(target(other.as_bytes()), None, "{other}");
        }
    }
}
