//! Labels for what a cluster states: the line to edit, and where it takes effect.

use crate::finding::Finding;
use crate::mesh::{Member, Place, Statement};

/// A finding whose primary label is the line to edit for `place`.
pub(in crate::rules::mesh) fn at(
    rule: &'static str,
    message: String,
    place: &Place,
    label: impl Into<String>,
) -> Finding {
    let finding = Finding::new(rule, message, place.edit_span(), label).route(&*place.route);
    let finding = match &place.object {
        Some(object) => finding.object(object.clone()),
        None => finding,
    };
    effect(finding, place)
}

/// Adds the line to edit for another place that takes part.
pub(in crate::rules::mesh) fn also(finding: Finding, place: &Place, label: impl Into<String>) -> Finding {
    effect(finding.label(place.edit_span(), label), place)
}

/// Adds where a substituted value ends up. Of several clusters that share the file it is the same place, told once.
fn effect(finding: Finding, place: &Place) -> Finding {
    match place.effect_span() {
        Some(span) => {
            let field = place.route.strip_prefix("spec.values.").unwrap_or(&place.route);
            finding.label(span, format!("takes effect here as `{field}`"))
        }
        None => finding,
    }
}

/// Where the effective values of a cluster state `path`, or could.
pub(in crate::rules::mesh) fn field(member: &Member, path: &[&str]) -> Option<Place> {
    let values = &member.cilium.as_ref()?.values;
    Some(match values.node(path) {
        Some(node) => values.place(node, path),
        None => values.nearest(path),
    })
}

/// Whether these are values of the Cilium chart, whose meaning is sure, and not only a setting with a telling name.
pub(in crate::rules::mesh) fn is_chart_value(place: &Place) -> bool {
    matches!(place.statement, Statement::HelmRelease | Statement::Bootstrap)
}
