//! CSV as gitleaks 8 writes it (RFC 4180, lines end in `\\n`): nothing at all when there are no findings.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::gitleaks::{Leak, leaks};
use crate::report::Report;
use crate::scrub::Scrubber;

const HEADER: &str = "RuleID,Commit,File,SymlinkFile,Secret,Match,StartLine,EndLine,StartColumn,EndColumn,Author,Message,\
                      Date,Email,Fingerprint,Tags";

/// Writes `report`.
/// Makes many small writes: give it a buffer.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let scrubber = Scrubber::new(report);
    for (at, leak) in leaks(report, &scrubber).enumerate() {
        if at == 0 {
            writeln!(out, "{HEADER}")?;
        }
        let fields = fields(&leak);
        let quoted: Vec<Cow<'_, str>> = fields.iter().map(|field| quoted(field)).collect();
        writeln!(out, "{}", quoted.join(","))?;
    }
    Ok(())
}

fn fields(leak: &Leak<'_>) -> [String; 16] {
    [
        leak.rule_id.to_owned(),
        leak.commit.clone(),
        leak.file.clone(),
        leak.symlink_file.to_owned(),
        leak.secret.clone(),
        leak.r#match.clone(),
        leak.start_line.to_string(),
        leak.end_line.to_string(),
        leak.start_column.to_string(),
        leak.end_column.to_string(),
        leak.author.clone(),
        leak.message.clone(),
        leak.date.clone(),
        leak.email.clone(),
        leak.fingerprint.clone(),
        leak.tags.join(" "),
    ]
}

/// Quotes where Go's `encoding/csv` does.
fn quoted(field: &str) -> Cow<'_, str> {
    let needs =
        field == r"\." || field.contains([',', '"', '\n', '\r']) || field.starts_with(char::is_whitespace);
    if needs { Cow::Owned(format!("\"{}\"", field.replace('"', "\"\""))) } else { Cow::Borrowed(field) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must() {
        for (field, wanted) in [
            ("a", "a"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            (" a", "\" a\""),
            ("a\nb", "\"a\nb\""),
        ] {
            assert_eq!(quoted(field), wanted);
        }
    }
}
