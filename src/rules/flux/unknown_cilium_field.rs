use super::support::shape_faults::{self, Known};
use crate::finding::{Finding, Severity};
use crate::rules::{Category, Context, Rule};
use crate::tables::shapes::cilium::{CILIUM, READ};

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
    product: "Cilium",
    table: &CILIUM,
    neighbours: &[],
    renamed: &[("matchLabel", "matchLabels")],
    told_elsewhere: &[],
};

/// A release that was not read may have fields that the table does not show.
fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (at, cluster) in context.index.clusters.iter().enumerate() {
        let member = context.mesh.members.iter().find(|member| member.cluster == at);
        let version = member.and_then(|member| member.version.get());
        let is_read = version.is_none_or(|version| version.major == 1 && READ.contains(&version.minor));
        if is_read {
            let minor = version.map(|version| version.minor);
            findings.extend(shape_faults::findings(&KNOWN, minor, cluster));
        }
    }
}
