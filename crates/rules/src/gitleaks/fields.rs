//! The tables of a configuration: keys in any case, values with their places, and what nobody asked for.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::source::{Source, SyntaxError};

/// A value and the bytes of the file it is written in.
#[derive(Clone, Debug)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) span: Range<usize>,
}

/// The entries of one table that have not been asked for yet.
pub(super) struct Fields<'t, 'a> {
    source: Source<'a>,
    entries: Vec<(String, Range<usize>, &'t Spanned<DeValue<'a>>)>,
}

impl<'t, 'a> Fields<'t, 'a> {
    pub(super) fn new(source: Source<'a>, table: &'t DeTable<'a>) -> Self {
        let entry = |(key, value): (&Spanned<std::borrow::Cow<'a, str>>, &'t Spanned<DeValue<'a>>)| {
            (key.get_ref().to_lowercase(), key.span(), value)
        };
        Self { source, entries: table.iter().map(entry).collect() }
    }

    /// A value that must be a table.
    pub(super) fn of(source: Source<'a>, value: &'t Spanned<DeValue<'a>>) -> Result<Self, SyntaxError> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(Self::new(source, table)),
            _ => Err(source.error(value.span().start, "a table is expected here")),
        }
    }

    pub(super) fn take(&mut self, name: &str) -> Option<&'t Spanned<DeValue<'a>>> {
        let at = self.entries.iter().position(|(key, ..)| key == name)?;
        Some(self.entries.swap_remove(at).2)
    }

    /// Tables in an array, or one by itself.
    pub(super) fn tables(&mut self, name: &str) -> Result<Vec<(Range<usize>, Self)>, SyntaxError> {
        let source = self.source;
        let Some(value) = self.take(name) else { return Ok(Vec::new()) };
        let one = |value: &'t Spanned<DeValue<'a>>| Ok((value.span(), Self::of(source, value)?));
        match value.get_ref() {
            DeValue::Array(list) => list.iter().map(one).collect(),
            _ => Ok(vec![one(value)?]),
        }
    }

    pub(super) fn string(&mut self, name: &str) -> Result<Option<Placed<String>>, SyntaxError> {
        let source = self.source;
        self.take(name).map(|value| text(source, value)).transpose()
    }

    /// A list of strings; one by itself is split at commas, as gitleaks does.
    pub(super) fn strings(&mut self, name: &str) -> Result<Vec<Placed<String>>, SyntaxError> {
        let source = self.source;
        let Some(value) = self.take(name) else { return Ok(Vec::new()) };
        if let DeValue::Array(list) = value.get_ref() {
            list.iter().map(|item| text(source, item)).collect()
        } else {
            let whole = text(source, value)?;
            let parts = whole.value.split(',').filter(|part| !part.is_empty());
            Ok(parts.map(|part| Placed { value: part.to_owned(), span: whole.span.clone() }).collect())
        }
    }

    pub(super) fn number(&mut self, name: &str) -> Result<Option<Placed<f64>>, SyntaxError> {
        let source = self.source;
        let Some(value) = self.take(name) else { return Ok(None) };
        let written = match value.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().replace('_', ""),
            DeValue::Float(number) => number.as_str().replace('_', ""),
            DeValue::String(text) => text.trim().to_owned(),
            _ => String::new(),
        };
        let number = written.parse::<f64>().ok().filter(|number| number.is_finite());
        let number =
            number.ok_or_else(|| source.error(value.span().start, format!("`{name}` is a number")))?;
        Ok(Some(Placed { value: number, span: value.span() }))
    }

    /// A whole number from 0.
    pub(super) fn count(&mut self, name: &str) -> Result<Option<Placed<u64>>, SyntaxError> {
        let source = self.source;
        let Some(number) = self.number(name)? else { return Ok(None) };
        if number.value < 0.0 || number.value.fract() != 0.0 || number.value > 1e9 {
            return Err(source.error(number.span.start, format!("`{name}` is a whole number, 0 or more")));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
        Ok(Some(Placed { value: number.value as u64, span: number.span }))
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<bool, SyntaxError> {
        let source = self.source;
        let Some(value) = self.take(name) else { return Ok(false) };
        match value.get_ref() {
            DeValue::Boolean(flag) => Ok(*flag),
            DeValue::String(text) if matches!(text.as_ref(), "true" | "1") => Ok(true),
            DeValue::String(text) if matches!(text.as_ref(), "false" | "0" | "") => Ok(false),
            _ => Err(source.error(value.span().start, format!("`{name}` is true or false"))),
        }
    }

    /// Warns of what nobody asked for; `of` names the table.
    pub(super) fn finish(mut self, of: &str, warnings: &mut Vec<SyntaxError>) {
        self.entries.sort_by_key(|(_, span, _)| span.start);
        for (key, span, _) in self.entries {
            let message = format!("unknown key `{key}` in {of}: it is not read");
            warnings.push(self.source.error(span.start, message));
        }
    }
}

fn text(source: Source<'_>, value: &Spanned<DeValue<'_>>) -> Result<Placed<String>, SyntaxError> {
    let written = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(flag) => flag.to_string(),
        _ => return Err(source.error(value.span().start, "a string is expected here")),
    };
    Ok(Placed { value: written, span: value.span() })
}
