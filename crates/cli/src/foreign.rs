//! What other scanners' files accept: `.gitleaksignore` and reports of gitleaks given as a baseline.

use unleak_findings::{Finding, GitleaksReport, IgnoreFile, Verdict};
use unleak_rules::Detector;

use crate::error::CliError;
use crate::terminal::Terminal;
use crate::trusted::Trusted;

/// The usual name, at the top of the repository.
pub(crate) const IGNORE_FILE: &str = ".gitleaksignore";

/// Files of gitleaks that accept findings.
#[derive(Debug, Default)]
pub(crate) struct Foreign {
    pub(crate) ignore: Option<(String, IgnoreFile)>,
    pub(crate) report: Option<(String, GitleaksReport)>,
}

impl Foreign {
    /// Reads `.gitleaksignore`, if there is one.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub(crate) fn read_ignore(&mut self, trusted: &Trusted<'_>, terminal: Terminal) -> Result<(), CliError> {
        let fail = |why: String| CliError::new(format!("{IGNORE_FILE} cannot be read")).caused_by(why);
        let Some((name, text)) = trusted.read(IGNORE_FILE).map_err(fail)? else { return Ok(()) };
        let (file, unread) = IgnoreFile::read(&String::from_utf8_lossy(&text));
        for line in unread {
            terminal
                .note(&format!("{name}:{line}: neither file:rule:line nor commit:file:rule:line: not read"));
        }
        self.ignore = Some((name, file));
        Ok(())
    }

    /// Why `finding` is accepted, if it is.
    pub(crate) fn reason(&self, finding: &Finding, detector: &Detector) -> Option<String> {
        // A name that none of our rules has cannot be compared.
        let is_rule = |id: &str| {
            let ours = detector.rule(&finding.rule_id);
            id == finding.rule_id
                || ours.is_some_and(|rule| rule.aliases.iter().any(|alias| alias == id))
                || detector.rule(id).is_none()
        };
        let ignored =
            self.ignore.as_ref().and_then(|(name, file)| Some((name, file.accepts(finding, is_rule)?)));
        let reported = || self.report.as_ref().filter(|(_, report)| report.accepts(finding, is_rule));
        ignored
            .map(|(name, line)| format!("{name}:{line}"))
            .or_else(|| reported().map(|(name, _)| format!("listed in {name}")))
    }

    /// Sets the verdict of every finding that is news and accepted.
    pub(crate) fn apply(&self, findings: &mut [Finding], detector: &Detector) {
        for finding in findings.iter_mut().filter(|finding| finding.is_new()) {
            if let Some(reason) = self.reason(finding, detector) {
                finding.verdict = Verdict::Baselined(reason);
            }
        }
    }
}
