//! A moment at which a gate must have answered, because somebody kills it soon after: then the answer is no.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use unleak_scan::Progress;

use crate::error::CliError;
use crate::terminal::Terminal;

/// A deadline that runs.
#[derive(Debug)]
pub(crate) struct Deadline {
    passed: Arc<AtomicBool>,
    limit: Duration,
}

/// Reads `4.5s`, `500ms`, `1m 30s`.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let parsed = text.parse::<SignedDuration>().map_err(|_| "expected a time such as 4.5s or 500ms")?;
    let limit = Duration::try_from(parsed).map_err(|_| "a deadline lies ahead")?;
    if limit.is_zero() {
        return Err("a deadline lies ahead".to_owned());
    }
    Ok(limit)
}

impl Deadline {
    /// Asks `progress` to stop shortly before `limit` has passed since `started`, so that what was found can be said; at
    /// the limit it ends the process, whatever it is doing.
    pub(crate) fn start(
        limit: Duration,
        started: Instant,
        progress: &Arc<Progress>,
        terminal: Terminal,
    ) -> Self {
        let passed = Arc::new(AtomicBool::new(false));
        let (flag, progress) = (Arc::clone(&passed), Arc::clone(progress));
        std::thread::spawn(move || {
            wait(started, limit.mul_f64(0.9));
            flag.store(true, Ordering::Relaxed);
            progress.stop.store(true, Ordering::Relaxed);
            wait(started, limit);
            terminal.error(&error(limit));
            #[expect(
                clippy::disallowed_methods,
                reason = "whoever waits would kill the process; a gate holds no lock and writes no file"
            )]
            std::process::exit(2);
        });
        Self { passed, limit }
    }

    /// An error if the scan had to be stopped.
    pub(crate) fn check(&self) -> Result<(), CliError> {
        if self.passed.load(Ordering::Relaxed) { Err(error(self.limit)) } else { Ok(()) }
    }
}

fn wait(started: Instant, after: Duration) {
    std::thread::sleep(after.saturating_sub(started.elapsed()));
}

fn error(limit: Duration) -> CliError {
    CliError::new(format!("not everything was looked at within {limit:?}: refused"))
        .hint("push in smaller parts, or give the gate more time: --deadline TIME")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_a_time_ahead() {
        assert_eq!(parse("4.5s"), Ok(Duration::from_millis(4500)));
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
        for text in ["", "4.5", "-1s", "0s", "soon"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
