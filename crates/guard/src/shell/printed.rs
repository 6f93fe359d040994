//! What `echo` and `printf` give to the next program, where their arguments tell.

use crate::shell::word::Arg;

/// The text that `program` prints; what depends on the moment stands there as in the arguments.
pub(super) fn printed(program: &str, args: &[Arg]) -> String {
    let texts: Vec<&str> = args.iter().map(|arg| &arg.text[..]).collect();
    if program == "echo" {
        let flags =
            texts.iter().take_while(|text| matches!(**text, "-e" | "-n" | "-E" | "-ne" | "-en")).count();
        let text = texts[flags..].join(" ");
        return if texts[..flags].iter().any(|flag| flag.contains('e')) { unescaped(&text) } else { text };
    }
    let Some((format, values)) = texts.split_first() else { return String::new() };
    let format = unescaped(format);
    let mut out = String::new();
    let mut values = values.iter();
    // The format is used anew until no value is left.
    loop {
        let mut parts = format.split("%s");
        out.push_str(parts.next().unwrap_or_default());
        let mut took = false;
        for part in parts {
            if let Some(value) = values.next() {
                out.push_str(value);
                took = true;
            }
            out.push_str(part);
        }
        if !took || values.len() == 0 {
            return out;
        }
    }
}

fn unescaped(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\t", "\t")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_the_format_says() {
        for (program, args, wanted) in [
            ("echo", &["-e", "a\\nb"][..], "a\nb"),
            ("echo", &["a\\nb", "-n"], "a\\nb -n"),
            ("printf", &["%s\\n", "a b", "c"], "a b\nc\n"),
            ("printf", &["a\\n"], "a\n"),
            ("printf", &["a", "b"], "a"),
            ("printf", &[], ""),
        ] {
            let args: Vec<Arg> = args.iter().map(|text| Arg::literal(*text)).collect();
            assert_eq!(printed(program, &args), wanted, "{program}");
        }
    }
}
