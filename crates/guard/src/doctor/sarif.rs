//! Remarks as SARIF 2.1.0, for code scanning.

use serde_json::{Value, json};

use crate::doctor::catalogue::CHECKS;
use crate::doctor::remark::{Grade, Remark};

/// The whole document; `version` is the program's.
pub fn sarif(remarks: &[Remark], version: &str) -> Value {
    let rules: Vec<Value> = CHECKS
        .iter()
        .map(|check| {
            json!({
                "id": check.id,
                "name": check.id,
                "shortDescription": { "text": check.title },
                "fullDescription": { "text": format!("{}.", check.title) },
                "help": { "text": "unleak doctor names the command that mends it." },
                "properties": { "tags": ["security"] },
            })
        })
        .collect();
    let results: Vec<Value> =
        remarks.iter().filter(|remark| remark.grade != Grade::Skip).map(result).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "unleak doctor", "version": version, "rules": rules } },
            "automationDetails": { "id": "unleak-doctor/" },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(remark: &Remark) -> Value {
    let index = CHECKS.iter().position(|check| check.id == remark.check).unwrap_or_default();
    let level = if remark.grade == Grade::Fail { "error" } else { "warning" };
    // What is in no file stands at the one that everybody has.
    let path = remark.path.as_deref().filter(|path| !path.starts_with('~')).unwrap_or(".gitignore");
    json!({
        "ruleId": remark.check,
        "ruleIndex": index,
        "level": level,
        "message": { "text": format!("{}. Mend it: {}", remark.text, remark.remedy) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": encoded(path) },
                "region": { "startLine": remark.line.unwrap_or(1) },
            },
        }],
    })
}

/// A path as a relative URI reference.
fn encoded(path: &str) -> String {
    use std::fmt::Write as _;
    path.bytes().fold(String::new(), |mut uri, byte| {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            write!(uri, "%{byte:02X}").unwrap_or_default();
        }
        uri
    })
}
