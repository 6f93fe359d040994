//! Rule files: TOML in, rules out, every error with file, line and column.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;

use crate::allow::Allowlist;
use crate::anchor::{self, Anchor, MIN_ANCHOR};
use crate::checks::{Check, RawCheck};
use crate::filename::FilePatterns;
use crate::needs::{self, Needs};
use crate::pattern::Pattern;
use crate::provider::Provider;
use crate::raw_rule::{
    RawAllow, RawClaims, RawCondition, RawDocument, RawFile, RawFiles, RawFilter, RawObject, RawReader,
    RawRule, RawUntil, RawWindow,
};
use crate::rule::{Claims, DEFAULT_WINDOW, Example, Extent, Rule, Signature, ValueFilter, Window};
use crate::shorthand::expand;
pub use crate::source::SyntaxError;
use crate::source::{Source, line_starts};

/// What a rule file says.
#[derive(Clone, Debug, Default)]
pub struct RuleFile {
    /// The vendor's facts.
    pub provider: Option<Provider>,
    /// Its rules.
    pub rules: Vec<Rule>,
    /// Rules of other files that it switches off.
    pub disable: Vec<String>,
    /// Its allowlists beside those of its rules.
    pub allow: Vec<AimedAllowlist>,
    /// Whether the built-in rules stay.
    pub extend: bool,
}

/// An allowlist and the rules that it is for.
#[derive(Clone, Debug)]
pub struct AimedAllowlist {
    /// Their names, and where each is written (`file:line:column`). Without any, it is for every rule.
    pub rules: Vec<(String, String)>,
    /// What it allows.
    pub list: Allowlist,
}

/// The longest window or extent a rule may ask for, in bytes. Streams hold this much back.
pub const MAX_REACH: usize = 1 << 20;

/// Reads the text of a rule file. `file` is its name in errors; `family` the family of rules without a `[provider]`.
///
/// # Errors
/// The first mistake in the file.
pub fn read(file: &str, text: &str) -> Result<RuleFile, SyntaxError> {
    let lines = line_starts(text);
    let reader = Reader { source: Source::new(file, text, &lines)? };
    let raw: RawFile =
        toml::from_str(text).map_err(|error| reader.error(error.span().unwrap_or(0..0), error.message()))?;
    if *raw.schema.get_ref() != 1 {
        return Err(reader.error(raw.schema.span(), "unknown schema, this version reads schema = 1"));
    }
    let family = raw.provider.as_ref().map_or_else(|| "user".to_owned(), |p| p.family.clone());
    let rules = raw.rules.into_iter().map(|rule| reader.rule(rule, &family, [&raw.doubt, &raw.foreign]));
    let rules = rules.collect::<Result<_, _>>()?;
    let allow = raw.allow.iter().map(|raw| reader.aimed(raw)).collect::<Result<_, _>>()?;
    let extend = raw.extend.unwrap_or(true);
    Ok(RuleFile { provider: raw.provider, rules, disable: raw.disable, allow, extend })
}

struct Reader<'a> {
    source: Source<'a>,
}

impl Reader<'_> {
    fn error(&self, span: Range<usize>, message: impl Into<String>) -> SyntaxError {
        self.source.error(span.start, message)
    }

    fn rule(
        &self,
        raw: Spanned<RawRule>,
        family: &str,
        [doubt, foreign]: [&RawClaims; 2],
    ) -> Result<Rule, SyntaxError> {
        let whole = raw.span();
        let raw = raw.into_inner();
        let id = raw.id.get_ref().clone();
        if id.is_empty() || !id.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_')) {
            return Err(self.error(raw.id.span(), "a rule id is made of a-z, 0-9, '-', '.' and '_'"));
        }
        let defined_at = self.line_of(raw.id.span());
        let checks: Vec<_> = raw.checks.into_iter().map(|raw| self.check(raw)).collect::<Result<_, _>>()?;
        let files = raw.files.as_ref().map(|files| self.files(files)).transpose()?;
        let path = raw.path.as_ref().map(|path| self.selective(path, "path")).transpose()?;
        let allow = raw.allow.iter().map(|raw| self.own_allow(raw)).collect::<Result<_, _>>()?;
        let mut filter = self.filter(&raw.filter)?;
        if matches!(raw.reader, Some(RawReader::Assignment)) {
            (filter.doubt, filter.foreign) = (self.claims(doubt)?, self.claims(foreign)?);
        }
        let examples = raw.examples;
        let signature = match (&raw.regex, raw.reader) {
            (Some(regex), None) => self.content(
                regex,
                self.window(raw.window.as_ref())?,
                self.extent(raw.until, raw.object, raw.document, &whole)?,
                raw.anchor.as_ref(),
                raw.unanchored,
            )?,
            (None, Some(RawReader::Assignment)) => Signature::Assignment {
                names: raw
                    .names
                    .ok_or_else(|| self.error(whole.clone(), "`reader = \"assignment\"` needs `names`"))?,
                anchors: self.keywords(&raw.keywords, &whole)?,
                window: self.window(raw.window.as_ref())?,
            },
            (None, Some(RawReader::Values(reader))) => Signature::Reader(reader),
            (None, Some(RawReader::File)) => Signature::File,
            (None, None) if path.is_some() => {
                if files.is_some() || !checks.is_empty() || raw.filter != RawFilter::default() {
                    let message =
                        "a rule about a `path` alone looks at nothing else: no `files`, `filter`, `checks`";
                    return Err(self.error(whole, message));
                }
                Signature::Path
            }
            _ => return Err(self.error(whole, format!("rule '{id}' needs either `regex` or `reader`"))),
        };
        let reads_files = matches!(signature, Signature::Reader(_) | Signature::File);
        if reads_files && files.is_none() {
            return Err(self.error(whole, format!("rule '{id}' has a `reader` and so needs `files`")));
        }
        Ok(Rule {
            id,
            aliases: raw.aliases,
            description: raw.description,
            family: family.to_owned(),
            severity: raw.severity,
            confidence: raw.confidence,
            specificity: raw.specificity,
            signature,
            files,
            encoding: raw.encoding,
            filter,
            checks,
            path,
            allow,
            tags: Vec::new(),
            matching: examples.r#match.into_iter().map(Example::from).collect(),
            not_matching: examples.no_match.into_iter().map(Example::from).collect(),
            defined_at,
        })
    }

    /// `file:line` of a place.
    fn line_of(&self, span: Range<usize>) -> String {
        format!("{}:{}", self.source.file, self.source.line(span.start))
    }

    fn content(
        &self,
        regex: &Spanned<String>,
        window: Window,
        extent: Extent,
        shortest: Option<&Spanned<usize>>,
        unanchored: Option<String>,
    ) -> Result<Signature, SyntaxError> {
        let (anchors, needs) = self.implied(regex, shortest)?;
        match (anchors.is_empty(), &unanchored) {
            (true, None) => Err(self.error(
                regex.span(),
                format!("the regex implies no literal of {MIN_ANCHOR} bytes; add context, or say why in `unanchored`"),
            )),
            (false, Some(_)) => {
                Err(self.error(regex.span(), "`unanchored` is for a regex that implies no literal; this one does"))
            }
            _ => Ok(Signature::Content {
                pattern: Pattern::with_needs(expand(regex.get_ref()).into_owned(), needs),
                anchors,
                unanchored,
                window,
                extent,
            }),
        }
    }

    /// Keywords are anchors that the reader does not imply; their case does not count.
    fn keywords(&self, raw: &[Spanned<String>], whole: &Range<usize>) -> Result<Vec<Anchor>, SyntaxError> {
        if raw.is_empty() {
            return Err(self.error(whole.clone(), "`reader = \"assignment\"` needs `keywords`"));
        }
        let keyword = |word: &Spanned<String>| match word.get_ref().to_ascii_lowercase() {
            lower if lower.len() < 3 => Err(self.error(word.span(), "a keyword has at least 3 bytes")),
            lower => Ok(Anchor::new(lower.into_bytes(), true)),
        };
        raw.iter().map(keyword).collect()
    }

    /// What every match of the regex contains.
    fn implied(
        &self,
        regex: &Spanned<String>,
        shortest: Option<&Spanned<usize>>,
    ) -> Result<(Vec<Anchor>, Needs), SyntaxError> {
        let shortest = match shortest {
            None => MIN_ANCHOR,
            Some(bytes) if (3..=MIN_ANCHOR).contains(bytes.get_ref()) => *bytes.get_ref(),
            Some(bytes) => return Err(self.error(bytes.span(), "an anchor has at least 3 bytes")),
        };
        let hir = anchor::parse(&expand(regex.get_ref())).map_err(|error| self.regex_error(regex, &error))?;
        if hir.properties().minimum_len() == Some(0) {
            return Err(self.error(regex.span(), "the regex matches the empty text"));
        }
        Ok((anchor::implied(&hir, shortest), needs::implied(&hir)))
    }

    fn pattern(&self, regex: &Spanned<String>) -> Result<Pattern, SyntaxError> {
        anchor::parse(regex.get_ref()).map_err(|error| self.regex_error(regex, &error))?;
        Ok(Pattern::new(regex.get_ref().clone()))
    }

    /// Points into the regex where its text stands in the file unchanged, else at its start.
    fn regex_error(&self, regex: &Spanned<String>, error: &regex_syntax::Error) -> SyntaxError {
        let (offset, kind) = match error {
            regex_syntax::Error::Parse(error) => (error.span().start.offset, error.kind().to_string()),
            regex_syntax::Error::Translate(error) => (error.span().start.offset, error.kind().to_string()),
            other => (0, other.to_string()),
        };
        let span = regex.span();
        let start = self.source.text.get(span.clone()).and_then(|raw| raw.find(regex.get_ref().as_str()));
        // Behind a shorthand the offset is one into what it stands for.
        let plain = matches!(expand(regex.get_ref()), Cow::Borrowed(_));
        let at = start.filter(|_| plain).map_or(span.start, |start| span.start + start + offset);
        self.error(at..at, format!("regex: {kind}"))
    }

    fn check(&self, raw: Spanned<RawCheck>) -> Result<Check, SyntaxError> {
        let span = raw.span();
        Check::try_from(raw.into_inner()).map_err(|message| self.error(span, message))
    }

    fn files(&self, files: &Spanned<RawFiles>) -> Result<FilePatterns, SyntaxError> {
        let raw = files.get_ref();
        if raw.names.is_empty() {
            return Err(self.error(files.span(), "`files` needs at least one name"));
        }
        FilePatterns::new(raw.names.clone(), raw.except.clone())
            .map_err(|error| self.error(files.span(), error.to_string()))
    }

    fn aimed(&self, raw: &Spanned<RawAllow>) -> Result<AimedAllowlist, SyntaxError> {
        let placed = |id: &Spanned<String>| {
            let place = self.error(id.span(), "");
            (id.get_ref().clone(), format!("{}:{}:{}", place.file, place.line, place.column))
        };
        Ok(AimedAllowlist {
            rules: raw.get_ref().rules.iter().map(placed).collect(),
            list: self.allowlist(raw)?,
        })
    }

    fn own_allow(&self, raw: &Spanned<RawAllow>) -> Result<Allowlist, SyntaxError> {
        match raw.get_ref().rules.first() {
            Some(id) => Err(self.error(id.span(), "`rules` is for `[[allow]]`; this list is its rule's own")),
            None => self.allowlist(raw),
        }
    }

    fn allowlist(&self, spanned: &Spanned<RawAllow>) -> Result<Allowlist, SyntaxError> {
        let raw = spanned.get_ref();
        if raw.reason.get_ref().trim().is_empty() {
            return Err(self.error(raw.reason.span(), "an allowlist needs a `reason`"));
        }
        let kinds = [&raw.paths, &raw.commits, &raw.regexes, &raw.stopwords];
        if kinds.iter().all(|kind| kind.is_empty()) {
            let message = "an allowlist needs at least one of `paths`, `commits`, `regexes` and `stopwords`";
            return Err(self.error(spanned.span(), message));
        }
        if let (Some(target), true) = (&raw.target, raw.regexes.is_empty()) {
            return Err(self.error(target.span(), "`target` says what `regexes` look at; there are none"));
        }
        let commit = |id: &Spanned<String>| match id.get_ref() {
            hex if matches!(hex.len(), 40 | 64) && hex.bytes().all(|b| b.is_ascii_hexdigit()) => {
                Ok(hex.to_ascii_lowercase())
            }
            _ => Err(self.error(id.span(), "a commit is its whole id: 40 or 64 hexadecimal digits")),
        };
        let word = |word: &Spanned<String>| match word.get_ref().as_str() {
            "" => Err(self.error(word.span(), "an empty stopword is part of every secret")),
            word => Ok(word.to_ascii_lowercase()),
        };
        let patterns = |list: &[Spanned<String>], key| -> Result<Vec<Pattern>, SyntaxError> {
            list.iter().map(|regex| self.selective(regex, key)).collect()
        };
        Ok(Allowlist {
            description: raw.reason.get_ref().trim().to_owned(),
            all: raw.condition == RawCondition::And,
            commits: raw.commits.iter().map(commit).collect::<Result<_, _>>()?,
            paths: patterns(&raw.paths, "paths")?,
            regexes: patterns(&raw.regexes, "regexes")?,
            target: raw.target.as_ref().map(|target| *target.get_ref()).unwrap_or_default(),
            stopwords: raw.stopwords.iter().map(word).collect::<Result<_, _>>()?,
            defined_at: self.line_of(spanned.span()),
        })
    }

    /// A regex that tells some texts from others, and is small enough to be compiled later.
    fn selective(&self, regex: &Spanned<String>, key: &str) -> Result<Pattern, SyntaxError> {
        let hir = anchor::parse(regex.get_ref()).map_err(|error| self.regex_error(regex, &error))?;
        if hir.properties().minimum_len() == Some(0) && hir.properties().look_set().is_empty() {
            let message = format!("this regex in `{key}` matches every text");
            return Err(self.error(regex.span(), message));
        }
        let pattern = Pattern::new(regex.get_ref().clone());
        pattern.try_size().map_err(|error| self.error(regex.span(), format!("regex: {error}")))?;
        Ok(pattern)
    }

    fn filter(&self, raw: &RawFilter) -> Result<ValueFilter, SyntaxError> {
        Ok(ValueFilter {
            min_entropy: raw.entropy,
            min_digits: raw.digits,
            min_distinct: raw.distinct,
            reject_placeholder: raw.placeholder,
            reject_words: raw.words,
            reject: raw.reject.iter().map(|regex| self.pattern(regex)).collect::<Result<_, _>>()?,
            lower: raw.lower,
            ..ValueFilter::default()
        })
    }

    fn claims(&self, raw: &RawClaims) -> Result<Claims, SyntaxError> {
        Ok(Claims { names: self.any_of(&raw.names)?, values: self.any_of(&raw.values)? })
    }

    /// One pattern that matches where one of several does; none for none.
    fn any_of(&self, raw: &[Spanned<String>]) -> Result<Option<Box<Pattern>>, SyntaxError> {
        for regex in raw {
            anchor::parse(regex.get_ref()).map_err(|error| self.regex_error(regex, &error))?;
        }
        let parts: Vec<_> = raw.iter().map(|regex| format!("(?:{})", regex.get_ref())).collect();
        Ok((!parts.is_empty()).then(|| Box::new(Pattern::new(parts.join("|")))))
    }

    fn window(&self, raw: Option<&Spanned<RawWindow>>) -> Result<Window, SyntaxError> {
        let Some(raw) = raw else { return Ok(DEFAULT_WINDOW) };
        let back = raw.get_ref().back.unwrap_or(DEFAULT_WINDOW.back);
        let forward = raw.get_ref().forward.unwrap_or(DEFAULT_WINDOW.forward);
        if back > MAX_REACH || !(1..=MAX_REACH).contains(&forward) {
            return Err(self.error(raw.span(), format!("a window is at most {MAX_REACH} bytes each way")));
        }
        Ok(Window { back, forward })
    }

    fn extent(
        &self,
        until: Option<RawUntil>,
        object: Option<RawObject>,
        document: Option<RawDocument>,
        whole: &Range<usize>,
    ) -> Result<Extent, SyntaxError> {
        let bounded = |max: &Spanned<usize>| match *max.get_ref() {
            bytes if bytes <= MAX_REACH => Ok(bytes),
            _ => Err(self.error(max.span(), format!("at most {MAX_REACH} bytes"))),
        };
        match (until, object, document) {
            (None, None, None) => Ok(Extent::Window),
            (Some(until), None, None) => {
                Ok(Extent::Until { pattern: self.pattern(&until.regex)?, max: bounded(&until.max)? })
            }
            (None, Some(object), None) => {
                Ok(Extent::Object { secret: self.pattern(&object.secret)?, max: bounded(&object.max)? })
            }
            (None, None, Some(document)) => {
                Ok(Extent::Document { reader: document.reader, max: bounded(&document.max)? })
            }
            _ => Err(self.error(whole.clone(), "`until`, `object` and `document` exclude each other")),
        }
    }
}
