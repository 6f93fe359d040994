//! A runbook as Markdown, to paste into an incident ticket: a table of what leaked, and a box for each step.

use std::fmt::Write as _;

use crate::escape::{code, markdown, plain};
use crate::situation::rfc3339;
use crate::step::{Line, Runbook, Step};

/// The whole runbook.
pub fn markdown_page(runbook: &Runbook) -> String {
    let mut out = String::new();
    put(&mut out, format_args!("# Leak in {}\n\n", markdown(&runbook.repository)));
    for line in &runbook.summary {
        put(&mut out, format_args!("{}\n\n", markdown(line)));
    }
    if !runbook.leaks.is_empty() {
        out.push_str("| what | where | since | by | how far |\n|---|---|---|---|---|\n");
    }
    for leak in &runbook.leaks {
        let first = leak.places.first().map_or_else(String::new, |place| cell(&code(place)));
        let more = if leak.places.len() > 1 {
            format!(" and {} more", leak.places.len() - 1)
        } else {
            String::new()
        };
        let commit = leak.commit.as_ref();
        let since = commit.map_or_else(String::new, |commit| {
            format!("{}, {}", rfc3339(commit.time), code(&commit.id.chars().take(10).collect::<String>()))
        });
        let by = commit.map_or_else(String::new, |commit| markdown(&commit.author));
        let what = format!("{} {}", markdown(&leak.description), cell(&code(&leak.redacted)));
        put(
            &mut out,
            format_args!("| {what} | {first}{more} | {since} | {by} | {} |\n", markdown(&leak.exposure)),
        );
    }
    for (number, step) in runbook.steps.iter().enumerate() {
        one(&mut out, number + 1, step);
    }
    out
}

/// Within a table a bar ends a cell, also in code.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn one(out: &mut String, number: usize, step: &Step) {
    let tick = if step.done.is_some() { 'x' } else { ' ' };
    put(out, format_args!("\n## {number}. {}\n\n", markdown(&step.title)));
    for line in &step.how {
        match line {
            Line::Say(text) => put(out, format_args!("{}\n\n", markdown(text))),
            Line::Run(command) => block(out, "sh", command),
            Line::Send(text) => block(out, "text", text),
        }
    }
    let who = step.who.as_str();
    put(out, format_args!("- [{tick}] **Done by {who}:** {}\n", markdown(&step.check)));
}

/// Text that stands for itself, line by line.
fn block(out: &mut String, language: &str, text: &str) {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    put(out, format_args!("{fence}{language}\n"));
    for line in text.lines() {
        put(out, format_args!("{}\n", plain(line)));
    }
    put(out, format_args!("{fence}\n\n"));
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a string takes any text");
}
