use super::support::cilium_shapes::CILIUM;
use super::support::shape_faults::{self, Known};
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

static KNOWN: Known = Known {
    table: &CILIUM,
    neighbours: &[],
    renamed: &[("matchLabel", "matchLabels")],
    told_elsewhere: &[],
};

/// The newest release that the table was read from: a later one may have fields that it does not show.
const NEWEST: (u64, u64) = (1, 20);

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (at, cluster) in context.index.clusters.iter().enumerate() {
        let member = context.mesh.members.iter().find(|member| member.cluster == at);
        let is_newer = member
            .and_then(|member| member.version.get())
            .is_some_and(|version| (version.major, version.minor) > NEWEST);
        if !is_newer {
            findings.extend(shape_faults::findings(&KNOWN, cluster));
        }
    }
}
