//! SQL that destroys: `DROP`, `TRUNCATE`, `DELETE` and `UPDATE` without `WHERE`. Read as words, not as text.

/// What a statement destroys, of the first that does.
pub(crate) fn destructive(text: &str) -> Option<&'static str> {
    statements(text).iter().find_map(|words| judged(words))
}

fn judged(words: &[String]) -> Option<&'static str> {
    let has = |word: &str| words.iter().any(|one| one == word);
    let first =
        words.iter().map(String::as_str).find(|word| !matches!(*word, "explain" | "analyze" | "begin"))?;
    match first {
        // `EXPLAIN DELETE …` runs nothing; `EXPLAIN ANALYZE` does.
        _ if words[0] == "explain" && !has("analyze") => None,
        "drop" => Some("DROP"),
        "truncate" => Some("TRUNCATE"),
        "alter" if has("drop") => Some("ALTER … DROP"),
        "delete" if !is_bounded(words) => Some("DELETE without WHERE"),
        "update" if has("set") && !is_bounded(words) => Some("UPDATE without WHERE"),
        "with" if (has("delete") || has("update") && has("set")) && !has("where") => {
            Some("DELETE or UPDATE without WHERE")
        }
        _ => None,
    }
}

/// Whether there is a `WHERE` that is about something: `WHERE 1 = 1` and `WHERE true` are not.
fn is_bounded(words: &[String]) -> bool {
    let condition = words.iter().position(|word| word == "where").map(|at| &words[at + 1..]);
    condition.is_some_and(|words| !words.is_empty() && words != ["true"])
}

/// The statements, as lower-case words; strings, quoted names and comments left out.
fn statements(text: &str) -> Vec<Vec<String>> {
    let bytes = text.as_bytes();
    let (mut statements, mut words, mut at) = (Vec::new(), Vec::new(), 0);
    while at < bytes.len() {
        let rest = &bytes[at..];
        match bytes[at] {
            b';' => {
                statements.push(std::mem::take(&mut words));
                at += 1;
            }
            // A command of psql ends the line: `\d`, `\c`.
            b'\\' if words.is_empty() => at = line_end(bytes, at),
            quote @ (b'\'' | b'"' | b'`') => {
                // A quoted name is a name still, which a condition may be about.
                words.extend((quote != b'\'').then(|| "?".to_owned()));
                at = quoted_end(bytes, at + 1, quote);
            }
            b'-' if rest.starts_with(b"--") => at = line_end(bytes, at),
            b'#' => at = line_end(bytes, at),
            b'/' if rest.starts_with(b"/*") => {
                let end = rest.windows(2).skip(2).position(|pair| pair == b"*/");
                at = end.map_or(bytes.len(), |end| at + end + 4);
            }
            b'$' if dollar_tag(rest).is_some() => {
                let tag = dollar_tag(rest).unwrap_or(rest);
                let body = &text[at + tag.len()..];
                let tag_text = std::str::from_utf8(tag).unwrap_or("$$");
                let end = body.find(tag_text).map_or(body.len(), |end| end + tag.len());
                at = (at + tag.len() + end).min(bytes.len());
            }
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
                words.push(text[at..at + length].to_ascii_lowercase());
                at += length;
            }
            _ => at += 1,
        }
    }
    statements.push(words);
    statements.retain(|words| !words.is_empty());
    statements
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    bytes[from..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| from + end)
}

fn quoted_end(bytes: &[u8], from: usize, quote: u8) -> usize {
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'\'' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// `$$` or `$name$`.
fn dollar_tag(rest: &[u8]) -> Option<&[u8]> {
    let end = rest[1..].iter().take(64).position(|byte| *byte == b'$')?;
    let name = &rest[1..=end];
    let name = &name[..end];
    name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').then(|| &rest[..end + 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_judged_by_their_words() {
        for text in [
            "DROP TABLE users",
            "select 1; drop database app",
            "TRUNCATE users;",
            "delete from users",
            "DELETE FROM users; -- where",
            "update users set a = 'where'",
            "/* where */ delete from t",
            "begin; delete from t; commit",
            "alter table t drop column c",
            "with x as (select 1) delete from t",
            "explain analyze delete from t",
            "delete from t where 1 = 1",
            "update t set a = 1 where true",
        ] {
            assert!(destructive(text).is_some(), "{text}");
        }
        for text in [
            "select 'drop table users'",
            "-- drop table x\nselect 1",
            "delete from users where id = 1",
            "update t set a = 1 where b = 2",
            "delete from t where \"id\" = 5",
            "delete from t where `id` = 5",
            "select * from drops",
            "create table t (a int)",
            "insert into log values ('DELETE FROM users')",
            "explain delete from t",
            "select \"drop\" from t",
            "select $$drop table x$$",
            "\\d drop\nselect 1",
            "",
            "'",
            "$",
        ] {
            assert_eq!(destructive(text), None, "{text}");
        }
    }
}
