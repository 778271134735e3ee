//! The pods that a cluster's workloads make.

use std::sync::Arc;

use super::kind::namespace_of;
use crate::fleet::Cluster;
use crate::kustomize::Object;
use crate::yaml::Node;

/// An object that makes pods.
#[derive(Debug, Clone, Copy)]
pub struct Workload<'a> {
    /// The object.
    pub object: &'a Arc<Object>,
    /// The pod, or the template of the pods: what has `metadata` and `spec`.
    pub pod: &'a Node,
}

impl<'a> Workload<'a> {
    fn of(object: &'a Arc<Object>) -> Option<Self> {
        let route: &[&str] = match (object.group(), object.kind()) {
            ("", "Pod") => &[],
            ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
            | ("batch", "Job")
            | ("", "ReplicationController") => &["spec", "template"],
            ("batch", "CronJob") => &["spec", "jobTemplate", "spec", "template"],
            _ => return None,
        };
        let pod = object.node.at(route)?;
        Some(Self { object, pod })
    }

    /// The namespace of the pods.
    pub fn namespace(&self) -> &'a str {
        namespace_of(self.object)
    }

    /// The labels of the pods.
    pub fn labels(&self) -> &'a [crate::yaml::Entry] {
        self.pod.at(&["metadata", "labels"]).map_or(&[], Node::entries)
    }
}

/// The workloads that go to a cluster.
pub fn workloads(cluster: &Cluster) -> impl Iterator<Item = Workload<'_>> {
    cluster.objects().filter_map(|(_, object)| Workload::of(object))
}

/// Whether pods with these labels are selected; `None` when that cannot be known.
pub fn selects(selector: &Node, workload: Workload<'_>) -> Option<bool> {
    let labels = workload.labels();
    let mut all = true;
    for wanted in selector.entries() {
        let label = labels
            .iter()
            .find(|label| label.key.as_text() == wanted.key.as_text());
        let Some(label) = label else {
            all = false;
            continue;
        };
        if label.value.origin().is_unknown() || wanted.value.origin().is_unknown() {
            return None;
        }
        let (has, wants) = (label.value.as_scalar(), wanted.value.as_scalar());
        all &= has.map(|scalar| &scalar.text) == wants.map(|scalar| &scalar.text);
    }
    Some(all)
}
