//! Whose line a finding points at.
//!
//! A rule names the object in which a value takes effect. When the line to edit is a variable's value, that line
//! is in another object, usually the ConfigMap of a cluster's settings, and the finding is about that one.

use super::Context;
use crate::finding::{Finding, ObjectRef};
use crate::source::Span;
use crate::yaml::{Node, Walk};

/// Makes the ConfigMap or Secret that holds the primary label the object of the finding, and the label's key its route.
pub(crate) fn settle(context: &Context<'_>, mut finding: Finding) -> Finding {
    let members = std::mem::take(&mut finding.members);
    finding.members = members
        .into_iter()
        .map(|member| settle(context, member))
        .collect();
    if finding.object.is_none() {
        return finding;
    }
    match settings_at(context, finding.primary().span) {
        Some((object, route)) if finding.object.as_ref() != Some(&object) => {
            finding.object(object).route(route)
        }
        _ => finding,
    }
}

fn settings_at(context: &Context<'_>, span: Span) -> Option<(ObjectRef, String)> {
    let parsed = context.store.parsed(span.file);
    let holds = |outer: Span| outer.start <= span.start && span.end <= outer.end;
    let document = parsed.documents.iter().find(|document| holds(document.span))?;
    let kind = document.root.text_at(&["kind"])?;
    if !matches!(kind, "ConfigMap" | "Secret") {
        return None;
    }
    let route = route_of(&document.root, span)?;
    // As rendered: the file may leave the namespace to kustomize.
    let rendered = context
        .fleet
        .clusters
        .iter()
        .flat_map(|cluster| cluster.objects_of(kind))
        .find(|(_, object)| object.node.span() == document.root.span())?;
    Some((rendered.1.reference(), route))
}

fn route_of(root: &Node, span: Span) -> Option<String> {
    let mut found = None;
    root.walk(&mut |route, _, node| {
        if node.span() == span && node.as_scalar().is_some() {
            found = Some(route.to_string());
        }
        if found.is_some() { Walk::Stop } else { Walk::Enter }
    });
    found
}
