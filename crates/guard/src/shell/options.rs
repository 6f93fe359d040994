//! Arguments as getopt reads them: flags with their values, and operands.

use crate::shell::word::Arg;

/// A flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// `-f`, `--force`: one letter of a cluster, or a long one without its value.
    pub name: String,
    /// The whole word it stood in.
    pub word: String,
    /// Its value.
    pub value: Option<Arg>,
}

/// Arguments, told apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// In order.
    pub flags: Vec<Flag>,
    /// In order.
    pub operands: Vec<Arg>,
}

impl Options {
    /// Reads `args`; those of `value_flags` take the next word, or the rest of theirs.
    pub fn read(args: &[Arg], value_flags: &[String]) -> Self {
        let takes = |name: &str| value_flags.iter().any(|flag| flag == name);
        let mut options = Self::default();
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            let word = arg.text.as_str();
            if word == "--" {
                options.operands.extend(rest.cloned());
                break;
            }
            if let Some(long) = word.strip_prefix("--") {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(Arg { text: value.to_owned(), ..arg.clone() })),
                    None => (long, None),
                };
                let name = format!("--{name}");
                let value = value.or_else(|| takes(&name).then(|| rest.next().cloned()).flatten());
                options.flags.push(Flag { name, word: word.to_owned(), value });
            } else if word.len() > 1 && word.starts_with('-') && takes(word) {
                options.flags.push(Flag {
                    name: word.to_owned(),
                    word: word.to_owned(),
                    value: rest.next().cloned(),
                });
            } else if word.len() > 1 && word.starts_with('-') {
                let mut letters = word[1..].char_indices();
                while let Some((at, letter)) = letters.next() {
                    let name = format!("-{letter}");
                    let mut value = None;
                    if takes(&name) {
                        let attached = &word[1 + at + letter.len_utf8()..];
                        value = if attached.is_empty() {
                            rest.next().cloned()
                        } else {
                            Some(Arg { text: attached.to_owned(), ..arg.clone() })
                        };
                        letters = "".char_indices();
                    }
                    options.flags.push(Flag { name, word: word.to_owned(), value });
                }
            } else {
                options.operands.push(arg.clone());
            }
        }
        options
    }

    /// Whether one of the flags is there. Long ones may be cut short, as git and others allow.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The first flag of that name.
    pub fn find(&self, name: &str) -> Option<&Flag> {
        self.flags
            .iter()
            .find(|flag| flag.name == name || flag.word == name || is_short_for(&flag.name, name))
    }

    /// The values of all flags of these names.
    pub fn values<'o>(&'o self, names: &'o [&str]) -> impl Iterator<Item = &'o Arg> {
        self.flags
            .iter()
            .filter(|flag| names.contains(&flag.name.as_str()))
            .filter_map(|flag| flag.value.as_ref())
    }
}

/// `--forc` is `--force`; `--fo` may be others, too.
fn is_short_for(given: &str, name: &str) -> bool {
    given.len() > 5 && name.len() > given.len() && name.starts_with("--") && name.starts_with(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_no_flags_and_clusters_are_taken_apart() {
        let args = |text: &str| text.split(' ').map(Arg::literal).collect::<Vec<_>>();
        let flags = ["-m".to_owned(), "--message".to_owned()];
        let options = Options::read(&args("-am --no-verify x --message=-f --fo --forc -- -y"), &flags);
        assert_eq!(options.operands, args("x -y"));
        assert!(options.has("-a") && !options.has("--no-verify") && !options.has("-f"));
        assert!(options.has("--force"));
        assert_eq!(options.values(&["-m", "--message"]).count(), 2);
    }
}
