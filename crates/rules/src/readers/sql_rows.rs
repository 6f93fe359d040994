//! Reads the rows of SQL dumps (`INSERT INTO … VALUES (…), (…);`, `COPY … FROM stdin;`) for hashes of passwords.
//!
//! Every row is read, with the names of its columns where the statement gives them. What is no row ends the reading, so
//! that a text full of statements stays linear: none is read through the next.

use bstr::ByteSlice as _;

use super::password_hash::{is_bare, is_salted};
use super::reading::Reading;
use super::sql_cursor::Cursor;
use crate::checks::Fact;
use crate::span::Span;

/// Parts of the names of tables that hold accounts.
const ACCOUNTS: [&str; 6] = ["user", "account", "member", "admin", "customer", "login"];
/// Parts of the names of columns that hold passwords, and whole names.
const PASSWORDS: [&str; 4] = ["passw", "pwd", "user_pass", "pass_hash"];
const PASSWORD: &str = "pass";

/// Bytes of a line that no grammar of ours reads.
const LONGEST_LINE: usize = 4096;

/// What a statement says of its rows.
struct Table<'t> {
    name: &'t [u8],
    /// Empty where the statement does not name them.
    columns: Vec<&'t [u8]>,
}

/// The hashes in the rows of the statement that starts at `at`: salted ones or, `bare`, those that only the name of their
/// column tells.
pub(super) fn read(text: &[u8], at: Span, max: usize, bare: bool) -> Vec<Reading> {
    let latest = text.len().min(at.end.saturating_add(max));
    let mut readings = Vec::new();
    let head = at.of(text);
    if starts(head, "copy ") {
        copied(text, at, latest, &mut |table, column, value| {
            readings.extend(reading(text, at, table, column, value, bare));
        });
        return readings;
    }
    let Some(start) = name_of_table(head) else { return readings };
    let mut cursor = Cursor::new(&text[..latest], at.start + start);
    let Some(table) = table(&mut cursor) else { return readings };
    inserted(&mut cursor, &mut |column, value| {
        readings.extend(reading(text, at, &table, column, value, bare));
    });
    if readings.is_empty() && !bare && is_of_accounts(table.name) {
        // A statement in a program, which no grammar of ours reads.
        readings
            .extend(in_line(text, at, latest).and_then(|value| reading(text, at, &table, None, value, bare)));
    }
    readings
}

/// Where the name of the table starts in the head of an `INSERT`.
fn name_of_table(head: &[u8]) -> Option<usize> {
    let lower = head.to_ascii_lowercase();
    let of = |word: &str| lower.find(word).map(|at| at + word.len());
    of("into ").or_else(|| of("insert "))
}

fn starts(text: &[u8], word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}

/// The name of a table, with its schema, and its columns, if they follow.
fn table<'t>(cursor: &mut Cursor<'t>) -> Option<Table<'t>> {
    let mut name = cursor.name()?;
    while cursor.take(b'.') {
        name = cursor.name()?;
    }
    cursor.blank();
    let mut columns = Vec::new();
    if cursor.take(b'(') {
        loop {
            cursor.blank();
            columns.push(cursor.name()?);
            cursor.blank();
            if cursor.take(b')') {
                break;
            }
            if !cursor.take(b',') {
                return None;
            }
        }
        cursor.blank();
    }
    Some(Table { name, columns })
}

/// Calls `row` for every value of every row, with the number of its column.
fn inserted(cursor: &mut Cursor<'_>, row: &mut dyn FnMut(Option<usize>, Span)) {
    if cursor.word("overriding") {
        while cursor.word("system") || cursor.word("user") || cursor.word("value") {}
    }
    if !cursor.word("values") && !cursor.word("value") {
        return;
    }
    while cursor.take(b'(') {
        for column in 0.. {
            cursor.blank();
            let Some(value) = cursor.value() else { return };
            row(Some(column), value);
            cursor.blank();
            if cursor.take(b')') {
                break;
            }
            if !cursor.take(b',') {
                return;
            }
        }
        cursor.blank();
        if !cursor.take(b',') {
            return;
        }
        cursor.blank();
    }
}

/// The same for the lines below a `COPY … FROM stdin`, which must start its line.
fn copied(text: &[u8], at: Span, latest: usize, row: &mut dyn FnMut(&Table<'_>, Option<usize>, Span)) {
    if at.start > 0 && text[at.start - 1] != b'\n' {
        return;
    }
    let Some(table) = table(&mut Cursor::new(&text[..at.end], at.start + "copy ".len())) else { return };
    let line_end = |from: usize| memchr::memchr(b'\n', &text[from..latest]).map(|end| from + end);
    let mut end = line_end(at.end);
    while let Some(next) = end {
        let start = next + 1;
        end = line_end(start);
        let line = &text[start..end.unwrap_or(latest)];
        let fields = line.strip_suffix(b"\r").unwrap_or(line).split(|byte| *byte == b'\t');
        let is_row = table.columns.is_empty() || fields.clone().count() == table.columns.len();
        if line.starts_with(b"\\.") || starts(line, "copy ") || !is_row {
            return;
        }
        let mut from = start;
        for (column, field) in fields.enumerate() {
            row(&table, Some(column), Span::new(from, from + field.len()));
            from += field.len() + 1;
        }
    }
}

/// The first word of the line that is a salted hash.
fn in_line(text: &[u8], at: Span, latest: usize) -> Option<Span> {
    let line = &text[at.end..latest.min(at.end + LONGEST_LINE)];
    let line = &line[..memchr::memchr(b'\n', line).unwrap_or(line.len())];
    let mut from = at.end;
    for word in line.split(|byte| b"'\"`\\(), ;".contains(byte)) {
        if is_salted(word) {
            return Some(Span::new(from, from + word.len()));
        }
        from += word.len() + 1;
    }
    None
}

/// The reading of a value, if it is a hash and its table or column says that it is of a password.
fn reading(
    text: &[u8],
    at: Span,
    table: &Table<'_>,
    column: Option<usize>,
    value: Span,
    bare: bool,
) -> Option<Reading> {
    let hash = value.of(text);
    let name = column.and_then(|column| table.columns.get(column)).copied();
    let (of_accounts, of_passwords) = (is_of_accounts(table.name), name.is_some_and(is_of_passwords));
    let is_meant = if bare {
        is_bare(hash) && of_accounts && of_passwords
    } else {
        is_salted(hash) && (of_accounts || of_passwords)
    };
    let mut facts = vec![Fact::of_text("table", &table.name.to_str_lossy())];
    facts.extend(name.map(|name| Fact::of_text("column", &name.to_str_lossy())));
    // From the row, not from the statement: what comes before belongs to other rows.
    let span = Span::new(value.start.max(at.start), value.end);
    is_meant.then(|| Reading { span, secret: value, value: hash.to_vec(), facts })
}

fn is_of_accounts(table: &[u8]) -> bool {
    let table = table.to_ascii_lowercase();
    ACCOUNTS.iter().any(|part| table.contains_str(part))
}

fn is_of_passwords(column: &[u8]) -> bool {
    let column = column.to_ascii_lowercase();
    column == PASSWORD.as_bytes() || PASSWORDS.iter().any(|part| column.contains_str(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A made-up hash of bcrypt, one of many.
    fn hash(number: usize) -> String {
        let body = "k3Jd9sQw2xLm7Vt7hg2kD9qPz5Rb8Tc1Ye4Wf6Ga3Ha0Zku8Pq1R";
        ["$2", "a$12$", body, &format!("{number}")].concat()[..60].to_owned()
    }

    /// The values read and the columns they stand in.
    fn read_all(text: &str, bare: bool) -> Vec<(String, Option<String>)> {
        let copy = text.to_ascii_lowercase().find("copy ");
        let (start, end) = match copy {
            Some(start) => (start, text.find("stdin").unwrap() + 5),
            None => (text.find("INSERT").unwrap(), text.find(['(', 'V']).unwrap()),
        };
        read(text.as_bytes(), Span::new(start, end), 1 << 16, bare)
            .iter()
            .map(|reading| {
                let column = reading.facts.iter().find(|fact| fact.name == "column");
                (
                    text[reading.secret.start..reading.secret.end].to_owned(),
                    column.map(|fact| fact.value.clone()),
                )
            })
            .collect()
    }

    fn of(column: Option<&str>, count: usize) -> Vec<(String, Option<String>)> {
        (0..count).map(|row| (hash(row), column.map(str::to_owned))).collect()
    }

    #[test]
    fn every_row_of_an_insert_is_read() {
        let row =
            |number| format!("({number}, 'it''s \\' x', NULL, '{}', CONCAT('a', ')'), NOW())", hash(number));
        for between in [",", ",\n  "] {
            let rows = [row(0), row(1), row(2)].join(between);
            let named =
                format!("INSERT INTO `app`.`users` (`id`, `name`, a, `password`, b, c)\nVALUES\n{rows};");
            assert_eq!(read_all(&named, false), of(Some("password"), 3));
            assert_eq!(read_all(&format!("INSERT INTO users VALUES {rows};"), false), of(None, 3));
            assert_eq!(read_all(&format!("INSERT INTO pages VALUES {rows};"), false), []);
            let elsewhere = format!("INSERT INTO pages (a, b, c, password, d, e) VALUES {rows};");
            assert_eq!(read_all(&elsewhere, false), of(Some("password"), 3));
        }
        let server = format!("INSERT [dbo].[Users] ([Id], [PasswordHash]) VALUES (1, N'{}')", hash(0));
        assert_eq!(read_all(&server.replace("VALUES", "values"), false), of(Some("PasswordHash"), 1));
    }

    #[test]
    fn the_lines_below_a_copy_are_rows() {
        let row = |number| format!("{number}\tci\t{}\t\\N\n", hash(number));
        let head = "COPY public.users (id, \"name\", encrypted_password, note) FROM stdin;\n";
        let rows = [row(0), row(1)].concat();
        assert_eq!(
            read_all(&format!("{head}{rows}\\.\n{}", row(2)), false),
            of(Some("encrypted_password"), 2)
        );
        assert_eq!(
            read_all(&format!("{head}{rows}3\tx\n{}", row(2)), false),
            of(Some("encrypted_password"), 2)
        );
        assert_eq!(read_all(&format!("{head}{rows}").replace('\n', "\r\n"), false).len(), 2);
        assert_eq!(read_all(&format!("-- {head}{rows}"), false), []);
        assert_eq!(read_all(&format!("{head}{rows}{head}{}", row(2)), false).len(), 2);
    }

    #[test]
    fn bare_hashes_need_a_table_of_accounts_and_a_column_of_passwords() {
        let digest = |end| ["3f8a91c0d27be645", "91fa8c03d7be2e1", end].concat();
        let rows = format!("(1, '{}', '{}'), (2, '{}', 'x')", digest("1"), digest("2"), digest("3"));
        let read = |table: &str| read_all(&format!("INSERT INTO {table} VALUES {rows};"), true);
        let found = |end| (digest(end), Some("pwd".to_owned()));
        assert_eq!(read("users (id, pwd, avatar)"), [found("1"), found("3")]);
        for other in ["pages (id, pwd, avatar)", "users (id, token, avatar)", "users"] {
            assert_eq!(read(other), []);
        }
    }

    #[test]
    fn a_statement_in_a_program_is_read_to_its_first_hash() {
        for values in ["(?, ?)\", [1, '{}']", "SET x = '{}'", "\" + \"VALUES (1, '{}')"] {
            let text = format!("INSERT INTO users VALUES {values}").replace("{}", &hash(0));
            assert_eq!(read_all(&text, false), of(None, 1), "{values}");
        }
        let escaped = format!("'INSERT INTO users VALUES (1, \\'{}\\'), (2, \\'{}\\')'", hash(0), hash(1));
        assert_eq!(read_all(&escaped, false), of(None, 2));
    }

    proptest! {
        #[test]
        fn whatever_follows_is_read_within_bounds(rest in "([(),'\"\\\\ \n\tx;.$]|VALUES|FROM stdin;|[a-z]{1,3}){0,60}", max in 0_usize..80) {
            for head in ["INSERT INTO users ", "COPY users "] {
                let text = format!("{head}{rest}");
                for bare in [false, true] {
                    for reading in read(text.as_bytes(), Span::new(0, head.len()), max, bare) {
                        prop_assert!(reading.secret.end <= head.len() + max);
                    }
                }
            }
        }
    }
}
