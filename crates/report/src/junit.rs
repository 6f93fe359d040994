//! JUnit XML, as Jenkins, GitLab, CircleCI and Azure read it: a failed test a new finding, a skipped one an accepted
//! finding, an error for what could not be scanned.
//!
//! A clean scan is one test that passed: some readers take a suite without tests for a mistake. Neither secrets nor
//! people are in it, whatever [`Report::show_secrets`] says.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use unleak_findings::Finding;
use unleak_rules::Provider;
use unleak_scan::SkipReason;

use crate::gaps;
use crate::harmless::harmless;
use crate::report::Report;
use crate::scrub::Scrubber;
use crate::sentence::{accepted, sentence};
use crate::urgency;

/// Writes `report`, with a line end behind it.
/// Makes many small writes: give it a buffer.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(&mut *out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let suite = Suite::new(report);
    let counts = suite.counts();
    let counts = || counts.iter().map(|(name, count)| (*name, count.as_str()));
    xml.create_element("testsuites")
        .with_attribute(("name", "unleak"))
        .with_attributes(counts())
        .write_inner_content(|xml| {
            xml.create_element("testsuite")
                .with_attribute(("name", "unleak"))
                .with_attributes(counts())
                .write_inner_content(|xml| suite.tests(xml))
                .map(drop)
        })?;
    out.write_all(b"\n")
}

type Xml<'w, 'o> = Writer<&'w mut (dyn Write + 'o)>;

struct Suite<'a> {
    report: &'a Report<'a>,
    scrubber: Scrubber<'a>,
    /// What the scan should have read and did not.
    unread: Vec<(SkipReason, u64)>,
    failures: usize,
}

impl<'a> Suite<'a> {
    fn new(report: &'a Report<'a>) -> Self {
        let skipped = report.outcome.coverage.skipped.iter();
        let unread = skipped.map(|(&reason, skipped)| (reason, skipped.count));
        Self {
            report,
            scrubber: Scrubber::strict(report),
            unread: unread.filter(|(reason, _)| reason.is_incomplete()).collect(),
            failures: urgency::new(report).count(),
        }
    }

    fn passed(&self) -> bool {
        self.failures == 0 && self.unread.is_empty()
    }

    fn counts(&self) -> [(&'static str, String); 4] {
        let (findings, errors) = (self.report.outcome.findings.len(), self.unread.len());
        let tests = findings + errors + usize::from(self.passed());
        let counts = [tests, self.failures, errors, findings - self.failures];
        let names = ["tests", "failures", "errors", "skipped"];
        std::array::from_fn(|at| (names[at], counts[at].to_string()))
    }

    fn tests(&self, xml: &mut Xml<'_, '_>) -> io::Result<()> {
        if self.passed() {
            let pass = xml.create_element("testcase").with_attribute(("classname", "unleak"));
            pass.with_attribute(("name", "no new secrets")).write_empty()?;
        }
        for &(reason, count) in &self.unread {
            let gap = format!("not scanned: {}", gaps::words(reason, count));
            let name = format!("everything was scanned: {}", reason.as_str());
            let test = xml.create_element("testcase").with_attribute(("classname", "unleak"));
            test.with_attribute(("name", name.as_str())).write_inner_content(|xml| {
                let error = xml.create_element("error").with_attribute(("type", reason.as_str()));
                let error = error.with_attribute(("message", gap.as_str()));
                error.write_text_content(BytesText::new(gaps::remedy(reason).unwrap_or_default())).map(drop)
            })?;
        }
        self.report.outcome.findings.iter().try_for_each(|finding| self.test(finding, xml))
    }

    fn test(&self, finding: &Finding, xml: &mut Xml<'_, '_>) -> io::Result<()> {
        let (path, rule) = (shown(&self.scrubber.name(&finding.path)), shown(finding.rule_id.as_bytes()));
        let line = finding.place.start_line.to_string();
        let name = format!("{rule}:{line}:{}", finding.place.start_column);
        let test = xml.create_element("testcase").with_attribute(("classname", path.as_str()));
        let test = test.with_attribute(("name", name.as_str())).with_attribute(("file", path.as_str()));
        test.with_attribute(("line", line.as_str())).write_inner_content(|xml| {
            if let Some(reason) = accepted(finding) {
                let reason = shown(&self.scrubber.prose(reason.as_bytes()));
                let skipped = xml.create_element("skipped").with_attribute(("message", reason.as_str()));
                return skipped.write_empty().map(drop);
            }
            let message = shown(sentence(finding).as_bytes());
            let failure = xml.create_element("failure").with_attribute(("type", rule.as_str()));
            let failure = failure.with_attribute(("message", message.as_str()));
            failure.write_text_content(BytesText::new(&self.details(finding))).map(drop)
        })?;
        Ok(())
    }

    fn details(&self, finding: &Finding) -> String {
        let provider = self.report.providers.get(&finding.family);
        let revoke = provider.and_then(|Provider { revoke, .. }| revoke.as_deref());
        let revoke = revoke.map(|place| format!("; revoke: {}", shown(place.as_bytes()))).unwrap_or_default();
        format!("{} severity, {}{revoke}", finding.severity, finding.fingerprint)
    }
}

/// Text of characters that XML 1.0 has. What [`harmless`] leaves are all of them but the two non-characters.
fn shown(text: &[u8]) -> String {
    harmless(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
