//! What holds of the built-in catalogue, and of rule files as users write them.

use crate::filename::NameFilter;
use crate::rule::Signature;
use crate::tests::{RULES, detector};
use crate::{Confidence, Detector, Proof, RuleSet, Scratch, builtin, syntax};

#[test]
fn every_built_in_rule_proves_its_examples() {
    let broken = crate::prove(builtin::with_examples().unwrap());
    let list: Vec<String> =
        broken.iter().map(|b| format!("{} {}: {}", b.defined_at, b.rule, b.why)).collect();
    assert!(list.is_empty(), "\n{}", list.join("\n"));
}

#[test]
fn the_tables_say_what_the_files_say() {
    let strip = |set: RuleSet| {
        let rules = set.into_rules().into_iter().map(|mut rule| {
            (rule.matching, rule.not_matching) = Default::default();
            // Where to look for anchors is found out for all rules together.
            if let Signature::Content { anchors, .. } | Signature::Assignment { anchors, .. } =
                &mut rule.signature
            {
                for anchor in anchors {
                    anchor.place = None;
                }
            }
            format!("{rule:?}")
        });
        rules.collect::<Vec<_>>()
    };
    assert_eq!(strip(builtin::rule_set()), strip(builtin::with_examples().unwrap()));
    for file in builtin::files() {
        let provider = syntax::read(file.0, file.1).unwrap().provider.unwrap();
        assert_eq!(builtin::rule_set().provider(&provider.family), Some(&provider));
    }
}

#[test]
fn most_names_are_nobodys() {
    let rules = builtin::rule_set().into_rules();
    let filter = NameFilter::new(rules.iter().filter_map(|rule| rule.files.as_ref()).map(|files| (0, files)));
    for name in ["http.c", "README.md", "main.rs", "x"] {
        assert!(
            !filter.possible(name.as_bytes()) || name.len() < 2,
            "a pattern without a literal end: {name}"
        );
    }
}

#[test]
fn no_built_in_rule_file_holds_a_secret_itself() {
    let detector = Detector::new(builtin::rule_set());
    let mut scratch = Scratch::default();
    for (name, text) in builtin::files() {
        let found = detector.scan(text.as_bytes(), &mut scratch);
        // A part of a secret may still look like a weak one.
        let sure = found.iter().filter(|m| m.confidence > Confidence::Low);
        let ids: Vec<_> = sure.map(|m| &detector.rules()[m.rule].id).collect();
        assert!(ids.is_empty(), "{name}: {ids:?}");
    }
}

#[test]
fn the_match_that_ends_an_extent_may_name_the_secret() {
    let rule = "schema = 1\n[[rules]]\nid = \"element\"\ndescription = \"e\"\nseverity = \"low\"\nconfidence = \"low\"\n\
                regex = '<auth>$'\nuntil = { regex = '\\A\\s+(?P<secret>\\w{4,})\\s+</', max = 64 }\n\
                filter = { reject = ['<'] }\n";
    let detector = Detector::new(RuleSet::from_files(vec![syntax::read("t.toml", rule).unwrap()]).unwrap());
    let secrets = |text: &[u8]| {
        let found = detector.scan(text, &mut Scratch::default());
        found.iter().map(|m| m.secret.of(text).to_vec()).collect::<Vec<_>>()
    };
    assert_eq!(secrets(b"<auth>\n  k3Jd9s\n</auth>\n"), [b"k3Jd9s"]);
    assert_eq!(secrets(b"<auth>\r\n  k3Jd9s\r\n</auth>\n").len(), 0, "`$` is the end of the line, not `\\r`");
    assert_eq!(secrets(b"<auth>\n  k3J <b>\n</auth>\n").len(), 0);
}

#[test]
fn claims_lower_what_readers_of_assignments_find_or_leave_it_to_the_vendor() {
    let rule = "schema = 1\n[doubt]\nnames = ['(?i)acme_?token$']\nvalues = ['^zz_', '^yy_']\n[[rules]]\nid = \"named\"\n\
                description = \"n\"\nseverity = \"low\"\nconfidence = \"medium\"\nreader = \"assignment\"\n\
                names = \"secret\"\nkeywords = [\"token\"]\n";
    let detector = Detector::new(RuleSet::from_files(vec![syntax::read("t.toml", rule).unwrap()]).unwrap());
    let confidence = |text: &str| {
        let found = detector.scan(text.as_bytes(), &mut Scratch::default());
        found.first().map(|m| (m.confidence, m.decoded.iter().any(|fact| fact.name == "doubt")))
    };
    let value = "9f3ac1d27be045ab17cc61e8d2";
    assert_eq!(confidence(&format!("auth_token = '{value}'")), Some((Confidence::High, false)));
    assert_eq!(confidence(&format!("ACME_TOKEN = '{value}'")), Some((Confidence::Low, true)));
    assert_eq!(confidence(&format!("auth_token = 'yy_{value}'")), Some((Confidence::Low, true)));
    let foreign = Detector::new(
        RuleSet::from_files(vec![syntax::read("t.toml", &rule.replace("[doubt]", "[foreign]")).unwrap()])
            .unwrap(),
    );
    for claim in [format!("ACME_TOKEN = '{value}'"), format!("auth_token = 'yy_{value}'")] {
        assert!(foreign.scan(claim.as_bytes(), &mut Scratch::default()).is_empty(), "{claim}");
    }
    assert_eq!(foreign.scan(format!("auth_token = '{value}'").as_bytes(), &mut Scratch::default()).len(), 1);
    let error = syntax::read(
        "x.toml",
        "schema = 1\n[doubt]\nnames = ['a(']\n[[rules]]\nid = \"x\"\n\
                description = \"n\"\nseverity = \"low\"\nconfidence = \"low\"\nreader = \"assignment\"\n\
                names = \"secret\"\nkeywords = [\"token\"]\n",
    );
    assert!(error.unwrap_err().to_string().starts_with("x.toml:3:"));
}

#[test]
fn what_a_vendor_doubts_a_generic_rule_may_be_sure_of() {
    let rule = |id: &str, rest: &str| {
        format!(
            "[[rules]]\nid = '{id}'\ndescription = 'd'\nseverity = 'low'\nconfidence = 'medium'\n{rest}\n"
        )
    };
    let text = [
        "schema = 1\n".to_owned(),
        rule("vendor", "regex = 'acme_pass=(?P<secret>\\w+)'\nfilter = { digits = 9, lower = true }"),
        rule("generic", "specificity = 'generic'\nregex = '_pass=(?P<secret>\\w+[0-9])\\b'"),
    ];
    let detector =
        Detector::new(RuleSet::from_files(vec![syntax::read("t.toml", &text.concat()).unwrap()]).unwrap());
    let found = |text: &[u8]| {
        let found = detector.scan(text, &mut Scratch::default());
        found.iter().map(|m| detector.rules()[m.rule].id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(found(b"acme_pass=wombats77"), ["generic"]);
    assert_eq!(found(b"acme_pass=wombat123456789"), ["vendor"]);
    assert_eq!(found(b"acme_pass=wombats77x"), ["vendor"], "doubted, and nobody else has it");
}

#[test]
fn a_generic_match_gives_way_to_a_vendor() {
    let text = b"password = key_0a1b";
    let detector = detector();
    let ids: Vec<_> = detector
        .scan(text, &mut Scratch::default())
        .iter()
        .map(|m| detector.rules()[m.rule].id.clone())
        .collect();
    // The generic rule cannot see the underscore; it matches `key` only where four letters follow.
    assert_eq!(ids, ["vendor"]);
}

#[test]
fn mistakes_in_rule_files_are_shown_where_they_are() {
    let rule = |body: &str| {
        format!(
            "schema = 1\n[[rules]]\nid = \"a\"\ndescription = \"a\"\nseverity = \"low\"\nconfidence = \"low\"\n{body}\n"
        )
    };
    let cases = [
        ("schema = 2\n".to_owned(), "1:10", "unknown schema"),
        ("schema = 1\nfoo = 1\n".to_owned(), "2:1", "unknown field"),
        ("schema = 1\n[[rules]\n".to_owned(), "2:", ""),
        (rule("regex = 'abcd(?=x)'"), "7:14", "look-around"),
        (rule("regex = 'abcd('"), "7:14", "unclosed group"),
        (rule("regex = 'a+'"), "7:9", "implies no literal"),
        (rule("regex = 'abcd'\nunanchored = 'x'"), "7:9", "unanchored"),
        (rule("regex = 'abcd'\nchecks = ['crc']"), "8:11", "no check 'crc'"),
        (rule("regex = 'abcd'\nchecks = [{ kind = 'marvin32' }]"), "8:11", "needs `seeds`"),
        (
            rule("regex = 'abcd'\nchecks = [{ kind = 'marvin32', seeds = ['short'] }]"),
            "8:11",
            "eight characters",
        ),
        (rule("regex = 'abcd'\nchecks = [{ kind = 'jwt', fields = ['a'] }]"), "8:11", "takes no `fields`"),
        (rule("regex = 'abcd'\nchecks = [{ kind = 'jwt', speed = 1 }]"), "8:1", "a check is a name"),
        (rule("regex = '(?:abcd)?'"), "7:9", "empty text"),
        (rule("reader = 'file'"), "2:1", "needs `files`"),
        (rule("reader = 'file'\nfiles = { names = ['[a'] }"), "8:9", ""),
        (rule("regex = 'abcd'\nanchor = 2"), "8:10", "at least 3"),
        (rule("regex = 'abcd'\nwindow = { back = 99999999 }"), "8:10", "at most"),
        (rule(""), "2:1", "needs either"),
    ];
    for (text, place, message) in cases {
        let error = syntax::read("x.toml", &text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("x.toml:{place}")), "{error}\n{text}");
        assert!(error.contains(message), "{error}\n{text}");
    }
}

#[test]
fn user_rules_replace_add_and_disable() {
    let base = || RuleSet::from_files(vec![syntax::read("base.toml", RULES).unwrap()]).unwrap();
    let user = |text: &str| syntax::read("user.toml", text).unwrap();
    let one = "[[rules]]\nid = \"word\"\ndescription = \"mine\"\nseverity = \"low\"\nconfidence = \"low\"\nregex = \"mine\"\n";
    let set = base().overlay("u", user(&format!("schema = 1\ndisable = [\"line\"]\n{one}"))).unwrap();
    assert_eq!(set.get("word").unwrap().description, "mine");
    assert!(set.get("line").is_none());
    assert_eq!(set.rules().len(), 7);
    let set = base().overlay("u", user(&format!("schema = 1\nextend = false\n{one}"))).unwrap();
    assert_eq!(set.rules().len(), 1);
    assert!(base().overlay("u", user("schema = 1\ndisable = [\"nope\"]\n")).is_err());
    assert!(base().overlay("u", user(&format!("schema = 1\n{one}{one}"))).is_err());
}

#[test]
fn the_secret_of_an_end_is_the_secret_and_must_be_there() {
    let rules = r#"
schema = 1
[[rules]]
id = "manifest"
description = "a value some lines further down"
severity = "high"
confidence = "high"
regex = '^kind: Secret$'
until = { regex = '^\n(?:[^\n]+\n)*?value: (?P<secret>[a-z]{4,})', max = 64 }
"#;
    let detector =
        Detector::new(RuleSet::from_files(vec![syntax::read("test.toml", rules).unwrap()]).unwrap());
    let secrets = |text: &str| -> Vec<String> {
        let found = detector.scan(text.as_bytes(), &mut Scratch::default());
        found.iter().map(|m| text[m.secret.start..m.secret.end].to_owned()).collect()
    };
    assert_eq!(secrets("kind: Secret\na: b\nvalue: abcdef\n"), ["abcdef"]);
    assert_eq!(secrets("kind: Secret\nvalue: abc\nvalue: bcdef\n"), ["bcdef"]);
    for none in ["kind: Secret", "kind: Secret\n\nvalue: abcdef\n", "kind: Secret\nkind: Secret\nb: c\n"] {
        assert!(secrets(none).is_empty(), "{none}");
    }
    let far = format!("kind: Secret\n{}\nvalue: abcdef\n", "x".repeat(64));
    assert!(secrets(&far).is_empty());
}

#[test]
fn what_nobody_drew_is_no_token_and_a_weak_password() {
    let detector = Detector::new(builtin::rule_set());
    let confidence = |text: &str| {
        let found = detector.scan(text.as_bytes(), &mut Scratch::default());
        found.first().map(|m| m.confidence)
    };
    let token = ["R7mQ2vN9xK4pT8cW", "1zL6gH3s"].concat();
    assert_eq!(confidence(&format!("api_key = \"{token}\"")), Some(Confidence::High));
    for value in [
        "aB1cD2eF3gH4iJ5kL6mN7oP8qR9s",
        "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
        &format!("{token}{token}"),
        "52acf265-3fc6-4ecd-304a-15940bd04653",
        "clm52646:AgencyIdentificationCodeContentType",
    ] {
        assert_eq!(confidence(&format!("api_key = \"{value}\"")), None, "{value}");
    }
    assert_eq!(confidence("password = \"aB1cD2eF3gH4iJ5kL6mN\""), Some(Confidence::Low));
    assert_eq!(confidence("password = \"Cleartext Password1\""), None);
}

#[test]
fn no_key_of_a_vendor_recites_the_alphabet_unless_a_check_decides() {
    let detector = Detector::new(builtin::rule_set());
    let found = |text: &str| {
        let found = detector.scan(text.as_bytes(), &mut Scratch::default());
        found.first().map(|m| (m.confidence, m.proof))
    };
    for start in ["glpat-", "rpa_", "ntn_", "sk_live_", "persona_sandbox_", "AIza", "hf_"] {
        for length in 16..64 {
            let alphabet = |case: fn(char) -> char| -> String {
                let letters = ('a'..='z').cycle().enumerate();
                letters
                    .map(|(at, letter)| if at % 2 == 0 { case(letter) } else { letter })
                    .take(length)
                    .collect()
            };
            for body in [alphabet(|letter| letter), alphabet(|letter| letter.to_ascii_uppercase())] {
                // A filter that lowers where others refuse lowers these, too.
                let lowers = start == "sk_live_" && body.bytes().any(|byte| byte.is_ascii_uppercase());
                let expected =
                    found(&format!("{start}{body}")).filter(|(level, _)| !lowers || *level > Confidence::Low);
                assert_eq!(expected, None, "{start}{body}");
            }
        }
    }
    let body: String = ('a'..='t').flat_map(|letter| [letter, letter.to_ascii_uppercase()]).collect();
    let token = |sum: u32| format!("cfut{}{body}{sum:08x}", "_");
    let sum = crc32fast::hash(body.as_bytes());
    assert_eq!(found(&token(sum)), Some((Confidence::Low, Proof::Proved)));
    assert_eq!(found(&token(!sum)), Some((Confidence::Low, Proof::Invalid)));
}

/// What a rule's literals begin, chance may finish sooner.
#[test]
fn no_rules_literal_is_half_an_alphabet() {
    for rule in builtin::rule_set().into_rules() {
        for anchor in rule.anchors() {
            let letters: Vec<u8> = anchor
                .literal
                .iter()
                .filter(|byte| byte.is_ascii_alphabetic())
                .map(u8::to_ascii_lowercase)
                .collect();
            let steps = letters.windows(2).rev();
            let run = steps.take_while(|pair| (pair[1] + 26 - pair[0]) % 26 <= 3).count();
            assert!(run <= 4, "{}: {}", rule.id, String::from_utf8_lossy(&anchor.literal));
        }
    }
}

#[test]
fn every_row_of_a_dump_is_found_with_the_name_of_its_column() {
    let detector = Detector::new(builtin::rule_set());
    let hash = |row: usize| {
        ["$2y$10", "$k3Jd9sQw2xLm7Vt7hg2kD9qPz5Rb8Tc1Ye4Wf6Ga3Ha0Zku8Pq1R", &row.to_string()].concat()
    };
    let rows = |before: &str, after: &str, between: &str| {
        (0..5).map(|row| [before, &hash(row), after].concat()).collect::<Vec<_>>().join(between)
    };
    for dump in [
        format!("INSERT INTO `users` (`id`, `passwd`) VALUES {};\n", rows("(1,'", "')", ",")),
        format!("INSERT INTO users (id, passwd)\nVALUES\n{};\n", rows("  (1, '", "')", ",\n")),
        format!("COPY public.users (id, passwd) FROM stdin;\n{}\n\\.\n", rows("1\t", "", "\n")),
    ] {
        let found = detector.scan(dump.as_bytes(), &mut Scratch::default());
        let of_rows: Vec<_> = found
            .iter()
            .filter(|m| {
                m.confidence == Confidence::Medium && m.decoded.iter().any(|fact| fact.value == "passwd")
            })
            .map(|m| dump[m.secret.start..m.secret.end].to_owned())
            .collect();
        assert_eq!(of_rows, (0..5).map(hash).collect::<Vec<_>>(), "{dump}");
    }
}
