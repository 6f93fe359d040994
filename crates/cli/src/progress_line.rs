//! The line that shows how far a scan has come. Every part of it keeps its place and width, so that nothing jumps.

use std::sync::atomic::Ordering;
use std::time::Duration;

use indicatif::{DecimalBytes, HumanCount};
use unleak_scan::{Phase, Progress};

/// Columns of the bar.
const BAR: usize = 10;

/// The line, which fits into 80 columns, for a scan that has taken `elapsed` so far: objects, bytes, bytes a second, matches.
pub(crate) fn line(progress: &Progress, elapsed: Duration) -> String {
    let (done, total) = progress.position();
    let bytes = progress.bytes_read();
    let what = match progress.phase() {
        Phase::Preparing => "preparing",
        Phase::Index => "index",
        Phase::Files => "files",
        Phase::History => "history",
        Phase::Range => "range",
        Phase::Attribution => "where from",
        Phase::Survey => "looking",
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rate for people"
    )]
    let rate = (bytes as f64 / elapsed.as_secs_f64().max(0.001)) as u64;
    let count = |count: u64| HumanCount(count).to_string();
    let counts = if total > 0 { format!("{} of {}", count(done), count(total)) } else { count(done) };
    let bar = if total > 0 { bar(done, total) } else { wandering(elapsed) };
    let (bytes, rate) = (DecimalBytes(bytes).to_string(), format!("{}/s", DecimalBytes(rate)));
    let matches = count(progress.matches.load(Ordering::Relaxed));
    format!("{what:<11}{bar} {counts:>22} {bytes:>9} {rate:>11} {matches:>6} found")
}

fn bar(done: u64, total: u64) -> String {
    let full = u128::from(done.min(total)) * BAR as u128 / u128::from(total.max(1));
    let full = usize::try_from(full).unwrap_or(BAR);
    format!("{}{}", "━".repeat(full), "─".repeat(BAR - full))
}

/// What moves while nobody knows how much there is to do.
fn wandering(elapsed: Duration) -> String {
    let at = usize::try_from(elapsed.as_millis() / 100 % BAR as u128).unwrap_or_default();
    format!("{}━{}", "─".repeat(at), "─".repeat(BAR - 1 - at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_jumps_whatever_the_numbers_are() {
        let progress = Progress::default();
        let mut widths = Vec::new();
        for (done, total, bytes, matches) in
            [(0, 0, 0, 0), (7, 0, 999, 1), (5, 9, 1023, 20), (9_999_998, 9_999_999, 1 << 45, 99_999)]
        {
            progress.done.store(done, Ordering::Relaxed);
            progress.total.store(total, Ordering::Relaxed);
            progress.bytes.store(bytes, Ordering::Relaxed);
            progress.matches.store(matches, Ordering::Relaxed);
            for milliseconds in [0, 150, 7000, 86_400_000] {
                let line = line(&progress, Duration::from_millis(milliseconds));
                widths.push((line.chars().count(), line));
            }
        }
        assert!(widths[0].0 < 80);
        assert!(widths.iter().all(|(width, _)| *width == widths[0].0), "{widths:#?}");
    }

    #[test]
    fn the_bar_is_full_at_the_end_and_never_longer() {
        assert_eq!(bar(0, 3), "─".repeat(BAR));
        assert_eq!(bar(3, 3), "━".repeat(BAR));
        assert_eq!(bar(u64::MAX, 1), "━".repeat(BAR));
        assert_eq!(bar(1, 2).matches('━').count(), BAR / 2);
    }
}
