//! One configuration file, as it is written: `.gitleaks.toml` of gitleaks 8.25 and later, with its older forms.

use toml::de::DeTable;

use super::fields::{Fields, Placed};
use super::re2;
use crate::allow::{Allowlist, Target};
use crate::anchor;
use crate::pattern::Pattern;
use crate::rule::Required;
use crate::source::{Source, SyntaxError, line_starts};

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) use_default: bool,
    /// Another file that this one extends, and where that is said.
    pub(super) path: Option<(String, SyntaxError)>,
    /// Rules of what is extended that are left out, and where that is said.
    pub(super) disabled: Vec<(String, SyntaxError)>,
    pub(super) rules: Vec<FileRule>,
    pub(super) allow: Vec<Allowlist>,
    /// Allowlists for one rule each, and where that is said.
    pub(super) targeted: Vec<(String, Allowlist, SyntaxError)>,
    pub(super) warnings: Vec<SyntaxError>,
}

/// A rule. Zero and empty values stand for what the file does not say.
#[derive(Clone, Debug)]
pub(super) struct FileRule {
    pub(super) id: String,
    pub(super) description: String,
    pub(super) regex: Option<Regex>,
    pub(super) path: Option<Pattern>,
    pub(super) group: usize,
    pub(super) entropy: f64,
    pub(super) keywords: Vec<String>,
    pub(super) tags: Vec<String>,
    pub(super) part_only: bool,
    pub(super) required: Vec<Required>,
    pub(super) allow: Vec<Allowlist>,
    /// Where it is written; an error without a message.
    pub(super) at: SyntaxError,
}

#[derive(Clone, Debug)]
pub(super) struct Regex {
    pub(super) pattern: Pattern,
    pub(super) groups: usize,
}

/// An allowlist and the rules it is for; none for all of those around it.
type Aimed = (Vec<Placed<String>>, Allowlist);

/// Reads the text of a file.
pub(super) fn read(name: &str, text: &str) -> Result<File, SyntaxError> {
    let lines = line_starts(text);
    let source = Source::new(name, text, &lines)?;
    let table = DeTable::parse(text)
        .map_err(|error| source.error(error.span().map_or(0, |span| span.start), error.message()))?;
    Reader { source, file: File::default() }.file(Fields::new(source, table.get_ref()))
}

struct Reader<'a> {
    source: Source<'a>,
    file: File,
}

impl<'a> Reader<'a> {
    fn file(mut self, mut fields: Fields<'_, 'a>) -> Result<File, SyntaxError> {
        for ignored in ["title", "description", "minversion"] {
            fields.take(ignored);
        }
        if let Some(value) = fields.take("extend") {
            self.extend(Fields::of(self.source, value)?)?;
        }
        for (span, rule) in fields.tables("rules")? {
            let rule = self.rule(span.start, rule)?;
            self.file.rules.push(rule);
        }
        let lists = self.lists(&mut fields, "the file")?;
        for (targets, list) in lists {
            if targets.is_empty() {
                self.file.allow.push(list);
            } else {
                for target in targets {
                    let place = self.source.error(target.span.start, "");
                    self.file.targeted.push((target.value, list.clone(), place));
                }
            }
        }
        fields.finish("the file", &mut self.file.warnings);
        self.check_required()?;
        Ok(self.file)
    }

    fn extend(&mut self, mut fields: Fields<'_, 'a>) -> Result<(), SyntaxError> {
        self.file.use_default = fields.flag("usedefault")?;
        let place = |value: &Placed<String>| self.source.error(value.span.start, "");
        let path = fields.string("path")?.filter(|path| !path.value.is_empty());
        self.file.path = path.map(|path| (path.value.clone(), place(&path)));
        let disabled = fields.strings("disabledrules")?;
        self.file.disabled = disabled.iter().map(|id| (id.value.clone(), place(id))).collect();
        if let Some(url) = fields.string("url")?.filter(|url| !url.value.is_empty()) {
            let message =
                "`extend.url` is not read, here as in gitleaks: download the file and use `extend.path`";
            self.file.warnings.push(self.source.error(url.span.start, message));
        }
        fields.finish("[extend]", &mut self.file.warnings);
        match &self.file.path {
            Some((_, at)) if self.file.use_default => {
                let message = "`extend.path` and `extend.useDefault` exclude each other".to_owned();
                Err(SyntaxError { message, ..at.clone() })
            }
            _ => Ok(()),
        }
    }

    fn rule(&mut self, start: usize, mut fields: Fields<'_, 'a>) -> Result<FileRule, SyntaxError> {
        let id = fields.string("id")?.filter(|id| !id.value.trim().is_empty());
        let id = id.ok_or_else(|| self.source.error(start, "a rule needs an `id`"))?;
        let at = self.source.error(id.span.start, "");
        if let Some(first) = self.file.rules.iter().find(|rule| rule.id == id.value) {
            let message = format!("rule '{}' is defined twice, first in line {}", id.value, first.at.line);
            return Err(SyntaxError { message, ..at });
        }
        let regex = fields.string("regex")?.filter(|regex| !regex.value.is_empty());
        let path = fields.string("path")?.filter(|path| !path.value.is_empty());
        let group = fields.count("secretgroup")?;
        let lists = self.lists(&mut fields, "a rule")?;
        if let Some((target, _)) = lists.iter().find_map(|(targets, list)| Some((targets.first()?, list))) {
            let message = "`targetRules` is for the allowlists of the file, not for those of a rule";
            self.file.warnings.push(self.source.error(target.span.start, message));
        }
        let mut required = Vec::new();
        for (span, part) in fields.tables("required")? {
            required.push(self.required(span.start, part)?);
        }
        let rule = FileRule {
            description: fields.string("description")?.map(|text| text.value).unwrap_or_default(),
            regex: regex.as_ref().map(|regex| self.pattern(regex)).transpose()?,
            path: path.as_ref().map(|path| self.pattern(path)).transpose()?.map(|path| path.pattern),
            group: group.as_ref().map_or(0, |group| usize::try_from(group.value).unwrap_or(usize::MAX)),
            entropy: fields.number("entropy")?.map_or(0.0, |entropy| entropy.value),
            keywords: fields.strings("keywords")?.into_iter().map(|word| word.value.to_lowercase()).collect(),
            tags: fields.strings("tags")?.into_iter().map(|tag| tag.value).collect(),
            part_only: fields.flag("skipreport")?,
            required,
            allow: lists.into_iter().map(|(_, list)| list).collect(),
            id: id.value,
            at,
        };
        if let (Some(regex), Some(group)) = (&rule.regex, &group)
            && rule.group > regex.groups
        {
            let message =
                format!("`secretGroup` is {}, but the regex has {} groups", rule.group, regex.groups);
            return Err(self.source.error(group.span.start, message));
        }
        fields.finish(&format!("rule '{}'", rule.id), &mut self.file.warnings);
        Ok(rule)
    }

    fn required(&mut self, start: usize, mut fields: Fields<'_, 'a>) -> Result<Required, SyntaxError> {
        let id = fields.string("id")?.filter(|id| !id.value.is_empty());
        let id = id.ok_or_else(|| self.source.error(start, "a required rule needs an `id`"))?.value;
        let lines = fields.count("withinlines")?.map(|count| count.value);
        let columns = fields.count("withincolumns")?.map(|count| count.value);
        fields.finish("[[rules.required]]", &mut self.file.warnings);
        Ok(Required { id, lines, columns })
    }

    /// gitleaks looks for required rules before it extends: they stand in the same file.
    fn check_required(&self) -> Result<(), SyntaxError> {
        let rules = &self.file.rules;
        for rule in rules {
            for required in &rule.required {
                if !rules.iter().any(|other| other.id == required.id) {
                    let message = format!(
                        "rule '{}' requires '{}', which is no rule of this file",
                        rule.id, required.id
                    );
                    return Err(SyntaxError { message, ..rule.at.clone() });
                }
            }
        }
        Ok(())
    }

    /// `[[allowlists]]` and the older `[allowlist]`, each with its targets.
    fn lists(&mut self, fields: &mut Fields<'_, 'a>, of: &str) -> Result<Vec<Aimed>, SyntaxError> {
        let (old, new) = (fields.tables("allowlist")?, fields.tables("allowlists")?);
        if let (Some((span, _)), false) = (old.first(), new.is_empty()) {
            let message = format!("`allowlist` and `allowlists` exclude each other in {of}");
            return Err(self.source.error(span.start, message));
        }
        let lists = old.into_iter().chain(new).map(|(span, fields)| self.list(span.start, fields));
        lists.collect()
    }

    fn list(&mut self, start: usize, mut fields: Fields<'_, 'a>) -> Result<Aimed, SyntaxError> {
        let one_of = |value: Option<Placed<String>>, what: &str, words: &[(&str, usize)]| match value {
            None => Ok(0),
            Some(value) => {
                let word = value.value.trim().to_lowercase();
                let known = words.iter().find(|(name, _)| *name == word).map(|(_, number)| *number);
                let message = || format!("`{what}` is '{}', which means nothing", value.value);
                known.ok_or_else(|| self.source.error(value.span.start, message()))
            }
        };
        let condition = fields.string("condition")?.or(fields.string("matchcondition")?);
        let all =
            one_of(condition, "condition", &[("or", 0), ("||", 0), ("", 0), ("and", 1), ("&&", 1)])? == 1;
        let target = fields.string("regextarget")?;
        let targets = [("secret", 0), ("", 0), ("match", 1), ("line", 2)];
        let target = match one_of(target, "regexTarget", &targets)? {
            1 => Target::Match,
            2 => Target::Line,
            _ => Target::Secret,
        };
        let place = self.source.error(start, "");
        let list = Allowlist {
            defined_at: format!("{}:{}", place.file, place.line),
            description: fields.string("description")?.map(|text| text.value).unwrap_or_default(),
            all,
            commits: fields.strings("commits")?.into_iter().map(|id| id.value.to_lowercase()).collect(),
            paths: self.patterns(&fields.strings("paths")?)?,
            regexes: self.patterns(&fields.strings("regexes")?)?,
            target,
            stopwords: fields
                .strings("stopwords")?
                .into_iter()
                .map(|word| word.value.to_lowercase())
                .collect(),
        };
        let targets = fields.strings("targetrules")?;
        fields.finish("an allowlist", &mut self.file.warnings);
        let empty = list.commits.is_empty()
            && list.paths.is_empty()
            && list.regexes.is_empty()
            && list.stopwords.is_empty();
        if empty {
            let message = "an allowlist needs at least one of `commits`, `paths`, `regexes` and `stopwords`";
            return Err(self.source.error(start, message));
        }
        Ok((targets, list))
    }

    fn patterns(&self, written: &[Placed<String>]) -> Result<Vec<Pattern>, SyntaxError> {
        written.iter().map(|text| self.pattern(text).map(|regex| regex.pattern)).collect()
    }

    /// Points into the regex where its text stands in the file unchanged, else at its start.
    fn pattern(&self, written: &Placed<String>) -> Result<Regex, SyntaxError> {
        let span = written.span.clone();
        let fail = |offset: usize, message: String| {
            let start = self.source.text.get(span.clone()).and_then(|raw| raw.find(written.value.as_str()));
            let at = start.map_or(span.start, |start| span.start + start + offset);
            self.source.error(at, format!("regex: {message}"))
        };
        let translated = re2::translate(&written.value).map_err(|error| fail(error.offset, error.message))?;
        anchor::parse(&translated.pattern).map_err(|error| fail(0, last_line(&error.to_string())))?;
        let pattern = Pattern::new(translated.pattern);
        pattern.try_size().map_err(|error| fail(0, error.to_string()))?;
        Ok(Regex { pattern, groups: translated.groups })
    }
}

/// Errors of the regex parser show the pattern first, over several lines.
fn last_line(message: &str) -> String {
    message.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}
