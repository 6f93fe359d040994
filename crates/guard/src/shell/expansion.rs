//! Words to arguments: variables put in, and what an `echo` in `$(…)` prints.

use std::collections::BTreeMap;

use crate::shell::names::{braces, program_name};
use crate::shell::printed::printed;
use crate::shell::script::simple_commands;
use crate::shell::word::{Arg, LIST, Piece, Word};

/// What is known of variables.
pub(super) type Variables = BTreeMap<String, Arg>;

/// Longer scripts are not looked into for what they print. Bytes.
const MAX_SCRIPT: usize = 4096;

/// The arguments a word stands for: none where variables hold nothing, several where they hold several.
pub(super) fn args(word: &Word, variables: &Variables) -> Vec<Arg> {
    let all = whole(word, variables);
    let splits = word.0.iter().any(|piece| match piece {
        Piece::Variable { name, quoted: false, .. } => variables.contains_key(name),
        Piece::Substitution { script, quoted: false, .. } => said(script).is_some(),
        _ => false,
    });
    if splits || all.text.contains(LIST) {
        let ends = |c: char| LIST.contains(c) || splits && c.is_ascii_whitespace();
        let parts = all.text.split(ends).filter(|part| !part.is_empty());
        return parts.map(|text| Arg { text: text.to_owned(), ..all.clone() }).collect();
    }
    let bare = word.0.iter().all(|piece| matches!(piece, Piece::Text { quoted: false, .. }));
    if !bare {
        return vec![all];
    }
    let texts = braces(&all.text);
    texts.into_iter().map(|text| Arg { text, ..all.clone() }).collect()
}

/// A word as one text.
pub(super) fn whole(word: &Word, variables: &Variables) -> Arg {
    let mut arg = Arg::literal("");
    for piece in &word.0 {
        match piece {
            Piece::Text { text, quoted } => {
                arg.glob |= !quoted && text.contains(['*', '?', '[']);
                arg.text.push_str(text);
            }
            Piece::Variable { name, rest, .. } => match variables.get(name) {
                Some(value) if matches!(&rest[..], "" | "[@]" | "[*]") => {
                    arg.text.push_str(&value.text);
                    arg.literal &= value.literal;
                    arg.glob |= value.glob;
                }
                // `${NAME:+word}` and `${#NAME}` tell whether there is a value, not which.
                _ => {
                    let is_word = rest.starts_with(":+") || rest.starts_with('+');
                    arg.text.push_str(if is_word { "$(+)" } else { "$" });
                    arg.text.push_str(if is_word { "" } else { name });
                    arg.literal = false;
                }
            },
            Piece::Substitution { script, file: false, .. } if said(script).is_some() => {
                arg.text.push_str(&said(script).unwrap_or_default());
            }
            Piece::Substitution { .. } => {
                arg.text.push_str("$(…)");
                arg.literal = false;
            }
        }
    }
    arg
}

/// What a script prints that is nothing but an `echo` or `printf` of words that stand there.
pub(super) fn said(script: &str) -> Option<String> {
    // Most scripts do something else, and one within another is read over and over.
    let name = script.trim_start().split(char::is_whitespace).next().map(program_name);
    if script.len() > MAX_SCRIPT || !matches!(name, Some("echo" | "printf")) {
        return None;
    }
    let commands = simple_commands(script);
    let [command] = &commands[..] else { return None };
    let is_plain = command.assignments.is_empty() && command.redirects.is_empty() && command.here.is_none();
    let is_text = |word: &Word| word.0.iter().all(|piece| matches!(piece, Piece::Text { .. }));
    if !is_plain || !command.words.iter().all(is_text) {
        return None;
    }
    let words: Vec<Arg> = command.words.iter().map(|word| whole(word, &Variables::new())).collect();
    let (program, args) = words.split_first()?;
    Some(printed(program_name(&program.text), args).trim_end_matches('\n').to_owned())
}
