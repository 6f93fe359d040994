//! Where agents keep prompts, transcripts, tool results and pasted text: data.

use serde::Deserialize;

/// What a pattern is relative to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Base {
    /// The user's home directory.
    Home,
    /// The top of the working tree.
    Project,
}

/// Files of one agent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Whose.
    pub agent: String,
    /// Where the patterns begin.
    pub base: Base,
    /// Patterns, in which `*` also stands for `/`.
    pub patterns: Vec<String>,
    /// Whether they are nothing but a record: configuration is shown, and left as it is.
    #[serde(default)]
    pub record: bool,
}

/// All of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Places {
    /// The places.
    pub places: Vec<Place>,
    /// Live credential stores, patterns in the home directory: neither looked at nor touched.
    pub live: Vec<String>,
}

impl Places {
    /// The built-in ones.
    pub fn builtin() -> Self {
        toml::from_str(include_str!("places.toml")).expect("a test reads the built-in file")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_file_is_read() {
        let places = Places::builtin();
        assert!(places.places.len() > 15 && !places.live.is_empty());
    }
}
