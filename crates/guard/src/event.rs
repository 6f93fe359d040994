//! What an agent is about to do, or has done, whatever agent it is.

use serde_json::Value;

/// The program that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agent {
    /// Claude Code.
    Claude,
    /// Codex CLI: Claude's event names, with a `turn_id` or the model.
    Codex,
    /// Cursor, which also calls the hooks of Claude's settings, with its own payload.
    Cursor,
    /// Gemini CLI.
    Gemini,
    /// Copilot CLI and its cloud agent.
    Copilot,
    /// VS Code's own agent: Claude's shape in camel case.
    VsCode,
}

impl Agent {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Claude => "Claude Code",
            Self::Codex => "Codex",
            Self::Cursor => "Cursor",
            Self::Gemini => "Gemini CLI",
            Self::Copilot => "Copilot",
            Self::VsCode => "VS Code",
        }
    }
}

/// When the agent asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A prompt is about to be sent.
    Prompt,
    /// A tool is about to be used.
    Before,
    /// A tool has been used; what it gave is about to be sent.
    After,
    /// Something that nothing depends on.
    Other,
}

/// A call of the hook.
#[derive(Clone, Debug)]
pub struct Event {
    /// Who asks.
    pub agent: Agent,
    /// When.
    pub moment: Moment,
    /// The event as the agent calls it; empty where it does not say.
    pub name: String,
    /// The current directory of the agent, as it gives it.
    pub folder: Option<String>,
    /// The tool; empty for a prompt.
    pub tool: String,
    /// What there is to look at.
    pub acts: Vec<Act>,
}

/// One thing to look at.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Text that goes to a model: a prompt, a subagent's prompt, an argument of a tool.
    Text(String),
    /// A command line for a shell.
    Command(String),
    /// Text that is about to be written to a file.
    Write {
        /// The file, as the agent names it.
        path: String,
        /// What the text replaces; secrets in it are no news.
        before: String,
        /// The new text.
        text: String,
        /// Whether that is all that the file will hold.
        whole: bool,
    },
    /// A file that is about to be read.
    Read {
        /// The file, as the agent names it.
        path: String,
        /// Its content, where the agent sends it along.
        text: Option<String>,
    },
    /// A named value, as structured arguments have it.
    Named {
        /// The key.
        name: String,
        /// The value.
        value: String,
    },
    /// What a tool gave.
    Output(Value),
}
