//! `labels`, `commonLabels` and `commonAnnotations` (api `filters/labels`, `filters/annotations`).

use std::sync::Arc;

use crate::kustomize::fields::config::{TransformerConfig, field_specs};
use crate::kustomize::fields::fieldpath::Create;
use crate::kustomize::fields::fieldspec::{self, FieldSpec, FieldSpecs};
use crate::kustomize::resources::nodes::set_entry;
use crate::kustomize::resources::report::Report;
use crate::kustomize::resources::resmap::ResMap;
use crate::kustomize::resources::resource::Resource;
use crate::yaml::{Entry, Node};

/// Sets the entries of `pairs` at every path on all objects.
pub(crate) fn set_pairs(map: &mut ResMap, pairs: &Node, specs: &FieldSpecs, report: &mut Report) {
    let mut entries: Vec<&Entry> = pairs.entries().iter().collect();
    entries.sort_by_key(|entry| entry.key.as_scalar().map(|key| key.text.clone()));
    if entries.is_empty() {
        return;
    }
    for resource in map.list_mut() {
        for entry in &entries {
            let value = entry.value.as_scalar().map_or("", |scalar| &*scalar.text);
            if !report.affords(entry.key.span(), value.len()) {
                return;
            }
            set_pair(resource, entry, value, specs, report);
        }
    }
}

/// Sets one entry at every path of an object. Where it was not there yet it is one value for all of them, in the style of the
/// last that was.
fn set_pair(resource: &mut Resource, entry: &Entry, text: &str, specs: &FieldSpecs, report: &mut Report) {
    let watched = resource.shared.watch(&resource.node);
    let name = key_of(entry);
    let value = Node::string(text, entry.value.origin().clone());
    let mut added = 0;
    let mut style = None;
    for spec in &specs.0 {
        let set = &mut |node: &mut Node| {
            match node.get(&name).map(Node::as_scalar) {
                Some(existing) => style = existing.map(|scalar| scalar.style),
                None => added += 1,
            }
            set_entry(node, &entry.key, &value)
        };
        let origin = entry.key.origin();
        if let Err(error) = fieldspec::apply(&mut resource.node, spec, Create::Mapping, origin, set) {
            report.cannot_change(entry.key.span(), "setting this entry", &error);
        }
    }
    resource.shared.follow(watched, &mut resource.node);
    if added > 0 {
        resource.share(value, style);
    }
}

fn key_of(entry: &Entry) -> Arc<str> {
    entry
        .key
        .as_scalar()
        .map(|key| key.text.clone())
        .unwrap_or_default()
}

/// Carries out one item of `labels`.
pub(crate) fn transform_item(map: &mut ResMap, item: &Node, config: &TransformerConfig, report: &mut Report) {
    let flag = |name| item.get(name).and_then(Node::as_bool).unwrap_or(false);
    let mut specs = field_specs(item.get("fields"));
    let mut merged = specs.merge(&config.labels);
    if flag("includeSelectors") {
        merged = merged.and_then(|()| specs.merge(&config.common_labels));
    } else {
        if flag("includeTemplates") {
            merged = merged.and_then(|()| specs.merge(&config.template_labels));
        }
        merged = merged.and_then(|()| specs.merge_one(&FieldSpec::any("metadata/labels", true)));
    }
    if merged.is_err() {
        report.fail(
            item.span(),
            "failed to merge labels: conflicting fieldspecs",
            "names a built-in field with another `create`",
        );
        return;
    }
    if let Some(pairs) = item.get("pairs") {
        set_pairs(map, pairs, &specs, report);
    }
}
