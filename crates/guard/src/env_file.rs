//! Env files: which names they have, what is in them, and what in them looks like production.

use unleak_rules::dotenv;

/// Parts of names that say "to be copied and filled in", or that it is encrypted.
const HARMLESS: [&str; 13] = [
    "example",
    "sample",
    "template",
    ".dist",
    ".tpl",
    ".tmpl",
    ".schema",
    ".defaults",
    ".default",
    ".enc",
    ".sops",
    ".vault",
    ".age",
];

/// Whether a file of this name (a path will do) is an env file with values of somebody's own.
pub fn is_env_file(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_ascii_lowercase();
    let is_one = name == ".env"
        || name == ".envrc"
        || name == "env.local"
        || name.starts_with(".env.")
        || name.starts_with(".env-")
        || name.len() > 4 && name.rsplit_once('.').is_some_and(|(_, end)| end == "env");
    is_one && !HARMLESS.iter().any(|part| name.contains(part))
}

/// Whether a file of this name is a private key, a key store or the key of a service account.
pub fn is_key_file(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_ascii_lowercase();
    let ends = [".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".ppk", ".kdbx"];
    let by_end = ends.iter().any(|end| name.ends_with(end)) && !name.ends_with(".pub.pem");
    let by_name = ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"].contains(&name.as_str());
    let is_json = name.rsplit_once('.').is_some_and(|(_, end)| end == "json");
    by_end || by_name || is_json && (name.contains("service-account") || name.contains("credentials"))
}

/// Whether a file of this name is for development, tests or CI by what it is called.
pub fn is_of_development(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let words: Vec<&str> = name.split(|byte: char| !byte.is_ascii_alphanumeric()).collect();
    ["development", "dev", "local", "test", "testing", "ci"].iter().any(|word| words.contains(word))
        || name == ".env"
        || name == ".envrc"
}

/// Names and values, in order. Values as a program would get them, references left as they are.
pub fn entries(text: &[u8]) -> Vec<(String, String)> {
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    dotenv::read(text)
        .into_iter()
        .map(|entry| (lossy(entry.key.of(text)), lossy(&dotenv::unescape(&entry, text))))
        .collect()
}

/// Whether `value`, an address or a name of one, has a word that says production.
pub fn looks_like_production(value: &str, words: &[String]) -> bool {
    let value = value.to_ascii_lowercase();
    // Who logs in says nothing about where; a password may hold any letters.
    let place =
        value.split_once("://").map_or(&value[..], |(_, rest)| rest.rsplit('@').next().unwrap_or(rest));
    let mut parts = place.split(|byte: char| !byte.is_ascii_alphanumeric());
    parts.any(|part| {
        let part = part.trim_end_matches(|digit: char| digit.is_ascii_digit());
        words.iter().any(|word| part == word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_env_files() {
        for name in [
            ".env",
            "a/.env.local",
            ".envrc",
            "prod.env",
            "env.local",
            ".env.production",
            ".ENV",
            ".env-prod",
        ] {
            assert!(is_env_file(name), "{name}");
        }
        for name in
            [".env.example", "a/.env.sample", "env.ts", ".environment", "env", ".env.vault", "x.env.template"]
        {
            assert!(!is_env_file(name), "{name}");
        }
    }

    #[test]
    fn production_is_told_by_words_of_the_place() {
        let words = ["prod".to_owned(), "live".to_owned()];
        for value in
            ["postgres://u:p@prod-db.acme.io/app", "db.live.acme.io", "mysql://x@h/app_prod", "prod2.acme.io"]
        {
            assert!(looks_like_production(value, &words), "{value}");
        }
        for value in ["postgres://prod:prod@localhost/app", "db.delivery.io", "products.acme.io", "olive", ""]
        {
            assert!(!looks_like_production(value, &words), "{value}");
        }
    }
}
