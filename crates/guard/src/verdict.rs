//! What the guard says of an event, before it is put into an agent's words.

use serde_json::Value;

/// How far the agent may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// The guard has no opinion; the agent's own rules decide.
    #[default]
    None,
    /// A person has to say yes.
    Ask,
    /// No.
    Deny,
}

/// One reason for a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The policy, or `secret`, or `internal-error`.
    pub policy: String,
    /// Why, and what to do instead. Never holds a secret.
    pub text: String,
}

/// What the guard says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    /// The strictest of all reasons.
    pub decision: Decision,
    /// Why.
    pub reasons: Vec<Reason>,
    /// What a tool gave, without its secrets; `None` where it held none.
    pub redacted: Option<Value>,
}

impl Verdict {
    /// Adds a reason.
    pub fn add(&mut self, decision: Decision, policy: impl Into<String>, text: impl Into<String>) {
        let reason = Reason { policy: policy.into(), text: text.into() };
        self.decision = self.decision.max(decision);
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    /// A refusal since something could not be looked at.
    pub fn failed(why: &str) -> Self {
        let mut verdict = Self::default();
        verdict.add(
            Decision::Deny,
            "internal-error",
            format!("unleak could not look at this, so it refuses it: {why}"),
        );
        verdict
    }

    /// All reasons, one a line.
    pub fn text(&self) -> String {
        let lines: Vec<String> =
            self.reasons.iter().map(|reason| format!("[unleak {}] {}", reason.policy, reason.text)).collect();
        lines.join("\n")
    }
}
