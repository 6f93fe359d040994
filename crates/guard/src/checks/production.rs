//! Does a database client go to what looks like production, and with SQL that destroys?

use std::path::Path;

use crate::checks::sql::destructive;
use crate::checks::world::World;
use crate::env_file::{entries, looks_like_production};
use crate::places::absolute;
use crate::policy::Call;
use crate::shell::Options;

/// Variables that say where the database is, in the order in which clients and frameworks ask.
const ADDRESSES: [&str; 9] = [
    "DATABASE_URL",
    "DB_URL",
    "POSTGRES_URL",
    "MYSQL_URL",
    "PGHOST",
    "MYSQL_HOST",
    "DB_HOST",
    "POSTGRES_HOST",
    "PGSERVICE",
];
const HOST_FLAGS: [&str; 6] = ["-h", "--host", "-d", "--dbname", "--url", "--database"];
const SQL_FLAGS: [&str; 6] = ["-c", "--command", "-e", "--execute", "-Q", "--query"];
const FILE_FLAGS: [&str; 2] = ["-f", "--file"];

/// SQL that destroys, on its way to production.
pub(super) fn destroys(
    call: &Call,
    options: &Options,
    folder: Option<&Path>,
    world: &World<'_>,
) -> Option<String> {
    let what = statement(call, options, folder, world)?;
    address(call, options, folder, world).map(|place| format!("{what}; {place}"))
}

/// The database that a call goes to, if it looks like production.
pub(super) fn url(
    call: &Call,
    options: &Options,
    folder: Option<&Path>,
    world: &World<'_>,
) -> Option<String> {
    address(call, options, folder, world)
}

fn statement(
    call: &Call,
    options: &Options,
    folder: Option<&Path>,
    world: &World<'_>,
) -> Option<&'static str> {
    let invocation = &call.invocation;
    let given = options.values(&SQL_FLAGS).map(|arg| &arg.text[..]);
    let operands = options.operands.iter().map(|arg| &arg.text[..]).filter(|text| text.contains(' '));
    let here = invocation.stdin.as_ref().map(|arg| &arg.text[..]);
    if let Some(what) = given.chain(operands).chain(here).find_map(destructive) {
        return Some(what);
    }
    let named = options.values(&FILE_FLAGS).map(|arg| &arg.text[..]);
    let redirected =
        invocation.redirects.iter().filter(|one| one.operator == "<").map(|one| &one.target.text[..]);
    let mut files = named.chain(redirected).filter_map(|path| {
        let text = world.facts.read(&absolute(folder?, path, world.facts)?)?;
        Some(String::from_utf8_lossy(&text).into_owned())
    });
    files.find_map(|text| destructive(&text))
}

/// Where the call goes, in words, if that looks like production. What the call says itself counts before the variables
/// it runs with, and those before the env files.
fn address(call: &Call, options: &Options, folder: Option<&Path>, world: &World<'_>) -> Option<String> {
    let words = &world.policies.lists().production;
    let production = |value: &str| looks_like_production(value, words);
    let said =
        options.values(&HOST_FLAGS).chain(options.operands.iter().filter(|arg| !arg.text.contains(' ')));
    let mut is_told = false;
    for arg in said {
        let (value, name) = match arg.text.strip_prefix('$') {
            Some(name) if !arg.literal => {
                (variable(name, call, folder, world).map(|(value, _)| value).unwrap_or_default(), name)
            }
            _ => (arg.text.clone(), ""),
        };
        if production(&value) || production(name) {
            let shown = if name.is_empty() {
                "the address on the command line".to_owned()
            } else {
                format!("${name}")
            };
            return Some(format!("database: {shown}"));
        }
        is_told |= value.contains("://") || value.contains('=');
    }
    if is_told || options.values(&["-h", "--host"]).next().is_some() {
        return None;
    }
    let (name, (value, source)) =
        ADDRESSES.iter().find_map(|name| Some((name, variable(name, call, folder, world)?)))?;
    production(&value).then(|| format!("database: {name} from {source}"))
}

/// The value of a variable and where it is from.
fn variable(name: &str, call: &Call, folder: Option<&Path>, world: &World<'_>) -> Option<(String, String)> {
    let set = call.invocation.variables.iter().rev().find(|(set, _)| set == name);
    if let Some((_, value)) = set {
        return Some((value.text.clone(), "the command".to_owned()));
    }
    if let Some(value) = world.facts.variable(name) {
        return Some((value, "the environment".to_owned()));
    }
    world.facts.env_files(folder?).into_iter().find_map(|(file, text)| {
        let found = entries(&text).into_iter().rev().find(|(key, _)| key == name)?;
        Some((found.1, file))
    })
}
