//! `labels`, `commonLabels` and `commonAnnotations` (api `filters/labels`, `filters/annotations`).

use crate::kustomize::fields::config::{TransformerConfig, field_specs};
use crate::kustomize::fields::fieldpath::Create;
use crate::kustomize::fields::fieldspec::{self, FieldSpec, FieldSpecs};
use crate::kustomize::resources::nodes::set_entry;
use crate::kustomize::resources::report::Report;
use crate::kustomize::resources::resmap::ResMap;
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
            for spec in &specs.0 {
                let set = &mut |node: &mut Node| set_entry(node, &entry.key, value, entry.value.origin());
                let origin = entry.key.origin();
                if let Err(error) = fieldspec::apply(&mut resource.node, spec, Create::Mapping, origin, set) {
                    report.cannot_change(entry.key.span(), "setting this entry", &error);
                }
            }
        }
    }
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
