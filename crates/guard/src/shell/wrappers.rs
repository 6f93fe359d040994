//! Programs that run another one: which words of theirs are the other's.

use serde::Deserialize;

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
    /// Flags after which the command stands, up to `;` or `+`.
    pub exec_flags: Vec<String>,
    /// Whether more arguments come from elsewhere.
    pub more: bool,
}

impl Wrapper {
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
