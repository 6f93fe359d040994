//! What is replaced in the bytes of blobs and messages.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::dialect::Dialect;
use crate::expressions;

use super::cascade::Cascade;
use super::error::{ReplaceError, ReplacerError};
use super::literals::Literals;
use super::secrets::Secrets;
use super::style::{Style, hmac};

/// How many passes may follow the first.
const PASSES: usize = 3;
/// How far git-filter-repo looks for a NUL.
const BINARY: usize = 8192;

/// What is replaced in the bytes of blobs and messages.
///
/// ```
/// use unleak_remediate::{Replacer, Style};
///
/// let secrets = vec![b"correct horse".to_vec()];
/// let replacer = Replacer::for_secrets(secrets, Style::Fixed).unwrap();
/// assert_eq!(replacer.replace(b"pw = correct horse\n").unwrap().unwrap(), b"pw = ***REMOVED***\n");
/// assert_eq!(replacer.replace(b"?pw=correct+horse").unwrap().unwrap(), b"?pw=***REMOVED***");
/// assert_eq!(replacer.replace(b"nothing").unwrap(), None);
/// ```
pub struct Replacer {
    stages: Vec<Stage>,
    /// All literals, if there is nothing but literals.
    literals: Option<Arc<Literals>>,
}

enum Stage {
    Secrets(Secrets),
    Rules { cascade: Cascade, dialect: Dialect },
}

impl fmt::Debug for Replacer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_struct("Replacer");
        for stage in &self.stages {
            match stage {
                Stage::Secrets(secrets) => {
                    list.field("secrets", &secrets.values.len()).field("style", &secrets.style);
                }
                Stage::Rules { cascade, dialect } => {
                    list.field("literals", &cascade.rules.len());
                    list.field("expressions", &cascade.patterns.len()).field("dialect", dialect);
                }
            }
        }
        list.finish()
    }
}

impl Replacer {
    /// Replaces secrets in all their forms, in a single pass from left to right, the longest first, repeated until
    /// nothing is left.
    ///
    /// The forms are: as it is; UTF-16 of either byte order; Latin-1; lines ended by LF, CRLF, or by either one escaped
    /// with backslashes; escapes of JSON, HTML and XML; percent-encoding, whole or of what must be; and, of secrets of
    /// 8 bytes and more, base64 of both alphabets at any offset and hexadecimal. Base64 of the usual alphabet with 16
    /// characters or more may be broken into lines of 64 or more, which may be indented.
    ///
    /// The secrets given are wiped when the replacer is dropped; the automaton made of them is not.
    pub fn for_secrets(
        secrets: impl IntoIterator<Item = Vec<u8>>,
        style: Style,
    ) -> Result<Self, ReplacerError> {
        Self::of(vec![Stage::Secrets(Secrets::new(secrets, style)?)])
    }

    /// Reads a file of rules in the format of git-filter-repo's `--replace-text`.
    ///
    /// Literals come first, in the order of the file, then expressions and globs, each on what the one before it left.
    /// With [`Dialect::Ours`] a byte order mark is left out, and a file without a rule and a literal that a rule puts
    /// back are errors. With [`Dialect::FilterRepo`] nothing is replaced in what has a NUL among its first 8192 bytes.
    pub fn parse_expressions(file: &[u8], dialect: Dialect) -> Result<Self, ReplacerError> {
        let cascade = Cascade::new(expressions::parse(file, dialect)?)?;
        Self::of(vec![Stage::Rules { cascade, dialect }])
    }

    /// First what this one replaces, then, in what that left, what `other` does.
    pub fn and(mut self, other: Self) -> Result<Self, ReplacerError> {
        self.stages.extend(other.stages);
        Self::of(self.stages)
    }

    fn of(stages: Vec<Stage>) -> Result<Self, ReplacerError> {
        let literals = match stages.as_slice() {
            [Stage::Secrets(secrets)] => Some(Arc::clone(&secrets.literals)),
            [Stage::Rules { cascade, .. }] if cascade.patterns.is_empty() => match &cascade.literals {
                Some(literals) => Some(Arc::clone(literals)),
                None => Some(Arc::new(Literals::new(std::iter::empty())?)),
            },
            several => literals_of(several)?.map(Arc::new),
        };
        Ok(Self { stages, literals })
    }

    /// The bytes with everything replaced; `None` if they stay as they are.
    pub fn replace(&self, bytes: &[u8]) -> Result<Option<Vec<u8>>, ReplaceError> {
        if self.literals.as_ref().is_some_and(|literals| !literals.any_in(bytes)) {
            return Ok(None);
        }
        let binary = bytes[..bytes.len().min(BINARY)].contains(&0);
        let mut text = Cow::Borrowed(bytes);
        for stage in &self.stages {
            let replaced = match stage {
                Stage::Secrets(secrets) => secrets.replace(&text),
                Stage::Rules { dialect: Dialect::FilterRepo, .. } if binary => None,
                Stage::Rules { cascade, .. } => cascade.replace(&text)?,
            };
            text = replaced.map_or(text, Cow::Owned);
        }
        match self.settle(text)? {
            Cow::Owned(new) if new != bytes => Ok(Some(new)),
            _ => Ok(None),
        }
    }

    /// Replaces secrets that came into being where a replacement met what is beside it.
    fn settle<'t>(&self, mut text: Cow<'t, [u8]>) -> Result<Cow<'t, [u8]>, ReplaceError> {
        if matches!(text, Cow::Borrowed(_)) {
            return Ok(text);
        }
        for _ in 0..=PASSES {
            let mut settled = true;
            for stage in &self.stages {
                if let Stage::Secrets(secrets) = stage
                    && let Some(replaced) = secrets.replace(&text)
                {
                    text = Cow::Owned(replaced);
                    settled = false;
                }
            }
            if settled {
                return Ok(text);
            }
        }
        Err(ReplaceError::Recreates)
    }

    /// Whether there is anything to replace: whether [`Replacer::replace`] gives other bytes, or an error.
    pub fn finds(&self, bytes: &[u8]) -> bool {
        !matches!(self.replace(bytes), Ok(None))
    }

    /// Whether a part of a text that has one of the [literals](Self::literals) holds something to replace.
    pub(crate) fn holds_part(&self, part: &[u8]) -> bool {
        self.stages.iter().any(|stage| match stage {
            Stage::Secrets(secrets) => secrets.replace(part).is_some(),
            Stage::Rules { cascade, .. } => cascade.literals.as_ref().is_some_and(|all| all.any_in(part)),
        })
    }

    /// The literals, if there is nothing but literals: where none of them occurs nothing is replaced. (Where one does,
    /// something is, unless it is only a part of what is broken into lines, a rule puts what it finds, or
    /// [`Dialect::FilterRepo`] leaves binaries alone.)
    pub fn literals(&self) -> Option<&Literals> {
        self.literals.as_deref()
    }

    /// What tells one replacer from another: HMAC-SHA256 over all that decides what is put where, under a key of the
    /// caller's, so that no value can be guessed from it without that key.
    pub fn digest(&self, key: &[u8; 32]) -> [u8; 32] {
        let mut parts: Vec<&[u8]> = Vec::new();
        let mut marks: Vec<[u8; 2]> = Vec::new();
        for stage in &self.stages {
            marks.push(match stage {
                Stage::Secrets(secrets) => [b's', secrets.style.mark()],
                Stage::Rules { dialect: Dialect::Ours, .. } => [b'r', 1],
                Stage::Rules { dialect: Dialect::FilterRepo, .. } => [b'r', 2],
            });
        }
        for (stage, mark) in self.stages.iter().zip(&marks) {
            parts.push(mark);
            stage.parts(&mut parts);
        }
        let lengths: Vec<[u8; 8]> = parts.iter().map(|part| (part.len() as u64).to_be_bytes()).collect();
        let framed: Vec<&[u8]> =
            lengths.iter().zip(&parts).flat_map(|(length, part)| [&length[..], part]).collect();
        hmac(key, &framed)
    }
}

impl Stage {
    /// What decides what is put where.
    fn parts<'s>(&'s self, parts: &mut Vec<&'s [u8]>) {
        match self {
            Stage::Secrets(secrets) => {
                if let Style::Keyed(key) = &secrets.style {
                    parts.push(key);
                }
                parts.extend(secrets.values.iter().map(|value| value.as_slice()));
            }
            Stage::Rules { cascade, .. } => {
                for rule in &cascade.rules {
                    parts.extend([b"l", rule.find.as_slice(), &rule.put]);
                }
                for rule in &cascade.patterns {
                    parts.extend([b"p", rule.source.0.as_slice(), &rule.source.1]);
                }
            }
        }
    }
}

/// The literals of several stages as one list; `None` if there is more than literals.
fn literals_of(stages: &[Stage]) -> Result<Option<Literals>, ReplacerError> {
    let (mut all, mut extent) = (Vec::new(), 0);
    for stage in stages {
        match stage {
            Stage::Secrets(secrets) => {
                extent = extent.max(secrets.extent());
                all.extend(secrets.signs());
            }
            Stage::Rules { cascade, .. } if cascade.patterns.is_empty() => {
                all.extend(cascade.rules.iter().map(|rule| rule.find.clone()));
            }
            Stage::Rules { .. } => return Ok(None),
        }
    }
    Ok(Some(Literals::new(all.iter().map(|form| form.as_slice()))?.reaching(extent)))
}
