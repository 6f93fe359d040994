//! How much a value that a name calls secret looks like one.

use super::class::KeyClass;
use super::key::Named;
use super::look_alike::{is_code, is_look_alike};
use super::site::Form;
use crate::entropy::{distinct, shannon};
use crate::placeholder::{counts_up, is_dummy, repeats};
use crate::words::{is_identifier, is_odd_uuid, is_uuid, word_share};

/// How much a value looks like a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// A person may have chosen it, or written it for an example.
    Weak,
    /// A password with digits or signs, a token with some words.
    Likely,
    /// No one would write it by hand.
    Strong,
    /// That, and longer than chance allows.
    Certain,
}

/// What a value is made of.
struct Make {
    length: usize,
    digits: usize,
    upper: bool,
    lower: bool,
    signs: usize,
    /// Percent of it that reads like words, with the signs that join them.
    words: usize,
    distinct: usize,
    entropy: f64,
}

impl Make {
    fn of(value: &[u8]) -> Self {
        Self {
            length: value.len(),
            digits: value.iter().filter(|b| b.is_ascii_digit()).count(),
            upper: value.iter().any(u8::is_ascii_uppercase),
            lower: value.iter().any(u8::is_ascii_lowercase),
            signs: value.iter().filter(|b| !b.is_ascii_alphanumeric()).count(),
            words: word_share(value),
            distinct: distinct(value),
            entropy: shannon(value),
        }
    }

    /// How many of lower case, upper case, digits and signs occur.
    fn classes(&self) -> usize {
        usize::from(self.upper)
            + usize::from(self.lower)
            + usize::from(self.digits > 0)
            + usize::from(self.signs > 0)
    }
}

/// Judges a value by what it is made of, how it is written and what its name promises; `None` when it is no secret.
pub(super) fn strength(value: &[u8], form: Form, named: Named) -> Option<Strength> {
    if value.len() < 4 || !value.iter().all(u8::is_ascii_graphic) || is_look_alike(value) {
        return None;
    }
    let make = Make::of(value);
    if make.distinct < 4 {
        return None;
    }
    let strength = match named.class {
        KeyClass::Password => password(value, &make, form)?,
        KeyClass::Secret | KeyClass::Key => machine_made(value, &make, form, named.vague)?,
    };
    match named.class {
        KeyClass::Password if is_counted(value) => Some(Strength::Weak),
        KeyClass::Secret | KeyClass::Key if is_counted(value) => None,
        _ if is_dummy(value) => Some(Strength::Weak),
        _ => Some(strength),
    }
}

/// What no machine makes: letters or digits in their order, the same again.
fn is_counted(value: &[u8]) -> bool {
    counts_up(value) || repeats(value)
}

/// Starts with a letter and holds neither dots nor slashes: no file name, no path.
fn is_plain(value: &[u8]) -> bool {
    value.first().is_some_and(u8::is_ascii_alphabetic) && !value.iter().any(|b| b"./".contains(b))
}

/// A password: whatever is not a word, a name or part of a sentence may be one.
fn password(value: &[u8], make: &Make, form: Form) -> Option<Strength> {
    let random = make.words < 50;
    let random_letters = random && make.words == 0 && is_plain(value) && !is_identifier(value);
    let of_machine = make.length >= 12 && make.classes() >= 3 || make.length >= 16 && make.digits > 0;
    let of_several = make.length >= 8 && make.classes() >= 3 && make.distinct >= 6;
    let of_two = make.length >= 6 && make.digits > 0 && (make.lower || make.upper) && make.distinct >= 5;
    let strength = if is_uuid(value) {
        Strength::Weak
    } else if of_machine && random && make.distinct >= 8 {
        Strength::Strong
    } else if of_several || of_two || make.length >= 6 && random_letters {
        Strength::Likely
    } else {
        Strength::Weak
    };
    // What quotes quotes is code about text.
    if strength == Strength::Weak && value.iter().any(|b| b"\"'`\\".contains(b)) {
        return None;
    }
    match form {
        Form::Quoted | Form::Element => {
            let name = make.words >= 70 && make.digits == 0 && make.signs > 0;
            (!name || make.classes() >= 4).then_some(strength)
        }
        Form::Argument => (strength >= Strength::Likely).then_some(strength),
        Form::Compared => Some(strength.min(Strength::Likely)),
        Form::Bare if is_code(value) => (make.digits > 0 && !value.contains(&b'.')).then_some(Strength::Weak),
        Form::Bare => Some(strength),
        Form::BareInText => (strength >= Strength::Strong && !is_code(value)).then_some(Strength::Likely),
    }
}

/// A token, a secret, a key: long and random, or it is none.
fn machine_made(value: &[u8], make: &Make, form: Form, is_vague: bool) -> Option<Strength> {
    if make.length < 8 || is_uuid(value) {
        return (make.length >= 8 && !is_vague && !is_odd_uuid(value)).then_some(Strength::Weak);
    }
    let mixed = make.digits > 0 || make.upper && make.lower && make.words < 20;
    let random = make.words < 35 && make.entropy >= 2.8 && mixed;
    let strength = if random && make.length >= 24 && make.distinct >= 10 && make.digits >= 2 {
        Strength::Certain
    } else if random && make.length >= 16 && make.distinct >= 8 {
        Strength::Strong
    } else if random && make.length >= 10 && make.digits > 0 && make.distinct >= 6
        || make.length >= 12 && make.words < 60 && mixed
        || make.length >= 12 && make.words == 0 && !is_identifier(value)
    {
        Strength::Likely
    } else if make.words < 80 && (make.digits > 0 || !is_identifier(value)) {
        Strength::Weak
    } else {
        return None;
    };
    let holds = match form {
        Form::Quoted | Form::Element | Form::Compared => true,
        Form::Argument => strength >= Strength::Likely,
        Form::Bare => !is_code(value) || make.length >= 20,
        Form::BareInText => strength >= Strength::Strong && !value.contains(&b'.'),
    };
    // What is just called a key may as well be one of a table.
    let long = strength >= Strength::Strong && make.length >= 20;
    (holds && (!is_vague || long)).then_some(strength)
}
