//! What the pods of a workload refer to by name.

use super::reference::{ConfigReference, SERVICE_ACCOUNT};
use crate::cluster::GroupKind;
use crate::flux::known_text;
use crate::kustomize::Object;
use crate::yaml::Node;

pub(crate) const CLAIM: GroupKind<'static> = GroupKind::new("", "PersistentVolumeClaim");

/// The pod template of an object that has one.
fn pod_spec(object: &Object) -> Option<&Node> {
    let route: &[&str] = match (object.group(), object.kind()) {
        ("", "Pod") => &["spec"],
        (
            "" | "apps",
            "ReplicationController" | "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet",
        )
        | ("batch", "Job") => &["spec", "template", "spec"],
        ("batch", "CronJob") => &["spec", "jobTemplate", "spec", "template", "spec"],
        _ => return None,
    };
    object.node.at(route)
}

/// Every reference of the pods that Kubernetes insists on. Pull Secrets are not: without them images may still be had.
pub(crate) fn pod_references<'a>(object: &'a Object) -> Vec<ConfigReference<'a>> {
    let mut found = Vec::new();
    let (Some(spec), Some(namespace)) = (pod_spec(object), object.namespace()) else {
        return found;
    };
    let mut add = |kind: GroupKind<'static>, holder: Option<&'a Node>, key: &str, verb: &'static str| {
        let Some(holder) = holder.filter(|holder| !is_optional(holder)) else {
            return;
        };
        let Some(node) = holder.get(key) else { return };
        found.extend(ConfigReference::new(kind, Some(namespace), node, verb));
    };
    for key in ["initContainers", "containers"] {
        for container in items(spec, key) {
            for variable in items(container, "env") {
                let from = |key| variable.at(&["valueFrom", key]);
                add(GroupKind::CONFIG_MAP, from("configMapKeyRef"), "name", READS);
                add(GroupKind::SECRET, from("secretKeyRef"), "name", READS);
            }
            for source in items(container, "envFrom") {
                add(GroupKind::CONFIG_MAP, source.get("configMapRef"), "name", READS);
                add(GroupKind::SECRET, source.get("secretRef"), "name", READS);
            }
        }
    }
    for volume in items(spec, "volumes") {
        add(GroupKind::CONFIG_MAP, volume.get("configMap"), "name", MOUNTS);
        add(GroupKind::SECRET, volume.get("secret"), "secretName", MOUNTS);
        add(CLAIM, volume.get("persistentVolumeClaim"), "claimName", MOUNTS);
        let projected = volume.get("projected");
        for source in projected.map_or(&[][..], |projected| items(projected, "sources")) {
            add(GroupKind::CONFIG_MAP, source.get("configMap"), "name", MOUNTS);
            add(GroupKind::SECRET, source.get("secret"), "name", MOUNTS);
        }
    }
    add(SERVICE_ACCOUNT, Some(spec), "serviceAccountName", "runs as");
    found
}

const READS: &str = "takes its environment from";
const MOUNTS: &str = "mounts";

fn items<'a>(node: &'a Node, key: &str) -> &'a [Node] {
    node.get(key).map_or(&[], Node::items)
}

/// Whether a reference may lead nowhere; one that cannot be told may.
pub(crate) fn is_optional(reference: &Node) -> bool {
    reference
        .get("optional")
        .is_some_and(|optional| optional.as_bool() != Some(false) || known_text(optional).is_none())
}

/// Whether a StatefulSet makes the claim: `<template>-<set>-<number>`.
pub(crate) fn is_claim_of(set: &Object, claim: &str) -> bool {
    let templates = set
        .node
        .at(&["spec", "volumeClaimTemplates"])
        .map_or(&[][..], Node::items);
    let mut names = templates
        .iter()
        .filter_map(|template| template.text_at(&["metadata", "name"]));
    set.kind() == "StatefulSet"
        && names.any(|name| {
            let prefix = format!("{name}-{}-", set.name());
            claim
                .strip_prefix(&prefix)
                .is_some_and(|number| number.bytes().all(|digit| digit.is_ascii_digit()))
        })
}
