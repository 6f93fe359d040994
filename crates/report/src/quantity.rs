//! Numbers, sizes and times as people read them.

use std::time::Duration;

/// `203,352`.
pub fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 commit`, `203,352 commits`; `plural` is the word for many.
pub fn counted(count: u64, plural: &str) -> String {
    let word = match (count, plural.strip_suffix("ies"), plural.strip_suffix('s')) {
        (1, Some(stem), _) => format!("{stem}y"),
        (1, None, Some(stem)) => stem.to_owned(),
        _ => plural.to_owned(),
    };
    format!("{} {word}", number(count))
}

/// `812 bytes`, `1.2 GB`: decimal units.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match UNITS.into_iter().find(|&(unit, _)| bytes >= unit) {
        Some((unit, name)) if bytes / unit < 10 => {
            format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit)
        }
        Some((unit, name)) => format!("{} {name}", number(bytes / unit)),
        None => counted(bytes, "bytes"),
    }
}

/// `340 ms`, `3.4 s`, `2 min 5 s`, `1 h 2 min`.
pub(crate) fn duration(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        seconds @ 1..60 => format!("{seconds}.{} s", time.subsec_millis() / 100),
        seconds @ 60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", number(seconds / 3600), seconds / 60 % 60),
    }
}

/// `350 MB/s`; `None` when nothing was read or no time passed.
pub(crate) fn rate(bytes: u64, time: Duration) -> Option<String> {
    let per_second = u128::from(bytes) * 1_000_000 / time.as_micros().max(1);
    let per_second = u64::try_from(per_second).ok()?;
    (bytes > 0 && !time.is_zero()).then(|| format!("{}/s", size(per_second)))
}

/// `a, b, c and 4 more`: the first `most`.
pub(crate) fn first_few(names: &[String], most: usize) -> String {
    let shown = names.get(..most).unwrap_or(names).join(", ");
    match names.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {} more", number(more as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_read_well() {
        let numbers =
            [(0, "0"), (999, "999"), (1000, "1,000"), (203_352, "203,352"), (1_234_567, "1,234,567")];
        for (count, text) in numbers {
            assert_eq!(number(count), text);
        }
        let words = [(1, "commits", "1 commit"), (2, "commits", "2 commits"), (1, "entries", "1 entry")];
        for (count, plural, text) in words {
            assert_eq!(counted(count, plural), text);
        }
        let sizes = [
            (1, "1 byte"),
            (999, "999 bytes"),
            (1_250, "1.2 kB"),
            (12_500_000, "12 MB"),
            (u64::MAX, "18,446,744 TB"),
        ];
        for (bytes, text) in sizes {
            assert_eq!(size(bytes), text);
        }
        let times = [(340, "340 ms"), (3_450, "3.4 s"), (125_000, "2 min 5 s"), (3_725_000, "1 h 2 min")];
        for (ms, text) in times {
            assert_eq!(duration(Duration::from_millis(ms)), text);
        }
        assert_eq!(rate(700_000_000, Duration::from_secs(2)), Some("350 MB/s".to_owned()));
        assert_eq!(rate(u64::MAX, Duration::MAX), Some("0 bytes/s".to_owned()));
        assert_eq!((rate(1, Duration::ZERO), rate(0, Duration::from_secs(1))), (None, None));
        let names: Vec<String> = ["a", "b", "c"].map(str::to_owned).into();
        assert_eq!(
            (first_few(&names, 3), first_few(&names, 1)),
            ("a, b, c".to_owned(), "a and 2 more".to_owned())
        );
    }
}
