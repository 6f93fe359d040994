//! Fields that the payloads of several agents share.

use serde_json::Value;

use crate::event::{Act, Agent, Event, Moment};
use crate::leaves;
use crate::payload_error::PayloadError;

/// The text of a field.
pub(crate) fn text<'p>(payload: &'p Value, field: &str) -> Option<&'p str> {
    payload.get(field)?.as_str()
}

/// A field that must be there.
pub(crate) fn needed<'p>(
    payload: &'p Value,
    event: &str,
    field: &'static str,
) -> Result<&'p Value, PayloadError> {
    let missing = || PayloadError::Missing { event: event.chars().take(60).collect(), field };
    payload.get(field).filter(|value| !value.is_null()).ok_or_else(missing)
}

/// An event with nothing to look at yet.
pub(crate) fn event(agent: Agent, moment: Moment, name: &str, payload: &Value) -> Event {
    let tool = text(payload, "tool_name").or_else(|| text(payload, "toolName")).unwrap_or_default();
    Event {
        agent,
        moment,
        name: name.to_owned(),
        folder: text(payload, "cwd").map(str::to_owned),
        tool: tool.to_owned(),
        acts: Vec::new(),
    }
}

/// A prompt: a text, or blocks with texts.
pub(crate) fn prompt(value: &Value) -> Vec<Act> {
    let mut acts = Vec::new();
    leaves::each(value, |_, text| acts.push(Act::Text(text.to_owned())));
    acts
}

/// A value that some agents send as the text of JSON.
pub(crate) fn unfolded(value: &Value) -> Value {
    match value {
        Value::String(text) => serde_json::from_str(text).unwrap_or_else(|_| value.clone()),
        value => value.clone(),
    }
}
