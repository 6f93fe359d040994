//! Refs as people name them: `main`, `v1.0`, `origin/main`, `refs/pull/7/head`, `release/*`.

use bstr::{BStr, ByteSlice};
use gix::glob::wildmatch;

/// What may be left out of a ref's name (gitrevisions(7), "refname").
const PREFIXES: [&[u8]; 5] = [b"", b"refs/", b"refs/tags/", b"refs/heads/", b"refs/remotes/"];

/// Whether `name`, a full ref name such as `refs/heads/main`, is meant by `pattern`: a name as git takes it, but that a
/// tag and a branch of one name are both meant; or a glob over such names, whose `*` includes slashes.
pub fn ref_matches(pattern: &BStr, name: &BStr) -> bool {
    let pattern = if pattern == "@" { BStr::new("HEAD") } else { pattern };
    let shortened = PREFIXES.iter().filter_map(|prefix| name.strip_prefix(*prefix));
    if pattern.find_byteset(b"*?[").is_some() {
        return shortened.map(BStr::new).any(|short| wildmatch(pattern, short, wildmatch::Mode::empty()));
    }
    let is_remote_head = || {
        let remote = name.strip_prefix(b"refs/remotes/").and_then(|name| name.strip_suffix(b"/HEAD"));
        remote.is_some_and(|remote| pattern == remote)
    };
    shortened.into_iter().any(|short| pattern == short) || is_remote_head()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_what_git_takes_them_for() {
        for (pattern, name, is_meant) in [
            ("main", "refs/heads/main", true),
            ("main", "refs/tags/main", true),
            ("main", "refs/remotes/origin/main", false),
            ("origin/main", "refs/remotes/origin/main", true),
            ("heads/main", "refs/heads/main", true),
            ("refs/pull/7/head", "refs/pull/7/head", true),
            ("origin", "refs/remotes/origin/HEAD", true),
            ("@", "HEAD", true),
            ("HEAD", "refs/heads/HEAD", true),
            ("release/*", "refs/heads/release/1/x", true),
            ("release/*", "refs/heads/prerelease/1", false),
            ("v?", "refs/tags/v1", true),
            ("*", "HEAD", true),
            ("refs/heads/*", "refs/tags/v1", false),
            ("ain", "refs/heads/main", false),
            ("", "HEAD", false),
        ] {
            assert_eq!(ref_matches(pattern.into(), name.into()), is_meant, "{pattern} {name}");
        }
    }
}
