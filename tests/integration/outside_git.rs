//! Standard input, plain folders and plain files.

use unleak_testkit::fake;

use crate::scanning::{Scan, environment, line, started};

#[test]
fn standard_input() {
    let environment = environment();
    let secret = fake::github_pat(1300);
    let text = format!("one\n{}", line(&secret));
    let scan = Scan::run(&environment, environment.root(), &["--stdin"], &[], text.as_bytes())
        .expect_code(1)
        .expect_complete();
    let found = scan.one(&secret);
    assert_eq!((found.path(), found.number("/location/start_line")), ("(standard input)", 2));
    drop(Scan::run(&environment, environment.root(), &["--stdin"], &[], b"").expect_code(0));
    drop(Scan::run(&environment, environment.root(), &["--stdin"], &[], b"nothing\n").expect_code(0));
}

#[test]
fn long_standard_input() {
    let environment = environment();
    let secret = fake::github_pat(1301);
    let mut text = "plain words \u{e9}\n".repeat(3_000_000);
    text.push_str(&line(&secret));
    let scan = Scan::run(&environment, environment.root(), &["--stdin"], &[], text.as_bytes()).expect_code(1);
    assert_eq!(scan.one(&secret).number("/location/start_line"), 3_000_001);
}

#[test]
fn standard_input_without_line_ends() {
    let environment = environment();
    let secret = fake::github_pat(1302);
    let text = format!("{}{secret} {}", "x;".repeat(4_000_000), "y;".repeat(1_000_000));
    let scan = Scan::run(&environment, environment.root(), &["--stdin"], &[], text.as_bytes()).expect_code(1);
    assert_eq!(scan.one(&secret).number("/location/start_column"), 8_000_001);
}

#[test]
fn secrets_across_every_read_boundary() {
    let environment = environment();
    let secrets: Vec<String> = (0..40).map(|number| fake::github_pat(1310 + number)).collect();
    // Around 64 KiB and 1 MiB, the sizes that readers like, shifted byte by byte.
    for base in [1 << 16, 1 << 20] {
        let mut text = Vec::new();
        for (number, secret) in secrets.iter().enumerate() {
            let at = base * (number / 4 + 1) - 10 + (number % 4) * 50;
            while text.len() < at {
                text.push(if text.len() % 61 == 0 { b'\n' } else { b'.' });
            }
            text.extend_from_slice(secret.as_bytes());
        }
        let scan = Scan::run(&environment, environment.root(), &["--stdin"], &[], &text).expect_code(1);
        let file = environment.write("large.bin", &text);
        let file = Scan::run(
            &environment,
            environment.root(),
            &["--no-git", file.to_str().expect("UTF-8")],
            &[],
            b"",
        );
        for secret in &secrets {
            let (here, there) = (scan.one(secret), file.one(secret));
            for field in ["start_line", "start_column", "end_line", "end_column"] {
                let pointer = format!("/location/{field}");
                assert_eq!(here.number(&pointer), there.number(&pointer), "{field}");
            }
            assert_eq!(here.0["span"], there.0["span"]);
        }
    }
}

#[test]
fn plain_folder_and_plain_file() {
    let environment = environment();
    let (secret, hidden) = (fake::github_pat(1303), fake::github_pat(1304));
    environment.write("plain/sub/a.txt", line(&secret));
    environment.write("plain/.config/b.txt", line(&hidden));
    let scan =
        Scan::run(&environment, environment.root(), &["plain"], &[], b"").expect_code(1).expect_complete();
    assert!(scan.one(&secret).path().ends_with("sub/a.txt"));
    scan.one(&hidden).path();
    let scan = Scan::run(&environment, environment.root(), &["plain/sub/a.txt"], &[], b"").expect_code(1);
    scan.one(&secret);
    let scan = Scan::run(&environment, &environment.path("plain"), &[], &[], b"").expect_code(1);
    scan.one(&secret);
}

#[test]
fn no_git_reads_a_repository_as_files() {
    let environment = environment();
    let repo = started(&environment, "work");
    let (written, deleted, ignored) =
        (fake::github_pat(1305), fake::github_pat(1306), fake::github_pat(1307));
    repo.file("gone.txt", line(&deleted)).commit("oops");
    repo.remove("gone.txt").commit("remove");
    repo.write("a.txt", line(&written))
        .write(".gitignore", "ignored.txt\n")
        .write("ignored.txt", line(&ignored));
    let scan = Scan::of(&repo, &["--no-git"]).expect_code(1);
    assert!(scan.one(&written).path().ends_with("a.txt"));
    scan.expect_none(&deleted);
}

#[test]
fn file_inside_a_repository() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(1308));
    repo.write("a.txt", line(&secret));
    let scan = Scan::of(&repo, &["a.txt"]).expect_code(1);
    scan.one(&secret);
    let scan = Scan::of(&repo, &["--no-git", "a.txt"]).expect_code(1);
    scan.one(&secret);
}

#[cfg(unix)]
#[test]
fn links_in_a_plain_folder_are_not_followed() {
    let environment = environment();
    let secret = fake::github_pat(1309);
    environment.write("outside/a.txt", line(&secret));
    environment.write("plain/b.txt", "b\n");
    std::os::unix::fs::symlink("../outside", environment.path("plain/out")).expect("a free name");
    std::os::unix::fs::symlink(".", environment.path("plain/round")).expect("a free name");
    Scan::run(&environment, environment.root(), &["plain"], &[], b"").expect_code(0).expect_none(&secret);
}
