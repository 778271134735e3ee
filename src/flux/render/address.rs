//! An object as references address it.

/// An object in the cluster, addressed as references address it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Address {
    pub(crate) kind: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl Address {
    pub(crate) fn new(kind: &str, namespace: &str, name: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }

    /// The address of a rendered object. What has no namespace is applied to `default`.
    pub(crate) fn of(object: &crate::kustomize::Object) -> Self {
        Self::new(
            object.kind(),
            object.namespace().unwrap_or("default"),
            object.name(),
        )
    }
}
