//! `.env` files: every way to write a secret in them, and what is none.

use unleak_testkit::fake;

use crate::scanning::{Found, Scan, environment, started};

/// The values in the file of the main test, in the order of their lines; `None` is a line without a secret.
fn settings() -> Vec<(String, Option<String>)> {
    let secret = |seed| Some(fake::password(seed));
    let p = |seed| fake::password(seed);
    vec![
        ("# settings of production".into(), None),
        (format!("DB_PASSWORD={}", p(800)), secret(800)),
        (format!("export API_TOKEN={}", p(801)), secret(801)),
        (format!("ADMIN_PASSWORD='{}'", p(802)), secret(802)),
        (format!("MAIL_PASSWORD=\"{}\"", p(803)), secret(803)),
        (format!("SMTP_SECRET=`{}`", p(804)), secret(804)),
        (format!("SESSION_SECRET = {}", p(805)), secret(805)),
        (format!("REDIS_PASSWORD={} # rotated in May", p(806)), secret(806)),
        (format!("   QUEUE_PASSWORD={}   ", p(807)), secret(807)),
        (String::new(), None),
        ("EMPTY_PASSWORD=".into(), None),
        ("QUOTED_EMPTY_PASSWORD=\"\"".into(), None),
        ("COPIED_PASSWORD=${DB_PASSWORD}".into(), None),
        ("SHELL_PASSWORD=$DB_PASSWORD".into(), None),
        ("EXAMPLE_PASSWORD=changeme".into(), None),
        ("FILLED_IN_PASSWORD=<your-password>".into(), None),
        ("PORT=8080".into(), None),
        ("LOG_LEVEL=debug".into(), None),
        ("PASSWORD_MIN_LENGTH=12".into(), None),
        (format!("# OLD_NOTE={}", "nothing"), None),
        (format!("SIGNING_SECRET={}", p(808)), secret(808)),
    ]
}

/// The lines of `path` on which something was found.
fn lines<'a>(scan: &'a Scan<'_>, path: &str) -> Vec<(u64, Found<'a>)> {
    let here = scan.findings().into_iter().filter(|found| found.path() == path);
    here.map(|found| (found.number("/location/start_line"), found)).collect()
}

#[test]
fn every_secret_and_nothing_else() {
    let environment = environment();
    for (name, end) in [("unix", "\n"), ("windows", "\r\n")] {
        let repo = started(&environment, name);
        let settings = settings();
        let text: Vec<&str> = settings.iter().flat_map(|(line, _)| [line.as_str(), end]).collect();
        repo.write(".env", text.concat());
        let scan = Scan::of(&repo, &["--worktree"]).expect_code(1);
        let found = lines(&scan, ".env");
        for (number, (line, secret)) in (1..).zip(&settings) {
            let here: Vec<_> = found.iter().filter(|(at, _)| *at == number).collect();
            let wanted = usize::from(secret.is_some());
            assert_eq!(here.len(), wanted, "{name}, line {number}: {line}\n{}", scan.output.describe());
            if let Some(secret) = secret {
                assert!(!scan.output.mentions(secret), "{line}");
                let (_, found) = here[0];
                let column = line.find(secret.as_str()).expect("the line holds it") as u64 + 1;
                assert_eq!(found.number("/location/start_column"), column, "{line}");
                let key = line.trim().trim_start_matches("export ").split('=').next().expect("a key").trim();
                let decoded = found.0["decoded"].as_object().expect("an object");
                assert!(decoded.values().any(|value| value == key), "key {key} is not named: {decoded:?}");
            }
        }
    }
}

#[test]
fn value_over_several_lines() {
    let environment = environment();
    let repo = started(&environment, "work");
    let (key, after) = (fake::private_key_pem(), fake::password(810));
    repo.write(".env.production", format!("A=1\nSIGNING_KEY=\"{key}\"\nDB_PASSWORD={after}\n"));
    let scan = Scan::of(&repo, &["--worktree"]).expect_code(1);
    let found = lines(&scan, ".env.production");
    assert!(found.iter().any(|(line, _)| *line == 2), "{}", scan.output.describe());
    // The line after the closing quote is a setting again, not part of the value.
    assert!(found.iter().any(|(line, _)| *line == 6), "{}", scan.output.describe());
    assert_eq!(found.len(), 2, "one finding a secret\n{}", scan.output.describe());
}

#[test]
fn vendors_token_keeps_its_vendor() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(811));
    repo.write(".env", format!("GITHUB_TOKEN={secret}\n"));
    let scan = Scan::of(&repo, &["--worktree"]).expect_code(1);
    assert_eq!(scan.one(&secret).text("/rule_id"), "github-pat");
    assert_eq!(scan.findings().len(), 1, "{}", scan.output.describe());
}

#[test]
fn templates_are_no_secrets() {
    let environment = environment();
    let repo = started(&environment, "work");
    for name in [".env.example", ".env.sample", ".env.template", ".env.dist"] {
        repo.file(name, "DB_PASSWORD=\nAPI_TOKEN=changeme\nNAME=demo\n");
    }
    repo.commit("templates");
    drop(Scan::of(&repo, &[]).expect_code(0));
}

#[test]
fn tracked_dotenv_file_is_a_finding_of_its_own() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file("app/.env", "COLOUR=green\nPORT=8080\n").commit("harmless today");
    let scan = Scan::of(&repo, &["--confidence", "low", "--all"]);
    assert!(scan.findings().iter().any(|found| found.path() == "app/.env"), "{}", scan.output.describe());
}

#[test]
fn history_and_index_read_it_the_same_way() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file("x/.env", format!("DB_PASSWORD={}\n", fake::password(812)));
    let staged = Scan::of(&repo, &["--staged"]).expect_code(1);
    repo.commit("oops");
    let history = Scan::of(&repo, &["--history"]).expect_code(1);
    repo.remove("x/.env").commit("remove");
    let removed = Scan::of(&repo, &["--history"]).expect_code(1);
    for scan in [&staged, &history, &removed] {
        let found: Vec<_> = lines(scan, "x/.env");
        let password =
            found.iter().filter(|(_, found)| !found.0["decoded"].as_object().expect("an object").is_empty());
        assert_eq!(password.count(), 1, "{}", scan.output.describe());
        assert!(!scan.output.mentions(fake::password(812)));
    }
}
