//! Simple commands to the programs that would run: variables put in, wrappers taken off, scripts within scripts read.

use std::collections::BTreeMap;

use crate::places::joined;
use crate::shell::code;
use crate::shell::expansion::{self, said, whole};
use crate::shell::names::program_name;
use crate::shell::printed::printed;
use crate::shell::script::{Simple, simple_commands};
use crate::shell::word::{Arg, Word};
use crate::shell::wrappers::{Wrapped, Wrapper, positional};

/// A program that would run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invocation {
    /// Its name without a path.
    pub program: String,
    /// Its arguments.
    pub args: Vec<Arg>,
    /// Variables set for it in the same text, the latest last.
    pub variables: Vec<(String, Arg)>,
    /// What it reads on standard input, where that is known.
    pub stdin: Option<Arg>,
    /// Files it reads and writes by redirection.
    pub redirects: Vec<Redirect>,
    /// Where it runs, relative to where the whole text does; `None` where that depends on the moment.
    pub folder: Option<String>,
    /// The programs that its output goes through, one after the other, each with its arguments.
    pub piped: Vec<Vec<String>>,
    /// Whether it gets more arguments that are not known, as from `xargs`.
    pub more: bool,
}

/// A redirection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// `<`, `>`, `>>`, …
    pub operator: String,
    /// The file.
    pub target: Arg,
}

/// The text nests deeper, or says more, than anybody writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the command nests deeper than unleak follows")]
pub struct NotUnderstood;

/// The programs that run others.
pub type Wrappers = [Wrapper];

/// Scripts within scripts.
const MAX_DEPTH: usize = 12;
/// Simple commands of one text.
const MAX_COMMANDS: usize = 4096;
/// Wrappers around one command.
const MAX_WRAPPERS: usize = 32;
/// Variables that are followed, and bytes of what one holds.
const MAX_VARIABLES: (usize, usize) = (64, 4096);

/// Programs of a pipe that are looked at.
const MAX_STAGES: usize = 8;

/// A script that is still to be read.
struct Script {
    text: String,
    depth: usize,
    folder: Option<String>,
    variables: BTreeMap<String, Arg>,
}

/// The programs that `text` would run, in order of appearance, those of scripts within it after it.
///
/// # Errors
/// When it nests too deep to tell.
pub fn invocations(text: &str, wrappers: &Wrappers) -> Result<Vec<Invocation>, NotUnderstood> {
    let mut found = Vec::new();
    let first =
        Script { text: text.to_owned(), depth: 0, folder: Some(String::new()), variables: BTreeMap::new() };
    let mut pending = vec![first];
    while let Some(script) = pending.pop() {
        if script.depth > MAX_DEPTH || found.len() > MAX_COMMANDS {
            return Err(NotUnderstood);
        }
        let mut run = Run {
            script,
            wrappers,
            found: &mut found,
            inner: Vec::new(),
            folders: Vec::new(),
            aliases: BTreeMap::new(),
            lost: false,
        };
        run.all();
        if run.lost {
            return Err(NotUnderstood);
        }
        let (inner, depth) = (run.inner, run.script.depth + 1);
        if inner.len() > MAX_COMMANDS || found.len() > MAX_COMMANDS {
            return Err(NotUnderstood);
        }
        pending.extend(inner.into_iter().rev().map(|script| Script { depth, ..script }));
    }
    Ok(found)
}

/// One script being read.
struct Run<'r> {
    script: Script,
    wrappers: &'r Wrappers,
    found: &'r mut Vec<Invocation>,
    inner: Vec<Script>,
    /// Folders to come back to when parentheses close.
    folders: Vec<(usize, Option<String>)>,
    /// Aliases of the shell that were made in the same script.
    aliases: BTreeMap<String, String>,
    /// Something was too much to follow.
    lost: bool,
}

/// What one command gives to the next one in the pipe, as far as that is known.
#[derive(Default)]
struct Fed {
    text: Option<Arg>,
    /// Files whose content it is.
    files: Vec<Redirect>,
}

impl Run<'_> {
    fn all(&mut self) {
        let mut fed = Fed::default();
        let commands = simple_commands(&self.script.text);
        for (at, command) in commands.iter().enumerate() {
            while self.folders.last().is_some_and(|(depth, _)| *depth > command.depth) {
                self.script.folder = self.folders.pop().and_then(|(_, folder)| folder);
            }
            self.nested(command);
            let given = std::mem::take(&mut fed);
            let stages = self.stages(&commands[at..]);
            fed = self.command(command, stages, if command.fed { given } else { Fed::default() });
        }
    }

    /// What the output of the first of `commands` goes through.
    fn stages(&self, commands: &[Simple]) -> Vec<Vec<String>> {
        let after = commands.windows(2).take_while(|pair| pair[0].piped).take(MAX_STAGES);
        let words = |command: &Simple| {
            command.words.iter().map(|word| whole(word, &self.script.variables).text).collect()
        };
        after.map(|pair| words(&pair[1])).collect()
    }

    /// Scripts in `$(…)` and their like.
    fn nested(&mut self, command: &Simple) {
        let words = command.words.iter().chain(command.assignments.iter().map(|(_, word)| word));
        let words = words.chain(command.redirects.iter().map(|(_, word)| word)).chain(&command.here);
        let scripts: Vec<String> = words.flat_map(Word::substitutions).map(str::to_owned).collect();
        for script in scripts {
            self.queue(script);
        }
    }

    fn queue(&mut self, text: String) {
        self.queue_with(text, Vec::new());
    }

    /// A script that is run with more variables.
    fn queue_with(&mut self, text: String, more: Vec<(String, Arg)>) {
        // One more than may be tells that there are too many.
        if self.inner.len() > MAX_COMMANDS {
            return;
        }
        let mut variables = self.script.variables.clone();
        variables.extend(more);
        self.inner.push(Script { text, depth: 0, folder: self.script.folder.clone(), variables });
    }

    fn add(&mut self, invocation: Invocation) {
        if self.found.len() <= MAX_COMMANDS {
            self.found.push(invocation);
        }
    }

    fn remember(&mut self, name: &str, value: Arg) {
        let variables = &mut self.script.variables;
        if value.text.len() > MAX_VARIABLES.1 {
            variables.remove(name);
        } else if variables.len() < MAX_VARIABLES.0 || variables.contains_key(name) {
            variables.insert(name.to_owned(), value);
        }
    }

    /// Takes a command up, with what the one before gives it; returns what it gives to the next one in the pipe.
    fn command(&mut self, command: &Simple, piped: Vec<Vec<String>>, fed: Fed) -> Fed {
        let known = &self.script.variables;
        let here = command.here.as_ref().map(|word| whole(word, known));
        let read = command.redirects.iter().filter(|(operator, _)| operator == "<");
        let printed = read.map(|(_, word)| word).find_map(|word| said(word.file()?)).map(Arg::literal);
        let mut stdin = here.or(printed).or(fed.text);
        let own: Vec<(String, Arg)> = command
            .assignments
            .iter()
            .filter(|(name, _)| !name.is_empty())
            .map(|(name, word)| (name.clone(), whole(word, known)))
            .collect();
        let mut args = Vec::new();
        for word in &command.words {
            match word.file().and_then(said) {
                // A file with what a command prints may as well be what is read.
                Some(text) if stdin.is_none() => {
                    stdin = Some(Arg::literal(text));
                    args.push(Arg::literal("/dev/stdin"));
                }
                _ => args.extend(expansion::args(word, known)),
            }
        }
        if args.is_empty() {
            for (name, value) in &own {
                self.remember(name, value.clone());
            }
        }
        let redirects = command.redirects.iter().map(|(operator, word)| Redirect {
            operator: operator.clone(),
            target: whole(word, &self.script.variables),
        });
        let redirects = redirects.chain(fed.files).collect();
        let exported = self.script.variables.iter().map(|(name, value)| (name.clone(), value.clone()));
        let variables = exported.chain(if args.is_empty() { Vec::new() } else { own }).collect();
        let invocation = Invocation {
            program: String::new(),
            args,
            variables,
            stdin,
            redirects,
            folder: self.script.folder.clone(),
            piped,
            more: false,
        };
        self.unwrap(invocation, command.depth)
    }

    /// Takes wrappers off, one after the other.
    fn unwrap(&mut self, mut invocation: Invocation, depth: usize) -> Fed {
        for _ in 0..MAX_WRAPPERS {
            let Some(first) = invocation.args.first() else {
                if !invocation.redirects.is_empty() {
                    self.add(invocation);
                }
                return Fed::default();
            };
            if let Some(alias) = self.aliases.get(&first.text).cloned() {
                let rest: Vec<&str> = invocation.args[1..].iter().map(|arg| &arg.text[..]).collect();
                self.queue_with(format!("{alias} {}", rest.join(" ")), invocation.variables);
                return Fed::default();
            }
            let name = program_name(&first.text).to_owned();
            let texts: Vec<&str> = std::iter::once(&name[..])
                .chain(invocation.args[1..].iter().map(|arg| &arg.text[..]))
                .collect();
            let wrapper = self.wrappers.iter().filter_map(|one| Some((one, one.begins(&texts)?)));
            let wrapper = wrapper.max_by_key(|(_, used)| *used);
            let Some((wrapper, used)) = wrapper else {
                return self.program(invocation, name, depth);
            };
            // The wrapper itself is a program, too: `env` alone prints the environment.
            let mut itself = invocation.clone();
            itself.args.remove(0);
            itself.program = name;
            self.add(itself);
            let rest = invocation.args.split_off(used);
            let Wrapped { script, parameters, variables, command } =
                wrapper.taken_off(rest, invocation.stdin.as_ref().map(|arg| &arg.text[..]));
            invocation.variables.extend(variables);
            if let Some(script) = script {
                let more = invocation.variables.iter().cloned().chain(positional(&parameters));
                self.queue_with(script, more.collect());
            }
            invocation.more |= wrapper.more;
            invocation.args = command;
        }
        self.lost = true;
        Fed::default()
    }

    /// What remains is a program.
    fn program(&mut self, mut invocation: Invocation, name: String, depth: usize) -> Fed {
        invocation.args.remove(0);
        invocation.program = name;
        let mut gives = Fed::default();
        match invocation.program.as_str() {
            "echo" | "printf" => {
                let literal = invocation.args.iter().all(|arg| arg.literal);
                let text = printed(&invocation.program, &invocation.args);
                gives.text = Some(Arg { literal, ..Arg::literal(text) });
            }
            "cat" if invocation.args.iter().all(|arg| matches!(&arg.text[..], "-" | "/dev/stdin")) => {
                gives.text.clone_from(&invocation.stdin);
            }
            "cat" => {
                let files = invocation.args.iter().filter(|arg| !arg.text.starts_with('-'));
                let read = |arg: &Arg| Redirect { operator: "<".to_owned(), target: arg.clone() };
                gives.files = files.map(read).collect();
            }
            "cd" | "pushd" => self.change_folder(&invocation, depth),
            "export" | "declare" | "local" | "readonly" | "typeset" => {
                for (name, value) in invocation.args.iter().filter_map(|arg| arg.text.split_once('=')) {
                    self.remember(name, Arg::literal(value));
                }
            }
            "alias" if self.aliases.len() < MAX_VARIABLES.0 => {
                // One that names itself, as `alias ls='ls -l'` does, is not followed again.
                let own = invocation.args.iter().filter_map(|arg| arg.text.split_once('='));
                let own = own.filter(|(name, value)| value.split(' ').next() != Some(name));
                self.aliases.extend(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
            }
            "set" if invocation.args.first().is_some_and(|arg| arg.text == "--") => {
                for (name, value) in positional(&invocation.args) {
                    self.remember(&name, value);
                }
            }
            program if code::is_interpreter(program) => {
                for script in code::scripts(&invocation.args) {
                    self.queue(script);
                }
            }
            _ => {}
        }
        self.add(invocation);
        gives
    }

    fn change_folder(&mut self, invocation: &Invocation, depth: usize) {
        if depth > 0 {
            self.folders.push((depth, self.script.folder.clone()));
        }
        let target = invocation.args.iter().find(|arg| !arg.text.starts_with('-') || arg.text == "-");
        self.script.folder = match target {
            Some(arg) if arg.literal && !arg.glob && arg.text != "-" => {
                self.script.folder.as_ref().map(|folder| joined(folder, &arg.text))
            }
            _ => None,
        };
    }
}
