//! Expressions, templates, files of rules and texts at random, small enough that they meet.

use unleak_testkit::Random;

const ATOMS: [&str; 34] = [
    "a", "b", "A", "_", " ", ".", ".", "\\.", "\\d", "\\w", "\\W", "\\s", "\\S", "[ab]", "[^a]", "[^ab\\n]",
    "[a-c_]", "[]a]", "[\\w-]", "[^\\W]", "^", "$", "\\b", "\\B", "\\A", "\\Z", "\\n", "\\x61", "\\141",
    "\\0", "-", "é", "{", "1",
];
const FANCY: [&str; 9] =
    ["\\1", "\\2", "(?=a)", "(?!b)", "(?<=a)", "(?<!b)", "(?P=n)", "(?(1)a|b)", "(?(2)b)"];
const REPEATS: [&str; 16] = [
    "*", "+", "?", "*?", "+?", "??", "*+", "++", "?+", "{2}", "{1,2}", "{0,2}?", "{,2}", "{1,}", "{1,3}+",
    "{,}",
];
const GROUPS: [&str; 9] = ["(", "(", "(?:", "(?:", "(?i:", "(?s:", "(?m:", "(?>", "(?-i:"];
const FLAGS: [&str; 10] = ["", "", "", "", "", "(?i)", "(?m)", "(?s)", "(?ms)", "(?x)"];

/// An expression; with `fancy`, one that looks around and back.
pub(crate) fn expression(random: &mut Random, fancy: bool) -> String {
    let mut text = (*random.pick(&FLAGS)).to_owned();
    sequence(random, fancy, 3, &mut text);
    text
}

fn sequence(random: &mut Random, fancy: bool, depth: usize, text: &mut String) {
    for index in 0..=random.below(3) {
        if index > 0 && random.one_in(6) {
            text.push('|');
        }
        if fancy && random.one_in(5) {
            {
                let piece: &str = random.pick::<&str>(&FANCY);
                text.push_str(piece);
            };
        } else if depth > 0 && random.one_in(3) {
            let named = fancy && random.one_in(6);
            let looks = ["(?=", "(?!", "(?<=", "(?<!"];
            let group = if fancy && random.one_in(5) { *random.pick(&looks) } else { *random.pick(&GROUPS) };
            text.push_str(if named { "(?P<n>" } else { group });
            sequence(random, fancy, depth - 1, text);
            text.push(')');
        } else {
            {
                let piece: &str = random.pick::<&str>(&ATOMS);
                text.push_str(piece);
            };
        }
        if random.one_in(3) {
            {
                let piece: &str = random.pick::<&str>(&REPEATS);
                text.push_str(piece);
            };
        }
    }
}

/// A glob.
pub(crate) fn glob(random: &mut Random) -> String {
    let parts = [
        "*", "*", "?", "a", "b", "_", "[ab]", "[!a]", "[!ab", "]", "[a-b-]", "[b-a]", "[]-a]", "[!", "é",
        ".", "[^a]", "[a&&b]", "\\", "[\\]", "[!-b]", "/", "-", "[--b]",
    ];
    (0..=random.below(4)).map(|_| *random.pick(&parts)).collect()
}

/// Bytes of an expression's alphabet in no order at all.
pub(crate) fn noise(random: &mut Random) -> Vec<u8> {
    let pieces: [&[u8]; 40] = [
        b"(", b")", b"[", b"]", b"{", b"}", b"*", b"+", b"?", b"|", b"\\", b"^", b"$", b".", b"a", b"b",
        b"1", b"0", b",", b"-", b"(?", b"(?P<", b">", b"<", b"=", b"!", b"#", b" ", b":", b"i", b"x", b"\\g",
        b"\\8", b"\\07", b"\\400", b"\\x4", b"\xff", b"(?#", b"\\u", b"n",
    ];
    (0..=random.below(7)).flat_map(|_| random.pick(&pieces).to_vec()).collect()
}

/// What is put in the place of a match.
pub(crate) fn template(random: &mut Random) -> String {
    let parts = [
        "-", "x", "\\1", "\\2", "\\g<0>", "\\g<1>", "\\g<n>", "\\n", "\\\\", "$1", "\\0", "\\101", "\\q",
        "\\-", "", "\\400", "\\12", "\\08",
    ];
    (0..random.below(4)).map(|_| *random.pick(&parts)).collect()
}

/// A file of rules.
pub(crate) fn rules(random: &mut Random, fancy: bool) -> Vec<u8> {
    let mut file = Vec::new();
    for _ in 0..=random.below(3) {
        let line = match random.below(9) {
            0 | 1 => ["a", "b", "ab", "# a", "literal:a", "literal:", "", " a", "é", "a=="][random.below(10)]
                .to_owned(),
            2 => format!("glob:{}", glob(random)),
            _ => format!("regex:{}", expression(random, fancy)),
        };
        file.extend(line.into_bytes());
        if random.one_in(30) {
            file.extend(noise(random));
        }
        if !random.one_in(4) {
            file.extend(b"==>");
            file.extend(template(random).into_bytes());
        }
        file.extend([&b"\n"[..], b"\r\n", b"\n\n", b"\r\r\n", b"\n"][random.below(5)]);
    }
    if random.one_in(4) {
        file.pop();
    }
    file
}

/// A text the expressions may find something in.
pub(crate) fn text(random: &mut Random) -> Vec<u8> {
    let pieces: [&[u8]; 20] = [
        b"a",
        b"a",
        b"b",
        b"b",
        b"A",
        b"B",
        b"_",
        b" ",
        b"\n",
        b"\n",
        b"1",
        b"-",
        b"\xff",
        b"\xc3\xa9",
        b"\r",
        b"ab",
        b"aa",
        b".",
        b"{",
        b"/",
    ];
    (0..random.below(12)).flat_map(|_| random.pick(&pieces).to_vec()).collect()
}
