//! The names of refs: a branch can be named after a token.

use std::cell::RefCell;

use bstr::{BString, ByteVec};
use unleak_findings::{Exposure, Medium};
use unleak_objects::repository::RefClass;

use crate::draft::{Draft, Recency, Spot};
use crate::part::{Context, Part};
use crate::scanner::Bench;

/// What a ref's name is called in reports.
const NAME: &str = "(ref name)";

/// Gives a ref's name without the secrets in it, for reports of findings elsewhere: the name itself may not be among them.
pub(crate) fn mask<'c>(context: &'c Context<'_>) -> impl Fn(&BString) -> BString + use<'c> {
    // One for all names: there may be tens of thousands.
    let bench = RefCell::new(Bench::default());
    move |name| {
        let mut masked = name.clone();
        for sighting in context.scanner.text(name, &mut bench.borrow_mut()).iter().rev() {
            masked.replace_range(sighting.found.secret.start..sighting.found.secret.end, "[redacted]");
        }
        masked
    }
}

/// Scans the names of `refs`.
pub(crate) fn scan<'r>(
    context: &Context<'_>,
    refs: impl IntoIterator<Item = (&'r BString, RefClass)>,
) -> Part {
    let mut part = Part::default();
    let mut bench = Bench::default();
    let mut count = 0;
    for (name, class) in refs {
        count += 1;
        part.bytes += name.len() as u64;
        for sighting in context.scanner.text(name, &mut bench) {
            let remote = matches!(class, RefClass::RemoteTracking | RefClass::Pull);
            let spot = Spot {
                medium: Medium::RefName,
                path: NAME.into(),
                exposure: if remote { Exposure::Pushed } else { Exposure::Committed },
                blob: None,
                recency: Recency::Head,
            };
            let mut draft = Draft::new(context.rules(), &sighting, spot);
            let reach = &mut draft.finding.reach;
            match class {
                RefClass::Branch => reach.branches.push(name.clone()),
                RefClass::Tag => reach.tags.push(name.clone()),
                RefClass::RemoteTracking => reach.remotes.push(name.clone()),
                _ => reach.others.push(name.clone()),
            }
            part.drafts.push(draft);
        }
    }
    part.benches([bench]);
    part.coverage.scanned("ref names", vec![("refs", count)]);
    part
}
