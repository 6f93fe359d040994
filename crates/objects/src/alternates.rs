//! Other object folders that a store borrows from: `info/alternates` (gitrepository-layout(5)).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bstr::{BString, ByteSlice};

use crate::trouble::{Trouble, TroubleKind};

/// How deep alternates of alternates are followed, as in git.
const MAX_DEPTH: usize = 5;

/// The object folders `roots` and all they borrow from, each once, nearest first. What cannot be followed is a trouble.
pub(crate) fn folders(roots: &[&Path]) -> (Vec<PathBuf>, Vec<Trouble>) {
    let mut troubles = Vec::new();
    let (mut found, mut seen) = (Vec::new(), Vec::new());
    for root in roots {
        if !seen.contains(&identity(root)) {
            seen.push(identity(root));
            found.push((*root).to_owned());
        }
    }
    let mut level = 0..found.len();
    for depth in 0..=MAX_DEPTH {
        for at in level.clone() {
            let folder = found[at].clone();
            for line in read(&folder, &mut troubles) {
                match resolve(&folder, &line) {
                    Some(next) if depth == MAX_DEPTH && !seen.contains(&identity(&next)) => {
                        troubles.push(trouble(
                            &next,
                            "alternates nest too deeply; this object folder is not read",
                        ));
                    }
                    Some(next) if !next.is_dir() => {
                        troubles.push(trouble(&next, "this alternate object folder does not exist"));
                    }
                    Some(next) if seen.contains(&identity(&next)) => {}
                    Some(next) => {
                        seen.push(identity(&next));
                        found.push(next);
                    }
                    None => troubles.push(trouble(&folder, "info/alternates holds a malformed path")),
                }
            }
        }
        level = level.end..found.len();
    }
    (found, troubles)
}

fn trouble(path: &Path, message: &str) -> Trouble {
    Trouble::with_file(path, TroubleKind::Alternate, message)
}

/// What tells two spellings of one folder apart from two folders.
fn identity(folder: &Path) -> PathBuf {
    fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned())
}

/// The lines of the file that name folders.
fn read(folder: &Path, troubles: &mut Vec<Trouble>) -> Vec<BString> {
    let path = folder.join("info").join("alternates");
    match fs::read(&path) {
        Ok(text) => {
            let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with(b"#"));
            lines.map(BString::from).collect()
        }
        Err(error) => {
            if error.kind() != io::ErrorKind::NotFound {
                troubles.push(trouble(&path, &format!("the list of alternates cannot be read: {error}")));
            }
            Vec::new()
        }
    }
}

/// The folder a line means: relative ones start at the object folder that lists them.
fn resolve(folder: &Path, line: &[u8]) -> Option<PathBuf> {
    let name = if line.first() == Some(&b'"') { unquote(line)? } else { BString::from(line) };
    Some(folder.join(name.to_path().ok()?))
}

/// Undoes git's C-style quoting.
fn unquote(quoted: &[u8]) -> Option<BString> {
    let mut bytes = quoted.strip_prefix(b"\"")?.iter().copied();
    let mut out = Vec::new();
    loop {
        let byte = match bytes.next()? {
            b'"' => return bytes.next().is_none().then(|| out.into()),
            b'\\' => match bytes.next()? {
                b'a' => 7,
                b'b' => 8,
                b't' => 9,
                b'n' => 10,
                b'v' => 11,
                b'f' => 12,
                b'r' => 13,
                same @ (b'"' | b'\\') => same,
                high @ b'0'..=b'3' => {
                    let mut digit =
                        || bytes.next().filter(|byte| (b'0'..=b'7').contains(byte)).map(|byte| byte - b'0');
                    (high - b'0') << 6 | digit()? << 3 | digit()?
                }
                _ => return None,
            },
            other => other,
        };
        out.push(byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(root: &Path, name: &str, alternates: Option<&str>) -> PathBuf {
        let folder = root.join(name);
        fs::create_dir_all(folder.join("info")).unwrap();
        if let Some(text) = alternates {
            fs::write(folder.join("info/alternates"), text).unwrap();
        }
        folder
    }

    fn names(folders: &[PathBuf]) -> Vec<String> {
        folders.iter().map(|f| identity(f).file_name().unwrap().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn follows_relative_absolute_and_quoted_paths_once() {
        let root = tempfile::tempdir().unwrap();
        let absolute = store(root.path(), "c d", None);
        let text = format!("# comment\n\n../b\n{}\n\"../\\145\"\n../missing\n\"broken\n", absolute.display());
        let first = store(root.path(), "a", Some(&text));
        store(root.path(), "b", Some("../a\n../c d\n"));
        store(root.path(), "e", None);
        let (found, troubles) = folders(&[&first, &first]);
        assert_eq!(names(&found), ["a", "b", "c d", "e"]);
        assert_eq!(troubles.len(), 2, "{troubles:?}");
        assert!(troubles.iter().all(|t| t.kind == TroubleKind::Alternate));
    }

    #[test]
    fn stops_at_depth_five_and_says_so() {
        let root = tempfile::tempdir().unwrap();
        for i in 0..9 {
            store(root.path(), &i.to_string(), Some(&format!("../{}\n", i + 1)));
        }
        let (found, troubles) = folders(&[&root.path().join("0")]);
        assert_eq!(names(&found), ["0", "1", "2", "3", "4", "5"]);
        assert_eq!(troubles.len(), 1);
    }

    #[test]
    fn unquotes_what_git_quotes() {
        assert_eq!(unquote(br#""a\tb\"c\\\303\244""#).unwrap(), "a\tb\"c\\\u{e4}");
        for bad in [&b"\""[..], b"\"a", b"\"a\\", b"\"\\9\"", b"\"\\08\"", b"\"a\"b"] {
            assert_eq!(unquote(bad), None, "{bad:?}");
        }
    }
}
