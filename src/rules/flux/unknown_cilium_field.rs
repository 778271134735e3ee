use super::support::cilium::{KNOWN, minor};
use super::support::shape_faults;
use crate::finding::{Finding, Severity};
use crate::rules::{Category, Context, Rule};

/// A field, type or word that the definition of a Cilium object does not have.
pub(crate) static RULE: Rule = Rule {
    name: "unknown-cilium-field",
    category: Category::Flux,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/unknown-cilium-field.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (at, cluster) in context.index.clusters.iter().enumerate() {
        if let Some(minor) = minor(context, at) {
            findings.extend(shape_faults::findings(&KNOWN, minor, cluster));
        }
    }
}
