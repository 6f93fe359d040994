//! The full drill, over files and over HTTP: from the leak to a history that never held it, with colleagues at work.

use std::process::Stdio;

use unleak_testkit::{TestEnvironment, TestRepo, fake};

use crate::pushing::{hook, leaked, text_of_everything_reachable};
use crate::scanning::environment;

/// Everything in an object store, reachable or not.
fn every_object(repo: &TestRepo<'_>) -> String {
    repo.git(["cat-file", "--batch-all-objects", "--batch"])
}

fn drill(environment: &TestEnvironment, address: impl Fn(&TestRepo<'_>) -> String) {
    let secret = fake::github_pat(3);
    let (repo, server) = leaked(environment, "drill");
    let address = address(&server);
    repo.git(["remote", "set-url", "origin", &address]);
    let clone = |name: &str| {
        let path = environment.path(name);
        environment.git(environment.root(), ["clone", "--quiet", &address, name]);
        TestRepo::open(environment, path)
    };
    let (ada, bob, eve) = (clone("ada"), clone("bob"), clone("eve"));
    ada.file("ada", "work\n").commit("ada's work");
    bob.git(["switch", "--quiet", "-c", "feature"]);
    bob.file("bob", "work\n").commit("bob's work");
    bob.file("a", "clean\nmore\nstashed\n").stash("bob's stash");

    drop(repo.unleak(["scan"]).expect_code(1));
    let runbook = repo.unleak(["runbook"]).expect_code(0).stdout_text();
    assert!(runbook.contains("credentials/revoke") && !runbook.contains(&secret), "{runbook}");
    drop(repo.unleak(["rewrite", "--all-findings", "--apply", "--backup", "none"]).expect_code(0));
    drop(repo.unleak(["push", "--yes", "--publish-map"]).expect_code(0));
    let script = repo.unleak(["ban", "--pre-receive"]).expect_code(0).stdout_text();
    hook(&server, "pre-receive", &script);

    for (clone, branch) in [(&ada, "main"), (&bob, "feature")] {
        drop(clone.unleak(["rejoin", "--backup", "none"]).expect_code(0));
        clone.git(["push", "--quiet", "origin", branch]);
    }
    assert_eq!(server.git(["show", "main:ada"]), "work");
    assert_eq!(server.git(["show", "feature:bob"]), "work");
    assert_eq!(bob.git(["show", "stash@{0}:a"]), "clean\nmore\nstashed");

    stale_pushes_are_refused(environment, &eve);
    eve.git(["fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*"]);
    // Over the smart protocol anyone who knows an id is still served: only the server can clean that up.
    let text = repo.unleak(["probe"]).expect_code(1).stdout_text();
    assert!(text.contains("still given"), "{text}");
    server.git(["reflog", "expire", "--expire=now", "--all"]);
    server.git(["gc", "--quiet", "--prune=now"]);
    let text = repo.unleak(["probe"]).expect_code(0).stdout_text();
    assert!(text.contains("None of"), "{text}");

    let values = environment.write("values", &secret);
    for clone in [&repo, &ada, &bob] {
        drop(clone.unleak(["purge", "--yes"]).expect_code(0));
        drop(
            clone
                .unleak(["prove", "--everything", "--replace-text", values.to_str().expect("a plain path")])
                .expect_code(0),
        );
        assert!(!every_object(clone).contains(&secret));
    }
    assert!(!every_object(&server).contains(&secret));
    assert!(!text_of_everything_reachable(&server).contains(&secret));
}

/// A clone that knows nothing of the clean-up cannot bring it back, in any of the ways people try.
fn stale_pushes_are_refused(environment: &TestEnvironment, eve: &TestRepo<'_>) {
    let refused = |args: &[&str]| {
        let output = environment.git_output(eve.path(), args, &[], b"").expect_code(1);
        let text = output.stderr_text();
        assert!(text.contains("unleak rejoin") && text.contains("refused"), "{args:?}: {text}");
    };
    eve.file("eve", "work\n").commit("eve's work");
    refused(&["push", "origin", "HEAD:refs/heads/eve"]);
    refused(&["push", "--force", "origin", "main"]);
    refused(&["push", "origin", "v1:refs/tags/old"]);
    eve.git(["fetch", "--quiet", "origin", "+refs/heads/main:refs/remotes/origin/main"]);
    eve.git(["switch", "--quiet", "-c", "merged", "origin/main"]);
    eve.git(["merge", "--quiet", "-s", "ours", "--allow-unrelated-histories", "-m", "merge", "main"]);
    refused(&["push", "origin", "merged"]);
    eve.git(["switch", "--quiet", "-c", "again", "origin/main"]);
    eve.file("copy", format!("GITHUB_TOKEN={}\n", fake::github_pat(3))).commit("the same blob");
    refused(&["push", "origin", "again"]);
    eve.git(["switch", "--quiet", "-c", "fine", "origin/main"]);
    eve.file("fine", "fine").commit("fine");
    eve.git(["push", "--quiet", "origin", "fine"]);
}

#[test]
fn over_files() {
    let environment = environment();
    drill(&environment, |server| format!("file://{}", server.path().display()));
}

#[test]
fn gates_refuse_what_was_removed() {
    let environment = environment();
    let (repo, server) = leaked(&environment, "gate");
    let old = repo.id("main");
    drop(repo.unleak(["rewrite", "--all-findings", "--apply", "--backup", "none"]).expect_code(0));
    drop(repo.unleak(["push", "--yes"]).expect_code(0));
    // Where history was rewritten, the list is there already.
    repo.git(["branch", "stale", &old]);
    let output = repo.unleak(["scan", "--range", "main..stale"]).expect_code(1);
    assert!(output.stderr_text().contains("unleak rejoin"), "{}", output.stderr_text());
    drop(repo.unleak(["ban", "--check", "main..stale"]).expect_code(1));
    drop(repo.unleak(["ban", "--check", "clean..main"]).expect_code(0));
    repo.git(["branch", "-D", "stale"]);
    // Elsewhere by the shared list, as the base has it.
    drop(repo.unleak(["ban", "--output", ".unleak-bans"]).expect_code(0));
    repo.add(".unleak-bans").commit("ban list");
    repo.git(["push", "--quiet", "origin", "main"]);
    let clone = server.clone_to("clone");
    clone.git(["switch", "--quiet", "-c", "again"]);
    clone.file("copy", format!("GITHUB_TOKEN={}\n", fake::github_pat(3))).commit("the same blob, allowed");
    clone.remove(".unleak-bans").commit("without the list");
    let output = clone.unleak(["scan", "--range", "origin/main..again", "--no-baseline"]).expect_code(1);
    assert!(output.stderr_text().contains("brings back a version of copy"), "{}", output.stderr_text());
    // A list that cannot be read is no empty list.
    clone.git(["switch", "--quiet", "main"]);
    clone.file(".unleak-bans", "unleak-bans 1\ncommit 12\n").commit("broken");
    clone.file("b", "b").commit("more");
    let output = clone.unleak(["scan", "--range", "HEAD~1..HEAD"]).expect_code(2);
    assert!(output.stderr_text().contains("line 2 is broken"), "{}", output.stderr_text());
    drop(repo.unleak(["undo"]).expect_code(2));
}

/// A server for git over HTTP on the loopback address; `None` where `git http-backend` or Python is missing.
struct HttpServer {
    child: std::process::Child,
    port: u16,
}

impl HttpServer {
    #[allow(clippy::disallowed_methods, reason = "a test starts the server it talks to")]
    fn start(root: &std::path::Path) -> Option<Self> {
        let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/http_backend.py");
        let mut child = std::process::Command::new("python3")
            .arg(script)
            .arg(root)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut line = String::new();
        let mut out = std::io::BufReader::new(child.stdout.take()?);
        std::io::BufRead::read_line(&mut out, &mut line).ok()?;
        if let Ok(port) = line.trim().parse() {
            return Some(Self { child, port });
        }
        drop(child.kill());
        drop(child.wait());
        None
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn over_http() {
    let environment = environment();
    let Some(http) = HttpServer::start(environment.root()) else {
        // Where Python or git's CGI program is missing, the drill over files is all there is.
        return;
    };
    drill(&environment, |server| {
        server.git(["config", "http.receivepack", "true"]);
        format!(
            "http://127.0.0.1:{}/{}",
            http.port,
            server.path().file_name().and_then(|name| name.to_str()).expect("a plain name")
        )
    });
}
