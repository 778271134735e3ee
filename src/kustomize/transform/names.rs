//! `namePrefix` and `nameSuffix` (api `internal/builtins/PrefixTransformer.go`).

use crate::kustomize::fields::fieldpath::Create;
use crate::kustomize::fields::fieldspec::{self, FieldSpecs};
use crate::kustomize::resources::gvk::Gvk;
use crate::kustomize::resources::nodes::{self, set_scalar};
use crate::kustomize::resources::report::Report;
use crate::kustomize::resources::resmap::ResMap;
use crate::yaml::Node;

/// Which end of the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Affix {
    /// `namePrefix`
    Prefix,
    /// `nameSuffix`
    Suffix,
}

/// Kinds whose names the cluster's working depends on are left alone.
fn keeps_its_name(gvk: Gvk<'_>) -> bool {
    matches!(gvk.kind, "CustomResourceDefinition" | "Namespace")
        || (gvk.kind == "APIService" && gvk.group == "apiregistration.k8s.io")
}

/// Adds `value` to the names of all objects.
pub(crate) fn transform(
    map: &mut ResMap,
    affix: Affix,
    value: &Node,
    specs: &FieldSpecs,
    report: &mut Report,
) {
    let text = nodes::text(Some(value)).unwrap_or_default();
    for resource in map.list_mut() {
        let original = resource.original_id();
        let gvk = Gvk::of(&original);
        if keeps_its_name(gvk) {
            continue;
        }
        if !report.affords(value.span(), 2 * text.len()) {
            return;
        }
        for spec in specs.0.iter().filter(|spec| spec.covers(gvk)) {
            if spec.path == "metadata/name" && !text.is_empty() {
                match affix {
                    Affix::Prefix => resource.prefixes.push(text.into()),
                    Affix::Suffix => resource.suffixes.push(text.into()),
                }
                resource.store_previous_id();
            }
            let changed = fieldspec::apply(
                &mut resource.node,
                spec,
                Create::Scalar,
                value.origin(),
                &mut |node| {
                    let name = nodes::text(Some(node)).unwrap_or_default();
                    let name = match affix {
                        Affix::Prefix => format!("{text}{name}"),
                        Affix::Suffix => format!("{name}{text}"),
                    };
                    // Whoever wants another name looks at the name first, so the origin stays.
                    let origin = node.origin().clone();
                    set_scalar(node, &name, None, &origin)
                },
            );
            if let Err(error) = changed {
                report.cannot_change(value.span(), "changing the name", &error);
            }
        }
    }
}
