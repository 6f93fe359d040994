//! What a file names: its `use` declarations, and the paths in its code.

use crate::lexer::Token;

/// One name that a `use` brings in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    /// What is imported; a glob ends in `*`.
    pub(crate) path: Vec<String>,
    /// The name it has here.
    pub(crate) name: String,
    /// Whether others may import it from here.
    pub(crate) public: bool,
}

/// What a file names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Named {
    /// Its `use` declarations, one name each.
    pub(crate) imports: Vec<Import>,
    /// Paths of two or more words in its code.
    pub(crate) paths: Vec<Vec<String>>,
}

/// Collects what `tokens` name.
pub(crate) fn named(tokens: &[Token]) -> Named {
    let mut named = Named::default();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at].is("use") {
            let end = tokens[at..]
                .iter()
                .position(|token| *token == Token::Mark(';'))
                .map_or(tokens.len(), |n| at + n);
            let public = is_public(&tokens[..at]);
            let first = named.imports.len();
            tree(&tokens[at + 1..end], &mut Vec::new(), &mut named.imports);
            named.imports[first..].iter_mut().for_each(|import| import.public = public);
            at = end + 1;
            continue;
        }
        let (path, next) = path(tokens, at);
        if path.len() > 1 {
            named.paths.push(path);
        }
        at = next;
    }
    named
}

/// Whether `pub`, `pub(crate)` or the like ends `before`.
fn is_public(before: &[Token]) -> bool {
    let before = match before {
        [rest @ .., Token::Mark('('), _, Token::Mark(')')] => rest,
        all => all,
    };
    before.last().is_some_and(|token| token.is("pub"))
}

/// The words from `at` on that `::` joins, and where they end.
fn path(tokens: &[Token], at: usize) -> (Vec<String>, usize) {
    let Some(first) = tokens[at].word() else { return (Vec::new(), at + 1) };
    let mut words = vec![first.to_owned()];
    let mut at = at + 1;
    while let (Some(Token::Path), Some(Token::Word(word))) = (tokens.get(at), tokens.get(at + 1)) {
        words.push(word.clone());
        at += 2;
    }
    (words, at)
}

/// Reads a tree of imports: `a::{b, c::d as e, f::*}`. As deep as the braces in our own sources.
fn tree(tokens: &[Token], prefix: &mut Vec<String>, imports: &mut Vec<Import>) {
    let depth = prefix.len();
    for part in split(tokens) {
        let mut rest = part;
        if let [Token::Path, tail @ ..] = rest {
            rest = tail;
        }
        while let [Token::Word(word), Token::Path, tail @ ..] = rest {
            prefix.push(word.clone());
            rest = tail;
        }
        match rest {
            [Token::Mark('{'), inner @ .., Token::Mark('}')] => tree(inner, prefix, imports),
            [Token::Mark('*')] => push(prefix, "*", "*", imports),
            [Token::Word(word)] => push(prefix, word, word, imports),
            [Token::Word(word), _, Token::Word(name)] => push(prefix, word, name, imports),
            _ => {}
        }
        prefix.truncate(depth);
    }
}

fn push(prefix: &[String], word: &str, name: &str, imports: &mut Vec<Import>) {
    let mut path = prefix.to_vec();
    let mut name = name;
    if word == "self" {
        name = if name == "self" { path.last().map_or("", String::as_str) } else { name };
        let name = name.to_owned();
        return imports.push(Import { path, name, public: false });
    }
    path.push(word.to_owned());
    imports.push(Import { path, name: name.to_owned(), public: false });
}

/// Cuts at the commas that no brace encloses.
fn split(tokens: &[Token]) -> Vec<&[Token]> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Mark('{') => depth += 1,
            Token::Mark('}') => depth -= 1,
            Token::Mark(',') if depth == 0 => {
                parts.push(&tokens[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&tokens[start..]);
    parts
}

#[test]
fn every_form_of_import_is_read() {
    let source = "use a::{self, b::{c, d as e}, f::*}; pub(crate) use g::h; fn x() { i::j::k(); l }";
    let named = named(&crate::lexer::tokens(source));
    let read: Vec<String> = named
        .imports
        .iter()
        .map(|import| {
            format!("{}={}{}", import.name, import.path.join("."), if import.public { " pub" } else { "" })
        })
        .collect();
    assert_eq!(read, ["a=a", "c=a.b.c", "e=a.b.d", "*=a.f.*", "h=g.h pub"]);
    assert_eq!(named.paths, [["i", "j", "k"].map(str::to_owned)]);
}
