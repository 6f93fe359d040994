//! Content and names that scanners trip over: NUL bytes, endless lines, line ends, byte order marks, links, odd paths.

use unleak_testkit::{Random, fake};

use crate::scanning::{Scan, environment, line, started};

#[test]
fn bytes_after_a_nul_are_scanned() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(200));
    let content =
        [b"\x7fELF\0\0\0\x01".as_slice(), &[0; 9000], b"v=", secret.as_bytes(), b"\0\xff\xfe"].concat();
    repo.file("program", content).commit("binary");
    for args in [&["--history"][..], &["--worktree"]] {
        assert_eq!(Scan::of(&repo, args).one(&secret).path(), "program");
    }
}

#[test]
fn very_long_line() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(201));
    let padding = Random::new(1).text(b"abcdefgh ;,(){}", 3_000_000);
    repo.file("min.js", format!("{padding} t=\"{secret}\";{padding}")).commit("minified");
    let scan = Scan::of(&repo, &[]);
    let found = scan.one(&secret);
    assert_eq!(found.number("/location/start_line"), 1);
    assert_eq!(found.number("/location/start_column"), 3_000_000 + 5);
}

#[test]
fn secret_at_both_ends_of_a_file() {
    let environment = environment();
    let (repo, first, last) = (started(&environment, "work"), fake::github_pat(202), fake::github_pat(203));
    repo.file("a.txt", format!("{first}\nmiddle\n{last}")).commit("no line end");
    let scan = Scan::of(&repo, &[]);
    assert_eq!(scan.one(&first).number("/location/start_line"), 1);
    assert_eq!(scan.one(&last).number("/location/start_line"), 3);
}

#[test]
fn large_file_is_read_to_its_end() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(204));
    let text = "a line of plain words\n".repeat(2_000_000);
    repo.file("large.log", format!("{text}{}", line(&secret))).commit("large");
    for args in [&["--history"][..], &["--worktree"]] {
        let scan = Scan::of(&repo, args).expect_complete();
        assert_eq!(scan.one(&secret).number("/location/start_line"), 2_000_001, "{args:?}");
        assert_eq!(scan.one(&secret).number("/location/start_column"), 10, "{args:?}");
    }
}

#[test]
fn windows_line_ends() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(205));
    repo.file("a.ini", format!("[a]\r\nx = 1\r\ntoken = {secret}\r\n")).commit("windows");
    let scan = Scan::of(&repo, &[]);
    let found = scan.one(&secret);
    assert_eq!((found.number("/location/start_line"), found.number("/location/start_column")), (3, 9));
    assert_eq!((found.number("/location/end_line"), found.number("/location/end_column")), (3, 48));
}

#[test]
fn byte_order_mark() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(206));
    repo.file("a.txt", format!("\u{feff}{secret}\n")).commit("with a mark");
    assert_eq!(Scan::of(&repo, &[]).one(&secret).number("/location/start_line"), 1);
}

#[test]
fn columns_count_characters() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(207));
    repo.file("a.txt", format!("schlüssel «日本» {secret}\n")).commit("not ASCII");
    assert_eq!(Scan::of(&repo, &[]).one(&secret).number("/location/start_column"), 16);
}

#[test]
fn latin1_and_broken_utf8_around() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(208));
    let content = [b"Schl\xfcssel \xff\xfe\xc3( ".as_slice(), secret.as_bytes(), b" \xe2\x82\n"].concat();
    repo.file("a.txt", content).commit("latin 1");
    Scan::of(&repo, &[]).one(&secret);
}

#[cfg(unix)]
#[test]
fn text_of_a_symbolic_link_and_never_what_is_behind_it() {
    let environment = environment();
    let (repo, secret, behind) =
        (started(&environment, "work"), fake::github_pat(209), fake::github_pat(210));
    let outside = environment.write("outside/file.txt", line(&behind));
    repo.symlink("link", &format!("/nowhere/{secret}/x"));
    repo.symlink("out", outside.to_str().expect("a UTF-8 path"));
    repo.symlink("folder", outside.parent().and_then(|p| p.to_str()).expect("a UTF-8 path"));
    let scan = Scan::of(&repo, &["--worktree"]);
    assert_eq!(scan.one(&secret).path(), "link");
    scan.expect_none(&behind);
    repo.commit("links");
    let scan = Scan::of(&repo, &["--history"]);
    assert_eq!(scan.one(&secret).path(), "link");
    scan.expect_none(&behind);
}

#[cfg(unix)]
#[test]
fn path_that_is_not_utf8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(211));
    repo.file(OsStr::from_bytes(b"dir\xff/caf\xe9.txt"), line(&secret)).commit("odd name");
    for args in [&[][..], &["--history"], &["--worktree"]] {
        let scan = Scan::of(&repo, args);
        let found = scan.one(&secret);
        assert!(found.path().starts_with("dir"), "{args:?} {:#}", found.0);
        // The bytes themselves: "dir\xff/caf\xe9.txt".
        assert_eq!(found.text("/location/path_base64"), "ZGly/y9jYWbpLnR4dA==");
    }
    drop(repo.unleak(["scan"]).expect_code(1));
}

#[cfg(unix)]
#[test]
fn hostile_names_do_nothing_to_a_terminal() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(212));
    repo.file("\u{1b}[2J\u{1b}]0;owned\u{7}\nerror: fake.txt", line(&secret));
    repo.commit_as("\u{1b}[31mMallory", "\u{1b}[2Jsubject \u{202e}txt");
    let output = repo.unleak(["scan"]).expect_code(1);
    assert!(!output.mentions("\u{1b}") && !output.mentions("\u{7}") && !output.mentions("\u{202e}"));
    assert!(
        !output.stdout_text().lines().any(|line| line.starts_with("error: fake")),
        "{}",
        output.describe()
    );
}

#[test]
fn file_name_that_holds_the_secret() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(213));
    repo.file(format!("backup-{secret}.txt"), line(&secret)).commit("named after it");
    // `all` makes sure that the path does not give the value away.
    assert!(!Scan::of(&repo, &[]).all(&secret).is_empty());
    let human = repo.unleak(["scan", "-v"]).expect_code(1);
    assert!(!human.mentions(&secret), "{}", human.describe());
}

#[test]
fn every_vendor_in_one_file() {
    let environment = environment();
    let repo = started(&environment, "work");
    let secrets: [(&str, String); 9] = [
        ("github-pat", fake::github_pat(220)),
        ("npm-access-token", fake::npm(220)),
        ("slack-bot-token", fake::slack_bot(220)),
        ("stripe-live-key", fake::stripe_live(220)),
        ("openai-api-key", fake::openai(220)),
        ("anthropic-api-key", fake::anthropic(220)),
        ("jwt", fake::jwt(220)),
        ("aws-access-key-id", fake::aws_key_id(220)),
        ("github-pat", fake::github_pat(221)),
    ];
    let text: Vec<String> = secrets.iter().map(|(_, secret)| format!("value = \"{secret}\"\n")).collect();
    repo.file("settings.toml", text.concat()).commit("everything");
    let scan = Scan::of(&repo, &["--confidence", "low"]);
    for (number, (rule, secret)) in (1..).zip(&secrets) {
        let here = scan.findings().into_iter().filter(|found| found.number("/location/start_line") == number);
        let rules: Vec<&str> = here.map(|found| found.text("/rule_id")).collect();
        assert_eq!(rules, [*rule], "line {number}\n{}", scan.output.describe());
        assert!(!scan.output.mentions(secret), "{rule} is shown");
    }
    for (rule, proof) in [("github-pat", "proved"), ("npm-access-token", "proved"), ("jwt", "proved")] {
        let found =
            scan.findings().into_iter().find(|found| found.text("/rule_id") == rule).expect("found above");
        assert_eq!(found.text("/proof"), proof);
    }
}

#[test]
fn account_behind_an_aws_key_is_decoded() {
    let environment = environment();
    let (repo, id, secret) = (started(&environment, "work"), fake::aws_key_id(222), fake::aws_secret(222));
    repo.file("credentials.ini", format!("aws_access_key_id = {id}\naws_secret_access_key = {secret}\n"))
        .commit("aws");
    let scan = Scan::of(&repo, &[]);
    assert!(!scan.output.mentions(&id) && !scan.output.mentions(&secret), "{}", scan.output.describe());
    let rules: Vec<_> = scan.findings().iter().map(|found| found.text("/rule_id")).collect();
    assert_eq!(rules, ["aws-access-key-id", "aws-secret-access-key"]);
    let decoded = scan.findings()[0].0["decoded"].as_object().expect("an object");
    let digits = |value: &serde_json::Value| {
        value.as_str().is_some_and(|v| v.len() == 12 && v.bytes().all(|b| b.is_ascii_digit()))
    };
    assert!(decoded.values().any(digits), "no account number in {decoded:?}");
}

#[test]
fn private_key_over_several_lines() {
    let environment = environment();
    let (repo, key) = (started(&environment, "work"), fake::private_key_pem());
    repo.file("notes/server.txt", format!("the key:\n{key}that was it\n")).commit("key");
    let scan = Scan::of(&repo, &[]);
    let keys: Vec<_> = scan.findings().into_iter().filter(|f| f.text("/rule_id") == "private-key").collect();
    assert_eq!(keys.len(), 1, "{}", scan.output.describe());
    assert_eq!(keys[0].text("/proof"), "proved");
    assert_eq!((keys[0].number("/location/start_line"), keys[0].number("/location/end_line")), (2, 4));
    assert!(!scan.output.mentions(key.lines().nth(1).expect("a body")));
}

#[test]
fn password_in_a_connection_uri() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::postgres_url(223));
    repo.file("config.yml", format!("database: {secret}\n")).commit("uri");
    let scan = Scan::of(&repo, &[]).expect_code(1);
    assert_eq!(scan.findings().len(), 1, "{}", scan.output.describe());
    assert!(!scan.output.mentions(fake::password(223)), "{}", scan.output.describe());
}

#[test]
fn failed_checksum_is_kept_for_those_who_ask() {
    let environment = environment();
    let (repo, broken) = (started(&environment, "work"), fake::github_pat_broken(224));
    repo.file("a.txt", format!("see {broken} here\n")).commit("shape only");
    let scan = Scan::of(&repo, &[]).expect_code(0);
    assert!(
        scan.findings().is_empty() && scan.json["stats"]["hidden"].as_u64() == Some(1),
        "{}",
        scan.output.describe()
    );
    let scan = Scan::of(&repo, &["--all"]);
    assert_eq!(scan.findings().len(), 1, "{}", scan.output.describe());
    assert_eq!(scan.findings()[0].text("/proof"), "invalid");
}

/// Lines of a notebook are strings of JSON: quotes and line ends are escaped, in sources and in outputs.
#[test]
fn a_notebook_hides_nothing_in_its_cells() {
    let environment = environment();
    let repo = started(&environment, "work");
    let token = fake::github_pat(1500);
    let words = ["k3Jd9", "sQw2xLm7"].concat();
    let cell = |source: &str| {
        let lines: Vec<String> = source.lines().map(|line| format!("{line}\n")).collect();
        serde_json::json!({
            "cells": [
                {"cell_type": "code", "source": lines, "outputs": []},
                {"cell_type": "code", "source": [], "outputs": [{"output_type": "stream", "text": lines}]},
            ],
            "nbformat": 4,
        })
    };
    let sources = [
        (format!("token = \"{token}\""), token.clone()),
        (format!("db.connect(user='ann', password=\"{words}\")"), words.clone()),
        (format!("os.environ[\"DB_PASSWORD\"] = \"{words}\"\nprint(1)"), words.clone()),
        (format!("%env DB_PASSWORD={words}"), words.clone()),
        (format!("url = \"postgres://ann:{words}@db.acme.io/app\""), words.clone()),
    ];
    for (number, (source, _)) in sources.iter().enumerate() {
        let pretty = serde_json::to_string_pretty(&cell(source)).expect("it is JSON");
        repo.file(format!("{number}.ipynb"), pretty);
        repo.file(format!("{number}-compact.ipynb"), cell(source).to_string());
    }
    repo.commit("notebooks");
    let scan = Scan::of(&repo, &["--history"]);
    for (number, (source, secret)) in sources.iter().enumerate() {
        for name in [format!("{number}.ipynb"), format!("{number}-compact.ipynb")] {
            let findings = scan.findings();
            let here: Vec<_> = findings.iter().filter(|found| found.path() == name).collect();
            assert_eq!(here.len(), 2, "{source} in {name}\n{}", scan.output.describe());
            for found in here {
                let columns = |end| found.number(&format!("/location/{end}_column"));
                assert_eq!(columns("end") + 1 - columns("start"), secret.len() as u64, "{source} in {name}");
            }
        }
    }
    assert_eq!(scan.all(&token).len(), 4);
}
