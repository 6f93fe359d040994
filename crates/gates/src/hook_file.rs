//! The text of a hook: a command line for git's configuration, or a script in the hooks directory.

use crate::hook::Hook;

/// What tells a script of ours from a stranger's.
pub const MARKER: &str = "# unleak-managed v1";

/// A hook that was there before, which runs first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chained {
    /// There was none.
    No,
    /// It lies beside ours, under its name with `.unleak-prev` behind it.
    Yes,
}

/// What `hook.<name>.command` is set to. Git hands it to a shell and adds the hook's arguments. A program that is not
/// there refuses, and says so; `program` is where it was when this was written, for callers with another `PATH`.
pub fn command_line(hook: Hook, program: &str, flags: &str) -> String {
    format!("{}; exec \"$unleak\" hook {}{flags}", lookup(hook, program), hook.name())
}

/// A script for the hooks directory.
pub fn script(hook: Hook, program: &str, flags: &str, chained: Chained) -> String {
    let (lookup, name) = (lookup(hook, program), hook.name());
    let call = format!("\"$unleak\" hook {name}{flags} \"$@\"");
    let body = match (chained, hook.reads_input()) {
        (Chained::No, _) => format!("{lookup}\nexec {call}\n"),
        (Chained::Yes, false) => {
            let before = "if [ -x \"$0.unleak-prev\" ]; then \"$0.unleak-prev\" \"$@\" || exit $?; fi";
            format!("{before}\n{lookup}\nexec {call}\n")
        }
        // Both read all of what git says. The x keeps the last line's end, which `$(…)` would drop.
        (Chained::Yes, true) => {
            let before = [
                "input=$(cat; echo x)",
                "input=${input%x}",
                "if [ -x \"$0.unleak-prev\" ]; then",
                "    printf %s \"$input\" | \"$0.unleak-prev\" \"$@\" || exit $?",
                "fi",
            ];
            format!("{}\n{lookup}\nprintf %s \"$input\" | {call}\n", before.join("\n"))
        }
    };
    format!("#!/bin/sh\n{MARKER}: unleak uninstall takes it away again\n{body}")
}

/// Whether a hook script is one of ours.
pub fn is_ours(text: &[u8]) -> bool {
    text.split(|byte| *byte == b'\n').take(3).any(|line| line.starts_with(MARKER.as_bytes()))
}

/// Sets `$unleak`, or refuses.
fn lookup(hook: Hook, program: &str) -> String {
    let program = quoted(program);
    let refused = format!("unleak is not installed here: the {} is refused", hook.refuses());
    let way_out =
        "install it, or remove the hook: git config --get-regexp unleak, git rev-parse --git-path hooks";
    format!(
        "unleak=$(command -v unleak) || unleak={program}; [ -x \"$unleak\" ] || \
         {{ echo 'error: {refused}' >&2; echo 'hint: {way_out}' >&2; exit 1; }}"
    )
}

/// One word of a POSIX shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_is_known_by_its_marker_only() {
        for hook in Hook::ALL {
            for chained in [Chained::No, Chained::Yes] {
                let text = script(hook, "/opt/it's/unleak", "", chained);
                assert!(is_ours(text.as_bytes()), "{text}");
                assert!(text.contains(r"'/opt/it'\''s/unleak'"), "{text}");
            }
        }
        assert!(!is_ours(b"#!/bin/sh\nexec unleak hook pre-commit\n"));
        assert!(!is_ours(b"#!/bin/sh\n\n\n\n# unleak-managed v1\n"));
    }

    #[test]
    fn a_command_line_is_one_line() {
        let line = command_line(Hook::PrePush, "/usr/bin/unleak", " --deadline 4.5s");
        assert!(!line.contains('\n'), "{line}");
        assert!(line.ends_with("hook pre-push --deadline 4.5s"), "{line}");
    }
}
