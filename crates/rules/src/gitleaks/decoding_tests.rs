//! Encoded passages count for imported rules, with the meaning they have in gitleaks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::import;
use crate::{Detector, Scratch, builtin, scan_decoded};

/// `rule:secret` of what encoded passages of `text` hold.
fn seen(config: &str, text: &str) -> Vec<String> {
    let rules = import("c", config, builtin::rule_set, &mut |_| Err(String::new())).unwrap().rules;
    let detector = Detector::new(rules);
    let mut found = scan_decoded(&detector, b"src/a.txt", text.as_bytes(), &mut Scratch::default());
    found.retain(|found| detector.stands(found, b"src/a.txt", None));
    let told = |m: &crate::Match| {
        let fact = m.decoded.iter().find(|fact| fact.name == "encoding").unwrap();
        format!("{}:{}:{}", detector.rules()[m.rule].id, fact.value, &text[m.secret.start..m.secret.end])
    };
    found.iter().map(told).collect()
}

const ACME: &str = "[[rules]]\nid='acme'\nregex='acme_([a-z0-9]{10,20})'\nkeywords=['acme_']\nentropy=2.0\n";

fn line(value: &str) -> String {
    format!("export KEY=acme_{value} # note")
}

#[test]
fn every_encoding_is_looked_into_and_the_passage_is_the_secret() {
    let text = line("a1b2c3d4e5");
    let base64 = STANDARD.encode(&text);
    assert_eq!(seen(ACME, &format!("blob: {base64}\n")), [format!("acme:base64:{base64}")]);
    let twice = STANDARD.encode(format!("data: {base64}"));
    assert_eq!(seen(ACME, &format!("blob: {twice}\n")), [format!("acme:base64:{twice}")]);
    let hex = text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    assert_eq!(seen(ACME, &format!("blob: {hex}\n")), [format!("acme:hex:{hex}")]);
    assert_eq!(seen(ACME, "?k=acme%5Fa1b2c3d4e5&x"), ["acme:percent:a1b2c3d4e5"]);
    assert_eq!(seen(ACME, "?k=acme_a1b2c%33d4e5&x"), ["acme:percent:a1b2c%33d4e5"]);
    assert_eq!(seen(ACME, "\"\\u0061cme_a1b2c3d4e5\""), ["acme:unicode:a1b2c3d4e5"]);
}

#[test]
fn what_stands_in_the_open_is_not_found_twice() {
    assert_eq!(seen(ACME, &line("a1b2c3d4e5")), [""; 0]);
    assert_eq!(seen(ACME, "?x=%3D&k=acme_a1b2c3d4e5"), [""; 0]);
}

#[test]
fn entropy_stopwords_and_regexes_look_at_what_was_decoded() {
    let coded = |value: &str| STANDARD.encode(line(value));
    assert_eq!(seen(ACME, &coded("aaaaaaaaaa")), [""; 0]);
    for list in [
        "stopwords=['c3d4']",
        "regexes=['^a1b2']",
        "regexTarget='line'\nregexes=['# note$']",
        "paths=['^src/']",
    ] {
        let config = format!("{ACME}[[rules.allowlists]]\n{list}\n");
        assert_eq!(seen(&config, &coded("a1b2c3d4e5")), [""; 0], "{list}");
        assert_eq!(
            seen(
                &config
                    .replace("c3d4", "zz")
                    .replace("^a1", "^z")
                    .replace("# note", "z")
                    .replace("^src", "z"),
                &coded("a1b2c3d4e5")
            )
            .len(),
            1,
            "{list}"
        );
    }
}

#[test]
fn our_own_rules_are_asked_where_a_configuration_extends_them() {
    let key = ["AKI", "AQYLPMN5HFIQR7XYA"].concat();
    let text = STANDARD.encode(format!("aws_access_key_id = {key}"));
    let config = format!("{ACME}[extend]\nuseDefault=true\n");
    assert_eq!(seen(&config, &text), [format!("aws-access-key-id:base64:{text}")]);
    let ours = Detector::new(builtin::rule_set());
    assert!(scan_decoded(&ours, b"a", text.as_bytes(), &mut Scratch::default()).is_empty());
}
