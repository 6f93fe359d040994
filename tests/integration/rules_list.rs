//! `unleak rules list`: filters, counts, and what is said when nothing fits.

use unleak_testkit::{Output, TestEnvironment};

use crate::scanning::environment;

#[track_caller]
fn list(environment: &TestEnvironment, args: &[&str]) -> Output {
    let all: Vec<&str> = ["rules", "list"].iter().chain(args).copied().collect();
    environment.unleak(environment.root(), all).expect_code(0)
}

/// The ids that are listed, and the closing line.
fn ids(output: &Output) -> (Vec<String>, String) {
    let text = output.stdout_text();
    let mut lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let closing = lines.pop().unwrap_or_default().to_owned();
    (lines.iter().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect(), closing)
}

#[test]
fn filters_hold_together() {
    let environment = environment();
    let (all, _) = ids(&list(&environment, &[]));
    let (github, closing) = ids(&list(&environment, &["--family", "github"]));
    assert!(github.contains(&"github-pat".to_owned()) && github.len() < all.len());
    assert_eq!(closing, format!("{} rules", github.len()));
    let (both, _) = ids(&list(&environment, &["--family", "github", "--family", "slack"]));
    assert!(both.len() > github.len() && both.contains(&"slack-bot-token".to_owned()));
    let (high, _) = ids(&list(&environment, &["--family", "github", "--severity", "high"]));
    let (medium, _) = ids(&list(&environment, &["--family", "github", "--severity", "medium"]));
    assert!(!high.is_empty() && !medium.is_empty());
    assert!(high.iter().all(|id| !medium.contains(id)));
    let (sure, _) = ids(&list(&environment, &["--severity", "high", "--confidence", "high"]));
    let (unsure, _) = ids(&list(&environment, &["--severity", "high", "--confidence", "low"]));
    assert!(sure.contains(&"github-pat".to_owned()) && !unsure.contains(&"github-pat".to_owned()));
    // By description in any case, and by a name that another scanner uses.
    let (described, _) = ids(&list(&environment, &["--grep", "PERSONAL ACCESS TOKEN (CLASSIC)"]));
    assert!(described.contains(&"github-pat".to_owned()), "{described:?}");
    assert_eq!(
        ids(&list(&environment, &["--grep", "github-oauth", "--family", "github"])).0,
        ["github-oauth-token"]
    );
    assert_eq!(list(&environment, &["--grep", "no rule is called so"]).stdout_text(), "0 rules\n");
}

#[test]
fn counts_add_up_and_are_sorted_by_family() {
    let environment = environment();
    let text = list(&environment, &["--count"]).stdout_text();
    let counts: Vec<(&str, usize)> = text
        .lines()
        .filter_map(|line| line.rsplit_once(' '))
        .filter_map(|(family, count)| Some((family.trim(), count.parse().ok()?)))
        .collect();
    assert!(counts.len() > 100 && counts.windows(2).all(|pair| pair[0].0 < pair[1].0));
    let total: usize = counts.iter().map(|(_, count)| count).sum();
    assert!(text.ends_with(&format!("\n{total} rules\n")), "{total}");
    let (github, _) = ids(&list(&environment, &["--family", "github"]));
    assert!(counts.contains(&("github", github.len())));
}

#[test]
fn unknown_families_are_an_error_and_unknown_levels_too() {
    let environment = environment();
    let unknown =
        environment.unleak(environment.root(), ["rules", "list", "--family", "nope"]).expect_code(2);
    assert!(unknown.mentions("no family 'nope'"), "{}", unknown.describe());
    drop(environment.unleak(environment.root(), ["rules", "list", "--severity", "nope"]).expect_code(2));
}
