//! Programs that run another one: which words of theirs are the other's.

use std::iter::Peekable;
use std::vec::IntoIter;

use serde::Deserialize;

use crate::shell::names::{attached, is_or_holds};
use crate::shell::word::{Arg, LIST};

/// How a program that runs another one is called.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the file")]
pub struct Wrapper {
    /// The words it begins with, such as `["docker", "exec"]`.
    pub words: Vec<String>,
    /// Its flags that take a value.
    pub value_flags: Vec<String>,
    /// Operands of its own before the command.
    pub operands: usize,
    /// Whether `NAME=value` may stand before the command.
    pub assignments: bool,
    /// Whether the command begins after `--` only.
    pub dashes: bool,
    /// Flags whose value is a script.
    pub script_flags: Vec<String>,
    /// Whether what would be the command is a script, in one word or several.
    pub script: bool,
    /// Whether the input is a script where nothing else is one.
    pub input: bool,
    /// Flags with which nothing is run.
    pub only: Vec<String>,
    /// Whether everything behind the script belongs to it; else it is what the script finds in `$1`, `$2`, ….
    pub split: bool,
    /// Flags whose value is the program, of which everything behind the operands are arguments.
    pub entry_flags: Vec<String>,
    /// Whether the last operand is an image: one that is called `git` runs git.
    pub images: bool,
    /// Flags after which the command stands, up to `;` or `+`.
    pub exec_flags: Vec<String>,
    /// Whether more arguments come from elsewhere.
    pub more: bool,
}

/// What is within a wrapper.
#[derive(Debug, Default)]
pub(crate) struct Wrapped {
    /// A script.
    pub(crate) script: Option<String>,
    /// What the script finds in `$0`, `$1`, ….
    pub(crate) parameters: Vec<Arg>,
    /// Variables set for what is within.
    pub(crate) variables: Vec<(String, Arg)>,
    /// The words of a command.
    pub(crate) command: Vec<Arg>,
}

impl Wrapped {
    fn script(words: &[Arg]) -> Self {
        let texts: Vec<&str> = words.iter().map(|arg| &arg.text[..]).collect();
        Self { script: Some(texts.join(" ")), ..Self::default() }
    }
}

/// The variables through which a script reads what it is called with.
pub(crate) fn positional(parameters: &[Arg]) -> Vec<(String, Arg)> {
    let one = |(at, arg): (usize, &Arg)| (at.to_string(), arg.clone());
    let mut variables: Vec<(String, Arg)> = parameters.iter().enumerate().take(10).map(one).collect();
    let texts: Vec<&str> = parameters.iter().skip(1).map(|arg| &arg.text[..]).collect();
    let all = Arg { text: texts.join(LIST), literal: parameters.iter().all(|arg| arg.literal), glob: false };
    variables.extend(["@", "*"].map(|name| (name.to_owned(), all.clone())));
    variables
}

impl Wrapper {
    /// What it runs, by the arguments behind its own words. `stdin` is what it reads.
    pub(crate) fn taken_off(&self, args: Vec<Arg>, stdin: Option<&str>) -> Wrapped {
        let mut rest = args.into_iter().peekable();
        if self.dashes {
            let command = rest.skip_while(|arg| arg.text != "--").skip(1).collect();
            return Wrapped { command, ..Wrapped::default() };
        }
        if !self.exec_flags.is_empty() {
            let after = rest.skip_while(|arg| !self.exec_flags.contains(&arg.text)).skip(1);
            let command: Vec<Arg> = after.take_while(|arg| arg.text != ";" && arg.text != "+").collect();
            return if self.script && !command.is_empty() {
                Wrapped::script(&command)
            } else {
                Wrapped { command, ..Wrapped::default() }
            };
        }
        let mut entry = None;
        if let Some(wrapped) = self.flags(&mut rest, &mut entry) {
            return wrapped;
        }
        let mut wrapped = Wrapped::default();
        if self.assignments {
            while let Some((name, value)) = rest.peek().and_then(|arg| arg.text.split_once('=')) {
                wrapped.variables.push((name.to_owned(), Arg::literal(value)));
                drop(rest.next());
            }
        }
        let mut rest: Vec<Arg> = rest.collect();
        // A shell's operand is a file with a script, whose text is not known, unless it is the input itself.
        let reads_input = rest.first().is_none_or(|arg| matches!(&arg.text[..], "/dev/stdin" | "-"));
        if self.input {
            wrapped.script = stdin.filter(|_| reads_input).map(str::to_owned);
            return wrapped;
        }
        let mut command = rest.split_off(self.operands.min(rest.len()));
        let image = rest.last().filter(|_| self.images && entry.is_none());
        let name = image.and_then(|image| image.text.rsplit('/').next()?.split([':', '@']).next());
        entry = entry.or_else(|| name.filter(|name| *name == "git").map(Arg::literal));
        command.splice(0..0, entry);
        let rest = command;
        if !self.script {
            wrapped.command = rest;
        } else if !rest.is_empty() {
            wrapped.script = Wrapped::script(&rest).script;
        }
        wrapped
    }

    /// Takes its flags off; `Some` if one of them says already what is run.
    fn flags(&self, rest: &mut Peekable<IntoIter<Arg>>, entry: &mut Option<Arg>) -> Option<Wrapped> {
        while let Some(arg) = rest.next_if(|arg| arg.text.len() > 1 && arg.text.starts_with('-')) {
            let word = arg.text.as_str();
            if word == "--" {
                break;
            }
            if self.only.iter().any(|flag| flag == word) {
                return Some(Wrapped::default());
            }
            if let Some(flag) = self.script_flags.iter().find(|flag| is_or_holds(word, flag)) {
                // `-S'git push'` and `-euo pipefail -c 'git push'`.
                let own = attached(word, flag).filter(|_| self.split);
                // The value of another flag of the cluster comes first.
                if own.is_none() && self.value_flags.iter().any(|other| is_or_holds(word, other)) {
                    drop(rest.next());
                }
                let script = own.map(Arg::literal).or_else(|| rest.next());
                return Some(self.with_script(script, rest.collect()));
            }
            let (name, given) = word.split_once('=').unwrap_or((word, ""));
            if !given.is_empty() && self.script_flags.iter().any(|one| one == name) {
                return Some(self.with_script(Some(Arg::literal(given)), rest.collect()));
            }
            if self.entry_flags.iter().any(|one| one == name) {
                *entry = if given.is_empty() { rest.next() } else { Some(Arg::literal(given)) };
                continue;
            }
            // `-iu deploy`: the last letter of a cluster may take the next word.
            let takes = |flag: &String| {
                flag == word || flag.len() == 2 && is_or_holds(word, flag) && word.ends_with(&flag[1..])
            };
            if self.value_flags.iter().any(takes) {
                drop(rest.next());
            }
        }
        None
    }

    fn with_script(&self, script: Option<Arg>, rest: Vec<Arg>) -> Wrapped {
        let Some(script) = script else { return Wrapped::default() };
        if self.split {
            return Wrapped::script(&[vec![script], rest].concat());
        }
        Wrapped { script: Some(script.text), parameters: rest, ..Wrapped::default() }
    }

    /// How many words of `texts` it begins with, flags between them left out; `None` if it is another program.
    pub(crate) fn begins(&self, texts: &[&str]) -> Option<usize> {
        let mut used = 0;
        for word in &self.words {
            while used > 0 && texts.get(used).is_some_and(|text| text.starts_with('-') && text.len() > 1) {
                used += 1;
            }
            if texts.get(used) != Some(&word.as_str()) {
                return None;
            }
            used += 1;
        }
        (used > 0).then_some(used)
    }
}
