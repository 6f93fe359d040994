//! Reads the patches that Codex applies (`*** Begin Patch`): which lines go into which file.

/// What a patch does to one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PatchedFile {
    pub(crate) path: String,
    /// Lines that were there.
    pub(crate) before: String,
    /// Lines that are new.
    pub(crate) added: String,
    /// Nothing else will be in it, or it will be gone.
    pub(crate) whole: bool,
}

/// Whether `text` is such a patch.
pub(crate) fn is_one(text: &str) -> bool {
    text.trim_start().starts_with("*** Begin Patch")
}

/// The files of a patch.
pub(crate) fn files(text: &str) -> Vec<PatchedFile> {
    let mut files: Vec<PatchedFile> = Vec::new();
    for line in text.lines() {
        let header = ["*** Add File: ", "*** Update File: ", "*** Move to: ", "*** Delete File: "]
            .iter()
            .find_map(|header| line.strip_prefix(header));
        if let Some(path) = header {
            let moved = line.starts_with("*** Move to: ").then(|| files.pop()).flatten();
            let whole = !line.starts_with("*** Update") && moved.is_none();
            files.push(PatchedFile { path: path.trim().to_owned(), whole, ..moved.unwrap_or_default() });
            continue;
        }
        let Some(file) = files.last_mut() else { continue };
        let (target, rest) = match line.split_at_checked(1) {
            Some(("+", rest)) => (&mut file.added, rest),
            Some(("-" | " ", rest)) => (&mut file.before, rest),
            _ => continue,
        };
        target.push_str(rest);
        target.push('\n');
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_lines_belong_to_their_file() {
        let text = "*** Begin Patch\n*** Add File: a.txt\n+one\n+two\n*** Update File: b.txt\n*** Move to: c.txt\n@@\n \
                    kept\n-old\n+new\n*** End Patch\n";
        let files = files(text);
        assert!(is_one(text) && files.len() == 2);
        assert_eq!((&files[0].path[..], &files[0].added[..]), ("a.txt", "one\ntwo\n"));
        assert_eq!(
            (&files[1].path[..], &files[1].added[..], &files[1].before[..]),
            ("c.txt", "new\n", "kept\nold\n")
        );
    }
}
