//! Secrets in all their forms, replaced in a single pass: from left to right, the longest first.

use std::sync::Arc;

use zeroize::{Zeroize, Zeroizing};

use super::encodings::{Variant, variants};
use super::error::ReplacerError;
use super::literals::Literals;
use super::style::Style;

/// The least length of a secret, and of each of its forms.
const LEAST: usize = 4;

/// Secrets and what takes their place.
pub(super) struct Secrets {
    pub(super) literals: Arc<Literals>,
    /// For each literal.
    put: Vec<Vec<u8>>,
    /// The secrets, sorted, each once.
    pub(super) values: Vec<Zeroizing<Vec<u8>>>,
    pub(super) style: Style,
}

impl Drop for Secrets {
    fn drop(&mut self) {
        if let Style::Keyed(key) = &mut self.style {
            key.zeroize();
        }
    }
}

impl Secrets {
    pub(super) fn new(
        secrets: impl IntoIterator<Item = Vec<u8>>,
        style: Style,
    ) -> Result<Self, ReplacerError> {
        let mut values: Vec<_> = secrets.into_iter().map(Zeroizing::new).collect();
        values.sort_by(|a, b| a.as_slice().cmp(b));
        values.dedup();
        if values.is_empty() {
            return Err(ReplacerError::Empty);
        }
        if let Some(short) = values.iter().find(|value| value.len() < LEAST) {
            return Err(ReplacerError::TooShort { length: short.len(), least: LEAST });
        }
        let forms = distinct(&values, &style);
        let literals = Arc::new(Literals::new(forms.iter().map(|form| form.find.as_slice()))?);
        let put: Vec<Vec<u8>> = forms.into_iter().map(|form| form.put).collect();
        let mut again = None;
        for put in &put {
            literals.each(put, &mut |found| again = Some(found.len()));
        }
        match again {
            Some(length) => Err(ReplacerError::Recreates { length }),
            None => Ok(Self { literals, put, values, style }),
        }
    }

    /// All forms, made anew: they are not kept.
    pub(super) fn forms(&self) -> Vec<Zeroizing<Vec<u8>>> {
        distinct(&self.values, &self.style).into_iter().map(|form| form.find).collect()
    }

    /// One pass; `None` if there is nothing to replace.
    pub(super) fn replace(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        if !self.literals.any_in(bytes) {
            return None;
        }
        let (mut out, mut done) = (Vec::new(), 0);
        self.literals.each_with_index(bytes, &mut |index, found| {
            out.extend(&bytes[done..found.start]);
            out.extend(&self.put[index]);
            done = found.end;
        });
        if done == 0 {
            return None;
        }
        out.extend(&bytes[done..]);
        Some(out)
    }
}

/// The forms of all values, each form once; a value as it is comes before any other form of the same bytes.
fn distinct(values: &[Zeroizing<Vec<u8>>], style: &Style) -> Vec<Variant> {
    let forms = values.iter().flat_map(|value| variants(value, style).into_iter().enumerate());
    let mut forms: Vec<(usize, Variant)> = forms.filter(|(_, form)| form.find.len() >= LEAST).collect();
    forms.sort_by(|(rank, form), (other_rank, other)| {
        form.find.as_slice().cmp(&other.find).then(rank.min(&1).cmp(other_rank.min(&1)))
    });
    forms.dedup_by(|(_, later), (_, form)| later.find == form.find);
    forms.into_iter().map(|(_, form)| form).collect()
}
