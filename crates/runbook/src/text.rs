//! A runbook for a terminal.

use std::fmt::Write as _;

use crate::escape::plain;
use crate::situation::rfc3339;
use crate::step::{Line, Runbook, Step};

/// Text wraps at this column, for whoever reads it in a narrow window.
const INDENT: &str = "      ";

/// The whole runbook.
pub fn text(runbook: &Runbook, width: usize) -> String {
    let mut out = String::new();
    put(&mut out, format_args!("Runbook: {}\n\n", plain(&runbook.repository)));
    for line in &runbook.summary {
        wrapped(&mut out, "", line, width);
    }
    for (number, step) in runbook.steps.iter().enumerate() {
        out.push('\n');
        one(&mut out, number + 1, step, width);
    }
    if !runbook.steps.is_empty() {
        out.push_str("\nTick a step: unleak runbook done N. Where you are: unleak runbook status.\n");
    }
    out
}

fn one(out: &mut String, number: usize, step: &Step, width: usize) {
    let tick = if step.done.is_some() { 'x' } else { ' ' };
    put(out, format_args!("{number:>2}. [{tick}] {}\n", plain(&step.title)));
    put(out, format_args!("{INDENT}who:  {}\n", step.who.as_str()));
    for line in &step.how {
        match line {
            Line::Say(text) => wrapped(out, INDENT, text, width),
            Line::Run(command) => put(out, format_args!("{INDENT}  $ {}\n", plain(command))),
            Line::Send(text) => {
                for line in text.lines() {
                    put(out, format_args!("{INDENT}  | {}\n", plain(line)));
                }
            }
        }
    }
    put(out, format_args!("{INDENT}done: {}\n", plain(&step.check)));
}

/// The list alone: what is ticked, what is next.
pub fn status(runbook: &Runbook) -> String {
    let mut out = String::new();
    let done = runbook.steps.iter().filter(|step| step.done.is_some()).count();
    put(&mut out, format_args!("{done} of {} steps are done.\n", runbook.steps.len()));
    for (number, step) in runbook.steps.iter().enumerate() {
        let when = step.done.map_or(String::new(), |time| format!("  ({})", rfc3339(time)));
        let tick = if step.done.is_some() { 'x' } else { ' ' };
        put(&mut out, format_args!("{:>2}. [{tick}] {}{when}\n", number + 1, plain(&step.title)));
    }
    match runbook.steps.iter().position(|step| step.done.is_none()) {
        Some(at) => put(&mut out, format_args!("\nNext: step {}; unleak runbook shows how\n", at + 1)),
        None if !runbook.steps.is_empty() => out.push_str("\nAll done.\n"),
        None => {}
    }
    out
}

fn wrapped(out: &mut String, indent: &str, text: &str, width: usize) {
    let room = width.saturating_sub(indent.len()).max(30);
    let mut line = String::new();
    for word in plain(text).split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
            put(out, format_args!("{indent}{line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    put(out, format_args!("{indent}{line}\n"));
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a string takes any text");
}
