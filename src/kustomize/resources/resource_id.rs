//! The identity of an object within a build, as kyaml's `resid` compares it.

use crate::yaml::Node;

use crate::kustomize::schema;

/// Group, version, kind, name and namespace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct ResourceId {
    /// The part of `apiVersion` before the first slash, empty for the core group.
    pub(crate) group: String,
    /// The rest of `apiVersion`.
    pub(crate) version: String,
    /// `kind`
    pub(crate) kind: String,
    /// `metadata.name`
    pub(crate) name: String,
    /// `metadata.namespace` as stated, empty when absent.
    pub(crate) namespace: String,
    /// Whether a custom OpenAPI schema makes the kind cluster-scoped.
    pub(crate) cluster_scoped: bool,
}

impl ResourceId {
    /// The identity an object states.
    pub(crate) fn of(node: &Node) -> Self {
        let text = |keys: &[&str]| node.text_at(keys).unwrap_or_default().to_owned();
        let (group, version) = split_api_version(node.text_at(&["apiVersion"]).unwrap_or_default());
        Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: text(&["kind"]),
            name: text(&["metadata", "name"]),
            namespace: text(&["metadata", "namespace"]),
            cluster_scoped: false,
        }
    }

    /// `apiVersion` again.
    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// Whether the kind is certainly cluster-scoped; unknown kinds are not.
    pub(crate) fn is_cluster_scoped(&self) -> bool {
        self.cluster_scoped || schema::is_cluster_scoped(&self.api_version(), &self.kind) == Some(true)
    }

    /// The namespace that identities are compared by.
    pub(crate) fn effective_namespace(&self) -> &str {
        if self.is_cluster_scoped() {
            "_non_namespaceable_"
        } else if self.namespace.is_empty() {
            "default"
        } else {
            &self.namespace
        }
    }

    /// Whether both name the same object: equal but for the ways to say the default namespace.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.group == other.group
            && self.version == other.version
            && self.kind == other.kind
            && self.name == other.name
            && self.effective_namespace() == other.effective_namespace()
    }
}

impl std::fmt::Display for ResourceId {
    /// As kustomize prints it: `Kind.version.group/name.namespace`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let or = |text: &str, placeholder: &str| if text.is_empty() { placeholder } else { text }.to_owned();
        write!(
            f,
            "{}.{}.{}/{}.{}",
            or(&self.kind, "[noKind]"),
            or(&self.version, "[noVer]"),
            or(&self.group, "[noGrp]"),
            or(&self.name, "[noName]"),
            or(&self.namespace, "[noNs]"),
        )
    }
}

/// Group and version of an `apiVersion`, split at the first slash.
pub(crate) fn split_api_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}
