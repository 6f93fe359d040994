//! Service accounts: whose key a call uses, and whether infrastructure code makes that account owner or editor.

use std::path::Path;

use serde_json::Value;

use crate::checks::world::World;
use crate::places::absolute;
use crate::policy::Call;

/// A role that opens a whole project, given to a service account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// `roles/owner` or `roles/editor`.
    pub role: &'static str,
    /// Counted from 1.
    pub line: usize,
    /// The lines around it that belong to the same block or command.
    pub(crate) block: String,
}

/// The e-mail address of the account that a key file is of; `None` if it is no such file.
pub fn service_account(text: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(text).ok()?;
    let is_one = value.get("type")? == "service_account";
    let email = value.get("client_email")?.as_str()?;
    is_one.then(|| email.to_owned())
}

/// Lines that one binding may run over, each way.
const AROUND: usize = 12;

/// The bindings of owner and editor to service accounts in a text: Terraform, YAML, shell.
pub fn bindings(text: &str) -> Vec<Binding> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        if code.starts_with('#') || code.starts_with("//") {
            continue;
        }
        let Some(role) = ["roles/owner", "roles/editor"].into_iter().find(|role| line.contains(role)) else {
            continue;
        };
        let is_edge = |line: &str| line.trim().is_empty() || line.starts_with('}') || line.trim() == "---";
        let start = (at.saturating_sub(AROUND)..at)
            .rev()
            .find(|n| is_edge(lines[*n]))
            .map_or(at.saturating_sub(AROUND), |n| n + 1);
        let latest = lines.len().min(at + AROUND);
        let end = (at + 1..latest).find(|n| is_edge(lines[*n])).unwrap_or(latest);
        let block = lines[start..end].join("\n");
        let lower = block.to_ascii_lowercase();
        if ["serviceaccount", "service_account", "service-account"].iter().any(|word| lower.contains(word)) {
            found.push(Binding { role, line: at + 1, block });
        }
    }
    found
}

/// A call with the key of an account that is owner or editor.
pub(super) fn uses(call: &Call, folder: Option<&Path>, world: &World<'_>) -> Option<String> {
    let invocation = &call.invocation;
    let variables = invocation
        .variables
        .iter()
        .filter(|(name, _)| name.starts_with("GOOGLE_") || name == "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE");
    let variables = variables.map(|(_, value)| &value.text[..]);
    let args = invocation.args.iter().map(|arg| {
        let text = &arg.text[..];
        text.split_once('=').map_or(text, |(_, value)| value)
    });
    // A program of Google's with none of that takes the variable of its environment.
    let is_google = ["gcloud", "gsutil", "bq", "terraform", "tofu", "pulumi", "firebase"]
        .contains(&invocation.program.as_str());
    let ambient = is_google.then(|| ambient(folder, world)).flatten();
    let folder = folder?;
    let paths = args.chain(variables).filter(|path| path.to_ascii_lowercase().ends_with(".json"));
    for path in paths.chain(ambient.as_deref()) {
        let text = absolute(folder, path, world.facts).and_then(|path| world.facts.read(&path));
        let Some(email) = text.and_then(|text| service_account(&text)) else { continue };
        if let Some(said) = bound(&email, folder, world) {
            return Some(format!("key: {path}, {said}"));
        }
    }
    None
}

fn ambient(folder: Option<&Path>, world: &World<'_>) -> Option<String> {
    let name = "GOOGLE_APPLICATION_CREDENTIALS";
    world.facts.variable(name).or_else(|| {
        let files = world.facts.env_files(folder?);
        files.iter().find_map(|(_, text)| {
            crate::env_file::entries(text).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
        })
    })
}

/// Where infrastructure code binds the account.
fn bound(email: &str, folder: &Path, world: &World<'_>) -> Option<String> {
    let (account, _) = email.split_once('@')?;
    // Terraform names the account by its resource, which mostly is its id with `_` for `-`.
    let resource = account.replace('-', "_");
    world.facts.infrastructure(folder).into_iter().find_map(|(file, text)| {
        let text = String::from_utf8_lossy(&text).into_owned();
        let binding = bindings(&text).into_iter().find(|binding| {
            let block = &binding.block;
            block.contains(account) || block.contains(&resource) || is_resource_of(&text, account, block)
        })?;
        Some(format!("{} at {file}:{}", binding.role, binding.line))
    })
}

/// Whether a Terraform resource with that `account_id` is what the block speaks of.
fn is_resource_of(text: &str, account: &str, block: &str) -> bool {
    let mut name = None;
    for line in text.lines() {
        if let Some(rest) = line.trim().strip_prefix("resource \"google_service_account\" \"") {
            name = rest.split('"').next();
        }
        let is_id = line.trim_start().starts_with("account_id") && line.contains(&format!("\"{account}\""));
        if let Some(name) = name.filter(|_| is_id) {
            return block.contains(&format!("google_service_account.{name}."));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bindings_are_found_where_a_service_account_stands_beside() {
        let terraform = "resource \"google_project_iam_member\" \"ci\" {\n  role   = \"roles/owner\"\n  member = \"serviceAccount:ci@p.iam.gserviceaccount.com\"\n}\n";
        let shell = "gcloud projects add-iam-policy-binding p \\\n  --member=serviceAccount:ci@p.iam.gserviceaccount.com \\\n  --role=roles/editor\n";
        for (text, role, line) in [(terraform, "roles/owner", 2), (shell, "roles/editor", 3)] {
            let found = bindings(text);
            assert_eq!((found[0].role, found[0].line), (role, line));
        }
        for text in [
            "# roles/owner for serviceAccount\n",
            "role = \"roles/owner\"\nmember = \"user:a@b.c\"\n",
            "serviceAccount\n\nroles/owner\n",
        ] {
            assert_eq!(bindings(text), [], "{text}");
        }
    }
}
