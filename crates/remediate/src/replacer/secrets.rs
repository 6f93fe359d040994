//! Secrets in all their forms, replaced in a single pass from left to right, the longest first; then those broken into lines.

use std::sync::Arc;

use zeroize::{Zeroize, Zeroizing};

use super::encodings::{Variant, base64_forms, variants};
use super::error::ReplacerError;
use super::literals::Literals;
use super::style::Style;
use super::wrapped::Wrapped;

/// The least length of a secret, and of each of its forms.
const LEAST: usize = 4;

/// Secrets and what takes their place.
pub(super) struct Secrets {
    /// The forms and the pieces: where none of them occurs there is nothing to replace.
    pub(super) literals: Arc<Literals>,
    forms: Arc<Literals>,
    /// For each form.
    put: Vec<Vec<u8>>,
    wrapped: Wrapped,
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
        let base64 = values.iter().flat_map(|value| base64_forms(value, &style));
        let wrapped = Wrapped::new(base64.collect())?;
        let put: Vec<Vec<u8>> = forms.into_iter().map(|form| form.put).collect();
        let mut again = None;
        for put in &put {
            literals.each(put, &mut |found| again = Some(found.len()));
        }
        if let Some(length) = again {
            return Err(ReplacerError::Recreates { length });
        }
        let mut secrets =
            Self { literals: Arc::clone(&literals), forms: literals, put, wrapped, values, style };
        let signs = secrets.signs();
        let signs = Literals::new(signs.iter().map(|sign| sign.as_slice()))?;
        secrets.literals = Arc::new(signs.reaching(secrets.extent()));
        Ok(secrets)
    }

    /// All forms, made anew since they are not kept, and all pieces.
    pub(super) fn signs(&self) -> Vec<Zeroizing<Vec<u8>>> {
        let forms = distinct(&self.values, &self.style).into_iter().map(|form| form.find);
        forms.chain(self.wrapped.pieces()).collect()
    }

    /// How many bytes whatever is replaced can take.
    pub(super) fn extent(&self) -> usize {
        self.forms.longest().max(self.wrapped.longest())
    }

    /// One pass; `None` if there is nothing to replace.
    pub(super) fn replace(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        if !self.literals.any_in(bytes) {
            return None;
        }
        let whole = self.replace_forms(bytes);
        self.wrapped.replace(whole.as_deref().unwrap_or(bytes)).or(whole)
    }

    fn replace_forms(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let (mut out, mut done) = (Vec::new(), 0);
        self.forms.each_with_index(bytes, &mut |index, found| {
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
