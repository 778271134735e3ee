//! `replicas` (api `internal/builtins/ReplicaCountTransformer.go`).

use crate::kustomize::fields::fieldpath::Create;
use crate::kustomize::fields::fieldspec::{self, FieldSpecs};
use crate::kustomize::resources::gvk::Gvk;
use crate::kustomize::resources::nodes::{self, set_scalar};
use crate::kustomize::resources::report::Report;
use crate::kustomize::resources::resmap::ResMap;
use crate::yaml::{Node, Style, Tag};

/// The count takes over the style of what stood there: in quotes it is text.
fn tag(node: &Node) -> Tag {
    match node.as_scalar().map(|scalar| scalar.style) {
        None | Some(Style::Plain) => Tag::Int,
        Some(_) => Tag::Str,
    }
}

/// Carries out one item of `replicas`.
pub(crate) fn transform(map: &mut ResMap, item: &Node, specs: &FieldSpecs, report: &mut Report) {
    let name = nodes::text(item.get("name")).unwrap_or_default();
    let count = item.get("count");
    let text = count.and_then(Node::as_int).unwrap_or(0).to_string();
    let origin = count.unwrap_or(item).origin();
    let mut found = false;
    for spec in &specs.0 {
        let matching = map.positions_by_any_id(name, |id| id.name == name && spec.covers(Gvk::of(id)));
        for at in matching {
            found = true;
            let set = &mut |node: &mut Node| set_scalar(node, &text, Some(tag(node)), origin);
            map.change(at, |resource| {
                if let Err(error) = fieldspec::apply(&mut resource.node, spec, Create::Scalar, origin, set) {
                    report.cannot_change(item.span(), "setting the replica count", &error);
                }
            });
        }
    }
    if !found && !report.hides_objects() {
        let kinds: Vec<String> = specs.0.iter().map(|spec| spec.gvk().to_string()).collect();
        report.fail(
            item.get("name").unwrap_or(item).span(),
            format!(
                "resource with name `{name}` does not match a config with the following GVK {}",
                kinds.join(", ")
            ),
            "names no object that has replicas",
        );
    }
}
