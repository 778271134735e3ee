//! Fields that change in objects which stay.

use crate::change::{ClusterChange, FieldChange, ObjectChange, Side, Value};
use crate::finding::Finding;
use crate::flux::{is_left_out, tells_flux};
use crate::kustomize::Object;
use crate::rules::Context;

/// Every object that changes, with its cluster.
pub(crate) fn changed<'a>(
    context: &Context<'a>,
) -> impl Iterator<Item = (&'a ClusterChange<'a>, &'a ObjectChange<'a>)> {
    let clusters = context.past.map_or(&[][..], |past| &past.change.clusters[..]);
    clusters
        .iter()
        .flat_map(|cluster| cluster.changed.iter().map(move |object| (cluster, object)))
}

/// The text of a scalar that may be shown.
pub(crate) fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Shown(node) => node.as_text(),
        Value::Absent | Value::Hidden(_) => None,
    }
}

/// A finding at the line that makes the difference, or at the object where that line is gone.
pub(crate) fn at(message: String, change: &ObjectChange<'_>, field: &FieldChange, label: &str) -> Finding {
    let object: &Object = change.after.object;
    let span = match field.cause.side {
        Side::After => field.cause.span,
        Side::Before => object.name_span(),
    };
    Finding::new(message, span, label)
        .object(object.reference())
        .route(&*field.path)
}

/// Whether Flux replaces the object where it cannot change it, or leaves it as it is.
pub(crate) fn is_replaced_or_left_alone(change: &ObjectChange<'_>) -> bool {
    let object = change.after.object;
    let forces = change
        .after
        .owner
        .spec()
        .and_then(|spec| spec.text_at(&["force"]));
    forces == Some("true")
        || is_left_out(object)
        || tells_flux(object, "force", &["enabled"])
        || tells_flux(object, "ssa", &["IfNotPresent"])
}
