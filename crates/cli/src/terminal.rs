//! Everything that goes to standard error, and how: colour, errors, progress.

#![expect(clippy::print_stderr, reason = "this is the one home of standard error")]

use std::io::{IsTerminal, stderr, stdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use unleak_scan::Progress;

use crate::environment::Environment;
use crate::error::CliError;
use crate::progress_line::line;

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    Quiet,
    Normal,
    Verbose,
}

/// How to talk to people.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    pub(crate) verbosity: Verbosity,
    color_out: bool,
    color_err: bool,
    progress: bool,
}

/// Width of reports that do not go to a terminal.
const DEFAULT_WIDTH: usize = 100;
/// The narrowest and widest a report is set.
const WIDTHS: (usize, usize) = (40, 160);

impl Terminal {
    /// Decides from flags and surroundings.
    pub(crate) fn new(choice: ColorChoice, verbosity: Verbosity, environment: &Environment) -> Self {
        let color = |is_terminal: bool| match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                environment.force_color
                    || (is_terminal && !environment.no_color && !environment.dumb_terminal)
            }
        };
        let err = stderr().is_terminal();
        Self {
            verbosity,
            color_out: color(stdout().is_terminal()),
            color_err: color(err),
            progress: err && !environment.dumb_terminal && verbosity > Verbosity::Quiet,
        }
    }

    /// Whether standard output takes colour.
    pub(crate) fn color(self) -> bool {
        self.color_out
    }

    /// Columns of the terminal, within reason.
    pub(crate) fn width() -> usize {
        let columns = terminal_size::terminal_size().map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0));
        if stdout().is_terminal() { columns.clamp(WIDTHS.0, WIDTHS.1) } else { DEFAULT_WIDTH }
    }

    fn heading(self, color: AnsiColor, word: &str) -> String {
        let style = Style::new().bold().fg_color(Some(color.into()));
        if self.color_err { format!("{style}{word}:{style:#}") } else { format!("{word}:") }
    }

    /// Prints an error with its causes and remedies.
    pub(crate) fn error(self, error: &CliError) {
        eprintln!("{} {}", self.heading(AnsiColor::Red, "error"), harmless(&error.to_string()));
        for cause in error.causes() {
            eprintln!("{} {}", self.heading(AnsiColor::Red, "caused by"), harmless(&cause));
        }
        for hint in error.hints() {
            eprintln!("{} {}", self.heading(AnsiColor::Cyan, "hint"), harmless(hint));
        }
    }

    /// Prints a remark that is not part of any report.
    pub(crate) fn note(self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            eprintln!("{} {}", self.heading(AnsiColor::Cyan, "note"), harmless(text));
        }
    }

    /// Shows `progress` until the guard is dropped; nothing where standard error is no terminal.
    pub(crate) fn show(self, progress: &Arc<Progress>) -> Option<ProgressGuard> {
        self.progress.then(|| ProgressGuard::start(Arc::clone(progress)))
    }
}

fn harmless(text: &str) -> String {
    // A CI runner reads along, and must not take a name in an error for a command.
    let line = |line: &str| unleak_report::defused(&unleak_report::harmless(line.as_bytes()));
    text.lines().map(line).collect::<Vec<_>>().join("\n  ")
}

/// Draws the progress from a thread of its own.
#[derive(Debug)]
pub(crate) struct ProgressGuard {
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// A scan that ends sooner shows nothing.
const PATIENCE: Duration = Duration::from_millis(300);
/// Between two drawings.
const TICK: Duration = Duration::from_millis(100);

impl ProgressGuard {
    fn start(progress: Arc<Progress>) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&done);
        let thread = std::thread::spawn(move || {
            std::thread::park_timeout(PATIENCE);
            let started = Instant::now();
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            bar.set_style(
                ProgressStyle::with_template("{wide_msg}").unwrap_or_else(|_| ProgressStyle::default_bar()),
            );
            while !stop.load(Ordering::Relaxed) {
                // One change a tick, so that no half of it is ever drawn.
                bar.set_message(line(&progress, started.elapsed() + PATIENCE));
                std::thread::park_timeout(TICK);
            }
            bar.finish_and_clear();
        });
        Self { done, thread: Some(thread) }
    }
}

impl Drop for ProgressGuard {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic in the drawing thread has been printed; the scan goes on without.
            drop(thread.join());
        }
    }
}
