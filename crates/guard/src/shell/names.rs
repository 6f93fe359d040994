//! Words as names: of a program, of a flag in a cluster, of what braces stand for.

/// Words that braces may stand for.
const MAX_BRACES: usize = 64;

/// `/usr/bin/git` and `git.exe` are `git`.
pub(super) fn program_name(text: &str) -> &str {
    let name = text.rsplit(['/', '\\']).next().unwrap_or(text);
    name.strip_suffix(".exe").unwrap_or(name)
}

/// Whether a word is the flag, or a cluster with its letter: `-lc` holds `-c`.
pub(super) fn is_or_holds(word: &str, flag: &str) -> bool {
    let is_letter = flag.len() == 2 && !word.starts_with("--");
    word == flag || is_letter && word.len() > 2 && word[1..].contains(&flag[1..]) && word.is_ascii()
}

/// What stands in the same word behind a flag of one letter: `git push` in `-Sgit push`.
pub(super) fn attached<'w>(word: &'w str, flag: &str) -> Option<&'w str> {
    word.strip_prefix(flag).filter(|rest| flag.len() == 2 && !rest.is_empty())
}

/// What one level of braces stands for: `a{b,c}` is `ab` and `ac`.
pub(super) fn braces(text: &str) -> Vec<String> {
    let parts = text.find('{').and_then(|open| Some((open, open + text[open..].find('}')?)));
    match parts {
        Some((open, close)) if text[open..close].contains(',') => text[open + 1..close]
            .split(',')
            .take(MAX_BRACES)
            .map(|part| [&text[..open], part, &text[close + 1..]].concat())
            .collect(),
        _ => vec![text.to_owned()],
    }
}
