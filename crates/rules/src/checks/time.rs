//! Times as facts write them.

/// The time `seconds` after 1970 UTC, such as `2026-11-22T21:00:00Z`; `None` outside the calendar.
pub(super) fn time(seconds: i64) -> Option<String> {
    jiff::Timestamp::from_second(seconds).ok().map(|time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc() {
        assert_eq!(time(0).as_deref(), Some("1970-01-01T00:00:00Z"));
        assert_eq!(time(i64::MAX), None);
    }
}
