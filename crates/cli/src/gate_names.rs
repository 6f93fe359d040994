//! The names that gates go by as scans: `unleak scan --ci` is `unleak ci`.

use std::ffi::OsString;

const GATES: &[(&str, &[&str])] =
    &[("--ci", &["ci"]), ("--pre-push", &["hook", "pre-push"]), ("--pre-receive", &["hook", "pre-receive"])];

/// The arguments with the gate's own name, if they ask for one as a scan. What else they say is for the gate to read.
pub(crate) fn spelled_out(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    let Some(scan) = command(&arguments).filter(|&at| arguments[at] == "scan") else { return arguments };
    let options = arguments.iter().take_while(|argument| *argument != "--").count();
    for (flag, gate) in GATES {
        let of_scan = arguments.iter().take(options).skip(scan);
        if let Some(after) = of_scan.into_iter().position(|argument| argument == flag) {
            arguments.remove(scan + after);
            arguments.splice(scan..=scan, gate.iter().map(OsString::from));
            break;
        }
    }
    arguments
}

/// Where the command is named: behind the options of every command, of which one has a value.
fn command(arguments: &[OsString]) -> Option<usize> {
    let mut at = 1;
    loop {
        match arguments.get(at)?.to_str() {
            Some("--color") => at += 2,
            Some(option) if option.starts_with('-') => at += 1,
            _ => return Some(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(line: &str) -> String {
        let words = spelled_out(line.split(' ').map(OsString::from));
        words.join(" ".as_ref()).into_string().unwrap()
    }

    #[test]
    fn a_gate_that_is_asked_for_as_a_scan_goes_by_its_own_name() {
        assert_eq!(spelled("unleak scan --ci --base main"), "unleak ci --base main");
        assert_eq!(spelled("unleak -q scan --pre-push origin URL"), "unleak -q hook pre-push origin URL");
        assert_eq!(
            spelled("unleak --color never scan --deadline 4s --pre-receive"),
            "unleak --color never hook pre-receive --deadline 4s"
        );
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for line in [
            "unleak",
            "unleak scan",
            "unleak scan --no-git -- --ci",
            "unleak push --ci",
            "unleak --color",
            "unleak -q",
        ] {
            assert_eq!(spelled(line), line);
        }
    }
}
