//! Does a call print environment variables, all of them or one that is a credential?

use unleak_rules::dotenv::secret_like_key;

use crate::policy::Call;
use crate::shell::Arg;

/// Programs that show what they read, or a part of it.
const SHOW: [&str; 19] = [
    "cat", "tee", "base64", "rev", "tr", "cut", "head", "tail", "sed", "xxd", "od", "hexdump", "fold",
    "grep", "sort", "less", "more", "nl", "column",
];

/// What it prints.
pub(super) fn prints(call: &Call) -> Option<String> {
    let invocation = &call.invocation;
    let args: Vec<&str> = invocation.args.iter().map(|arg| &arg.text[..]).collect();
    let operands = || args.iter().filter(|arg| !arg.starts_with('-'));
    let named = |name: &str| secret_like_key(name.as_bytes()).then(|| format!("variable: {name}"));
    let all = || Some("all variables".to_owned());
    // `env >file` shows nothing here, and is a file that can be looked at like any other.
    let is_shown = !invocation.redirects.iter().any(|one| {
        let is_shown_too =
            matches!(&one.target.text[..], "/dev/stdout" | "/dev/stderr" | "/dev/tty" | "1" | "2");
        one.operator.starts_with(['>', '&']) && !is_shown_too
    });
    let shows_values = is_shown && !invocation.piped.iter().any(|stage| hides_values(stage));
    match invocation.program.as_str() {
        "env" => {
            let mut rest = args.iter().skip_while(|arg| {
                arg.starts_with('-') && !matches!(**arg, "-u" | "--unset" | "-C" | "-S") || arg.contains('=')
            });
            (rest.next().is_none() && shows_values).then(all)?
        }
        "printenv" if operands().next().is_none() => shows_values.then(all)?,
        "printenv" => operands().find_map(|name| named(name)),
        "export" | "declare" | "typeset" => {
            let flag =
                |letters: &[char]| args.iter().any(|arg| arg.starts_with('-') && arg.contains(letters));
            let prints = args.is_empty() || flag(&['p', 'x']);
            match operands().next() {
                None => (prints && shows_values).then(all)?,
                Some(_) => operands().filter(|_| flag(&['p'])).find_map(|name| named(name)),
            }
        }
        "set" => (args.is_empty() && shows_values).then(all)?,
        "echo" | "printf" if is_shown => shown_variable(call, &invocation.args),
        "cat" if is_shown => shown_variable(call, invocation.stdin.as_slice()),
        "Get-ChildItem" | "gci" | "dir" => {
            operands().any(|arg| arg.eq_ignore_ascii_case("env:")).then(all)?
        }
        // `ps eww`: the `e` of BSD, without a dash.
        "ps" => args.first().is_some_and(|arg| is_letters(arg) && arg.contains('e')).then(all)?,
        "echo" | "printf" | "cat" => None,
        _ if args.iter().any(|arg| prints_all_from_code(arg)) => all(),
        _ => args.iter().find_map(|arg| printed_from_code(arg)).and_then(|name| named(&name)),
    }
}

fn is_letters(text: &str) -> bool {
    text.len() <= 6 && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Whether nothing of the values comes through a program: it counts, or it shows the names only.
fn hides_values(stage: &[String]) -> bool {
    let Some((program, args)) = stage.split_first() else { return false };
    let has = |letters: &[char]| {
        args.iter().any(|arg| arg.starts_with('-') && !arg.starts_with("--") && arg.contains(letters))
    };
    let said = args.join(" ");
    match program.as_str() {
        "wc" => true,
        "grep" | "egrep" | "rg" => has(&['c', 'q']) || said.contains("--count") || said.contains("--quiet"),
        "cut" => {
            (said.contains("-d=") || said.contains("-d =")) && (said.contains("-f1") || said.contains("-f 1"))
        }
        "sed" => said.contains("s/=.*//"),
        "awk" | "gawk" => (said.contains("-F=") || said.contains("-F =")) && said.contains("{print $1}"),
        _ => false,
    }
}

/// A credential among what is shown: the variable alone, not whether it is set.
fn shown_variable(call: &Call, args: &[Arg]) -> Option<String> {
    let shows = |stage: &Vec<String>| stage.first().is_some_and(|program| SHOW.contains(&program.as_str()));
    let invocation = &call.invocation;
    if !invocation.piped.iter().all(shows) || invocation.piped.iter().any(|stage| hides_values(stage)) {
        return None;
    }
    args.iter().filter(|arg| !arg.literal).find_map(|arg| {
        arg.text.split('$').skip(1).find_map(|after| {
            let name: String = after.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            let is_set_here = invocation.variables.iter().any(|(set, _)| *set == name);
            (secret_like_key(name.as_bytes()) && !is_set_here).then(|| format!("variable: {name}"))
        })
    })
}

/// Programs given on the command line that print everything.
fn prints_all_from_code(text: &str) -> bool {
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
        "inENVIRON)print",
        "inENVIRON){print",
    ]
    .iter()
    .any(|code| text.contains(code) && !text.contains(&format!("{code}[")))
}

/// The variable that such a program prints, as it is.
fn printed_from_code(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    [
        "print(os.environ[",
        "print(os.environ.get(",
        "print(os.getenv(",
        "console.log(process.env.",
        "console.log(process.env[",
        "putsENV[",
        "printENVIRON[",
        "print$ENV{",
        "echogetenv(",
    ]
    .iter()
    .find_map(|code| {
        let (_, rest) = text.split_once(code)?;
        let rest = rest.trim_start_matches(['\'', '"']);
        let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        // `process.env.TOKEN.length` and `process.env.TOKEN ? …` tell less.
        let after = rest[name.len()..].trim_start_matches(['\'', '"']);
        (after.starts_with([']', ')', ',', '}'])).then_some(name)
    })
}
