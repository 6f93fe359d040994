//! Which refs a push or a transaction writes, as git tells its hooks (githooks(5)).

use bstr::{BString, ByteSlice as _};
use gix_hash::{Kind, ObjectId};

/// One ref that is about to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefUpdate {
    /// What the pusher calls it: a ref, a revision, or `(delete)`. Empty where git does not say.
    pub local: BString,
    /// Its full name where it is written.
    pub name: BString,
    /// What it is there now; `None` if it does not exist, or if git does not say.
    pub old: Option<ObjectId>,
    /// What it will be; `None` if it is deleted.
    pub new: Option<ObjectId>,
}

/// What git would never have said.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputError {
    /// A line is not what git writes for this hook.
    #[error("line {line} of standard input is not `{wanted}`")]
    Line {
        /// Which line, from 1.
        line: usize,
        /// What it should be.
        wanted: &'static str,
    },
    /// The last line has no end.
    #[error("standard input ends in the middle of line {line}")]
    CutShort {
        /// Which line, from 1.
        line: usize,
    },
    /// Git always writes at least one line here.
    #[error("standard input is empty")]
    Empty,
    /// Arguments of `update`.
    #[error("the arguments are not `REF OLD NEW`")]
    Arguments,
}

/// `<local ref> SP <local id> SP <remote ref> SP <remote id> LF` a ref. None at all means that everything is there
/// already.
pub fn read_pre_push(stdin: &[u8], hash: Kind) -> Result<Vec<RefUpdate>, InputError> {
    lines(stdin)?
        .map(|(line, text)| {
            let wanted = "LOCAL-REF LOCAL-ID REMOTE-REF REMOTE-ID";
            let parse = || {
                // From the end: what the pusher calls it may be a revision such as `:/fix the build`.
                let mut words = text.rsplitn(4, |byte| *byte == b' ');
                let old = id(words.next()?, hash).ok()?;
                let name = ref_name(words.next()?)?;
                let new = id(words.next()?, hash).ok()?;
                Some(RefUpdate { local: words.next()?.into(), name, old, new })
            };
            parse().ok_or(InputError::Line { line, wanted })
        })
        .collect()
}

/// `<old id> SP <new id> SP <ref> LF` a ref; at least one.
pub fn read_pre_receive(stdin: &[u8], hash: Kind) -> Result<Vec<RefUpdate>, InputError> {
    if stdin.is_empty() {
        return Err(InputError::Empty);
    }
    lines(stdin)?
        .map(|(line, text)| {
            let wanted = "OLD-ID NEW-ID REF";
            let mut words = text.splitn(3, |byte| *byte == b' ');
            let mut next = || words.next();
            let parse = || {
                let (old, new) = (id(next()?, hash).ok()?, id(next()?, hash).ok()?);
                Some(RefUpdate { local: BString::default(), name: ref_name(next()?)?, old, new })
            };
            parse_or(parse, line, wanted)
        })
        .collect()
}

/// The arguments of `update`.
pub fn read_update(name: &[u8], old: &[u8], new: &[u8], hash: Kind) -> Result<RefUpdate, InputError> {
    let parse = || {
        let (old, new) = (id(old, hash).ok()?, id(new, hash).ok()?);
        Some(RefUpdate { local: BString::default(), name: ref_name(name)?, old, new })
    };
    parse().ok_or(InputError::Arguments)
}

/// The lines of `reference-transaction`, which are those of `pre-receive`; either id may be `ref:<name>` instead. Symbolic
/// refs bring nothing that is not there, and are left out.
pub fn read_transaction(stdin: &[u8], hash: Kind) -> Result<Vec<RefUpdate>, InputError> {
    let mut updates = Vec::new();
    for (line, text) in lines(stdin)? {
        let mut words = text.splitn(3, |byte| *byte == b' ');
        let mut next = || words.next();
        let mut parse = || {
            let (old, new, name) = (next()?, next()?, ref_name(next()?)?);
            let symbolic = |word: &[u8]| word.starts_with(b"ref:");
            let old = if symbolic(old) { None } else { id(old, hash).ok()? };
            if symbolic(new) {
                return Some(None);
            }
            Some(Some(RefUpdate { local: BString::default(), name, old, new: id(new, hash).ok()? }))
        };
        let update = parse().ok_or(InputError::Line { line, wanted: "OLD-ID NEW-ID REF" })?;
        updates.extend(update);
    }
    Ok(updates)
}

fn parse_or(
    parse: impl FnOnce() -> Option<RefUpdate>,
    line: usize,
    wanted: &'static str,
) -> Result<RefUpdate, InputError> {
    parse().ok_or(InputError::Line { line, wanted })
}

/// Numbered from 1. Every line has an end: one that has none was cut off, and what came behind it is not known.
fn lines(stdin: &[u8]) -> Result<impl Iterator<Item = (usize, &[u8])>, InputError> {
    if stdin.last().is_some_and(|last| *last != b'\n') {
        return Err(InputError::CutShort { line: stdin.find_iter(b"\n").count() + 1 });
    }
    Ok(stdin.lines().enumerate().map(|(at, line)| (at + 1, line)))
}

/// What is no id of the repository's hash function.
struct NoId;

/// `None` for the null id, by which git means "none".
fn id(hex: &[u8], hash: Kind) -> Result<Option<ObjectId>, NoId> {
    if hex.len() != hash.len_in_hex() {
        return Err(NoId);
    }
    let id = ObjectId::from_hex(hex).map_err(|_| NoId)?;
    Ok((!id.is_null()).then_some(id))
}

/// A name as git would have checked it (git-check-ref-format(1)), as far as it matters here.
fn ref_name(name: &[u8]) -> Option<BString> {
    let bad = |byte: &u8| *byte <= b' ' || *byte == 0x7f;
    (!name.is_empty() && !name.iter().any(bad)).then(|| name.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HASH: Kind = Kind::Sha1;

    fn hex(byte: u8) -> String {
        format!("{byte:02x}").repeat(20)
    }

    proptest! {
        #[test]
        fn every_line_is_read(refs in prop::collection::vec(("[a-z/]{1,12}", 0u8..4, 0u8..4, "[ -~]{0,12}"), 0..9)) {
            let mut push = String::new();
            let mut receive = String::new();
            for (name, old, new, local) in &refs {
                push.push_str(&[local, " ", &hex(*new), " ", name, " ", &hex(*old), "\n"].concat());
                receive.push_str(&[&hex(*old), " ", &hex(*new), " ", name, "\n"].concat());
            }
            let pushed = read_pre_push(push.as_bytes(), HASH).unwrap();
            prop_assert_eq!(pushed.len(), refs.len());
            for (update, (name, old, new, local)) in pushed.iter().zip(&refs) {
                prop_assert_eq!(&update.name, name.as_str());
                prop_assert_eq!(&update.local, local.as_str());
                prop_assert_eq!(update.old.is_none(), *old == 0);
                prop_assert_eq!(update.new.is_none(), *new == 0);
            }
            let received = read_transaction(receive.as_bytes(), HASH).unwrap();
            prop_assert_eq!(received.len(), refs.len());
            if !refs.is_empty() {
                prop_assert_eq!(read_pre_receive(receive.as_bytes(), HASH).unwrap(), received);
                // However the end is lost, it shows, but where whole lines are.
                for cut in 0..receive.len() {
                    let whole = cut > 0 && receive.as_bytes()[cut - 1] == b'\n';
                    prop_assert_eq!(read_pre_receive(&receive.as_bytes()[..cut], HASH).is_ok(), whole);
                }
            }
        }

        #[test]
        fn nothing_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            drop(read_pre_push(&bytes, HASH));
            drop(read_pre_receive(&bytes, Kind::Sha256));
            drop(read_transaction(&bytes, HASH));
        }
    }

    #[test]
    fn what_git_would_not_write_is_refused() {
        let (one, zero) = (hex(1), hex(0));
        for text in [
            "\n".to_owned(),
            format!("{one} {one}\n"),
            format!("{one} x refs/heads/a\n"),
            format!("{one} {one} a b\n"),
        ] {
            assert_eq!(
                read_pre_receive(text.as_bytes(), HASH),
                Err(InputError::Line { line: 1, wanted: "OLD-ID NEW-ID REF" }),
                "{text}"
            );
        }
        assert_eq!(read_pre_receive(b"", HASH), Err(InputError::Empty));
        assert_eq!(read_pre_push(b"", HASH), Ok(Vec::new()));
        let text = format!("a {one} refs/heads/a {zero}\nb {one} refs/heads/b {zero}");
        assert_eq!(read_pre_push(text.as_bytes(), HASH), Err(InputError::CutShort { line: 2 }));
        // Ids of the other hash function.
        assert!(read_update(b"refs/heads/a", one.as_bytes(), one.as_bytes(), Kind::Sha256).is_err());
    }

    #[test]
    fn a_local_name_may_hold_spaces() {
        let text = format!(":/fix the build {} refs/heads/a {}\n", hex(1), hex(0));
        let updates = read_pre_push(text.as_bytes(), HASH).unwrap();
        assert_eq!(
            (updates[0].local.as_slice(), updates[0].name.as_slice()),
            (&b":/fix the build"[..], &b"refs/heads/a"[..])
        );
    }

    #[test]
    fn symbolic_values_of_a_transaction_bring_nothing() {
        let text =
            format!("{z} ref:refs/heads/b HEAD\nref:refs/heads/b {o} refs/heads/a\n", z = hex(0), o = hex(1));
        let updates = read_transaction(text.as_bytes(), HASH).unwrap();
        assert_eq!(updates.len(), 1);
        assert_eq!((updates[0].old, updates[0].name.as_slice()), (None, &b"refs/heads/a"[..]));
    }
}
