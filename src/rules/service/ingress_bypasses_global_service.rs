use crate::cluster::GroupKind;
use crate::cluster::namespace_of;
use crate::finding::{Finding, Severity};
use crate::fleet::Cluster;
use crate::kustomize::Object;
use crate::mesh::globals::{self, Global, Owner, globals};
use crate::mesh::{Flag, SYNCHRONISE, ServiceKind, annotation, flag, service_kind};
use crate::rules::gather::Gathered;
use crate::rules::{Category, Context, Rule};
use crate::yaml::{Kind, MAX_DEPTH, Node};

/// An Ingress of another controller than Cilium's sends to the pods of its own cluster only.
pub(crate) static RULE: Rule = Rule {
    name: "ingress-bypasses-global-service",
    category: Category::Service,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/service/ingress-bypasses-global-service.md"),
    check,
};

fn message(ingress: &Object, service: &str, controller: &Controller) -> String {
    format!(
        "Ingress `{}` of {} never reaches the pods that global Service `{service}` has in other clusters",
        ingress.name(),
        controller.name
    )
}

fn help(controller: &Controller) -> String {
    format!(
        "{}, or synchronise EndpointSlices: `clustermesh.enableEndpointSliceSynchronization: true` in the chart and \
         `service.cilium.io/global-sync-endpoint-slices: \"true\"` on the Service",
        controller.remedy
    )
}

/// An ingress controller that looks up the pods of a Service by itself.
struct Controller {
    /// What its class names contain.
    class: &'static str,
    name: &'static str,
    remedy: &'static str,
    /// Annotations of the Ingress or the Service that make it use the Service's address.
    escapes: &'static [&'static str],
    /// Settings of the controller that do the same for every Ingress.
    settings: &'static [&'static str],
}

static CONTROLLERS: &[Controller] = &[
    Controller {
        class: "nginx",
        name: "NGINX",
        remedy: "annotate the Ingress with `nginx.ingress.kubernetes.io/service-upstream: \"true\"`",
        escapes: &[
            "nginx.ingress.kubernetes.io/service-upstream",
            "nginx.org/use-cluster-ip",
        ],
        settings: &["service-upstream"],
    },
    Controller {
        class: "traefik",
        name: "Traefik",
        remedy: "annotate the Service with `traefik.ingress.kubernetes.io/service.nativelb: \"true\"`",
        escapes: &["traefik.ingress.kubernetes.io/service.nativelb"],
        settings: &["nativeLBByDefault", "nativelbbydefault"],
    },
];

const INGRESS_CLASS: GroupKind<'static> = GroupKind::new("networking.k8s.io", "IngressClass");

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let globals = globals(context.mesh);
    if globals.is_empty() {
        return;
    }
    let mut gathered = Gathered::new();
    for (at, cluster) in context.fleet.clusters.iter().enumerate() {
        let ingresses = cluster
            .objects_of("Ingress")
            .filter(|(_, object)| object.group() == "networking.k8s.io");
        for (_, ingress) in ingresses {
            let Some(controller) = controller(context, at, ingress) else {
                continue;
            };
            for backend in backends(ingress) {
                let Some(name) = backend.as_text() else { continue };
                let Some((global, owner)) = globals::find(&globals, at, namespace_of(ingress), name) else {
                    continue;
                };
                if is_bypassed(global, owner, ingress, controller) && !is_set(cluster, controller) {
                    let fault = finding(ingress, backend, global, owner, controller);
                    gathered.add(
                        backend.origin().edit_span(),
                        name.to_owned(),
                        &cluster.name,
                        fault,
                    );
                }
            }
        }
    }
    findings.extend(
        gathered
            .into_faults()
            .map(|(_, found)| found.first.clusters(found.clusters)),
    );
}

fn finding(
    ingress: &Object,
    backend: &Node,
    global: &Global<'_>,
    owner: Owner<'_>,
    controller: &Controller,
) -> Finding {
    let message = message(ingress, &global.full_name(), controller);
    let at = backend.origin().edit_span();
    Finding::new(
        message,
        at,
        format!("{} looks up pods of its own cluster", controller.name),
    )
    .label(owner.service.annotation.origin().edit_span(), "global here")
    .help(help(controller))
    .object(ingress.reference())
    .route("spec.rules")
}

/// The controller of an Ingress, where its class tells.
fn controller(context: &Context<'_>, cluster: usize, ingress: &Object) -> Option<&'static Controller> {
    let class = ingress.node.at(&["spec", "ingressClassName"]);
    let class = class.or_else(|| ingress.annotation("kubernetes.io/ingress.class"))?;
    if class.origin().is_unknown() {
        return None;
    }
    let class = class.as_text()?;
    let stated = context.index.clusters.get(cluster)?.named(INGRESS_CLASS, class);
    let stated = stated
        .iter()
        .find_map(|placed| placed.object.node.text_at(&["spec", "controller"]));
    let tells = stated.unwrap_or(class).to_ascii_lowercase();
    CONTROLLERS.iter().find(|one| tells.contains(one.class))
}

/// The names of the Services that an Ingress sends to.
fn backends(ingress: &Object) -> Vec<&Node> {
    let spec = ingress.node.get("spec");
    let rules = spec
        .and_then(|spec| spec.get("rules"))
        .map_or(&[][..], Node::items);
    let paths = rules
        .iter()
        .filter_map(|rule| rule.at(&["http", "paths"]))
        .flat_map(Node::items)
        .filter_map(|path| path.at(&["backend", "service", "name"]));
    let default = spec.and_then(|spec| spec.at(&["defaultBackend", "service", "name"]));
    paths.chain(default).collect()
}

fn is_bypassed(global: &Global<'_>, owner: Owner<'_>, ingress: &Object, controller: &Controller) -> bool {
    let service = &owner.service.object;
    let escapes = |object: &Object| {
        annotation(object, controller.escapes).is_some_and(|value| flag(value) != Flag::Off)
    };
    global.has_lender_for(owner)
        && service_kind(service) != ServiceKind::Unknown
        && !escapes(ingress)
        && !escapes(service)
        && !may_have_slices(owner)
}

/// Whether EndpointSlices may tell the controller of the pods in other clusters.
fn may_have_slices(owner: Owner<'_>) -> bool {
    let service = &owner.service.object;
    let asked = match annotation(service, &SYNCHRONISE).map(flag) {
        Some(Flag::Off) => false,
        Some(Flag::On | Flag::Unknown) => true,
        None => service_kind(service) == ServiceKind::Headless,
    };
    asked && owner.member.sharing.endpoint_slices.get() != Some(&false)
}

/// Whether the controller may be told to use the addresses of Services everywhere.
fn is_set(cluster: &Cluster, controller: &Controller) -> bool {
    let configured = cluster
        .objects_of("ConfigMap")
        .any(|(_, object)| mentions(&object.node, controller.settings, 0));
    configured
        || cluster.objects_of("HelmRelease").any(|(_, release)| {
            let values = cluster.helm_values(release);
            // Values that nobody can see count where the release may be the controller's.
            let hidden = !values.unknown.is_empty() && release.name().contains(controller.class);
            hidden || mentions(&values.tree, controller.settings, 0)
        })
}

fn mentions(node: &Node, keys: &[&str], depth: usize) -> bool {
    if depth > MAX_DEPTH {
        return true;
    }
    match node.kind() {
        Kind::Scalar(_) => false,
        Kind::Sequence(items) => items.iter().any(|item| mentions(item, keys, depth + 1)),
        Kind::Mapping(entries) => entries.iter().any(|entry| {
            entry.key.as_text().is_some_and(|key| keys.contains(&key))
                || mentions(&entry.value, keys, depth + 1)
        }),
    }
}
