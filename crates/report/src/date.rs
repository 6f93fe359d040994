//! Dates of commits as text, in UTC.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `2024-05-01`; `None` when no calendar has the date (git stores any number).
pub(crate) fn day(seconds: i64) -> Option<String> {
    let at = Timestamp::from_second(seconds).ok()?;
    Some(at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d").to_string())
}

/// `2024-05-01T12:00:00Z` (RFC 3339); `None` when no calendar has the date or its year has not four digits.
pub(crate) fn instant(seconds: i64) -> Option<String> {
    let at = Timestamp::from_second(seconds).ok()?;
    Some(at.to_string()).filter(|text| text.len() == "2024-05-01T12:00:00Z".len())
}

/// The instant, or the number of seconds where no calendar has it.
pub(crate) fn or_seconds(seconds: i64) -> String {
    instant(seconds).unwrap_or_else(|| seconds.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_in_utc_and_impossible_ones_are_none() {
        assert_eq!(day(1_714_564_799), Some("2024-05-01".to_owned()));
        assert_eq!(instant(1_714_564_799), Some("2024-05-01T11:59:59Z".to_owned()));
        assert_eq!(instant(-1), Some("1969-12-31T23:59:59Z".to_owned()));
        for seconds in [i64::MIN, i64::MAX, -100_000_000_000] {
            assert_eq!(instant(seconds), None, "{seconds}");
        }
        assert_eq!(day(i64::MAX), None);
    }
}
