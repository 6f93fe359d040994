//! How single paths stand, against `git check-ignore` and `git ls-files`.

use bstr::BStr;
use unleak_objects::repository::{OpenOptions, Repository, Standing};
use unleak_testkit::{TestEnvironment, TestRepo};

#[test]
fn as_git_sees_them() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    repo.file(".gitignore", "/.env\n*.pem\n!keep.pem\nbuild/\n")
        .file("tracked.pem", "x")
        .file("a/b.txt", "x");
    repo.write("a/.gitignore", "local\n").write(".git/info/exclude", "private\n").write("build/x/y", "");
    let paths = [
        ".env",
        "a/.env",
        "key.pem",
        "keep.pem",
        "tracked.pem",
        "build",
        "build/x/y",
        "a/local",
        "local",
        "private",
        "a",
        "new.txt",
    ];
    let opened = Repository::open(repo.path(), OpenOptions::default()).unwrap();
    let index = opened.index(None).unwrap();
    let named: Vec<&BStr> = paths.iter().map(|path| BStr::new(*path)).collect();
    let standings = opened.standings(&index, &named).unwrap();
    for (path, standing) in paths.iter().zip(&standings) {
        let tracked = !repo.git(["ls-files", "--", path]).is_empty();
        let ignored = environment.git_output(repo.path(), ["check-ignore", "-v", path], &[], b"");
        // With -v it tells of patterns that make an exception, too.
        let is_ignored = environment.git_output(repo.path(), ["check-ignore", "-q", path], &[], b"").code;
        let wanted = match (tracked, is_ignored) {
            (true, _) => "tracked",
            (_, Some(0)) => "ignored",
            _ => "free",
        };
        let got = match standing {
            Standing::Tracked => "tracked",
            Standing::Ignored { source } => {
                let file = ignored.stdout_text();
                let file = file.split(':').next().unwrap_or_default();
                let source = source.as_ref().unwrap();
                assert!(
                    source.ends_with(file) || source.ends_with("info/exclude"),
                    "{path}: {source:?} {file}"
                );
                "ignored"
            }
            Standing::Free => "free",
        };
        assert_eq!(got, wanted, "{path}");
    }
    let alone = opened.standings_untracked(&index, &[BStr::new("tracked.pem")]).unwrap();
    assert!(matches!(alone[0], Standing::Ignored { .. }));
}

#[test]
fn settings_are_read_as_git_reads_them() {
    let text = b"[core]\n\tbare = false\n\thooksPath = \"a b\" ; c\n[remote \"o\"]\n\turl = x\n[alias]\n\tX = !sh -c 'y'\n";
    let settings = unleak_objects::repository::read_settings(text).unwrap();
    let found = |section: &str, key: &str| {
        let one = settings.iter().find(|one| one.section == section && one.key == key);
        one.map(|one| one.value.to_string())
    };
    assert_eq!(found("core", "hookspath").as_deref(), Some("a b"));
    assert_eq!(found("remote", "url").as_deref(), Some("x"));
    assert_eq!(found("alias", "x").as_deref(), Some("!sh -c 'y'"));
    assert!(unleak_objects::repository::read_settings(b"[core").is_none());
}
