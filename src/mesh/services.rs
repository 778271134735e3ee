//! Global services: the annotations that make a Service one.

use std::sync::Arc;

use crate::cluster::namespace_of;
use crate::fleet::Cluster;
use crate::kustomize::Object;
use crate::yaml::Node;

/// A Service that says it is global.
#[derive(Debug, Clone)]
pub struct GlobalService {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The annotation that makes it global.
    pub annotation: Node,
    /// The object.
    pub object: Arc<Object>,
}

/// The annotation that makes a Service global, and the name it had before Cilium 1.13. The new one wins.
pub const GLOBAL: [&str; 2] = ["service.cilium.io/global", "io.cilium/global-service"];

/// What a truth value in an annotation says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// `true`, in any case. Cilium takes every other text for false.
    On,
    /// Any other text.
    Off,
    /// Made by a variable whose value is not in the repository.
    Unknown,
}

/// The annotation under the first of these keys that exists.
pub fn annotation<'a>(object: &'a Object, keys: &[&str]) -> Option<&'a Node> {
    keys.iter().find_map(|key| object.annotation(key))
}

/// What Cilium makes of a truth value in an annotation (`strings.ToLower(value) == "true"`).
pub fn flag(value: &Node) -> Flag {
    if value.origin().is_unknown() {
        return Flag::Unknown;
    }
    match value.as_text() {
        Some(text) if text.eq_ignore_ascii_case("true") => Flag::On,
        _ => Flag::Off,
    }
}

/// The Services of a cluster that say they are global, in order.
pub(super) fn global_services(cluster: &Cluster) -> Vec<GlobalService> {
    cluster
        .objects_of("Service")
        .filter(|(_, object)| object.group().is_empty())
        .filter_map(|(_, object)| {
            let annotation = annotation(object, &GLOBAL)?;
            (flag(annotation) == Flag::On).then(|| GlobalService {
                namespace: namespace_of(object).to_owned(),
                name: object.name().to_owned(),
                annotation: annotation.clone(),
                object: Arc::clone(object),
            })
        })
        .collect()
}
