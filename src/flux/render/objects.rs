//! The objects of a cluster that Flux itself looks up: settings, sources, and what makes Secrets.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Address;
use crate::flux::Given;
use crate::kustomize::Object;
use crate::unknown::UnknownReason;
use crate::yaml::Node;

/// Objects by address.
#[derive(Default)]
pub(crate) struct Objects {
    by_address: BTreeMap<Address, Arc<Object>>,
    /// ConfigMaps and Secrets that a controller makes from others, with the reason why their content is unknown.
    made: BTreeMap<Address, UnknownReason>,
    /// ConfigMaps and Secrets that a controller copies to other namespaces, by kind and name.
    copied: BTreeMap<(String, String), Arc<Object>>,
    /// Made and then copied, by kind and name.
    made_and_copied: BTreeMap<(String, String), UnknownReason>,
}

impl Objects {
    pub(crate) fn add(&mut self, object: &Arc<Object>) {
        let address = Address::of(object);
        match (object.group(), object.kind()) {
            // The flux-operator fills it in.
            ("", "ConfigMap" | "Secret")
                if has_annotation(&object.node, "fluxcd.controlplane.io/copyFrom") =>
            {
                self.made.entry(address).or_insert(UnknownReason::External);
            }
            ("", "ConfigMap" | "Secret") => {
                if is_copied_to_other_namespaces(&object.node) {
                    self.copied
                        .insert((address.kind.clone(), address.name.clone()), Arc::clone(object));
                }
                self.by_address
                    .entry(address)
                    .or_insert_with(|| Arc::clone(object));
            }
            ("fluxcd.controlplane.io", "ResourceSetInputProvider") => {
                self.by_address
                    .entry(address)
                    .or_insert_with(|| Arc::clone(object));
            }
            (group, _) if group.ends_with(".toolkit.fluxcd.io") || group == "source.extensions.fluxcd.io" => {
                self.by_address
                    .entry(address)
                    .or_insert_with(|| Arc::clone(object));
            }
            _ => {
                let template = ["template", "target"]
                    .iter()
                    .find_map(|key| object.node.at(&["spec", key]));
                let template = template.map(|node| node.get("template").unwrap_or(node));
                let is_copied = template.is_some_and(is_copied_to_other_namespaces);
                for (address, reason) in made_from(object, &address.namespace) {
                    if is_copied {
                        let key = (address.kind.clone(), address.name.clone());
                        self.made_and_copied.entry(key).or_insert(reason);
                    }
                    self.made.entry(address).or_insert(reason);
                }
            }
        }
    }

    /// Adds a ConfigMap or Secret that the caller says is there.
    pub(crate) fn add_given(&mut self, given: &Given) {
        let address = Address::new(&given.kind, &given.namespace, &given.name);
        if given.is_told {
            self.by_address
                .entry(address)
                .or_insert_with(|| Arc::clone(&given.object));
        } else {
            self.made.entry(address).or_insert(UnknownReason::External);
        }
    }

    pub(crate) fn get(&self, address: &Address) -> Option<&Arc<Object>> {
        self.by_address.get(address)
    }

    /// Why the content of a ConfigMap or Secret that something here makes cannot be known.
    pub(crate) fn made(&self, address: &Address) -> Option<UnknownReason> {
        let copied = || {
            self.made_and_copied
                .get(&(address.kind.clone(), address.name.clone()))
        };
        self.made.get(address).or_else(copied).copied()
    }

    pub(crate) fn copied(&self, kind: &str, name: &str) -> Option<&Arc<Object>> {
        self.copied.get(&(kind.to_owned(), name.to_owned()))
    }

    /// Objects of a kind.
    pub(crate) fn of_kind<'a>(
        &'a self,
        kind: &'a str,
    ) -> impl Iterator<Item = (&'a Address, &'a Arc<Object>)> {
        self.by_address
            .iter()
            .filter(move |(address, _)| address.kind == kind)
    }
}

/// Annotations with which reflector and replicator push or offer an object to other namespaces.
fn is_copied_to_other_namespaces(object: &Node) -> bool {
    let annotations = object
        .at(&["metadata", "annotations"])
        .map(Node::entries)
        .unwrap_or_default();
    annotations
        .iter()
        .filter_map(|entry| entry.key.as_text())
        .any(|key| {
            key.starts_with("reflector.v1.k8s.emberstack.com/reflection-allowed")
                || key.starts_with("reflector.v1.k8s.emberstack.com/reflection-auto")
                || key.starts_with("replicator.v1.mittwald.de/replicate-to")
                || key.starts_with("replicator.v1.mittwald.de/replication-allowed")
        })
}

fn has_annotation(object: &Node, key: &str) -> bool {
    object.at(&["metadata", "annotations", key]).is_some()
}

/// The ConfigMaps and Secrets that a controller makes from the object.
pub(crate) fn made_from(object: &Object, namespace: &str) -> Vec<(Address, UnknownReason)> {
    let text = |route: &[&str]| object.node.text_at(route);
    let secret = |name: Option<&str>, reason| {
        let name = name.unwrap_or_else(|| object.name());
        vec![(Address::new("Secret", namespace, name), reason)]
    };
    match (object.group(), object.kind()) {
        ("external-secrets.io", "ExternalSecret") => {
            secret(text(&["spec", "target", "name"]), UnknownReason::External)
        }
        ("bitnami.com", "SealedSecret") => secret(
            text(&["spec", "template", "metadata", "name"]),
            UnknownReason::Encrypted,
        ),
        ("cert-manager.io", "Certificate") => secret(text(&["spec", "secretName"]), UnknownReason::Generated),
        ("onepassword.com", "OnePasswordItem") | ("isindir.github.com", "SopsSecret") => {
            secret(None, UnknownReason::External)
        }
        ("infra.contrib.fluxcd.io", "Terraform") => match text(&["spec", "writeOutputsToSecret", "name"]) {
            Some(name) => secret(Some(name), UnknownReason::External),
            None => Vec::new(),
        },
        ("kyverno.io", "ClusterPolicy" | "Policy") => made_by_policy(&object.node),
        _ => Vec::new(),
    }
}

/// What the `generate` rules of a Kyverno policy make, where their name is literal.
fn made_by_policy(policy: &Node) -> Vec<(Address, UnknownReason)> {
    let rules = policy.at(&["spec", "rules"]).map(Node::items).unwrap_or_default();
    rules
        .iter()
        .filter_map(|rule| rule.get("generate"))
        .filter_map(|generate| {
            let kind = generate
                .text_at(&["kind"])
                .filter(|kind| matches!(*kind, "ConfigMap" | "Secret"))?;
            let namespace = generate.text_at(&["namespace"]).unwrap_or_default();
            let address = Address::new(kind, namespace, generate.text_at(&["name"])?);
            Some((address, UnknownReason::Generated))
        })
        .collect()
}
