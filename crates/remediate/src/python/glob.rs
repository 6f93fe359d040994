//! Globs as Python's `fnmatch.translate` (3.11) reads them, as expressions of `re`.

/// What a glob stands for, without anchors: a `.` is what the caller's flags make of it.
///
/// All stars but the last take the first place that fits and no other (`atomic`). Where the whole of a text must match
/// and `.` is every byte that makes no difference to whether it does.
pub(crate) fn translate(glob: &[char], atomic: bool) -> String {
    let pieces = pieces(glob);
    let mut text = String::new();
    let mut runs = pieces.split(Option::is_none);
    let fixed = |run: &[Option<String>]| run.iter().flatten().cloned().collect::<String>();
    text.push_str(&fixed(runs.next().unwrap_or_default()));
    let runs: Vec<String> = runs.map(fixed).collect();
    for (index, run) in runs.iter().enumerate() {
        if index + 1 == runs.len() {
            text.push_str(".*");
            text.push_str(run);
        } else {
            text.push_str(if atomic { "(?>.*?" } else { "(?:.*?" });
            text.push_str(run);
            text.push(')');
        }
    }
    text
}

/// The glob's parts; `None` is a star.
fn pieces(glob: &[char]) -> Vec<Option<String>> {
    let mut pieces: Vec<Option<String>> = Vec::new();
    let mut at = 0;
    while let Some(letter) = glob.get(at) {
        at += 1;
        match letter {
            '*' if pieces.last() == Some(&None) => {}
            '*' => pieces.push(None),
            '?' => pieces.push(Some(".".to_owned())),
            '[' => match class_end(glob, at) {
                Some(end) => {
                    pieces.push(Some(class(&glob[at..end])));
                    at = end + 1;
                }
                None => pieces.push(Some("\\[".to_owned())),
            },
            letter => pieces.push(Some(escape(*letter))),
        }
    }
    pieces
}

/// Where the class ends whose inside begins at `from`.
fn class_end(glob: &[char], from: usize) -> Option<usize> {
    let mut at = from;
    at += usize::from(glob.get(at) == Some(&'!'));
    at += usize::from(glob.get(at) == Some(&']'));
    glob.get(at..)?.iter().position(|letter| *letter == ']').map(|found| at + found)
}

/// The inside of a class, as a class of `re`.
fn class(inside: &[char]) -> String {
    let negated = inside.first() == Some(&'!');
    let mut stuff = if inside.contains(&'-') {
        let chunks = chunks(inside, negated);
        let escaped = chunks
            .iter()
            .map(|chunk| chunk.iter().collect::<String>().replace('\\', "\\\\").replace('-', "\\-"));
        escaped.collect::<Vec<_>>().join("-")
    } else {
        inside.iter().collect::<String>().replace('\\', "\\\\")
    };
    for operator in ["&", "~", "|"] {
        stuff = stuff.replace(operator, &format!("\\{operator}"));
    }
    match stuff.as_str() {
        "" => return "(?!)".to_owned(),
        "!" => return ".".to_owned(),
        _ => {}
    }
    if let Some(rest) = stuff.strip_prefix('!') {
        return format!("[^{rest}]");
    }
    let guard = if stuff.starts_with(['^', '[']) { "\\" } else { "" };
    format!("[{guard}{stuff}]")
}

/// What stands between the hyphens that make ranges; ranges that go backwards are taken out.
fn chunks(inside: &[char], negated: bool) -> Vec<Vec<char>> {
    let mut chunks: Vec<Vec<char>> = Vec::new();
    let (mut from, mut next) = (0, if negated { 2 } else { 1 });
    while let Some(found) = inside.iter().skip(next).position(|letter| *letter == '-') {
        let hyphen = next + found;
        chunks.push(inside[from..hyphen].to_vec());
        from = hyphen + 1;
        next = hyphen + 3;
    }
    let rest = inside.get(from..).unwrap_or_default();
    match chunks.last_mut() {
        Some(last) if rest.is_empty() => last.push('-'),
        _ => chunks.push(rest.to_vec()),
    }
    for index in (1..chunks.len()).rev() {
        if let (Some(last), Some(first)) = (chunks[index - 1].last(), chunks[index].first())
            && last > first
        {
            let rest = chunks.remove(index);
            chunks[index - 1].pop();
            chunks[index - 1].extend(&rest[1..]);
        }
    }
    chunks
}

/// As `re.escape`: only what is special gets a backslash.
fn escape(letter: char) -> String {
    if "()[]{}?*+-|^$\\.&~# \t\n\r\x0b\x0c".contains(letter) {
        return format!("\\{letter}");
    }
    letter.to_string()
}
