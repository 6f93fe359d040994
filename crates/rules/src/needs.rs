//! What no match of a regex is without: a run of bytes such as forty hexadecimal digits, a byte such as `@`. Where the
//! window has none, the regex need not be asked, nor even be compiled.

use memchr::memchr2;
use regex_syntax::hir::{Class, ClassBytes, Hir, HirKind};

/// Shorter runs are everywhere.
const SHORTEST: usize = 8;
/// Classes of more bytes are everything.
const WIDEST: u32 = 100;
/// Bytes that most lines of most texts have none of.
const RARE: &[u8] = b"@#$%&*+<>?^`{|}~!\\";

/// What a window must have to be looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// So many bytes in a row of one class.
    pub run: Option<Run>,
    /// One byte or the other.
    pub byte: Option<[u8; 2]>,
}

/// So many bytes in a row of one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The bytes of the class, a bit each.
    pub class: [u64; 4],
    /// How many in a row, at least one.
    pub length: usize,
}

/// What every match of `hir` contains: of several runs and bytes the one that says most.
pub(crate) fn implied(hir: &Hir) -> Needs {
    let run = required(hir, &|leaf| match leaf {
        HirKind::Class(Class::Bytes(class)) => Some(Run { class: bits(class), length: 1 }),
        _ => None,
    });
    let byte = required(hir, &|leaf| match leaf {
        HirKind::Literal(literal) => {
            literal.0.iter().find(|byte| RARE.contains(byte)).map(|byte| Run::of(*byte))
        }
        _ => None,
    });
    Needs {
        run: run.filter(|run| run.length >= SHORTEST && run.width() <= WIDEST),
        byte: byte.and_then(|one| one.pair()),
    }
}

/// What is chosen of what is required, where `of` says what a class or a literal makes necessary. Recursion depth is bounded
/// by the parser's nest limit.
fn required(hir: &Hir, of: &dyn Fn(&HirKind) -> Option<Run>) -> Option<Run> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => None,
        leaf @ (HirKind::Literal(_) | HirKind::Class(_)) => of(leaf),
        HirKind::Capture(capture) => required(&capture.sub, of),
        HirKind::Repetition(repetition) => {
            let times = usize::try_from(repetition.min).ok().filter(|times| *times > 0)?;
            let run = required(&repetition.sub, of)?;
            // Of anything but one class, what follows on the run is not known to go on with it.
            let is_class = matches!(repetition.sub.kind(), HirKind::Class(_));
            Some(if is_class { Run { length: times, ..run } } else { run })
        }
        HirKind::Concat(parts) => parts.iter().filter_map(|part| required(part, of)).max_by_key(Run::worth),
        HirKind::Alternation(parts) => {
            parts.iter().map(|part| required(part, of)).reduce(|a, b| Some(a?.or(b?)))?
        }
    }
}

impl Needs {
    /// Whether `text` has it all.
    pub(crate) fn are_in(&self, text: &[u8]) -> bool {
        self.byte.is_none_or(|[one, other]| memchr2(one, other, text).is_some())
            && self.run.is_none_or(|run| run.is_in(text))
    }
}

fn bits(class: &ClassBytes) -> [u64; 4] {
    let mut bits = [0; 4];
    for byte in class.iter().flat_map(|range| range.start()..=range.end()) {
        bits[usize::from(byte / 64)] |= 1 << (byte % 64);
    }
    bits
}

impl Run {
    fn of(byte: u8) -> Self {
        let mut class = [0; 4];
        class[usize::from(byte / 64)] |= 1 << (byte % 64);
        Self { class, length: 1 }
    }

    /// The bytes of the class, if they are one or two.
    fn pair(&self) -> Option<[u8; 2]> {
        let bytes: Vec<u8> = (0..=u8::MAX).filter(|byte| self.has(*byte)).take(3).collect();
        match bytes[..] {
            [one] => Some([one, one]),
            [one, other] => Some([one, other]),
            _ => None,
        }
    }

    /// Whether `text` has such a run.
    pub(crate) fn is_in(&self, text: &[u8]) -> bool {
        // Looked at from its last byte backwards: a byte of another class rules out all runs that it would be part of.
        let mut last = self.length - 1;
        while last < text.len() {
            let candidate = &text[last + 1 - self.length..=last];
            match candidate.iter().rposition(|byte| !self.has(*byte)) {
                None => return true,
                Some(other) => last += other + 1,
            }
        }
        false
    }

    fn has(&self, byte: u8) -> bool {
        self.class[usize::from(byte / 64)] >> (byte % 64) & 1 != 0
    }

    /// How many bytes the class has.
    fn width(&self) -> u32 {
        self.class.iter().map(|bits| bits.count_ones()).sum()
    }

    /// The longer and the narrower, the rarer. In bits, were all bytes as common.
    fn worth(&self) -> usize {
        self.length * (8 - (self.width().max(2) - 1).ilog2() as usize)
    }

    /// What has one or the other.
    fn or(self, other: Self) -> Self {
        let class = std::array::from_fn(|at| self.class[at] | other.class[at]);
        Self { class, length: self.length.min(other.length) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::anchor::parse;

    fn needs(pattern: &str) -> Needs {
        implied(&parse(pattern).unwrap())
    }

    fn of(pattern: &str) -> Option<Run> {
        needs(pattern).run
    }

    #[test]
    fn a_rare_byte_that_no_match_is_without_is_chosen() {
        assert_eq!(needs(r"https?://[^\s:]+:(?P<secret>[^\s@]{4,})@(?:[a-z]+\.)+").byte, Some(*b"@@"));
        assert_eq!(needs("a(?:b@|c#)+").byte, Some(*b"#@"));
        for pattern in ["a:b", "(?:a@)?b", "a@|b", "@a|#b|~c", "a[@#]b"] {
            assert_eq!(needs(pattern).byte, None, "{pattern}");
        }
    }

    #[test]
    fn the_rarest_run_that_no_match_is_without_is_chosen() {
        let hex = of("[0-9a-f]{40}").unwrap();
        assert_eq!((hex.length, hex.width()), (40, 16));
        assert_eq!(of(r"token[\w .-]{0,24}?=\s{0,8}(?P<secret>[0-9a-f]{40})\b"), Some(hex));
        assert_eq!(of(r"SG\.[\w-]{22}\.[\w-]{43}").unwrap().length, 43);
        assert_eq!(of(r"(?:a[0-9]{30}|b[a-z]{20,})+").map(|run| (run.length, run.width())), Some((20, 36)));
        // Of what may be missing, be short or be anything, none is chosen.
        for pattern in
            ["x", "[0-9a-f]{7}", "(?:[0-9]{40})?x", "[0-9]{40}|x", r"[^\n]{40}", "(?:[ab][0-9]){20}"]
        {
            assert_eq!(of(pattern), None, "{pattern}");
        }
    }

    const PATTERNS: &[&str] = &[
        "token[a-z .-]{0,24}?=[ ]{0,8}([0-9a-f]{40})[,; ]",
        "(?:a[0-9]{30}|b[a-z]{20,40}){1,3}",
        "(?:[A-Z]{8}-){3}[a-z]{2,9}",
        "x(?:[0-9]{9}){2,4}|y[0-9a-f]{12,20}",
        "a(?:b@|c#d){1,2}[a-z]{8,9}",
    ];

    proptest! {
        #[test]
        fn every_match_has_it((pattern, text) in prop::sample::select(PATTERNS).prop_flat_map(|pattern| {
            (Just(pattern), proptest::string::string_regex(pattern).unwrap())
        })) {
            prop_assert!(of(pattern).is_some());
            prop_assert!(needs(pattern).are_in(text.as_bytes()), "{pattern}: {text}");
        }

        #[test]
        fn it_is_found_where_it_is(text in "[0-9a-c .]{0,60}", length in 1usize..12) {
            let run = Run { class: of("[0-9a-f]{8}").unwrap().class, length };
            let naive = text.as_bytes().windows(length).any(|some| some.iter().all(u8::is_ascii_hexdigit));
            prop_assert_eq!(run.is_in(text.as_bytes()), naive);
        }
    }
}
