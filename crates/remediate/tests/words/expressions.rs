//! Files of rules mean what git-filter-repo makes of them.

use unleak_remediate::{Dialect, ExpressionError, ReplaceError, Replacer, ReplacerError};
use unleak_testkit::Random;

use crate::generate::{noise, rules, text};
use crate::python::{Answer, Question, ask};

/// What we refuse and Python does not, by what the message names.
const REFUSED: [&str; 2] = ["the flag L", "no ASCII name"];

fn ours(file: &[u8], text: &[u8]) -> Answer {
    let replacer =
        Replacer::parse_expressions(file, Dialect::FilterRepo).map_err(|error| error.to_string())?;
    let new = replacer.replace(text).map_err(|error| error.to_string())?;
    assert_eq!(replacer.finds(text), new.is_some());
    Ok(new.unwrap_or_else(|| text.to_vec()))
}

/// Compares answers; how many of them changed the text.
fn compare(questions: &[Question]) -> usize {
    let Some(answers) = ask(questions) else {
        assert!(questions.len() > 1);
        return usize::MAX;
    };
    let mut changed = 0;
    for ((_, arguments), theirs) in questions.iter().zip(answers) {
        let ours = ours(&arguments[0], &arguments[1]);
        let context = || {
            let (file, text) = (arguments[0].escape_ascii(), arguments[1].escape_ascii());
            let show = |answer: &Answer| answer.clone().map(|bytes| bytes.escape_ascii().to_string());
            format!("rules {file}\ntext {text}\nours {:?}\ntheirs {:?}", show(&ours), show(&theirs))
        };
        match (&ours, &theirs) {
            (Err(refused), Ok(_)) if REFUSED.iter().any(|known| refused.contains(known)) => {}
            (Err(_), Err(_)) => {}
            (Ok(ours), Ok(theirs)) => {
                assert_eq!(ours, theirs, "{}", context());
                changed += usize::from(*ours != arguments[1]);
            }
            _ => panic!("{}", context()),
        }
    }
    changed
}

fn generated(seed: u64, cases: usize, mut file: impl FnMut(&mut Random) -> Vec<u8>) -> Vec<Question> {
    let mut random = Random::new(seed);
    let mut questions = Vec::new();
    for _ in 0..cases {
        let file = file(&mut random);
        for _ in 0..4 {
            questions.push(("replace", vec![file.clone(), text(&mut random)]));
        }
    }
    questions
}

#[test]
fn plain_rules_mean_what_python_makes_of_them() {
    assert!(compare(&generated(1, 1500, |random| rules(random, false))) > 1000);
}

#[test]
fn rules_that_look_around_mean_what_python_makes_of_them() {
    assert!(compare(&generated(2, 1500, |random| rules(random, true))) > 500);
}

#[test]
fn what_python_refuses_is_refused_and_nothing_else() {
    let file = |random: &mut Random| [b"regex:", noise(random).as_slice(), b"==>-"].concat();
    assert!(compare(&generated(3, 3000, file)) > 500);
}

#[test]
fn known_quirks() {
    let cases: [(&[u8], &[u8], &[u8]); 22] = [
        (b"a==>b\nb==>c\n", b"ab", b"cc"),
        (b"# x==>y", b"# x", b"y"),
        (b"regex:==>Z", b"regex:", b"Z"),
        (b"glob:==>Z", b"glob:", b"Z"),
        (b"==>foo", b"x", b"x"),
        (b"a==>b==>c", b"a==>b", b"c"),
        (b"regex:x*==>-", b"axb\n", b"-a--b-\n-"),
        (b"regex:|a==>-", b"a", b"---"),
        (b"regex:a$==>-", b"a\na\n", b"a\n-\n"),
        (b"regex:a\\n?$==>-", b"a\n", b"-"),
        (b"regex:(?m)a$==>-", b"a\na\n", b"-\n-\n"),
        (b"a==>\\n", b"a", b"\\n"),
        (b"regex:(a)(b)?==>[\\2\\1$1\\n]", b"a", b"[a$1\n]"),
        (b"regex:\\w==>-", b"\xc3\xa9a", b"\xc3\xa9-"),
        (b"glob:a*b*c==>-", b"xabbcbc\nac", b"x-\nac"),
        (b"literal:regex:a==>-", b"regex:a", b"-"),
        (b"regex:(?<=a)b==>-", b"abb", b"a-b"),
        (b"regex:(a|b)\\1==>-", b"abba", b"a-a"),
        (b"regex:[[:alpha:]]==>-", b"a:]", b"a-"),
        (b"regex:[a&&b]==>-", b"a&b", b"---"),
        (b"\xef\xbb\xbfa==>-", b"a", b"a"),
        (b"regex:(?x) a b # c==>-", b"ab", b"-"),
    ];
    for (file, text, expected) in cases {
        let found = ours(file, text).unwrap_or_else(|error| panic!("{}: {error}", file.escape_ascii()));
        assert_eq!(found.as_slice(), expected, "{}", file.escape_ascii());
    }
    let questions: Vec<Question> =
        cases.iter().map(|(file, text, _)| ("replace", vec![file.to_vec(), text.to_vec()])).collect();
    compare(&questions);
}

#[test]
fn binaries_are_left_alone_as_there() {
    let at = |nul: usize| {
        let mut text = vec![b'x'; 9000];
        text[nul] = 0;
        text.extend(b"secret");
        text
    };
    assert_eq!(ours(b"secret==>-", &at(8191)).unwrap(), at(8191));
    assert!(ours(b"secret==>-", &at(8192)).unwrap().ends_with(b"x-"));
    let ours = Replacer::parse_expressions(b"secret==>-", Dialect::Ours).unwrap();
    assert!(ours.replace(&at(0)).unwrap().unwrap().ends_with(b"x-"));
}

fn refused(file: &[u8]) -> ExpressionError {
    match Replacer::parse_expressions(file, Dialect::Ours).unwrap_err() {
        ReplacerError::Expression(error) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn our_dialect_says_what_the_other_passes_over() {
    for file in [&b""[..], b"\n\r\n", b"==>x\n", b"\xef\xbb\xbf"] {
        assert_eq!(refused(file), ExpressionError::Empty);
        assert!(Replacer::parse_expressions(file, Dialect::FilterRepo).is_ok());
    }
    let with_mark = Replacer::parse_expressions(b"\xef\xbb\xbfa==>-\r\n", Dialect::Ours).unwrap();
    assert_eq!(with_mark.replace(b"a").unwrap().unwrap(), b"-");
    assert_eq!(refused(b"x\nfoo==>foobar"), ExpressionError::Recreates { line: 2, again: 2 });
    assert_eq!(refused(b"a==>b\nb==>ba"), ExpressionError::Recreates { line: 2, again: 1 });
    assert!(Replacer::parse_expressions(b"a==>b\nb==>c", Dialect::Ours).is_ok());
    let message = refused(b"ok\nregex:hunter2(==>x").to_string();
    assert_eq!(message, "line 2 of the replacements: a ( that is not closed");
    let message = refused(b"regex:hunter2==>\\q").to_string();
    assert!(message.contains("line 1") && message.contains("\\q") && !message.contains("hunter2"));
}

#[test]
fn an_expression_that_goes_back_and_forth_without_end_is_an_error() {
    let rules =
        Replacer::parse_expressions(b"x==>y\nregex:(a|aa|(?=a)a)+$(?<=b)==>-", Dialect::Ours).unwrap();
    let text = [b"a".repeat(60), b"c".to_vec()].concat();
    assert_eq!(rules.replace(&text), Err(ReplaceError::TooHard { line: 2 }));
    assert!(rules.finds(&text));
    // No recursion: neither deep groups nor long texts fill the stack.
    let deep = ["(".repeat(101), "a".to_owned(), ")".repeat(101)].concat();
    assert!(Replacer::parse_expressions(format!("regex:{deep}").as_bytes(), Dialect::Ours).is_err());
    let long = Replacer::parse_expressions(b"regex:(?:(?:a|b)(?!c))+==>-", Dialect::Ours).unwrap();
    assert_eq!(long.replace(&b"ab".repeat(50_000)).unwrap().unwrap(), b"-");
    let huge = Replacer::parse_expressions(b"regex:((a{1000}){1000}){1000}==>-", Dialect::Ours).unwrap();
    assert_eq!(huge.replace(b"aaaa").unwrap(), None);
}

#[test]
fn a_thousand_literals_cascade_in_order() {
    let lines: Vec<String> =
        (0..1000).map(|index| format!("key{index:03}x==>key{:03}x", index + 1)).collect();
    let rules = Replacer::parse_expressions(lines.join("\n").as_bytes(), Dialect::Ours).unwrap();
    assert_eq!(rules.replace(b"key000x key998x").unwrap().unwrap(), b"key1000x key1000x");
}
