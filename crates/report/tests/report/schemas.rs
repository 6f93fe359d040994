//! Reports held against the schemas of their formats, and XML read to its end.

use std::path::PathBuf;

use jsonschema::Validator;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;
use unleak_report::Report;

use crate::sample::text_of;

pub(crate) fn schema(name: &str) -> Value {
    serde_json::from_str(match name {
        "sarif" => include_str!("../schemas/sarif.json"),
        "gitlab" => include_str!("../schemas/gitlab.json"),
        "codequality" => include_str!("../schemas/codequality.json"),
        _ => include_str!("../schemas/rdjson.json"),
    })
    .unwrap()
}

/// Our schema of a format, and those that vendors publish where the environment says they are.
pub(crate) fn validators(name: &str) -> Vec<Validator> {
    let ours = jsonschema::draft202012::options().should_validate_formats(true).build(&schema(name)).unwrap();
    std::iter::once(ours).chain(published(name)).collect()
}

fn published(name: &str) -> Vec<Validator> {
    #[expect(clippy::disallowed_methods, reason = "schemas that are too large or not ours to keep here")]
    let Some(folder) = std::env::var_os("UNLEAK_SCHEMAS").map(PathBuf::from) else { return Vec::new() };
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_one = |path: &PathBuf| {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        file.starts_with(name) && path.extension().is_some_and(|end| end == "json")
    };
    files
        .filter(is_one)
        .map(|file| {
            let mut schema: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
            // Copies of the SARIF schema name drafts they are not written in, and have one keyword among properties.
            schema.as_object_mut().unwrap().remove("$schema");
            if let Some(region) = schema.pointer_mut("/definitions/region/properties") {
                region.as_object_mut().unwrap().remove("anyOf");
            }
            jsonschema::draft4::options().build(&schema).unwrap()
        })
        .collect()
}

/// The JSON of a format, which its schemas accept.
#[track_caller]
pub(crate) fn valid(name: &str, report: &Report<'_>) -> Value {
    let text = text_of(name, report);
    let value: Value = serde_json::from_str(&text).unwrap();
    for validator in validators(name) {
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}\n{text}");
    }
    value
}

/// Reads the XML to its end; the attributes of every element, by name.
#[track_caller]
pub(crate) fn elements(xml: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut reader = Reader::from_str(xml);
    let (mut found, mut open) = (Vec::new(), 0);
    loop {
        let event = reader.read_event().unwrap();
        match &event {
            Event::Start(element) | Event::Empty(element) => {
                open += usize::from(matches!(event, Event::Start(_)));
                let attributes = element.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    let value = quick_xml::escape::unescape(&attribute.value).unwrap().into_owned();
                    (attribute.key.as_ref().to_owned(), value)
                });
                let name = element.name().as_ref().to_owned();
                found.push((name, attributes.collect()));
            }
            Event::End(_) => open -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(open, 0, "{xml}");
    found
}
