//! Does a call print environment variables, all of them or one that is a credential?

use unleak_rules::dotenv::secret_like_key;

use crate::policy::Call;
use crate::shell::Arg;

/// What it prints.
pub(super) fn prints(call: &Call) -> Option<String> {
    let invocation = &call.invocation;
    let args: Vec<&str> = invocation.args.iter().map(|arg| &arg.text[..]).collect();
    let operands = || args.iter().filter(|arg| !arg.starts_with('-'));
    let all = || Some("all variables".to_owned());
    // `env >file` shows nothing here, and is a file that can be looked at like any other.
    let is_shown = !invocation.redirects.iter().any(|one| {
        let is_shown_too =
            matches!(&one.target.text[..], "/dev/stdout" | "/dev/stderr" | "/dev/tty" | "1" | "2");
        one.operator.starts_with(['>', '&']) && !is_shown_too
    });
    match invocation.program.as_str() {
        "env" => {
            let mut rest = args.iter().skip_while(|arg| {
                arg.starts_with('-') && !matches!(**arg, "-u" | "--unset" | "-C" | "-S") || arg.contains('=')
            });
            (rest.next().is_none() && is_shown).then(all)?
        }
        "printenv" if operands().next().is_none() => all(),
        "printenv" => {
            operands().find(|name| secret_like_key(name.as_bytes())).map(|name| format!("variable: {name}"))
        }
        "export" | "declare" | "typeset" => {
            let prints = args.iter().any(|arg| arg.starts_with('-') && arg.contains(['p', 'x']));
            (operands().next().is_none() && (prints || invocation.program == "export")).then(all)?
        }
        "set" => (args.is_empty() && is_shown).then(all)?,
        "echo" | "printf" => is_shown.then(|| shown_variable(call))?,
        "Get-ChildItem" | "gci" | "dir" => {
            operands().any(|arg| arg.eq_ignore_ascii_case("env:")).then(all)?
        }
        "cat" | "strings" | "tr" | "xargs" => {
            let redirected = invocation.redirects.iter().map(|one| &one.target.text[..]);
            let is_process = |path: &str| path.starts_with("/proc/") && path.ends_with("/environ");
            operands().copied().chain(redirected).any(is_process).then(all)?
        }
        _ => args.iter().any(|arg| prints_from_code(arg)).then(all)?,
    }
}

/// A credential among what `echo` shows: the variable alone, not whether it is set.
fn shown_variable(call: &Call) -> Option<String> {
    if call.invocation.piped {
        return None;
    }
    let name = |arg: &Arg| {
        let (_, after) = arg.text.split_once('$').filter(|_| !arg.literal)?;
        let name: String = after.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        (secret_like_key(name.as_bytes()) && !call.invocation.variables.iter().any(|(set, _)| *set == name))
            .then(|| format!("variable: {name}"))
    };
    call.invocation.args.iter().find_map(name)
}

/// Programs given on the command line.
fn prints_from_code(text: &str) -> bool {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    [
        "print(os.environ)",
        "print(dict(os.environ))",
        "pprint(os.environ)",
        "pprint(dict(os.environ))",
        "json.dumps(dict(os.environ",
        "console.log(process.env)",
        "console.log(JSON.stringify(process.env",
        "console.dir(process.env)",
        "putsENV",
        "pENV",
        "print%ENV",
        "print_r($_ENV)",
        "print_r(getenv())",
    ]
    .iter()
    .any(|code| text.contains(code))
}
