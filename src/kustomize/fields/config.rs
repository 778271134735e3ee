//! Which fields the transformers touch: kustomize's defaults, extended by `configurations` and `crds`
//! (api `internal/plugins/builtinconfig`).

pub(crate) use super::transformer_config::{NameReference, TransformerConfig};
use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use super::defaults;
use super::fieldspec::{ConflictingSpecs, FieldSpec, FieldSpecs};
use crate::kustomize::resources::nodes;
use crate::yaml::Node;

impl TransformerConfig {
    /// What kustomize starts every kustomization with.
    pub(crate) fn defaults() -> &'static Arc<Self> {
        static DEFAULTS: LazyLock<Arc<TransformerConfig>> = LazyLock::new(|| {
            let mut config = defaults::transformer_config();
            config.sort();
            Arc::new(config)
        });
        &DEFAULTS
    }

    /// Adds what `other` has and this has not.
    ///
    /// # Errors
    /// Names the field in which both disagree about creating a path.
    pub(crate) fn merge(&mut self, other: &Self) -> Result<(), &'static str> {
        for (name, own, incoming) in [
            ("namePrefix", &mut self.name_prefix, &other.name_prefix),
            ("nameSuffix", &mut self.name_suffix, &other.name_suffix),
            ("namespace", &mut self.namespace, &other.namespace),
            (
                "commonAnnotations",
                &mut self.common_annotations,
                &other.common_annotations,
            ),
            ("commonLabels", &mut self.common_labels, &other.common_labels),
            ("labels", &mut self.labels, &other.labels),
            (
                "templateLabels",
                &mut self.template_labels,
                &other.template_labels,
            ),
            ("varReference", &mut self.var_reference, &other.var_reference),
            ("images", &mut self.images, &other.images),
            ("replicas", &mut self.replicas, &other.replicas),
        ] {
            own.merge(incoming).map_err(|ConflictingSpecs| name)?;
        }
        for incoming in &other.name_reference {
            self.merge_name_reference(incoming)
                .map_err(|ConflictingSpecs| "nameReference")?;
        }
        self.sort();
        Ok(())
    }

    fn merge_name_reference(&mut self, incoming: &NameReference) -> Result<(), ConflictingSpecs> {
        match self
            .name_reference
            .iter_mut()
            .find(|own| own.gvk() == incoming.gvk())
        {
            Some(own) => own.referrers.merge(&incoming.referrers),
            None => {
                self.name_reference.push(incoming.clone());
                Ok(())
            }
        }
    }

    fn sort(&mut self) {
        for specs in [
            &mut self.name_prefix,
            &mut self.name_suffix,
            &mut self.namespace,
            &mut self.common_labels,
            &mut self.labels,
            &mut self.template_labels,
            &mut self.common_annotations,
            &mut self.var_reference,
            &mut self.images,
            &mut self.replicas,
        ] {
            specs.sort();
        }
        self.name_reference
            .sort_by_cached_key(|reference| reference.gvk().order());
    }

    /// Reads a file of `configurations` whose fields were checked and brought to their proper names.
    pub(crate) fn read(node: &Node) -> Self {
        let specs = |key: &str| field_specs(node.get(key));
        Self {
            name_prefix: specs("namePrefix"),
            name_suffix: specs("nameSuffix"),
            namespace: specs("namespace"),
            common_labels: specs("commonLabels"),
            labels: specs("labels"),
            template_labels: specs("templateLabels"),
            common_annotations: specs("commonAnnotations"),
            name_reference: node
                .get("nameReference")
                .map(Node::items)
                .unwrap_or_default()
                .iter()
                .map(|item| NameReference {
                    group: owned(item, "group"),
                    version: owned(item, "version"),
                    kind: owned(item, "kind"),
                    referrers: field_specs(item.get("fieldSpecs")),
                })
                .collect(),
            var_reference: specs("varReference"),
            images: specs("images"),
            replicas: specs("replicas"),
        }
    }
}

/// A list of field specifications whose fields were checked.
pub(crate) fn field_specs(node: Option<&Node>) -> FieldSpecs {
    let items = node.map(Node::items).unwrap_or_default();
    FieldSpecs(items.iter().map(field_spec).collect())
}

fn field_spec(node: &Node) -> FieldSpec {
    FieldSpec {
        group: owned(node, "group"),
        version: owned(node, "version"),
        kind: owned(node, "kind"),
        path: owned(node, "path"),
        create: node.get("create").and_then(Node::as_bool).unwrap_or(false),
    }
}

fn owned(node: &Node, key: &str) -> Cow<'static, str> {
    Cow::Owned(nodes::text(node.get(key)).unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_default_covers_another() {
        let mut merged = TransformerConfig::default();
        merged.merge(TransformerConfig::defaults()).unwrap();
        assert_eq!(&merged, &**TransformerConfig::defaults());
    }
}
