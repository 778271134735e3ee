//! The objects as `diff -u` prints two versions of a file.

use std::io::{self, Write};

use super::group::{What, groups};
use super::{ChangeReport, lines};
use crate::change::documents;
use crate::kustomize::Object;
use crate::neutral::one_line;

pub(super) fn write(report: &ChangeReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    for group in groups(&report.change.clusters) {
        let clusters = one_line(&group.clusters.join(", "));
        for common in &group.changes {
            let (before, after, text) = sides(report, &common.what);
            writeln!(out, "clusters: {clusters}\n--- {before}\n+++ {after}")?;
            write!(out, "{text}")?;
        }
    }
    Ok(())
}

/// The names of both versions, and what differs.
fn sides(report: &ChangeReport<'_>, what: &What<'_>) -> (String, String, String) {
    const NONE: &str = "/dev/null";
    match what {
        What::Added(owned) => {
            let text = lines::hunks("", &owned.document(report.after), lines::AROUND);
            (NONE.to_owned(), name("after", owned.object), text)
        }
        What::Removed(owned, _) => {
            let text = lines::hunks(&owned.document(report.before), "", lines::AROUND);
            (name("before", owned.object), NONE.to_owned(), text)
        }
        What::Changed(change) => {
            let both = documents(report.before, report.after, change);
            let text = lines::hunks(&both.before, &both.after, lines::AROUND);
            let before = name("before", change.before.object);
            (before, name("after", change.after.object), text)
        }
    }
}

fn name(side: &str, object: &Object) -> String {
    let namespace = object
        .namespace()
        .map(|name| format!("{name}/"))
        .unwrap_or_default();
    one_line(&format!("{side}/{namespace}{}/{}", object.kind(), object.name()))
}
