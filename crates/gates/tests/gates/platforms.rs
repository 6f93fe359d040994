//! What platforms say: who is recognised, what is missing, and that nothing they say is taken for more than it is.

use std::collections::BTreeMap;
use std::io;

use proptest::prelude::*;
use unleak_gates::{Base, Detected, Place, Platform, PlatformError, Surroundings, detect};

fn with<T>(variables: &[(&str, &str)], event: &str, ask: impl FnOnce(&Surroundings<'_>) -> T) -> T {
    let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
    let variable = |name: &str| variables.get(name).map(|value| (*value).to_owned());
    let file =
        |path: &str| if path == "event" { Ok(event.into()) } else { Err(io::ErrorKind::NotFound.into()) };
    ask(&Surroundings { variable: &variable, file: &file })
}

fn read(variables: &[(&str, &str)], event: &str) -> Result<Detected, PlatformError> {
    with(variables, event, |surroundings| detect(surroundings).expect("a platform").read(surroundings))
}

const GITHUB: [(&str, &str); 3] =
    [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "push"), ("GITHUB_EVENT_PATH", "event")];

#[test]
fn platforms_are_known_by_what_only_they_set() {
    for (variables, platform) in [
        (&[("GITHUB_ACTIONS", "true"), ("CI", "true")][..], Some(Platform::GitHub)),
        (&[("GITLAB_CI", "true"), ("CI", "true")], Some(Platform::GitLab)),
        (&[("TF_BUILD", "True")], Some(Platform::Azure)),
        (&[("CI", "woodpecker")], Some(Platform::Woodpecker)),
        (&[("CI", "true"), ("DRONE", "true")], Some(Platform::Drone)),
        (&[("JENKINS_URL", "http://j")], Some(Platform::Jenkins)),
        (&[("CI", "true"), ("GITHUB_ACTIONS", "")], None),
        (&[], None),
    ] {
        assert_eq!(with(variables, "", detect), platform, "{variables:?}");
    }
}

#[test]
fn every_platform_says_what_it_lacks() {
    for platform in Platform::all() {
        let error = with(&[], "", |surroundings| platform.read(surroundings)).expect_err("nothing is said");
        assert!(matches!(error, PlatformError::Unset { .. }), "{}: {error}", platform.name());
        let (place, line) = platform.whole_history();
        assert!(!place.is_empty() && !line.contains('\n'), "{}", platform.name());
    }
}

#[test]
fn a_push_says_what_was_before_or_that_nothing_was() {
    let event = |before: &str| {
        format!(
            r#"{{"ref": "refs/heads/a", "before": "{before}", "after": "12", "repository": {{"default_branch": "main"}}}}"#
        )
    };
    let place = Place { own: Some("a".into()), default: Some("main".into()) };
    for (before, base) in [
        ("34", Base::Before { commit: "34".into(), of: place.clone() }),
        ("0000000000000000000000000000000000000000", Base::New(place)),
    ] {
        let Ok(Detected::Change(change)) = read(&GITHUB, &event(before)) else { panic!("a change") };
        assert_eq!((change.base, change.head.as_str()), (base, "12"));
        assert_eq!(change.name, Some("refs/heads/a".into()));
    }
    let deleted = r#"{"ref": "refs/heads/a", "before": "1", "after": "000000"}"#;
    assert_eq!(read(&GITHUB, deleted).expect("said"), Detected::Nothing);
}

proptest! {
    #[test]
    fn no_event_makes_it_panic(event in r#"[\[\]{}":,a-z0-9]{0,60}"#, name in "(push|pull_request|merge_group|x)") {
        let variables = [GITHUB[0], ("GITHUB_EVENT_NAME", name.as_str()), GITHUB[2]];
        let said = read(&variables, &event);
        prop_assert!(!matches!(said, Ok(Detected::Change(_))) || event.contains("sha") || event.contains("ref"));
    }
}
