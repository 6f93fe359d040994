//! Who is called what: files in the format of `.mailmap`, as git reads them or as git-filter-repo does.
//!
//! git looks a person up by mail, then by name, in any case, and a later line wins. git-filter-repo takes the first
//! line of the file that fits, compares names exactly, and knows lines that give a name without a mail
//! (`New <new@mail> Old`).

use std::collections::HashMap;

use bstr::{BString, ByteSlice};

use crate::dialect::Dialect;

/// A file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the mailmap: {what}")]
pub struct MailmapError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

/// What a person is called from now on; nothing stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Proper {
    name: Option<BString>,
    email: Option<BString>,
}

/// Who is called what.
#[derive(Debug, Clone)]
pub struct Mailmap(Entries);

#[derive(Debug, Clone)]
enum Entries {
    Git(HashMap<BString, Person>),
    /// In the order of the file; where no name or mail is given, any will do.
    FilterRepo(Vec<FirstFit>),
}

/// What git knows of a mail; keys are in lower case.
#[derive(Debug, Clone, Default)]
struct Person {
    proper: Proper,
    by_name: HashMap<BString, Proper>,
}

#[derive(Debug, Clone)]
struct FirstFit {
    name: Option<BString>,
    email: Option<BString>,
    proper: Proper,
}

impl Mailmap {
    /// Reads a file.
    pub fn parse(file: &[u8], dialect: Dialect) -> Result<Self, MailmapError> {
        let entries = match dialect {
            Dialect::Ours => Entries::Git(git(file)?),
            Dialect::FilterRepo => Entries::FilterRepo(filter_repo(file)?),
        };
        Ok(Self(entries))
    }

    /// What a person is called from now on; `None` if nothing changes.
    pub fn map(&self, name: &[u8], email: &[u8]) -> Option<(BString, BString)> {
        let proper = match &self.0 {
            Entries::Git(people) => {
                let person = people.get(email.to_ascii_lowercase().as_bstr())?;
                person.by_name.get(name.to_ascii_lowercase().as_bstr()).unwrap_or(&person.proper)
            }
            Entries::FilterRepo(entries) => &entries.iter().find(|entry| entry.fits(name, email))?.proper,
        };
        let new = |new: &Option<BString>, old: &[u8]| new.clone().unwrap_or_else(|| old.into());
        let mapped = (new(&proper.name, name), new(&proper.email, email));
        (mapped.0 != name || mapped.1 != email).then_some(mapped)
    }
}

impl FirstFit {
    fn fits(&self, name: &[u8], email: &[u8]) -> bool {
        self.email.as_ref().is_none_or(|known| known.eq_ignore_ascii_case(email))
            && self.name.as_ref().is_none_or(|known| known.is_empty() || *known == name)
    }
}

/// A name, a mail and what stands after them.
type Parts<'t> = (&'t [u8], &'t [u8], &'t [u8]);

/// The name before the first `<`, the mail up to the first `>` after it, and the rest.
fn name_and_email(text: &[u8]) -> Option<Parts<'_>> {
    let (name, rest) = text.split_once_str("<")?;
    let (email, rest) = rest.split_once_str(">")?;
    Some((name, email, rest))
}

/// Reads as git's `mailmap.c`; lines that it passes over in silence are errors.
fn git(file: &[u8]) -> Result<HashMap<BString, Person>, MailmapError> {
    let mut people: HashMap<BString, Person> = HashMap::new();
    for (index, line) in file.split(|byte| *byte == b'\n').enumerate() {
        let blank = |text: &[u8]| text.iter().all(|byte| is_blank(*byte));
        if line.starts_with(b"#") || blank(line) {
            continue;
        }
        let wrong = |what| MailmapError { line: index + 1, what };
        let (name, email, rest) =
            name_and_email(line).ok_or(wrong("there is no address in angle brackets"))?;
        if email.is_empty() {
            return Err(wrong("the address is empty"));
        }
        let (new_name, name_after) = (some(name), name_and_email(rest));
        if name_after.is_none() && !blank(rest) && !rest.trim_ascii_start().starts_with(b"#") {
            return Err(wrong("something stands after the address that is no other address"));
        }
        let (old_name, old_email, new_email) = match name_after {
            Some((name, old, _)) => (some(name), old, Some(email)),
            None => (None, email, None),
        };
        let person = people.entry(old_email.to_ascii_lowercase().into()).or_default();
        let new_email = new_email.map(BString::from);
        if let Some(old) = old_name {
            let proper = Proper { name: new_name, email: new_email };
            person.by_name.insert(old.to_ascii_lowercase().into(), proper);
        } else {
            person.proper.name = new_name.or(person.proper.name.take());
            person.proper.email = new_email.or(person.proper.email.take());
        }
    }
    Ok(people)
}

/// What C's `isspace` holds for blank, as git has it.
fn is_blank(byte: u8) -> bool {
    b" \t\n\r".contains(&byte)
}

/// A name without blanks around it, if anything is left.
fn some(name: &[u8]) -> Option<BString> {
    let name = name.trim_with(|letter| letter.is_ascii() && is_blank(letter as u8));
    (!name.is_empty()).then(|| name.into())
}

/// What Python's `\s` and `strip` take for a blank in bytes.
fn is_python_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

/// Reads as git-filter-repo 2.47; what it cannot read is an error there, too.
fn filter_repo(file: &[u8]) -> Result<Vec<FirstFit>, MailmapError> {
    let mut entries: Vec<FirstFit> = Vec::new();
    let mut known: HashMap<(Option<BString>, Option<BString>), usize> = HashMap::new();
    for (index, line) in file.split(|byte| *byte == b'\n').enumerate() {
        let line = line.find_byte(b'#').map_or(line, |comment| &line[..comment]);
        let line = line.trim_with(is_python_blank);
        if line.is_empty() {
            continue;
        }
        let wrong = |what| MailmapError { line: index + 1, what };
        let (new_name, new_email, rest) =
            with_blanks(line).ok_or(wrong("there is no address in angle brackets"))?;
        let (name, email) = match with_blanks(rest) {
            _ if rest.is_empty() => (None, Some(new_email)),
            Some((_, _, rest)) if !rest.is_empty() => {
                return Err(wrong("something stands after the second address"));
            }
            Some((name, email, _)) => (Some(name), Some(email)),
            None => (Some(rest), None),
        };
        let text = |text: &[u8]| (!text.is_empty()).then(|| BString::from(text));
        let proper = Proper { name: text(new_name), email: text(new_email) };
        let (name, email) = (name.map(BString::from), email.map(BString::from));
        // A line that repeats what another looks for changes what that one gives, and keeps its place.
        if let Some(earlier) = known.get(&(name.clone(), email.clone())) {
            entries[*earlier].proper = proper;
        } else {
            known.insert((name.clone(), email.clone()), entries.len());
            entries.push(FirstFit { name, email, proper });
        }
    }
    Ok(entries)
}

/// As [`name_and_email`], without the blanks before `<` and after `>`; the name has no line feed in it.
fn with_blanks(text: &[u8]) -> Option<Parts<'_>> {
    let (name, email, rest) = name_and_email(text)?;
    let name = name.trim_end_with(is_python_blank);
    let rest = rest.trim_start_with(is_python_blank);
    Some((name, email, rest))
}
