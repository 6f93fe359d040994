//! Commands in code that is given on the command line: `python -c "os.system('…')"` and its like.

use crate::shell::word::Arg;

const INTERPRETERS: [&str; 8] = ["python", "python3", "node", "deno", "bun", "ruby", "perl", "php"];
const CODE_FLAGS: [&str; 7] = ["-c", "-e", "-r", "-p", "-pe", "--eval", "--print"];
/// What runs a command; those that also mean something else, only beside `child_process`.
const CALLS: [&str; 11] = [
    "system(",
    "popen(",
    "Popen(",
    "subprocess.run(",
    "subprocess.call(",
    "check_call(",
    "check_output(",
    "execSync(",
    "spawnSync(",
    "shell_exec(",
    "passthru(",
];
const CALLS_OF_NODE: [&str; 3] = ["exec(", "spawn(", "execFile("];

/// Whether the program runs code from its command line.
pub(super) fn is_interpreter(program: &str) -> bool {
    INTERPRETERS.contains(&program)
}

/// The commands that the code among `args` would run, as scripts of a shell.
pub(super) fn scripts(args: &[Arg]) -> Vec<String> {
    let pairs = args.windows(2).filter(|pair| CODE_FLAGS.contains(&pair[0].text.as_str()));
    pairs.flat_map(|pair| called(&pair[1].text)).collect()
}

fn called(code: &str) -> Vec<String> {
    let of_node = if code.contains("child_process") { &CALLS_OF_NODE[..] } else { &[] };
    let mut found = Vec::new();
    for call in CALLS.iter().chain(of_node) {
        for (at, _) in code.match_indices(call) {
            let texts = literals(&code[at + call.len()..]);
            // One text is a line for a shell; several are the words of a command.
            match &texts[..] {
                [] => {}
                [line] => found.push(line.clone()),
                words => {
                    let quoted = words.iter().map(|word| format!("'{}'", word.replace('\'', r"'\''")));
                    found.push(quoted.collect::<Vec<_>>().join(" "));
                }
            }
        }
    }
    found
}

/// The texts at the beginning of a call's arguments: one, or those of a list.
fn literals(code: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = code;
    loop {
        rest = rest.trim_start_matches([' ', '\n', '\t', ',', '[', '(']);
        let Some(quote) = rest.chars().next().filter(|first| matches!(first, '\'' | '"' | '`')) else {
            return texts;
        };
        let mut text = String::new();
        let mut inside = rest[1..].char_indices();
        let end = loop {
            match inside.next() {
                None => return texts,
                Some((at, one)) if one == quote => break at,
                Some((_, '\\')) => text.extend(inside.next().map(|(_, escaped)| escaped)),
                Some((_, one)) => text.push(one),
            }
        };
        texts.push(text);
        rest = &rest[1 + end + 1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_code_would_run_is_told_from_what_it_prints() {
        for (code, wanted) in [
            ("import os; os.system('git push -f')", &["git push -f"][..]),
            ("subprocess.run(['git', \"push\", '--force'], check=True)", &["'git' 'push' '--force'"]),
            ("require('child_process').execSync(`git push`)", &["git push"]),
            ("require('child_process').exec('a', {b: 'c'})", &["a"]),
            ("spawnSync('git', ['push', '-f'])", &["'git' 'push' '-f'"]),
            ("system(\"it's \\\"x\\\"\")", &["it's \"x\""]),
            ("print('git push -f')", &[]),
            ("/a/.exec('git push -f')", &[]),
            ("system(command)", &[]),
            ("system('open", &[]),
        ] {
            assert_eq!(called(code), wanted, "{code}");
        }
    }
}
