//! People are renamed as git does it, or as git-filter-repo does.

use bstr::ByteSlice;
use unleak_remediate::{Dialect, Mailmap};
use unleak_testkit::{Random, TestEnvironment, TestRepo};

use crate::python::{Question, ask};

const NAMES: [&str; 8] = ["", "", "Jo", "jo", "Jo Do", " Jo ", "Élan", "Jo\tDo"];
const MAILS: [&str; 5] = ["a@x", "A@x", "b@x", "", "a b"];

fn line(random: &mut Random) -> String {
    let mut line = String::new();
    for _ in 0..=random.below(2) {
        let blank = ["", " ", "  "][random.below(3)];
        let (name, mail) = (*random.pick(&NAMES), *random.pick(&MAILS));
        line.push_str(&[name, blank, "<", mail, ">", blank].concat());
    }
    line.push_str(["", "", "", "", "# c", " Old", " # <c@x>", "\r"][random.below(8)]);
    match random.below(12) {
        0 => "# comment".to_owned(),
        1 => String::new(),
        2 => line.replace('>', ""),
        _ => line,
    }
}

fn file(random: &mut Random, lines: usize) -> String {
    (0..lines).map(|_| line(random) + "\n").collect()
}

#[test]
fn as_git_filter_repo() {
    let mut random = Random::new(21);
    let mut questions: Vec<Question> = Vec::new();
    let mut ours = Vec::new();
    for _ in 0..1500 {
        let lines = 1 + random.below(4);
        let file = file(&mut random, lines);
        let mailmap = Mailmap::parse(file.as_bytes(), Dialect::FilterRepo);
        for (name, mail) in [("Jo", "a@x"), ("Old", "B@X"), ("", ""), ("Jo Do", "c@x")] {
            questions.push(("mailmap", vec![file.clone().into(), name.into(), mail.into()]));
            ours.push(mailmap.as_ref().map_err(Clone::clone).map(|mailmap| {
                let mapped = mailmap.map(name.as_bytes(), mail.as_bytes());
                let (name, mail) = mapped.unwrap_or((name.into(), mail.into()));
                [name.as_slice(), &mail].join(&b'\n')
            }));
        }
    }
    let Some(answers) = ask(&questions) else { return };
    let mut renamed = 0;
    for ((question, ours), theirs) in questions.iter().zip(&ours).zip(&answers) {
        assert_eq!(ours.as_ref().ok(), theirs.as_ref().ok(), "{:?}", question.1[0].as_bstr());
        let old = question.1[1..].join(&b'\n');
        renamed += usize::from(ours.as_ref().is_ok_and(|new| *new != old));
    }
    assert!(renamed > 500, "{renamed}");
}

#[test]
fn as_git() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    let mut random = Random::new(22);
    let people =
        [("Jo", "a@x"), ("Jo", "A@X"), ("jO", "b@x"), ("Old", "b@x"), ("Jo Do", "c@x"), ("Élan", "a b")];
    let mut renamed = 0;
    for _ in 0..120 {
        let lines = 1 + random.below(5);
        let file = file(&mut random, lines);
        let Ok(mailmap) = Mailmap::parse(file.as_bytes(), Dialect::Ours) else { continue };
        let path = environment.write("map", &file);
        let setting = format!("mailmap.file={}", path.display());
        let contacts = people.map(|(name, mail)| format!("{name} <{mail}>"));
        let arguments =
            ["-c", &setting, "check-mailmap"].into_iter().chain(contacts.iter().map(String::as_str));
        let theirs = repo.git(arguments);
        for ((name, mail), theirs) in people.iter().zip(theirs.lines()) {
            let mapped = mailmap.map(name.as_bytes(), mail.as_bytes());
            renamed += usize::from(mapped.is_some());
            let (name, mail) = mapped.unwrap_or(((*name).into(), (*mail).into()));
            assert_eq!(format!("{name} <{mail}>"), theirs, "{file:?}");
        }
    }
    assert!(renamed > 50, "{renamed}");
}

#[test]
fn what_cannot_be_read_names_the_line() {
    for (file, line) in
        [("Jo <a@x>\nnonsense\n", 2), ("\n\nJo <>\n", 3), ("Jo <a@x> Old\n", 1), ("Jo <a@x\n", 1)]
    {
        let error = Mailmap::parse(file.as_bytes(), Dialect::Ours).unwrap_err();
        assert_eq!(error.line, line, "{file:?}");
        assert!(error.to_string().starts_with(&format!("line {line} of the mailmap")));
    }
    assert!(Mailmap::parse(b"Jo <a@x> Old\n", Dialect::FilterRepo).is_ok());
    assert!(Mailmap::parse(b"", Dialect::Ours).unwrap().map(b"a", b"b").is_none());
}
