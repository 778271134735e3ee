//! Group, version and kind: selecting by them and ordering by them (kyaml `resid/gvk.go`).

use std::fmt;

use super::resource_id::ResourceId;

/// Group, version and kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Gvk<'a> {
    pub(crate) group: &'a str,
    pub(crate) version: &'a str,
    pub(crate) kind: &'a str,
}

impl<'a> Gvk<'a> {
    /// From the two fields of an object.
    pub(crate) fn new(api_version: &'a str, kind: &'a str) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Self { group, version, kind }
    }

    /// Of an identity.
    pub(crate) fn of(id: &'a ResourceId) -> Self {
        Self {
            group: &id.group,
            version: &id.version,
            kind: &id.kind,
        }
    }

    /// Whether the parts that `selector` states are equal to this.
    pub(crate) fn is_selected(self, selector: Gvk<'_>) -> bool {
        let matches = |own: &str, wanted: &str| wanted.is_empty() || own == wanted;
        matches(self.group, selector.group)
            && matches(self.version, selector.version)
            && matches(self.kind, selector.kind)
    }

    /// The key by which kustomize orders field specifications (kyaml `Gvk.IsLessThan`).
    pub(crate) fn order(self) -> (i32, String) {
        (kind_order(self.kind), self.sort_text())
    }

    /// The text that legacy ordering compares: `~G`, `~V` and `~K` stand for absent parts.
    pub(crate) fn sort_text(self) -> String {
        let or = |text: &'a str, absent: &'a str| if text.is_empty() { absent } else { text };
        format!(
            "{}_{}_{}",
            or(self.group, "~G"),
            or(self.version, "~V"),
            or(self.kind, "~K")
        )
    }
}

impl fmt::Display for Gvk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or = |text: &'static str, own: &str| {
            if own.is_empty() {
                text.to_owned()
            } else {
                own.to_owned()
            }
        };
        write!(
            f,
            "{}.{}.{}",
            or("[noKind]", self.kind),
            or("[noVer]", self.version),
            or("[noGrp]", self.group)
        )
    }
}

/// Kinds that kustomize lists first in legacy order.
pub(crate) const ORDER_FIRST: [&str; 22] = [
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];

/// Kinds that kustomize lists last in legacy order.
pub(crate) const ORDER_LAST: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// The rank of a kind: below zero for the first kinds, above for the last, zero for all others.
fn kind_order(kind: &str) -> i32 {
    rank(kind, &ORDER_FIRST, &ORDER_LAST)
}

/// The rank of a kind in two priority lists.
pub(crate) fn rank<S: AsRef<str>>(kind: &str, first: &[S], last: &[S]) -> i32 {
    let place = |list: &[S]| list.iter().rposition(|one| one.as_ref() == kind);
    // The last list is entered into the table after the first, so it wins for a kind in both.
    if let Some(at) = place(last) {
        i32::try_from(at).unwrap_or(i32::MAX - 1) + 1
    } else if let Some(at) = place(first) {
        i32::try_from(at).unwrap_or(0) - i32::try_from(first.len()).unwrap_or(i32::MAX)
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_matches_by_the_parts_it_states() {
        let own = Gvk::new("apps/v1", "Deployment");
        assert!(own.is_selected(Gvk::default()));
        assert!(own.is_selected(Gvk::new("", "Deployment")));
        assert!(!own.is_selected(Gvk::new("batch/v1", "Deployment")));
        assert_eq!(own.to_string(), "Deployment.v1.apps");
    }

    #[test]
    fn legacy_order_puts_namespaces_first_and_webhooks_last() {
        let order = |kind| Gvk::new("v1", kind).order().0;
        assert!(order("Namespace") < order("ConfigMap"));
        assert!(order("ConfigMap") < order("HelmRelease"));
        assert!(order("HelmRelease") < order("ValidatingWebhookConfiguration"));
    }
}
