//! `unleak scan --agents`: what agents keep is found, and redacted where that is safe.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use unleak_testkit::{TestEnvironment, fake};

use crate::scanning::{environment, started};

/// A file in the home directory, written an hour ago.
fn kept(environment: &TestEnvironment, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = environment.write(environment.home().join(name), text);
    let file = std::fs::File::options().append(true).open(&path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_hours(1)).unwrap();
    path
}

/// A transcript in which the secret is escaped, broken off and named, a line each.
fn transcript(secret: &str, password: &str) -> String {
    let lines = [
        json!({ "type": "user", "message": { "role": "user", "content": format!("say \"{secret}\"\nplease") }, "n": 1.0 }),
        json!({ "toolUseResult": { "stdout": json!({ "inner": secret }).to_string(), "db_password": password } }),
        json!({ "harmless": true, "big": 12_345_678_901_234_567_890_u64 }),
    ];
    let mut text: String = lines.iter().flat_map(|line| [line.to_string(), "\n".to_owned()]).collect();
    text.extend(["{\"cut\": \"", secret]);
    text
}

#[test]
fn transcripts_are_found_and_redacted_line_by_line() {
    let environment = environment();
    let repo = started(&environment, "work");
    let (secret, password) = (fake::github_pat(940), fake::password(940));
    let text = transcript(&secret, &password);
    let path = kept(&environment, ".claude/projects/-work/a/s.jsonl", &text);
    let found = repo.unleak(["scan", "--agents", "--format", "json"]).expect_code(1);
    assert!(!found.mentions(&secret) && !found.mentions(&password));
    let lines: Vec<u64> = found.json()["files"][0]["secrets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [1, 2, 2, 4]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "looking changes nothing");
    drop(repo.unleak(["scan", "--agents", "--redact"]).expect_code(0));
    let redacted = std::fs::read_to_string(&path).unwrap();
    assert!(!redacted.contains(&secret) && !redacted.contains(&password), "{redacted}");
    assert_eq!(redacted.lines().count(), 4);
    for (old, new) in text.lines().zip(redacted.lines()).take(3) {
        let (old, new): (Value, Value) =
            (serde_json::from_str(old).unwrap(), serde_json::from_str(new).unwrap());
        assert_eq!(
            old.as_object().unwrap().keys().collect::<Vec<_>>(),
            new.as_object().unwrap().keys().collect::<Vec<_>>()
        );
    }
    assert_eq!(redacted.lines().nth(2), text.lines().nth(2), "a line without secrets stays byte for byte");
    drop(repo.unleak(["scan", "--agents"]).expect_code(0));
}

#[test]
fn files_in_use_live_stores_and_configuration_are_left_alone() {
    let environment = environment();
    let repo = started(&environment, "work");
    let secret = fake::github_pat(941);
    let fresh = environment
        .write(environment.home().join(".claude/history.jsonl"), format!("{{\"a\": \"{secret}\"}}\n"));
    let open = kept(&environment, ".codex/history.jsonl", format!("{{\"a\": \"{secret}\"}}\n"));
    let store = kept(&environment, ".claude/.credentials.json", format!("{{\"token\": \"{secret}\"}}"));
    let config = kept(&environment, ".cursor/mcp.json", format!("{{\"env\": {{\"TOKEN\": \"{secret}\"}}}}"));
    let held = std::fs::File::open(&open).unwrap();
    let before: Vec<Vec<u8>> =
        [&fresh, &open, &store, &config].map(|path| std::fs::read(path).unwrap()).into();
    let output = repo.unleak(["scan", "--agents", "--redact"]).expect_code(1);
    assert!(!output.mentions(".credentials.json"));
    let after: Vec<Vec<u8>> =
        [&fresh, &open, &store, &config].map(|path| std::fs::read(path).unwrap()).into();
    if cfg!(target_os = "linux") {
        assert_eq!(before, after, "{}", output.describe());
    }
    drop(held);
    let output = repo.unleak(["scan", "--agents", "--redact"]).expect_code(1);
    assert!(!std::fs::read_to_string(&open).unwrap().contains(&secret), "{}", output.describe());
}

#[test]
fn what_lies_in_the_project_is_looked_at_too() {
    let environment = environment();
    let repo = started(&environment, "work");
    let secret = fake::github_pat(942);
    repo.write(".aider.chat.history.md", format!("# aider\n\nuse {secret}\n"));
    repo.write("other.md", format!("use {secret}\n"));
    let output = repo.unleak(["scan", "--agents"]).expect_code(1);
    assert!(output.mentions(".aider.chat.history.md") && !output.mentions("other.md"));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "another program makes the database")]
fn databases_are_read_record_by_record_and_not_rewritten() {
    let environment = environment();
    let repo = started(&environment, "work");
    let Ok(python) = std::process::Command::new("python3").arg("--version").output() else { return };
    if !python.status.success() {
        return;
    }
    let secret = fake::github_pat(943);
    let folder = environment.home().join(".config/Cursor/User/globalStorage");
    std::fs::create_dir_all(&folder).unwrap();
    // The value is pushed over the end of a page, so that no part of the file holds it whole.
    let script = "import sqlite3, sys, json\n\
        db = sqlite3.connect(sys.argv[1])\n\
        db.execute('pragma page_size = 512')\n\
        db.execute('create table cursorDiskKV (key text primary key, value blob)')\n\
        for n in range(0, 480, 8):\n\
        \x20   db.execute('insert into cursorDiskKV values (?, ?)', ('bubbleId:%d' % n, json.dumps({'text': 'x' * n + ' ' + sys.argv[2] + ' ' + 'y' * 900})))\n\
        db.commit()\n";
    let path = folder.join("state.vscdb");
    let made =
        std::process::Command::new("python3").args(["-c", script]).arg(&path).arg(&secret).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let before = std::fs::read(&path).unwrap();
    let output = repo.unleak(["scan", "--agents", "--redact", "--format", "json"]).expect_code(1).json();
    assert_eq!(output["files"][0]["secrets"].as_array().unwrap().len(), 1, "{output}");
    assert_eq!(output["files"][0]["state"], "left");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn what_belongs_to_a_database_or_is_no_text_is_never_rewritten() {
    let environment = environment();
    let repo = started(&environment, "work");
    let secret = fake::github_pat(944);
    let line = format!("{{\"text\": \"{secret}\"}}");
    for (name, bytes) in [
        (".codex/logs_2.sqlite-wal", format!("7\u{7f}\u{6}\u{2}{line}").into_bytes()),
        (".config/Cursor/User/globalStorage/state.vscdb-journal", line.clone().into_bytes()),
        (".gemini/tmp/x/checkpoint.bin", [b"\0\x01", line.as_bytes()].concat()),
        (".claude/file-history/x", [b"\xff\xfe", line.as_bytes()].concat()),
    ] {
        let path = kept(&environment, name, &bytes);
        let output = repo.unleak(["scan", "--agents", "--redact"]).expect_code(1);
        assert!(output.stdout_text().contains("left as it is"), "{name}: {}", output.describe());
        assert!(std::fs::read(&path).unwrap() == bytes, "{name} was rewritten");
        std::fs::remove_file(path).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn folders_that_lie_elsewhere_are_looked_into() {
    use std::os::unix::fs::symlink;
    let environment = environment();
    let repo = started(&environment, "work");
    let secret = fake::github_pat(945);
    let real = kept(&environment, "dotfiles/projects/a/s.jsonl", format!("{{\"a\": \"{secret}\"}}\n"));
    let folder = environment.home().join(".claude");
    std::fs::create_dir_all(&folder).unwrap();
    symlink(environment.home().join("dotfiles/projects"), folder.join("projects")).unwrap();
    symlink("projects", environment.home().join("dotfiles/projects/again")).unwrap();
    symlink(&folder, environment.home().join("dotfiles/projects/back")).unwrap();
    drop(repo.unleak(["scan", "--agents"]).expect_code(1));
    drop(repo.unleak(["scan", "--agents", "--redact"]).expect_code(0));
    assert!(!std::fs::read_to_string(&real).unwrap().contains(&secret));
    assert!(std::fs::symlink_metadata(folder.join("projects")).unwrap().is_symlink());
}

#[cfg(unix)]
#[test]
fn what_cannot_be_listed_is_said_and_is_no_clean() {
    let environment = environment();
    let repo = started(&environment, "work");
    let folder = environment.home().join(".claude");
    std::fs::create_dir_all(&folder).unwrap();
    // A link to itself: nobody can look into it, the super-user neither.
    std::os::unix::fs::symlink("projects", folder.join("projects")).unwrap();
    let output = repo.unleak(["scan", "--agents"]).expect_code(2);
    assert!(output.stderr_text().contains("projects"), "{}", output.describe());
}

#[test]
fn lines_that_are_cut_foreign_or_escaped_hide_nothing() {
    let environment = environment();
    let repo = started(&environment, "work");
    let secret = |seed| fake::github_pat(seed);
    let odd = [
        format!("cut at its beginning {}\", \"a\": \"b\"}}", secret(946)),
        format!("{{\"cut\": \"within an escape {}\\", secret(947)),
        json!({ "content": format!("x\n{}\ny", secret(948)), "emoji": "\u{1f600}" }).to_string(),
        format!("{{\"lone\": \"\\ud83d\\n{}\\n\"}}", secret(949)),
        format!("no JSON at all: {}", secret(950)),
        json!({ "long": format!("{} {}", "word ".repeat(400_000), secret(951)) }).to_string(),
    ];
    for start in ["", "\u{feff}"] {
        let text = format!("{start}{}\n", odd.join("\n"));
        let path = kept(&environment, ".claude/projects/-work/odd.jsonl", &text);
        let found = repo.unleak(["scan", "--agents", "--format", "json"]).expect_code(1).json();
        let lines: Vec<_> =
            found["files"][0]["secrets"].as_array().unwrap().iter().map(|one| one["line"].clone()).collect();
        assert_eq!(lines, [1, 2, 3, 4, 5, 6]);
        drop(repo.unleak(["scan", "--agents", "--redact"]).expect_code(0));
        let redacted = std::fs::read_to_string(&path).unwrap();
        assert_eq!(redacted.lines().count(), odd.len());
        for seed in 946..=951 {
            assert!(!redacted.contains(&secret(seed)), "{seed}");
        }
        for line in [2, 3, 5] {
            serde_json::from_str::<Value>(redacted.lines().nth(line).unwrap()).unwrap();
        }
        assert!(redacted.starts_with(start) && redacted.contains("\\\n"));
    }
}
