//! Command lines and what is to be said of them: as many harmless look-alikes as harmful ones.

use unleak_guard::{Act, Agent, Decision, Event, Moment, Verdict};
use unleak_testkit::fake;

use crate::command_lines::{ASKED, HARMLESS, HARMLESS_COMMITS, REFUSED};
use crate::world::World;
use crate::{everyday_lines, roundabout_lines};

/// Where everything that may go wrong is there to go wrong.
fn loaded() -> World {
    let text = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let key = |name: &str| {
        format!(
            "{{\"type\": \"service_account\", \"client_email\": \"{name}@acme.iam.gserviceaccount.com\"}}"
        )
    };
    World {
        untracked: [
            text(".env", "A=b\n"),
            text("notes/ideas.md", "ideas\n"),
            (String::from("config/app.yml"), format!("token: {}\n", fake::github_pat(1))),
        ]
        .into(),
        staged: [(String::from("src/keys.rs"), format!("const K: &str = \"{}\";\n", fake::github_pat(2)))]
            .into(),
        files: [
            text("/work/app/drop.sql", "DROP TABLE users;\n"),
            text("/work/app/select.sql", "SELECT 1;\n"),
            ("/work/app/key.json".to_owned(), key("deployer")),
            ("/work/app/reader.json".to_owned(), key("reader")),
        ]
        .into(),
        env_files: vec![text(".env", "DATABASE_URL=postgres://app:x@prod-db.acme.io/app\n")],
        infrastructure: vec![text(
            "infra/main.tf",
            "resource \"google_project_iam_member\" \"x\" {\n  role = \"roles/editor\"\n  member = \
             \"serviceAccount:deployer@acme.iam.gserviceaccount.com\"\n}\n",
        )],
        aliases: [
            text("fpush", "push --force"),
            text("shove", "!git push --force"),
            text("ci", "commit"),
            text("st", "status"),
        ]
        .into(),
        ..World::default()
    }
}

fn tidy() -> World {
    let mut world = loaded();
    world.untracked.clear();
    world.staged = [("src/main.rs".to_owned(), "fn main() {}\n".to_owned())].into();
    world
}

fn judged(world: &World, command: &str) -> Verdict {
    world.judge(&Event {
        agent: Agent::Claude,
        moment: Moment::Before,
        name: "PreToolUse".to_owned(),
        folder: None,
        tool: "Bash".to_owned(),
        acts: vec![Act::Command(command.to_owned())],
    })
}

fn expect(world: &World, decision: Decision, cases: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (policy, command) in cases {
        let verdict = judged(world, command);
        let has = verdict.reasons.iter().any(|reason| reason.policy == *policy);
        if !has || verdict.decision < decision {
            wrong.push(format!(
                "{command:?}: wanted {policy}, got {:?} {}",
                verdict.decision,
                verdict.text()
            ));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn expect_nothing(world: &World, commands: &[&str]) {
    let said = commands.iter().map(|command| (command, judged(world, command)));
    let wrong: Vec<String> = said
        .filter(|(_, verdict)| *verdict != Verdict::default())
        .map(|(command, verdict)| format!("{command:?}: {}", verdict.text()))
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn harmful_commands_are_refused() {
    expect(&loaded(), Decision::Deny, REFUSED);
}

#[test]
fn commands_that_destroy_are_asked_about() {
    expect(&loaded(), Decision::Ask, ASKED);
}

#[test]
fn look_alikes_are_let_pass() {
    expect_nothing(&loaded(), HARMLESS);
    expect_nothing(&tidy(), HARMLESS_COMMITS);
}

#[test]
fn everyday_commands_are_told_apart() {
    expect(&loaded(), Decision::Deny, everyday_lines::REFUSED);
    expect(&loaded(), Decision::Ask, everyday_lines::ASKED);
    expect_nothing(&loaded(), everyday_lines::HARMLESS);
}

#[test]
fn roundabout_commands_are_told_apart() {
    expect(&loaded(), Decision::Deny, roundabout_lines::REFUSED);
    expect(&loaded(), Decision::Ask, roundabout_lines::ASKED);
    expect_nothing(&loaded(), roundabout_lines::HARMLESS);
}

#[test]
fn there_are_enough_of_both() {
    let harmful = REFUSED.len() + ASKED.len();
    let harmless = HARMLESS.len() + HARMLESS_COMMITS.len();
    assert!(harmful >= 150 && harmless >= 150, "{harmful} {harmless}");
}

#[test]
fn a_secret_in_a_command_is_refused_however_it_is_quoted() {
    let secret = fake::github_pat(3);
    for command in [
        format!("curl -H 'Authorization: token {secret}' https://api.github.com"),
        format!("export GITHUB_TOKEN={secret}"),
        format!("cat > x <<EOF\n{secret}\nEOF"),
        format!("git commit -m 'token {secret}'"),
    ] {
        let verdict = judged(&tidy(), &command);
        assert_eq!(verdict.decision, Decision::Deny, "{command}");
        assert!(verdict.text().contains("environment variable") && !verdict.text().contains(&secret));
    }
}

#[test]
fn what_is_lost_is_named() {
    let text = judged(&loaded(), "rm -rf notes").text();
    assert!(text.contains("notes/ideas.md"), "{text}");
    let text = judged(&loaded(), "git add config").text();
    assert!(text.contains("config/app.yml:1"), "{text}");
    let text = judged(&loaded(), "git push -f").text();
    assert!(text.contains("--force-with-lease"), "{text}");
}

#[test]
fn what_cannot_be_looked_at_is_refused() {
    let world = World { broken: true, ..World::default() };
    for command in ["git commit -m x", "git add .", "rm -rf notes"] {
        let verdict = judged(&world, command);
        assert_eq!(verdict.decision, Decision::Deny, "{command}");
        assert!(verdict.text().contains("the index is damaged"));
    }
    let deep = format!("{}git push{}", "$(".repeat(50), ")".repeat(50));
    assert!(judged(&loaded(), &deep).text().contains("nests deeper"));
    assert_eq!(judged(&world, "ls").decision, Decision::None);
}

#[test]
fn an_alias_that_leads_to_itself_is_refused_not_followed_for_ever() {
    let mut world = tidy();
    world.aliases = [("a".to_owned(), "b".to_owned()), ("b".to_owned(), "!git a".to_owned())].into();
    assert_eq!(judged(&world, "git a").decision, Decision::Deny);
}
