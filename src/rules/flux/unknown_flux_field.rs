use super::support::shape_faults::{self, Known};
use crate::finding::{Finding, Severity};
use crate::rules::{Category, Context, Rule};
use crate::tables::shapes::flux::FLUX;

/// A field, type or word that the definition of a Flux object does not have.
pub(crate) static RULE: Rule = Rule {
    name: "unknown-flux-field",
    category: Category::Flux,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/unknown-flux-field.md"),
    check,
};

static KNOWN: Known = Known {
    product: "Flux",
    table: &FLUX,
    neighbours: &[
        ("kustomize.toolkit.fluxcd.io/v1", "Kustomization"),
        ("helm.toolkit.fluxcd.io/v2", "HelmRelease"),
        ("source.toolkit.fluxcd.io/v1", "OCIRepository"),
        ("source.toolkit.fluxcd.io/v1", "GitRepository"),
        ("source.toolkit.fluxcd.io/v1", "HelmRepository"),
    ],
    renamed: &[
        ("patchesJson6902", "patches"),
        ("patchesStrategicMerge", "patches"),
        ("valuesFile", "valuesFiles"),
    ],
    substituted_elsewhere: false,
    // The kinds of chart sources are the matter of `malformed-chart-reference`.
    told_elsewhere: &[
        &["spec", "chart", "spec", "sourceRef", "kind"],
        &["spec", "chartRef", "kind"],
    ],
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for cluster in &context.index.clusters {
        findings.extend(shape_faults::findings(&KNOWN, None, cluster));
    }
}
