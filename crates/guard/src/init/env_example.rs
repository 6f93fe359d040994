//! `.env.example`: the names of `.env` without its values.

use crate::env_file::entries;
use crate::init::lines::appended;

/// The file with the keys of `env` that it lacks; `None` if it lacks none. What is there stays, values and comments too;
/// nothing but names is taken from `env`.
pub fn step(existing: Option<&str>, env: &[u8]) -> Option<String> {
    let missing = missing(existing.unwrap_or_default(), env);
    if missing.is_empty() {
        return None;
    }
    let lines: Vec<String> = missing.iter().map(|key| format!("{key}=")).collect();
    Some(appended(existing.unwrap_or_default(), &lines))
}

/// The keys of `env` that `example` does not name, in order.
pub fn missing(example: &str, env: &[u8]) -> Vec<String> {
    let mut known: Vec<String> = entries(example.as_bytes()).into_iter().map(|(key, _)| key).collect();
    // An example may leave a key as a comment.
    known.extend(example.lines().filter_map(|line| {
        let (key, _) = line.trim_start().strip_prefix('#')?.split_once('=')?;
        Some(key.trim().to_owned())
    }));
    let mut missing = Vec::new();
    for (key, _) in entries(env) {
        if !known.contains(&key) {
            known.push(key.clone());
            missing.push(key);
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_nothing_else() {
        let env = b"# secret comment hunter2\nA=one\nexport B='two'\nA=three\nC=\n";
        let once = step(None, env).unwrap();
        assert_eq!(once, "A=\nB=\nC=\n");
        assert_eq!(step(Some(&once), env), None);
        assert_eq!(step(Some("# B=\r\nA=sample\r\n"), env).unwrap(), "# B=\r\nA=sample\r\nC=\r\n");
        assert_eq!(step(None, b""), None);
    }
}
