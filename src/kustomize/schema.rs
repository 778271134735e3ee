//! What kustomize knows of Kubernetes' own kinds: how their lists merge, and which of them are cluster-scoped.

use super::schema_table::{KINDS, SCOPES};

/// The part of a type that matters to a strategic merge.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Type {
    /// The fields that merge as lists or lead to such lists, in byte order of their names.
    pub(super) fields: &'static [(&'static str, Field)],
}

/// What a field of a [`Type`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// A map of that type.
    Map(&'static Type),
    /// A list that merges instead of being replaced.
    List {
        /// The fields that tell its elements apart; none for a list of scalars.
        keys: &'static [&'static str],
        /// The type of its elements, where that matters.
        element: Option<&'static Type>,
    },
}

impl Type {
    /// The field of that name, unless nothing merges in it.
    pub(super) fn field(&self, name: &str) -> Option<Field> {
        self.fields
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, field)| *field)
    }
}

/// The type of a built-in kind; `None` for every other kind and where no list merges.
pub(super) fn type_of(api_version: &str, kind: &str) -> Option<&'static Type> {
    KINDS
        .binary_search_by_key(&(api_version, kind), |&(version, kind, _)| (version, kind))
        .ok()
        .and_then(|at| KINDS.get(at))
        .map(|&(_, _, found)| found)
}

/// Whether a kind is cluster-scoped; `None` when kustomize does not know it and takes it for namespaced.
pub(crate) fn is_cluster_scoped(api_version: &str, kind: &str) -> Option<bool> {
    SCOPES
        .binary_search_by_key(&(api_version, kind), |&(version, kind, _)| (version, kind))
        .ok()
        .and_then(|at| SCOPES.get(at))
        .map(|&(_, _, cluster)| cluster)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_for_searching() {
        assert!(KINDS.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1)));
        assert!(SCOPES.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1)));
    }

    #[test]
    fn ports_of_containers_have_two_keys_in_every_workload() {
        for (version, kind) in [
            ("apps/v1", "Deployment"),
            ("apps/v1", "DaemonSet"),
            ("apps/v1", "StatefulSet"),
            ("batch/v1", "Job"),
        ] {
            let mut at = type_of(version, kind).unwrap();
            for name in ["spec", "template", "spec"] {
                let Some(Field::Map(next)) = at.field(name) else {
                    panic!("{kind} has no {name}");
                };
                at = next;
            }
            let Some(Field::List {
                keys,
                element: Some(container),
            }) = at.field("containers")
            else {
                panic!("{kind} has no containers");
            };
            assert_eq!(keys, ["name"]);
            let ports = Field::List {
                keys: &["containerPort", "protocol"],
                element: None,
            };
            assert_eq!(container.field("ports"), Some(ports));
            assert_eq!(container.field("args"), None);
        }
    }

    #[test]
    fn kinds_newer_than_the_schema_are_unknown() {
        assert!(type_of("policy/v1", "PodDisruptionBudget").is_some());
        assert!(type_of("autoscaling/v2", "HorizontalPodAutoscaler").is_none());
        assert!(type_of("cilium.io/v2", "CiliumNetworkPolicy").is_none());
    }

    #[test]
    fn scope_is_known_of_built_in_kinds_only() {
        assert_eq!(is_cluster_scoped("v1", "Namespace"), Some(true));
        assert_eq!(
            is_cluster_scoped("rbac.authorization.k8s.io/v1", "ClusterRole"),
            Some(true)
        );
        assert_eq!(is_cluster_scoped("apps/v1", "Deployment"), Some(false));
        assert_eq!(is_cluster_scoped("cert-manager.io/v1", "ClusterIssuer"), None);
        assert_eq!(SCOPES.len(), 82);
    }
}
