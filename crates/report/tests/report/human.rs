//! The report for people: texts as a whole, the order, the width, and nothing hostile in it.

use std::time::Duration;

use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;
use unleak_findings::{Finding, Medium, Verdict};
use unleak_report::human::Look;
use unleak_rules::checks::Fact;
use unleak_rules::{Proof, Severity};
use unleak_scan::{Outcome, SkipReason};

use crate::sample::{
    commit, committed, finding, full_of, human_text, outcome, report, staged, stale, value, vendor,
};

fn plain(outcome: &Outcome) -> String {
    human_text(&report(outcome), &Look::default())
}

fn pushed(n: u32, path: &str) -> Finding {
    committed(finding(value(n).as_bytes(), path.as_bytes()), commit(1, b"Jane Doe", b"Add config"), true)
}

#[test]
fn a_whole_report() {
    let mut old = pushed(1, "config/prod.env");
    old.severity = Severity::Critical;
    old.proof = Proof::Proved;
    old.decoded = vec![Fact::new("account", "123456789012"), Fact::new("expires", "2027-01-01")];
    old.reach.in_head = false;
    old.reach.branches = ["main", "a", "b", "c", "d"].map(|name| format!("refs/heads/{name}").into()).into();
    old.reach.tags = vec!["refs/tags/v1".into()];
    old.reach.reflog = true;
    let mut copy = staged(finding(value(1).as_bytes(), b"deploy/run.sh"));
    copy.place.start_line = 12;
    let local = committed(finding(value(2).as_bytes(), b"b.env"), commit(2, b"Joe", b"wip"), false);
    let fresh = staged(finding(value(3).as_bytes(), b"my file.env"));
    let mut known = finding(value(4).as_bytes(), b"test.env");
    known.verdict = Verdict::Baselined("test data".to_owned());
    let mut outcome = outcome(vec![fresh, known, local, copy, old]);
    outcome.stats.hidden = 12;
    outcome.coverage.skip(SkipReason::Shallow, "1a2b3c", "");
    outcome.coverage.skip(SkipReason::Submodule, "lib/zlib", "another repository");
    let mut report = report(&outcome);
    report.providers = vendor("https://acme.example/tokens");
    report.stale = vec![stale("was a test")];
    let ids: Vec<&str> = [1, 2, 3]
        .map(|n| {
            let found = outcome.findings.iter().find(|found| found.secret.expose() == value(n).as_bytes());
            found.unwrap().fingerprint.as_str()
        })
        .into();
    assert_eq!(
        human_text(&report, &Look::default()),
        format!(
            "\
critical  pushed: Acme API token  tok_… (32 bytes)
          proved: account 123456789012, expires 2027-01-01
          config/prod.env:3:8
              since 0101010101  2024-05-02  Jane Doe  Add config
              no longer in HEAD; branches main, a, b and 2 more; tag v1; remote origin/main; the
              reflog
          deploy/run.sh:12:8
              staged, not committed
          {}  acme-token

high      committed, not pushed: Acme API token  tok_… (32 bytes)
          b.env:3:8
              since 0202020202  2024-05-03  Joe  wip
              still in HEAD; branch main
          {}  acme-token

high      staged: Acme API token  tok_… (32 bytes)
          my file.env:3:8
          {}  acme-token

3 secrets in 4 places (1 pushed, 1 committed, 1 staged) in what could be read; 1 thing could not be
scanned   work
          history: 203,352 commits, 262,343 blobs
          working tree: 1 file
          1.4 GB in 4.0 s (350 MB/s), 512 rules
accepted  1 place by the baseline: --verbose shows them
hidden    12 below medium confidence or failed a check: --all shows them
stale     1 baseline entry without a finding; to drop what is not needed: unleak baseline write
              {}  acme-token: was a test
left out  1 repository inside this one: submodules or nested
              lib/zlib: another repository
              to scan submodules too: git submodule foreach 'unleak scan'
not read  1 place where a shallow clone cuts history off
              1a2b3c
              to get the rest: git fetch --unshallow
          not a secret? unleak rules show ID explains a rule, unleak baseline write accepts it
next      revoke it now: https://acme.example/tokens
",
            ids[0], ids[1], ids[2], report.stale[0].fingerprint
        )
    );
}

#[test]
fn a_complete_scan_without_findings_is_one_line() {
    let mut clean = Outcome::default();
    clean.coverage.scanned("index", vec![("files", 2)]);
    clean.stats.elapsed = Duration::from_millis(7);
    assert_eq!(plain(&clean), "No secrets found. Scanned work: index: 2 files; 0 bytes in 7 ms, 0 rules.\n");
    assert_eq!(plain(&Outcome::default()), "Nothing was scanned in work.\n");
    clean.stats.unchanged = 1;
    assert!(plain(&clean).starts_with("No new secrets found. "));
    assert!(plain(&clean).contains("older     1 secret already there before this change\n"));
}

#[test]
fn an_incomplete_scan_is_never_clean() {
    for reason in [
        SkipReason::Interrupted,
        SkipReason::Corrupt,
        SkipReason::Missing,
        SkipReason::NotFetched,
        SkipReason::Shallow,
        SkipReason::Unreadable,
        SkipReason::BrokenRef,
        SkipReason::TooLarge,
        SkipReason::Unstable,
    ] {
        let mut outcome = outcome(Vec::new());
        outcome.coverage.skip(reason, "x", "y");
        let text = plain(&outcome);
        assert!(text.starts_with("No secrets found in what could be read; "), "{text}");
        assert!(text.contains("not read  "), "{text}");
    }
    let mut outcome = outcome(Vec::new());
    (0..7).for_each(|n| outcome.coverage.skip(SkipReason::TooLarge, format!("blob {n}"), "2 GB"));
    outcome.coverage.skip(SkipReason::LfsPointer, "a.psd", "");
    assert_eq!(
        plain(&outcome),
        "\
No secrets found in what could be read; 7 things could not be.
scanned   work
          history: 203,352 commits, 262,343 blobs
          working tree: 1 file
          1.4 GB in 4.0 s (350 MB/s), 512 rules
left out  1 pointer to content that Git LFS keeps outside the repository
              a.psd
              to scan what is checked out: git lfs pull, then unleak scan
not read  7 objects larger than the limit
              blob 0: 2 GB
              blob 1: 2 GB
              blob 2: 2 GB
              and 4 more
              raise the limit to read them
"
    );
}

#[test]
fn what_has_to_be_done_first_comes_first() {
    let mut low = pushed(1, "z");
    low.severity = Severity::Low;
    let mut critical = staged(finding(value(2).as_bytes(), b"a"));
    critical.severity = Severity::Critical;
    let mut known = pushed(3, "0");
    known.severity = Severity::Critical;
    known.verdict = Verdict::Allowed("example".to_owned());
    let outcome = outcome(vec![known, critical, low, pushed(4, "y"), pushed(5, "x")]);
    let text = human_text(&report(&outcome), &Look { verbose: true, ..Look::default() });
    let heads: Vec<&str> =
        text.split("\n\n").filter_map(|block| block.lines().nth(1)).map(str::trim).collect();
    assert_eq!(heads, ["x:3:8", "y:3:8", "z:3:8", "a:3:8", "0:3:8", "scanned   work".trim_start()][..]);
    assert!(text.contains("accepted, pushed"), "{text}");
    assert!(text.contains("allowed by a comment beside it: example"), "{text}");
    assert!(text.contains("4 secrets in 4 places (3 pushed, 1 staged)"), "{text}");
    assert!(!plain(&outcome).contains("0:3:8"));
}

#[test]
fn many_places_collapse_and_say_the_same_once() {
    let places = (10..30).map(|n| pushed(1, &format!("{n}.env"))).collect();
    let outcome = outcome(places);
    let text = plain(&outcome);
    assert!(text.contains("          and 15 more places; --format json lists them\n"), "{text}");
    assert_eq!(text.matches("since 0101010101").count(), 1, "{text}");
    assert!(text.contains("1 secret in 20 places (1 pushed)"), "{text}");
    let text = human_text(&report(&outcome), &Look { verbose: true, ..Look::default() });
    assert_eq!(text.matches(".env:3:8\n").count(), 20);
}

#[test]
fn the_next_step_depends_on_how_far_it_has_gone() {
    let last = |findings: Vec<Finding>| plain(&outcome(findings)).lines().last().unwrap().to_owned();
    let file = |n: u32, path: &str| finding(value(n).as_bytes(), path.as_bytes());
    assert_eq!(last(vec![staged(file(1, "a.env"))]), "next      git reset -q -- :/a.env");
    assert_eq!(
        last(vec![staged(file(1, "a b")), staged(file(2, "x/y")), file(3, "z")]),
        "next      git reset -q -- ':(top,literal)a b' :/x/y"
    );
    assert_eq!(
        last(vec![staged(file(1, &"a".repeat(200)))]),
        "next      unstage the staged files above: git reset -q -- PATH"
    );
    let local = committed(file(1, "a"), commit(1, b"a", b"b"), false);
    assert_eq!(
        last(vec![local, staged(file(2, "b"))]),
        "next      rotate it if anybody else could read this clone; do not push"
    );
    assert_eq!(
        last(vec![file(1, "a"), file(2, "b")]),
        "next      keep them out of commits: move them to a file that git ignores"
    );
    let mut input = file(1, "(standard input)");
    input.medium = Medium::Stdin;
    assert_eq!(last(vec![input]), "next      take it out of the text before it goes any further");
    let text = plain(&outcome(vec![pushed(1, "a"), pushed(2, "b")]));
    assert!(
        text.ends_with(
            "\
next      revoke them now, acme-token first, where it was issued; about this kind of secret: unleak
          rules show acme-token
"
        ),
        "{text}"
    );
}

#[test]
fn places_say_what_is_odd_about_them() {
    let mut garbage = committed(finding(value(1).as_bytes(), b"a"), commit(1, b"Jane", b"x"), false);
    garbage.reach = unleak_findings::Reach::default();
    garbage.allow_comment = Some("only a test".to_owned());
    garbage.proof = Proof::Invalid;
    let mut name = committed(finding(value(2).as_bytes(), b"refs/heads/x"), commit(1, b"Jane", b"x"), false);
    name.medium = Medium::RefName;
    let text = plain(&outcome(vec![garbage, name]));
    for part in [
        "no ref reaches it any more; git keeps it until it is collected",
        "failed its check",
        "a comment beside it, which does not count here, says: only a test",
        "refs/heads/x (the name of a ref)\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn a_label_without_text_is_a_line_of_its_own() {
    let outcome = outcome(vec![staged(finding(value(1).as_bytes(), b"a"))]);
    let mut report = report(&outcome);
    report.target = "";
    assert!(human_text(&report, &Look::default()).contains("\nscanned\n          history: "));
}

#[test]
fn a_long_path_keeps_its_end() {
    let path = format!("{}/prod.env", "deep/".repeat(60));
    let text = plain(&outcome(vec![finding(value(1).as_bytes(), path.as_bytes())]));
    assert!(
        text.lines().any(|line| line.starts_with("          …") && line.ends_with("/prod.env:3:8")),
        "{text}"
    );
}

fn turns_or_hides(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Takes the styles out again; fails on any other escape sequence.
fn unstyled(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        plain.push_str(before);
        let (codes, after) = after.split_once('m').unwrap();
        assert!(codes.bytes().all(|b| b.is_ascii_digit() || b == b';'), "{codes:?}");
        rest = after;
    }
    plain.push_str(rest);
    plain
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn every_line_is_harmless_and_fits(
        text in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..60),
            any::<String>().prop_map(String::into_bytes),
            "[a-z ☁️👩‍👧王é\u{200d}\u{fe0f}]{0,80}".prop_map(String::into_bytes),
        ],
        width in 20_usize..140,
        verbose: bool,
        show_secrets: bool,
    ) {
        let lossy = String::from_utf8_lossy(&text).into_owned();
        let mut known = full_of(&text, value(2).as_bytes());
        known.verdict = Verdict::Baselined(lossy.clone());
        let mut gate = staged(full_of(&text, value(3).as_bytes()));
        gate.rule_id.clone_from(&lossy);
        gate.description.clone_from(&lossy);
        let mut outcome = outcome(vec![full_of(&text, value(1).as_bytes()), known, gate, finding(&text, &text)]);
        outcome.coverage.scanned(lossy.clone(), vec![("commits", 1)]);
        outcome.coverage.skip(SkipReason::Unreadable, &lossy, &lossy);
        let mut report = report(&outcome);
        (report.show_secrets, report.target) = (show_secrets, &lossy);
        report.stale = vec![stale(&lossy)];
        report.providers = vendor(&lossy);
        let look = Look { width, verbose, color: false };
        let shown = human_text(&report, &look);
        prop_assert!(!shown.chars().any(|c| c != '\n' && c.is_control()));
        prop_assert!(!shown.chars().any(turns_or_hides));
        for line in shown.lines() {
            prop_assert!(line.width() <= width, "{} > {width}: {line}", line.width());
        }
        let colored = human_text(&report, &Look { color: true, ..look });
        prop_assert!(colored.contains("\x1b["));
        prop_assert_eq!(unstyled(&colored), shown);
    }
}
