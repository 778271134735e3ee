//! What kustomize knows of kinds: how their lists merge, and which of them are cluster-scoped. That is Kubernetes' own
//! schema, a custom one (`openapi.path`), or one over the other.

mod field;
pub(super) mod openapi;
mod scopes;
mod table;

pub(super) use field::{Field, Type};
use std::borrow::Cow;
use std::sync::Arc;

use self::openapi::{CustomPlace, CustomSchema};
use self::scopes::SCOPES;
use self::table::{DEFINITIONS, KINDS};
use crate::yaml::Node;

/// How a custom schema and Kubernetes' own go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Layers {
    /// Kubernetes' own is not loaded: `kustomize build` where the root names the custom one.
    CustomAlone,
    /// Both, the custom one winning: what kustomize-controller arranges for every build.
    CustomFirst,
    /// Both, Kubernetes' own winning: `kustomize build` where a base names the custom one after custom kinds were met.
    BuiltinFirst,
}

/// What is known of kinds in one build; by default Kubernetes' own schema.
#[derive(Debug, Clone, Default)]
pub(super) struct Kinds {
    custom: Option<(Arc<CustomSchema>, Layers)>,
}

/// A place within a type.
#[derive(Debug, Clone, Copy)]
pub(super) enum SchemaPlace<'k> {
    /// Of Kubernetes' own schema.
    Builtin(Field),
    /// Of a custom schema.
    Custom(CustomPlace<'k>),
}

/// How a list merges.
#[derive(Debug)]
pub(super) struct Merging<'k> {
    /// The fields that tell its elements apart; none for a list of scalars.
    pub(super) keys: Vec<&'k str>,
    /// What its elements are.
    pub(super) element: Option<SchemaPlace<'k>>,
}

impl Kinds {
    /// A custom schema and how it goes with Kubernetes' own.
    pub(super) fn custom(schema: Arc<CustomSchema>, layers: Layers) -> Self {
        Self {
            custom: Some((schema, layers)),
        }
    }

    /// The custom schema.
    pub(super) fn custom_schema(&self) -> Option<&CustomSchema> {
        self.custom.as_ref().map(|(schema, _)| &**schema)
    }

    /// The type of a kind; `None` for every kind that is not known, and for those of Kubernetes where no list merges.
    pub(super) fn type_of(&self, api_version: &str, kind: &str) -> Option<SchemaPlace<'_>> {
        let builtin = || type_of(api_version, kind).map(|known| SchemaPlace::Builtin(Field::Map(known)));
        let Some((custom, layers)) = &self.custom else {
            return builtin();
        };
        let custom = || custom.type_of(api_version, kind).map(SchemaPlace::Custom);
        match layers {
            // kustomize's own kinds are always loaded, and last (kyaml `openapi.go`, `initSchema`).
            Layers::CustomAlone if api_version.starts_with("kustomize.config.k8s.io/") => {
                builtin().or_else(custom)
            }
            Layers::CustomAlone => custom(),
            Layers::CustomFirst => custom().or_else(builtin),
            Layers::BuiltinFirst => builtin().or_else(custom),
        }
    }

    /// Whether the custom schema makes the kind cluster-scoped; what kustomize knows itself is not overruled.
    pub(super) fn makes_cluster_scoped(&self, object: &Node) -> bool {
        self.custom_schema().is_some_and(|custom| {
            let (api_version, kind) = (object.text_at(&["apiVersion"]), object.text_at(&["kind"]));
            let (api_version, kind) = (api_version.unwrap_or_default(), kind.unwrap_or_default());
            is_cluster_scoped(api_version, kind).is_none() && custom.is_cluster_scoped(api_version, kind)
        })
    }

    fn definition(&self, name: &str) -> Option<SchemaPlace<'_>> {
        let builtin = || definition(name).map(|known| SchemaPlace::Builtin(Field::Map(known)));
        let (custom, layers) = self.custom.as_ref()?;
        let custom = || custom.definition(name).map(SchemaPlace::Custom);
        match layers {
            Layers::CustomAlone => custom(),
            Layers::CustomFirst => custom().or_else(builtin),
            Layers::BuiltinFirst => builtin().or_else(custom),
        }
    }

    /// Follows references to where they end.
    fn resolve<'k>(&'k self, place: CustomPlace<'k>) -> Option<SchemaPlace<'k>> {
        /// A chain of references that is longer leads in a circle, on which kustomize never returns.
        const MAX_REFERENCES: usize = 64;
        let mut place = place;
        for _ in 0..MAX_REFERENCES {
            let Some((name, rest)) = place.reference() else {
                return Some(SchemaPlace::Custom(place));
            };
            match self.definition(&name)? {
                SchemaPlace::Custom(found) => place = found.below(&rest)?,
                builtin => return rest.is_empty().then_some(builtin),
            }
        }
        None
    }

    /// A field of a map.
    pub(super) fn field<'k>(&'k self, place: SchemaPlace<'k>, name: &str) -> Option<SchemaPlace<'k>> {
        match place {
            SchemaPlace::Builtin(Field::Map(known)) => known.field(name).map(SchemaPlace::Builtin),
            SchemaPlace::Builtin(Field::List { .. }) => None,
            SchemaPlace::Custom(place) => self.resolve(place.field(name)?),
        }
    }

    /// How a list merges, if it does.
    pub(super) fn merging<'k>(&'k self, place: SchemaPlace<'k>) -> Option<Merging<'k>> {
        match place {
            SchemaPlace::Builtin(Field::List { keys, element }) => Some(Merging {
                keys: keys.to_vec(),
                element: element.map(|element| SchemaPlace::Builtin(Field::Map(element))),
            }),
            SchemaPlace::Builtin(Field::Map(_)) => None,
            SchemaPlace::Custom(place) => Some(Merging {
                keys: place.merge_keys()?,
                element: place.elements().and_then(|element| self.resolve(element)),
            }),
        }
    }
}

/// The type of a built-in kind; `None` for every other kind and where no list merges.
fn type_of(api_version: &str, kind: &str) -> Option<&'static Type> {
    KINDS
        .binary_search_by_key(&(api_version, kind), |&(version, kind, _)| (version, kind))
        .ok()
        .and_then(|at| KINDS.get(at))
        .map(|&(_, _, found)| found)
}

/// What Kubernetes' own schema says of a place where lists merge, for whoever compares objects.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListShape(Field);

/// The lists of a built-in kind; `None` for every other kind and where no list merges.
pub(crate) fn shape_of(api_version: &str, kind: &str) -> Option<ListShape> {
    type_of(api_version, kind).map(|known| ListShape(Field::Map(known)))
}

impl ListShape {
    /// A field of a map.
    pub(crate) fn field(self, name: &str) -> Option<Self> {
        match self.0 {
            Field::Map(known) => known.field(name).map(Self),
            Field::List { .. } => None,
        }
    }

    /// The fields that tell the elements of a list apart.
    pub(crate) fn keys(self) -> &'static [&'static str] {
        match self.0 {
            Field::Map(_) => &[],
            Field::List { keys, .. } => keys,
        }
    }

    /// An element of a list.
    pub(crate) fn element(self) -> Option<Self> {
        match self.0 {
            Field::List {
                element: Some(known), ..
            } => Some(Self(Field::Map(known))),
            Field::List { .. } | Field::Map(_) => None,
        }
    }
}

/// What a reference to a definition of Kubernetes means, unless nothing merges in it.
fn definition(name: &str) -> Option<&'static Type> {
    if let Ok(at) = DEFINITIONS.binary_search_by_key(&name, |&(name, _)| name) {
        return DEFINITIONS.get(at).map(|&(_, found)| found);
    }
    let mut parts = name.strip_prefix("io.k8s.api.")?.splitn(3, '.');
    let (group, version, kind) = (parts.next()?, parts.next()?, parts.next()?);
    let api_version = match group {
        "core" => Cow::Borrowed(version),
        _ => Cow::Owned(format!("{group}/{version}")),
    };
    type_of(&api_version, kind)
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
        assert!(DEFINITIONS.is_sorted_by(|a, b| a.0 < b.0));
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

    #[test]
    fn definitions_are_found_by_the_names_that_references_use() {
        let pod = definition("io.k8s.api.core.v1.PodTemplateSpec").unwrap();
        assert!(pod.field("spec").is_some());
        assert_eq!(definition("io.k8s.api.core.v1.Pod"), type_of("v1", "Pod"));
        assert_eq!(
            definition("io.k8s.api.apps.v1.Deployment"),
            type_of("apps/v1", "Deployment")
        );
        assert_eq!(definition("io.k8s.api.core.v1.Probe"), None);
    }
}
