//! `crds`: OpenAPI definitions whose extensions tell which fields are names, labels, annotations and references (api
//! `internal/accumulator/loadconfigfromcrds.go`).

use std::borrow::Cow;
use std::collections::HashMap;

use super::config::{NameReference, TransformerConfig};
use super::fieldspec::{FieldSpec, FieldSpecs};
use crate::budget::{Budget, Exhausted, NODE, STEP};
use crate::yaml::Node;

/// Definitions within definitions; kustomize itself never ends on one that refers to itself.
const MAX_DEPTH: usize = 32;

/// The field specifications that the definitions of one file state.
///
/// # Errors
/// When that takes more than the build has left: definitions that refer to each other twice state twice as much with every level.
pub(crate) fn read(definitions: &Node, budget: &mut Budget) -> Result<TransformerConfig, Exhausted> {
    let by_name: HashMap<&str, &Node> = definitions
        .entries()
        .iter()
        .rev()
        .filter_map(|entry| Some((&*entry.key.as_scalar()?.text, &entry.value)))
        .collect();
    let mut config = TransformerConfig::default();
    for entry in definitions.entries() {
        let Some(name) = entry.key.as_text() else { continue };
        let properties = properties(&entry.value);
        let is_kind = |node: &Node| {
            ["kind", "apiVersion", "metadata"]
                .iter()
                .all(|key| node.get(key).is_some())
        };
        if properties.is_some_and(is_kind) {
            let mut reader = Reader {
                definitions: &by_name,
                budget: &mut *budget,
                kind: name.rsplit('.').next().unwrap_or(name),
                config: &mut config,
            };
            reader.definition(name, &mut Vec::new())?;
        }
    }
    Ok(config)
}

fn properties(definition: &Node) -> Option<&Node> {
    let schema = definition.entries().iter().find(|entry| {
        entry
            .key
            .as_text()
            .is_some_and(|key| key.eq_ignore_ascii_case("schema"))
    })?;
    schema.value.get("properties")
}

struct Reader<'a> {
    definitions: &'a HashMap<&'a str, &'a Node>,
    budget: &'a mut Budget,
    kind: &'a str,
    config: &'a mut TransformerConfig,
}

impl Reader<'_> {
    fn definition(&mut self, name: &str, path: &mut Vec<String>) -> Result<(), Exhausted> {
        let definition = self.definitions.get(name).copied();
        let Some(properties) = definition.and_then(properties).filter(|_| path.len() < MAX_DEPTH) else {
            return Ok(());
        };
        for entry in properties.entries() {
            let Some(field) = entry.key.as_text() else {
                continue;
            };
            path.push(field.to_owned());
            self.property(&entry.value, path)?;
            path.pop();
        }
        Ok(())
    }

    fn property(&mut self, property: &Node, path: &mut Vec<String>) -> Result<(), Exhausted> {
        let known = [
            &self.config.common_annotations,
            &self.config.common_labels,
            &self.config.name_prefix,
        ];
        let known: usize = known.iter().map(|specs| specs.0.len()).sum();
        self.budget.spend(NODE + STEP * known)?;
        let extension = |key: &str| property.get(key).and_then(Node::as_str);
        // Specifications of one path never disagree here: none of them creates fields.
        if extension("x-kubernetes-annotation").is_some() {
            let _ = self.config.common_annotations.merge_one(&self.spec(path));
        }
        if extension("x-kubernetes-label-selector").is_some() {
            let _ = self.config.common_labels.merge_one(&self.spec(path));
        }
        if extension("x-kubernetes-identity").is_some() {
            let _ = self.config.name_prefix.merge_one(&self.spec(path));
        }
        if let (Some(version), Some(kind)) = (
            extension("x-kubernetes-object-ref-api-version"),
            extension("x-kubernetes-object-ref-kind"),
        ) {
            path.push(
                extension("x-kubernetes-object-ref-name-key")
                    .unwrap_or("name")
                    .to_owned(),
            );
            let referrers = FieldSpecs(vec![self.spec(path)]);
            path.pop();
            self.config.name_reference.push(NameReference {
                group: Cow::Borrowed(""),
                version: Cow::Owned(version.to_owned()),
                kind: Cow::Owned(kind.to_owned()),
                referrers,
            });
        }
        match extension("$ref") {
            Some(reference) => self.definition(reference, path),
            None => Ok(()),
        }
    }

    fn spec(&self, path: &[String]) -> FieldSpec {
        FieldSpec {
            group: Cow::Borrowed(""),
            version: Cow::Borrowed(""),
            kind: Cow::Owned(self.kind.to_owned()),
            path: Cow::Owned(path.join("/")),
            create: false,
        }
    }
}
