//! LOOP001: loops without an end around paid APIs. A hint, no more: a hook cannot see a program run, and neither can this.

use crate::doctor::remark::Remark;

/// What begins a loop without an end.
const ENDLESS: [&str; 8] =
    ["while true", "while True", "while (true)", "while(true)", "while 1", "while :", "for (;;)", "for(;;)"];
/// What calls an API that costs.
const CALLS: [&str; 14] = [
    "openai",
    "anthropic",
    "chat.completions",
    "messages.create",
    "generate_content",
    "generateContent",
    "api.stripe.com",
    "api.twilio.com",
    "bedrock",
    "replicate.run",
    "cohere",
    "mistral",
    "requests.post",
    "fetch(",
];
/// What bounds one.
const BOUNDS: [&str; 9] = [
    "max_retries",
    "maxRetries",
    "max_attempts",
    "maxAttempts",
    "attempt",
    "retries",
    "deadline",
    "break",
    "backoff",
];
/// Lines of a loop that are looked at.
const LINES: usize = 25;

/// What there is to say of a source file.
pub fn check(path: &str, text: &str) -> Vec<Remark> {
    let lines: Vec<&str> = text.lines().collect();
    let mut remarks = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if !ENDLESS.iter().any(|start| line.contains(start)) {
            continue;
        }
        let body = &lines[at..lines.len().min(at + LINES)];
        let has = |words: &[&str]| body.iter().any(|line| words.iter().any(|word| line.contains(word)));
        if has(&CALLS) && !has(&BOUNDS) {
            let text =
                "low confidence: a loop without an end, with an API call in it and nothing that bounds it";
            let remedy = "count the attempts, wait longer each time, and set a budget with the vendor";
            remarks.push(Remark::warn("LOOP001", text, remedy).at(path).on(at + 1));
        }
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_with_a_call_and_no_bound_is_a_hint() {
        let bad = "import openai\nwhile True:\n    try:\n        client.chat.completions.create()\n    except Exception:\n        pass\n";
        assert_eq!(check("a.py", bad)[0].line, Some(2));
        for text in [
            "while True:\n    x = read()\n",
            "while True:\n    r = openai.x()\n    if r: break\n",
            "for attempt in range(3):\n    openai.x()\n",
        ] {
            assert_eq!(check("a.py", text), [], "{text}");
        }
    }
}
