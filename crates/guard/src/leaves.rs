//! The texts in a JSON value, without recursion: read, or replaced in place.

use serde_json::{Map, Value};

/// Calls `each` with the key and the text of every string in `value`; the key is that of the nearest object.
pub(crate) fn each<'v>(value: &'v Value, mut each: impl FnMut(Option<&'v str>, &'v str)) {
    let mut pending: Vec<(Option<&str>, &Value)> = vec![(None, value)];
    while let Some((key, value)) = pending.pop() {
        match value {
            Value::String(text) => each(key, text),
            Value::Array(items) => pending.extend(items.iter().rev().map(|item| (key, item))),
            Value::Object(fields) => {
                pending.extend(fields.iter().rev().map(|(key, value)| (Some(key.as_str()), value)));
            }
            _ => {}
        }
    }
}

/// Replaces every text, keys included, by what `new` gives; `None` leaves it.
pub(crate) fn replace(value: &mut Value, mut new: impl FnMut(Option<&str>, &str) -> Option<String>) {
    let mut pending: Vec<(Option<String>, &mut Value)> = vec![(None, value)];
    while let Some((key, value)) = pending.pop() {
        match value {
            Value::String(text) => {
                if let Some(other) = new(key.as_deref(), text) {
                    *text = other;
                }
            }
            Value::Array(items) => pending.extend(items.iter_mut().map(|item| (key.clone(), item))),
            Value::Object(fields) => {
                rename(fields, &mut new);
                pending.extend(fields.iter_mut().map(|(key, value)| (Some(key.clone()), value)));
            }
            _ => {}
        }
    }
}

fn rename(fields: &mut Map<String, Value>, new: &mut impl FnMut(Option<&str>, &str) -> Option<String>) {
    let renamed: Vec<(String, String)> =
        fields.keys().filter_map(|key| Some((key.clone(), new(None, key)?))).collect();
    for (key, other) in renamed {
        if let Some(value) = fields.remove(&key) {
            fields.insert(other, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_text_is_met_and_replaced_keys_included() {
        let mut value = json!({"a": ["x", {"b": "y", "k-x": 1}], "c": null});
        let mut met = Vec::new();
        each(&value, |key, text| met.push((key.unwrap_or_default().to_owned(), text.to_owned())));
        assert_eq!(met, [("a".into(), "x".into()), ("b".into(), "y".to_owned())]);
        replace(&mut value, |_, text| text.contains('x').then(|| text.replace('x', "!")));
        assert_eq!(value, json!({"a": ["!", {"b": "y", "k-!": 1}], "c": null}));
    }
}
