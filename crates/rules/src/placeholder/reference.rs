//! Recognises values that name where a secret is kept: a variable, a template, a vault.

use bstr::ByteSlice as _;

use super::{filler, shape};

/// A value that starts so points to a secret store or to an encrypted value.
#[rustfmt::skip]
const STORES: [&str; 47] = [
    "op://", "vault:", "vault://", "!vault", "!secret", "!sub ", "!ref ", "!getatt ", "arn:aws", "ssm:",
    "ssm://", "awssm://", "sm://", "gcpsm://", "gsm:", "secretref:", "secretkeyref", "keyvault:",
    "@microsoft.keyvault(", "ref+", "doppler://", "infisical://", "bws://", "file:", "enc[",
    "$ansible_vault", "aws-sm://", "awssecret://", "gcp-sm://", "azure-kv://", "akv://", "hashivault://", "hvs://",
    "kms:", "pass://", "bw://", "keychain://", "keyring://", "env://", "sops:", "secret://", "chamber://",
    "berglas://", "conjur:", "akeyless:", "!env", "!importvalue",
];
/// A value that starts so is an expression that reads the environment or a store.
#[rustfmt::skip]
const EXPRESSIONS: [&str; 29] = [
    "process.env", "import.meta.env", "os.environ", "os.getenv(", "getenv(", "env(", "env[", "env.", "env:",
    "$env:", "$_env[", "$_server[", "system.getenv(", "std::env::", "deno.env", "bun.env", "secrets.",
    "data.", "var.", "os.lookupenv(", "lookupenv(", "env!(", "option_env!(", "get_env(", "sys.env",
    "environment.getenvironmentvariable(", "system.getproperty(", "rails.application.credentials", "lookup(",
];
/// Whole values between these are templates.
const TEMPLATES: [(&str, &str); 12] = [
    ("${{", "}}"),
    ("{{", "}}"),
    ("<%", "%>"),
    ("{%", "%}"),
    ("#{", "}"),
    ("$(", ")"),
    ("$[", "]"),
    ("%(", ")s"),
    ("%", "%"),
    ("__", "__"),
    ("@@", "@@"),
    ("{", "}"),
];

/// Whether `value` as a whole refers to a secret kept elsewhere: `$NAME`, `${NAME}` (also with a placeholder as its
/// default), `{{ name }}`, `%NAME%`, `op://…`, `process.env.NAME` and the like.
pub fn is_reference(value: &[u8]) -> bool {
    let value = shape::bare(value);
    is_template(value) || is_variables(value) || is_store(value)
}

fn is_store(value: &[u8]) -> bool {
    let starts = |prefix: &&str| {
        value.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-[]()'\"$:?!, ".contains(byte);
    STORES.iter().any(starts)
        || EXPRESSIONS.iter().any(starts) && value.iter().all(is_name)
        || value.starts_with(b"projects/") && value.contains_str("/secrets/")
}

/// One template, with a name or an expression inside rather than random characters.
fn is_template(value: &[u8]) -> bool {
    TEMPLATES.iter().any(|(open, close)| {
        let inner = value.strip_prefix(open.as_bytes()).and_then(|rest| rest.strip_suffix(close.as_bytes()));
        let Some(inner) = inner else { return false };
        match *open {
            "%" | "__" | "@@" | "{" => {
                !inner.is_empty() && inner.iter().all(|&byte| is_name(byte) || byte == b'.')
            }
            _ => !inner.trim_ascii().is_empty() && !inner.contains_str(open),
        }
    })
}

/// Variables and nothing else but signs between them.
fn is_variables(value: &[u8]) -> bool {
    let mut rest = value;
    let mut found = false;
    while let Some((&byte, after)) = rest.split_first() {
        rest = if byte == b'$' {
            let Some(after) = after_variable(after) else { return false };
            found = true;
            after
        } else if b":/@.-_, ".contains(&byte) {
            after
        } else {
            return false;
        };
    }
    found
}

/// What follows the variable whose `$` was taken.
fn after_variable(rest: &[u8]) -> Option<&[u8]> {
    if let Some(inner) = rest.strip_prefix(b"{") {
        let (inner, after) = inner.split_once_str("}")?;
        let name = inner.iter().position(|&byte| !is_name(byte)).unwrap_or(inner.len());
        let default = inner[name..].trim_start_with(|c| ":-?+=".contains(c));
        let is_empty = default.is_empty() || default.len() < inner.len() - name && filler::is_filler(default);
        return (name > 0 && is_empty).then_some(after);
    }
    let name = &rest[..rest.iter().position(|&byte| !is_name(byte)).unwrap_or(rest.len())];
    // `$up3rS3cret` is a password: names are of one case, and lower-case ones have no digits.
    let upper = name.iter().all(|byte| !byte.is_ascii_lowercase());
    let lower = name.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_');
    let starts = name.first().is_some_and(|byte| !byte.is_ascii_digit());
    (starts && (upper || lower)).then(|| &rest[name.len()..])
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
