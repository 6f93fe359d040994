//! What goes back to an agent: standard output, standard error, exit code.

use serde_json::{Value, json};

/// An answer. Every agent reads JSON on standard output with exit code 0; exit code 2 blocks, with the reason on standard
/// error.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// One JSON object.
    pub stdout: Value,
    /// For people and models; empty where there is nothing to say.
    pub stderr: String,
    /// 0, or 2 to block.
    pub code: u8,
}

impl Answer {
    /// JSON and nothing else.
    pub(crate) fn of(stdout: Value) -> Self {
        Self { stdout, stderr: String::new(), code: 0 }
    }

    /// No opinion.
    pub(crate) fn none() -> Self {
        Self::of(json!({}))
    }

    /// Refuses what could not be understood, in words that every known agent takes for a refusal. `decision` is Gemini's,
    /// which looks at the exit code only where there is no JSON.
    pub fn refusal(why: &str) -> Self {
        let text = format!("[unleak internal-error] unleak could not look at this, so it refuses it: {why}");
        let stdout = json!({
            "decision": "block",
            "reason": text,
            "permission": "deny",
            "user_message": text,
            "agent_message": text,
            "permissionDecision": "deny",
            "permissionDecisionReason": text,
        });
        Self { stdout, stderr: text, code: 2 }
    }
}
