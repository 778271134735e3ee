//! Flux's multi-tenancy lockdown: which controllers of a cluster refuse references into other namespaces.

use std::collections::BTreeMap;

use crate::cluster::{ClusterIndex, GroupKind};
use crate::helm::Lookup;
use crate::kustomize::Object;
use crate::source::Span;
use crate::yaml::Node;

/// The controllers that know the flag (flux-operator `internal/builder/profiles.go` lists the same).
const CONTROLLERS: [&str; 6] = [
    "kustomize-controller",
    "helm-controller",
    "notification-controller",
    "image-reflector-controller",
    "image-automation-controller",
    "source-watcher",
];

const FLAG: &str = "--no-cross-namespace-refs";

/// A field with references that a controller checks under the lockdown.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) group: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) route: &'static [&'static str],
    /// The kind referred to, where the reference does not say it.
    pub(crate) target: &'static str,
    pub(crate) controller: &'static str,
    pub(crate) verb: &'static str,
}

/// Every check of the flag in the controllers' sources. `dependsOn` is not among them, and names without a namespace
/// are always looked for in one's own.
const FIELDS: [Field; 8] = [
    // kustomize-controller `internal/controller/kustomization_controller.go`, `getSource`
    Field {
        group: "kustomize.toolkit.fluxcd.io",
        kind: "Kustomization",
        route: &["spec", "sourceRef"],
        target: "",
        controller: "kustomize-controller",
        verb: "takes its files from",
    },
    // helm-controller `internal/controller/helmrelease_controller.go`, `getSource`
    Field {
        group: "helm.toolkit.fluxcd.io",
        kind: "HelmRelease",
        route: &["spec", "chartRef"],
        target: "",
        controller: "helm-controller",
        verb: "takes its chart from",
    },
    // helm-controller `internal/reconcile/helmchart_template.go`: the HelmChart would be made beside its source
    Field {
        group: "helm.toolkit.fluxcd.io",
        kind: "HelmRelease",
        route: &["spec", "chart", "spec", "sourceRef"],
        target: "",
        controller: "helm-controller",
        verb: "takes its chart from",
    },
    // notification-controller `internal/server/event_handlers.go`, `receiver_handlers.go`
    Field {
        group: "notification.toolkit.fluxcd.io",
        kind: "Alert",
        route: &["spec", "eventSources"],
        target: "",
        controller: "notification-controller",
        verb: "tells of",
    },
    Field {
        group: "notification.toolkit.fluxcd.io",
        kind: "Receiver",
        route: &["spec", "resources"],
        target: "",
        controller: "notification-controller",
        verb: "triggers",
    },
    // image-reflector-controller `internal/controller/imagepolicy_controller.go`
    Field {
        group: "image.toolkit.fluxcd.io",
        kind: "ImagePolicy",
        route: &["spec", "imageRepositoryRef"],
        target: "ImageRepository",
        controller: "image-reflector-controller",
        verb: "takes its tags from",
    },
    // image-automation-controller `internal/source/source.go`
    Field {
        group: "image.toolkit.fluxcd.io",
        kind: "ImageUpdateAutomation",
        route: &["spec", "sourceRef"],
        target: "",
        controller: "image-automation-controller",
        verb: "writes to",
    },
    // source-watcher `internal/controller/artifactgenerator_validation.go`
    Field {
        group: "source.extensions.fluxcd.io",
        kind: "ArtifactGenerator",
        route: &["spec", "sources"],
        target: "",
        controller: "source-watcher",
        verb: "takes files from",
    },
];

/// The references of an object that its controller checks.
pub(crate) fn fields_of(user: &Object) -> impl Iterator<Item = &'static Field> {
    FIELDS
        .iter()
        .filter(|field| field.group == user.group() && field.kind == user.kind())
}

/// The controllers of one cluster that are provably locked down, each with the line that says so.
#[derive(Debug, Default)]
pub(crate) struct Lockdown {
    locked: BTreeMap<&'static str, Span>,
}

impl Lockdown {
    pub(crate) fn of(index: &ClusterIndex<'_>) -> Self {
        let mut lockdown = Self::default();
        for (_, object) in index.cluster.objects() {
            match (object.group(), object.kind()) {
                ("apps", "Deployment") => lockdown.add_deployment(object),
                ("fluxcd.controlplane.io", "FluxInstance") => {
                    lockdown.add_instance(object.node.get("spec"), |_| true);
                }
                ("helm.toolkit.fluxcd.io", "HelmRelease") => {
                    let values = index.cluster.helm_values(object);
                    // A source of values that cannot be read may say otherwise.
                    let is_stated = |key: &str| {
                        matches!(
                            values.lookup(&["instance", "cluster", key]),
                            Lookup::Value(_) | Lookup::Absent
                        )
                    };
                    if makes_instance(index, object) {
                        lockdown.add_instance(values.tree.get("instance"), is_stated);
                    }
                }
                _ => {}
            }
        }
        lockdown
    }

    /// A controller as it is applied: its arguments after all patches.
    fn add_deployment(&mut self, deployment: &Object) {
        let Some(controller) = CONTROLLERS.iter().find(|name| **name == deployment.name()) else {
            return;
        };
        let containers = deployment.node.at(&["spec", "template", "spec", "containers"]);
        let arguments = containers
            .map_or(&[][..], Node::items)
            .iter()
            .filter_map(|container| container.get("args"))
            .flat_map(Node::items);
        // The last one wins, as Go's flag packages read them.
        let mut stated = arguments
            .rev()
            .filter_map(|node| Some((node, flag_value(node.as_text()?)?)));
        if let Some((node, true)) = stated.next() {
            self.locked.insert(controller, node.origin().edit_span());
        }
    }

    /// What the flux-operator makes of a FluxInstance, unless the instance's own patches have the last word.
    fn add_instance(&mut self, spec: Option<&Node>, is_stated: impl Fn(&str) -> bool) {
        let Some(spec) = spec else { return };
        let Some(switch) = spec.at(&["cluster", "multitenant"]) else {
            return;
        };
        let patches = spec.at(&["kustomize", "patches"]).map_or(&[][..], Node::items);
        let is_patched = patches
            .iter()
            .filter_map(|patch| patch.text_at(&["patch"]))
            .any(|patch| patch.contains(FLAG) || patch.contains("op: remove"));
        if switch.as_bool() == Some(true)
            && !switch.origin().is_unknown()
            && is_stated("multitenant")
            && !is_patched
        {
            for controller in CONTROLLERS {
                self.locked.insert(controller, switch.origin().edit_span());
            }
        }
    }

    /// Whether the controller of an object refuses references into other namespaces.
    pub(crate) fn holds(&self, user: &Object) -> bool {
        fields_of(user).any(|field| self.locks(field.controller).is_some())
    }

    /// The line that locks a controller down.
    pub(crate) fn locks(&self, controller: &str) -> Option<Span> {
        self.locked.get(controller).copied()
    }
}

/// Whether an argument is the flag, and how it is set.
fn flag_value(argument: &str) -> Option<bool> {
    match argument.strip_prefix(FLAG)?.strip_prefix('=') {
        None => (argument == FLAG).then_some(true),
        Some(value) => match value {
            "true" | "1" | "t" | "T" | "TRUE" | "True" => Some(true),
            _ => Some(false),
        },
    }
}

/// Whether a release is of the chart `flux-instance`.
fn makes_instance(index: &ClusterIndex<'_>, release: &Object) -> bool {
    let text = |route: &[&str]| release.node.text_at(route);
    if text(&["spec", "chart", "spec", "chart"]) == Some("flux-instance") {
        return true;
    }
    let (Some(kind), Some(name)) = (
        text(&["spec", "chartRef", "kind"]),
        text(&["spec", "chartRef", "name"]),
    ) else {
        return false;
    };
    let mut sources = index.named(GroupKind::source(kind), name).iter();
    sources.any(|placed| {
        let url = placed.object.node.text_at(&["spec", "url"]);
        url.is_some_and(|url| url.trim_end_matches('/').ends_with("/flux-instance"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_is_read_as_go_reads_it() {
        assert_eq!(flag_value("--no-cross-namespace-refs"), Some(true));
        assert_eq!(flag_value("--no-cross-namespace-refs=true"), Some(true));
        assert_eq!(flag_value("--no-cross-namespace-refs=false"), Some(false));
        assert_eq!(flag_value("--no-cross-namespace-refs-x"), None);
        assert_eq!(flag_value("--no-remote-bases=true"), None);
    }
}
